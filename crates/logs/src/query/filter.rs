//! The query's filters as functions that DataFusion calls with columns.

use crate::rows::{METADATA_COLUMNS, MetadataColumns};
use crate::schema::{SPAN_ID_BYTES, TRACE_ID_BYTES, attributes_type};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Int64Array, StringArray};
use datafusion::arrow::compute::{contains, not, or};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::col;
use lgtm_logql::{FilterValue, LabelFilter, LineFilter, LinePattern, ValueOp};
use lgtm_model::Labels;
use std::collections::HashMap;
use std::sync::Arc;

/// The labels of the streams that a query reads.
pub(crate) type Streams = Arc<HashMap<i64, Labels>>;

pub(super) fn function(
    name: &str,
    types: Vec<DataType>,
    returned: DataType,
    work: impl Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let call = move |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        work(&arrays).map(ColumnarValue::Array)
    };
    create_udf(name, types, returned, Volatility::Immutable, Arc::new(call))
}

fn wrong_columns() -> DataFusionError {
    exec_datafusion_err!("columns of unexpected types")
}

/// Whether the body passes a line filter.
pub(super) fn line(filter: &LineFilter, number: usize) -> Expr {
    let filter = filter.clone();
    let work = move |arrays: &[ArrayRef]| {
        let bodies: &StringArray = arrays[0].as_string_opt().ok_or_else(wrong_columns)?;
        line_mask(&filter, bodies).map(|mask| Arc::new(mask) as ArrayRef)
    };
    function(&format!("line_filter_{number}"), vec![DataType::Utf8], DataType::Boolean, work).call(vec![col("body")])
}

fn line_mask(filter: &LineFilter, bodies: &StringArray) -> Result<BooleanArray> {
    let mut found: Option<BooleanArray> = None;
    for alternative in &filter.alternatives {
        let mask = match alternative {
            LinePattern::Text(text) => contains(bodies, &StringArray::new_scalar(text))?,
            LinePattern::Regex(regex) => bodies.iter().map(|body| body.map(|body| regex.is_match(body))).collect(),
            _ => return Err(wrong_columns()),
        };
        found = Some(match found {
            None => mask,
            Some(before) => or(&before, &mask)?,
        });
    }
    let found = found.ok_or_else(wrong_columns)?;
    Ok(if filter.op.is_negated() { not(&found)? } else { found })
}

/// Whether a row belongs to one of the streams: for more streams than a list of numbers is good for.
pub(super) fn in_streams(streams: &Streams) -> Expr {
    let streams = Arc::clone(streams);
    let work = move |arrays: &[ArrayRef]| {
        let ids = arrays[0].as_primitive_opt::<Int64Type>().ok_or_else(wrong_columns)?;
        let known = ids.values().iter().map(|id| Some(streams.contains_key(id)));
        Ok(Arc::new(known.collect::<BooleanArray>()) as ArrayRef)
    };
    function("in_streams", vec![DataType::Int64], DataType::Boolean, work).call(vec![col("stream_id")])
}

/// The body's length in bytes.
pub(super) fn body_bytes() -> Expr {
    let work = |arrays: &[ArrayRef]| {
        let bodies: &StringArray = arrays[0].as_string_opt().ok_or_else(wrong_columns)?;
        let lengths = bodies.offsets().windows(2).map(|pair| i64::from(pair[1] - pair[0]));
        Ok(Arc::new(Int64Array::from_iter_values(lengths)) as ArrayRef)
    };
    function("body_bytes", vec![DataType::Utf8], DataType::Int64, work).call(vec![col("body")])
}

fn metadata_types() -> Vec<DataType> {
    vec![
        DataType::Int8,
        DataType::FixedSizeBinary(TRACE_ID_BYTES),
        DataType::FixedSizeBinary(SPAN_ID_BYTES),
        attributes_type(),
    ]
}

fn metadata_columns() -> Vec<Expr> {
    METADATA_COLUMNS.into_iter().map(col).collect()
}

