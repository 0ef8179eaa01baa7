//! Rows in the order of a table's sort columns.

use super::TableSpec;
use super::error::TableError;
use datafusion::arrow::array::UInt32Array;
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{RowConverter, SortField};

/// One batch with the rows of all, sorted; rows that are equal in the sort columns keep their order.
///
/// # Errors
/// Batches of another schema; more than 4 billion rows.
pub fn sorted(spec: &TableSpec, batches: &[RecordBatch]) -> Result<RecordBatch, TableError> {
    let whole = concat_batches(&spec.schema, batches)?;
    let indices = order(&spec.schema, spec.sort, &whole)?;
    Ok(take_record_batch(&whole, &indices)?)
}

fn order(schema: &SchemaRef, sort: &[&str], whole: &RecordBatch) -> Result<UInt32Array, TableError> {
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for name in sort {
        let index = schema.index_of(name)?;
        fields.push(SortField::new(schema.field(index).data_type().clone()));
        columns.push(std::sync::Arc::clone(whole.column(index)));
    }
    let rows = RowConverter::new(fields)?.convert_columns(&columns)?;
    let mut indices: Vec<u32> = (0..whole.num_rows() as u32).collect();
    // Stable: lines of one stream with one time stay as they came.
    indices.sort_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)));
    Ok(UInt32Array::from(indices))
}
