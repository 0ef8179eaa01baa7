//! The traces signal: spans in memory at once, in sorted Parquet files after a while, found by id or by filter.
//!
//! The life of a span: [`Traces::write_spans`](lgtm_flow::SpanSink::write_spans) appends the batch to the write-ahead
//! log and adds it to the active generation ([`recent`]); after a while the generation is frozen, encoded as rows
//! ([`encode`]), sorted, cut by day and written ([`flush`]); a question reads the generations and the files of one view
//! together ([`read`]). TraceQL reaches this crate as a `Filter`; what of it can rule out files, row groups and rows is
//! pushed down to DataFusion, the rest is decided span by span.

mod column;
mod compact;
mod config;
mod decode;
mod encode;
mod error;
mod flush;
mod read;
mod recent;
mod record;
mod schema;
mod signal;
mod table;

pub use compact::SpanCompactor;
pub use config::Config;
pub use error::TracesError;
pub use schema::schema;
pub use signal::{Deps, Traces};
