//! Record batches to a sorted Parquet file and its sidecar.
//!
//! Row groups of [`ROW_GROUP_ROWS_MAX`] rows are what a token filter can skip, pages of [`PAGE_ROWS_MAX`] rows what the
//! page index can. Fresh files live for an hour or so and are compressed lightly; merged ones stay.

use super::TableSpec;
use super::error::TableError;
use super::sidecar;
use super::sort::sorted;
use super::token::TokenSet;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::file::metadata::SortingColumn;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

/// Rows of a row group.
pub const ROW_GROUP_ROWS_MAX: usize = 131_072;
/// Rows of a page.
const PAGE_ROWS_MAX: usize = 20_000;

/// How old a file's rows are, and so how hard they are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Just flushed: zstd 1.
    Fresh,
    /// Merged from several files: zstd 3.
    Merged,
}

/// A Parquet file and its sidecar, ready to be put.
pub struct EncodedFile {
    /// The Parquet file.
    pub parquet: Vec<u8>,
    /// Its sidecar.
    pub sidecar: Vec<u8>,
    /// Its rows.
    pub rows: u64,
}

/// Sorts the rows and encodes them; `annex` goes into the sidecar as it is. Blocking: some microseconds a row.
///
/// # Errors
/// Batches of another schema.
pub fn encode(
    spec: &TableSpec,
    batches: &[RecordBatch],
    level: Level,
    annex: &[u8],
) -> Result<EncodedFile, TableError> {
    encode_sorted(spec, &sorted(spec, batches)?, level, annex)
}

/// As [`encode`], of rows that are sorted already.
pub(super) fn encode_sorted(
    spec: &TableSpec,
    rows: &RecordBatch,
    level: Level,
    annex: &[u8],
) -> Result<EncodedFile, TableError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties(spec, level)?))?;
    let mut groups = Vec::new();
    for start in (0..rows.num_rows()).step_by(ROW_GROUP_ROWS_MAX) {
        let group = rows.slice(start, ROW_GROUP_ROWS_MAX.min(rows.num_rows() - start));
        let mut set = TokenSet::default();
        (spec.tokens)(&group, &mut set);
        groups.push((group.num_rows(), set));
        writer.write(&group)?;
        writer.flush()?;
    }
    let parquet = writer.into_inner()?;
    Ok(EncodedFile { parquet, sidecar: sidecar::encode(groups, annex), rows: rows.num_rows() as u64 })
}

fn properties(spec: &TableSpec, level: Level) -> Result<WriterProperties, TableError> {
    let zstd = match level {
        Level::Fresh => 1,
        Level::Merged => 3,
    };
    let sorting = spec.sort.iter().map(|name| {
        let column_idx = spec.schema.index_of(name)? as i32;
        Ok(SortingColumn { column_idx, descending: false, nulls_first: true })
    });
    let mut builder = WriterProperties::builder()
        .set_created_by("lgtm".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(zstd)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
        .set_data_page_row_count_limit(PAGE_ROWS_MAX)
        .set_write_batch_size(1024)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting.collect::<Result<_, TableError>>()?));
    for name in spec.unique {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    for name in spec.growing {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(*name), false)
            .set_column_encoding(ColumnPath::from(*name), Encoding::DELTA_BINARY_PACKED);
    }
    Ok(builder.build())
}
