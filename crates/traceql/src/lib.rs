//! TraceQL: span filters such as `{ resource.service.name = "checkout" && duration > 200ms }`.
//!
//! A query is parsed with byte spans into a [`Filter`], which decides span by span whether it matches; whoever keeps
//! spans implements [`Source`] and may look at the filter to read less. Spanset operators (`>>`, `~`, `|`) are refused
//! with the place where they stand. This crate knows nothing of storage or HTTP.

mod error;
mod evaluate;
mod filter;
mod lex;
mod parse;
mod source;

pub use error::ParseError;
pub use filter::{Compare, Field, Filter, Scope, Value};
pub use parse::{parse, parse_duration_ns};
pub use source::{Search, SearchError, Source, TraceSummary};
