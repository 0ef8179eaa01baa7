//! PromQL: lexer, parser with byte spans, checker, printer and evaluation on columns.
//!
//! Reads samples only through [`Source`]; knows nothing of storage, HTTP or configuration.

pub mod ast;
mod error;
mod parse;
pub mod signature;
mod source;

pub use ast::{Expr, Span, ValueType};
pub use error::{ParseError, ParseErrors};
pub use parse::parse;
pub use source::{Select, SeriesColumns, Source, SourceError};
