//! Tables of logs and spans: sorted Parquet files with token filters beside them, read through a `TableProvider`.
//!
//! The path of a row: a signal hands sorted-to-be record batches to [`encode`], which gives a Parquet file and its
//! sidecar; both go to [`Files`](crate::files::Files) and into the catalog. The path of a question: the signal takes
//! the files and the in-memory batches of one view, says by a [`Needle`] which tokens the wanted rows contain, and
//! [`TableEngine::scan`] gives a provider that skips the row groups in which they cannot lie. What is skipped is decided
//! from the sidecars alone, before a Parquet file is opened; DataFusion prunes further by statistics. DataFusion is
//! named here and in the signals' planners only.

mod bloom;
mod encode;
mod engine;
mod error;
mod merge;
mod needle;
mod provider;
mod sidecar;
mod sidecar_cache;
mod sort;
mod token;

pub use encode::{EncodedFile, Level, ROW_GROUP_ROWS_MAX, encode};
pub use engine::{ScanCounts, ScanFile, TableEngine, TableEngineSettings};
pub use error::TableError;
pub use merge::merge;
pub use needle::{Clause, Needle, TextNeedle};
pub use provider::TableScan;
pub use sidecar::{Sidecar, sidecar_path};
pub use sort::sorted;
pub use token::{TokenSet, hash_id, hash_pair, hash_token, tokens};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;

/// Adds the tokens of a batch's rows to the set: what a [`Needle`] can later ask for.
pub type TokenSource = fn(&RecordBatch, &mut TokenSet);

/// What a table is made of.
#[derive(Clone, Debug)]
pub struct TableSpec {
    /// Its name in SQL and in metrics.
    pub name: &'static str,
    /// Its columns, in files and in memory alike.
    pub schema: SchemaRef,
    /// The columns by which the rows of a file are sorted, ascending.
    pub sort: &'static [&'static str],
    /// Columns whose values seldom repeat (ids, lines): written without a dictionary.
    pub unique: &'static [&'static str],
    /// Columns of slowly growing integers (times): written as differences.
    pub growing: &'static [&'static str],
    /// Which tokens the rows have.
    pub tokens: TokenSource,
}
