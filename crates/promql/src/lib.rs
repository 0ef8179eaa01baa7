//! PromQL: lexer, parser with byte spans, checker, printer and evaluation on columns.
//!
//! Reads samples only through [`Source`]; knows nothing of storage, HTTP, configuration or threads.
//!
//! A query goes through three steps, apart so that the caller decides where each runs:
//!
//! 1. [`Engine::prepare`] parses the text and compiles it for a [`QueryTime`]: [`EvalError::Parse`] and
//!    [`EvalError::Invalid`] are the fault of whoever wrote the query. [`Prepared::selects`] tells what it will read.
//! 2. [`Prepared::fetch`] asks the [`Source`] for everything at once; dropping the future abandons the query.
//! 3. [`Fetched::evaluate`] computes on the calling thread, for which `spawn_blocking` is the place; it asks `cancel`
//!    before each series and gives up with [`EvalError::Canceled`] when that says true (deadline, lost client).
//!
//! The [`QueryResult`] holds the value, warnings and infos as the HTTP API shows them, and counts of what it cost.
//! [`Engine::query`], [`Engine::instant`] and [`Engine::range`] chain the steps on one task, for tests and tools.
//! The caller limits the number of steps of a range query; the engine limits samples and series ([`EngineOptions`]).

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