/// Whether a row passes a filter on labels and structured metadata.
pub(super) fn labels(filter: &LabelFilter, streams: &Streams, number: usize) -> Expr {
    let (filter, streams) = (filter.clone(), Arc::clone(streams));
    let work = move |arrays: &[ArrayRef]| {
        let ids = arrays[0].as_primitive_opt::<Int64Type>().ok_or_else(wrong_columns)?;
        let metadata = MetadataColumns::from_arrays(&arrays[1..]).ok_or_else(wrong_columns)?;
        let passes = |row: usize| {
            let stream = streams.get(&ids.value(row));
            let value = |name: &str| match stream.and_then(|stream| stream.get(name)) {
                Some(value) => Some(value.to_owned()),
                None => metadata.get(row, name),
            };
            label_passes(&filter, &value)
        };
        Ok(Arc::new((0..ids.len()).map(|row| Some(passes(row))).collect::<BooleanArray>()) as ArrayRef)
    };
    let mut types = metadata_types();
    types.insert(0, DataType::Int64);
    let mut columns = metadata_columns();
    columns.insert(0, col("stream_id"));
    function(&format!("label_filter_{number}"), types, DataType::Boolean, work).call(columns)
}

fn label_passes(filter: &LabelFilter, value: &dyn Fn(&str) -> Option<String>) -> bool {
    match filter {
        LabelFilter::Matcher(matcher) => matcher.matches(value(matcher.name()).as_deref().unwrap_or("")),
        LabelFilter::And(left, right) => label_passes(left, value) && label_passes(right, value),
        LabelFilter::Or(left, right) => label_passes(left, value) || label_passes(right, value),
        LabelFilter::Compare { name, op, value: wanted } => {
            value(name).and_then(|text| compare(&text, *op, wanted)).unwrap_or(false)
        }
    }
}

/// `None` when the text is no number of that kind.
fn compare(text: &str, op: ValueOp, wanted: &FilterValue) -> Option<bool> {
    let (found, wanted) = match wanted {
        FilterValue::Number(wanted) => (text.parse().ok()?, *wanted),
        FilterValue::Duration(wanted) => (lgtm_logql::duration_seconds(text)?, *wanted),
        FilterValue::Bytes(wanted) => (lgtm_logql::size_bytes(text)?, *wanted),
        FilterValue::Ip(_) => return None,
    };
    Some(match op {
        ValueOp::Equal => found == wanted,
        ValueOp::NotEqual => found != wanted,
        ValueOp::Greater => found > wanted,
        ValueOp::GreaterEqual => found >= wanted,
        ValueOp::Less => found < wanted,
        ValueOp::LessEqual => found <= wanted,
    })
}

/// A row's structured metadata as packed labels: all of it, or under the given names alone.
pub(super) fn packed_metadata(names: Option<Vec<String>>) -> Expr {
    let work = move |arrays: &[ArrayRef]| {
        let metadata = MetadataColumns::from_arrays(arrays).ok_or_else(wrong_columns)?;
        let pack = |row: usize| match &names {
            None => metadata.labels(row),
            Some(names) => Labels::from_pairs(names.iter().filter_map(|name| Some((name, metadata.get(row, name)?)))),
        };
        let packed = (0..arrays[0].len()).map(|row| Some(pack(row).as_packed().to_vec()));
        Ok(Arc::new(packed.collect::<BinaryArray>()) as ArrayRef)
    };
    function("packed_metadata", metadata_types(), DataType::Binary, work).call(metadata_columns())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_durations_and_sizes_are_compared() {
        assert_eq!(compare("1.5s", ValueOp::Greater, &FilterValue::Duration(1.0)), Some(true));
        assert_eq!(compare("2KB", ValueOp::Less, &FilterValue::Bytes(2000.0)), Some(false));
        assert_eq!(compare("200", ValueOp::Equal, &FilterValue::Number(200.0)), Some(true));
        assert_eq!(compare("many", ValueOp::Equal, &FilterValue::Number(200.0)), None);
    }
}
