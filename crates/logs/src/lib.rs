//! The logs signal: takes records in, keeps them, and answers LogQL.
//!
//! A batch is checked against the limits, appended to the write-ahead log and applied to the [`memory`] table, where
//! it can be queried at once. Every half minute or so the table is flushed, sorted by stream and time, to a Parquet
//! file a day with its token filters and the list of its streams; small files are merged behind. A query resolves its
//! selector to streams from those lists alone, takes from the token filters which row groups can hold its lines, and
//! leaves the rest to a DataFusion plan over files and memory together. This crate knows nothing of HTTP or OTLP.

mod compact;
mod flush;
mod logs;
mod memory;
mod query;
mod record;
mod rows;
mod schema;
mod settings;
mod sink;
mod source;
mod stream;

pub use logs::{Logs, LogsDeps, LogsError};
pub use query::QueryCounts;
pub use schema::{SORT, schema, spec};
pub use settings::LogsSettings;
