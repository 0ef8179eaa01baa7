//! LogQL: lexer, parser with byte spans, checks, and evaluation over a [`Source`].
//!
//! A query passes through three steps. [`parse`] accepts the whole language and says where a text is wrong. [`plan`]
//! lowers what was parsed to what can be answered today and refuses the rest by name, with its place in the text, so
//! that no stage is ever ignored in silence. [`evaluate`] runs a plan against a [`Source`]. This crate knows nothing of
//! files, tables or HTTP.

mod ast;
mod check;
mod error;
mod eval;
mod lexer;
mod parser;
mod plan;
mod scalar_operation;
mod source;
mod unit;

pub use ast::{
    Aggregation, BinaryOp, Expr, FilterValue, Grouping, LabelFilter, LineFilter, LineOp, LinePattern, LogExpr,
    Matching, RangeExpr, RangeOp, SampleExpr, Span, Stage, StageKind, Unwrap, ValueOp, VectorOp,
};
pub use error::{ParseError, QueryError};
pub use eval::{MatrixSeries, Output, TimeRange, evaluate};
pub use parser::{parse, parse_selector};
pub use plan::{MetricPlan, Pipeline, Plan, plan};
pub use scalar_operation::ScalarOperation;
pub use source::{Direction, Entry, Keep, LogSelect, LogStream, Measure, RangeSelect, RangeSeries, Source};
pub use unit::{duration_seconds, size_bytes};
