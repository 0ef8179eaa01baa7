//! What the table engine must know of the spans table.

use crate::schema::{SORT, schema};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::record_batch::RecordBatch;
use lgtm_store::table::{TableSpec, TokenSet};
use std::sync::Arc;

/// The spans table.
pub fn spec() -> Arc<TableSpec> {
    Arc::new(TableSpec {
        name: "spans",
        schema: schema(),
        sort: &SORT,
        unique: &["trace_id", "span_id", "parent_span_id"],
        growing: &["start"],
        tokens,
    })
}

/// A row's tokens: its trace id and its service. What else a search may ask for is found by statistics and by reading.
fn tokens(batch: &RecordBatch, set: &mut TokenSet) {
    if let Some(ids) = batch.column_by_name("trace_id").and_then(|column| column.as_fixed_size_binary_opt()) {
        (0..ids.len()).for_each(|row| set.id(ids.value(row)));
    }
    if let Some(services) = batch.column_by_name("service").and_then(|column| column.as_string_opt::<i32>()) {
        services.iter().flatten().for_each(|service| set.pair("service", service));
    }
}
