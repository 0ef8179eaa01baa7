//! PromQL: lexer, parser with byte spans, checker, printer and evaluation on columns.
//!
//! Reads samples only through [`Source`]; knows nothing of storage, HTTP or configuration.

mod aggregate;
pub mod ast;
mod check;
mod error;
mod eval;
mod functions;
pub mod lex;
mod parse;
mod print;
mod quote;
mod series_desc;
pub mod signature;
mod source;

pub use ast::{Expr, Span, ValueType};
pub use error::{ParseError, ParseErrors};
pub use eval::engine::{Engine, EngineOptions, Fetched, Prepared, QueryTime};
pub use eval::error::EvalError;
pub use eval::result::{InstantSample, QueryResult, QueryStats, RangeSeries, Value};
pub use parse::{HEIGHT_MAX, INPUT_BYTES_MAX, NESTING_MAX, parse, parse_selector};
pub use print::format_number;
pub use quote::quote;
pub use series_desc::{SeriesDescription, SeriesPoint, parse_series_description};
pub use source::{Select, SeriesColumns, Source, SourceError};
