//! PromQL: lexer, parser with byte spans, checker, printer and evaluation on columns.
//!
//! Reads samples only through [`Source`]; knows nothing of storage, HTTP or configuration.

mod source;

pub use source::{Select, SeriesColumns, Source, SourceError};
