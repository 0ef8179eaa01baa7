//! Counts over sliding windows: DataFusion counts by stream, bucket and the metadata that is kept; the windows are put
//! together from the buckets here.

use super::filter;
use super::scan::storage;
use super::window::Buckets;
use crate::logs::Logs;
use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Int16Type, Int64Type, TimestampMicrosecondType};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::exec_datafusion_err;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::col;
use lgtm_logql::{Keep, Measure, QueryError, RangeSelect, RangeSeries};
use lgtm_model::Labels;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

type Counts = BTreeMap<Labels, BTreeMap<i64, f64>>;

impl Logs {
    pub(crate) async fn counts(&self, select: &RangeSelect) -> Result<Vec<RangeSeries>, QueryError> {
        let buckets = Buckets::new(select.start.0, select.step_ns, select.range_ns, select.steps());
        let first = lgtm_model::TimestampNs(buckets.origin_ns).add_ns(1);
        let Some(scan) = self.scan(&select.pipeline, first, select.end).await? else { return Ok(Vec::new()) };
        let needs_metadata = match &select.keep {
            Keep::All => true,
            Keep::Only(names) => {
                names.iter().any(|name| scan.streams.values().any(|stream| stream.get(name).is_none()))
            }
        };
        let mut groups = vec![col("stream_id"), bucket(buckets).alias("bucket")];
        if needs_metadata {
            let names = match &select.keep {
                Keep::All => None,
                Keep::Only(names) => Some(names.clone()),
            };
            groups.push(filter::packed_metadata(names).alias("metadata"));
        }
        let measure = match select.measure {
            Measure::Lines => count(lit(1_i64)),
            Measure::Bytes => sum(filter::body_bytes()),
        };
        let plan = scan.rows.aggregate(groups, vec![measure.alias("measure")]).map_err(storage)?;
        let batches = plan.collect().await.map_err(storage)?;
        let mut counts = Counts::new();
        for batch in &batches {
            add(batch, &scan.streams, &select.keep, &mut counts).ok_or_else(|| storage("unexpected columns"))?;
            if counts.len() > self.settings.query_series_max {
                return Err(QueryError::Limit(format!(
                    "more than logs.query_series_max = {} series; put sum by (…) around the query or narrow its selector",
                    self.settings.query_series_max
                )));
            }
        }
        let series = |(labels, counts): (Labels, BTreeMap<i64, f64>)| {
            let values = buckets.slide(&counts.into_iter().collect::<Vec<_>>());
            values.iter().any(Option::is_some).then_some(RangeSeries { labels, values })
        };
        Ok(counts.into_iter().filter_map(series).collect())
    }
}

/// The number of a row's bucket: buckets are open at their beginning and closed at their end, as windows are.
fn bucket(buckets: Buckets) -> Expr {
    let work = move |arrays: &[ArrayRef]| {
        let wrong = || exec_datafusion_err!("columns of unexpected types");
        let times = arrays[0].as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?;
        let rest = arrays[1].as_primitive_opt::<Int16Type>().ok_or_else(wrong)?;
        let number = |(time, rest): (&i64, &i16)| {
            let time_ns = time.wrapping_mul(1_000).wrapping_add(i64::from(*rest));
            time_ns.wrapping_sub(buckets.origin_ns).wrapping_sub(1).div_euclid(buckets.width_ns)
        };
        Ok(Arc::new(Int64Array::from_iter_values(times.values().iter().zip(rest.values()).map(number))) as ArrayRef)
    };
    let types = vec![crate::schema::time_type(), DataType::Int16];
    filter::function("time_bucket", types, DataType::Int64, work).call(vec![col("time"), col("time_ns")])
}

fn add(batch: &RecordBatch, streams: &HashMap<i64, Labels>, keep: &Keep, counts: &mut Counts) -> Option<()> {
    let ids = batch.column_by_name("stream_id")?.as_primitive_opt::<Int64Type>()?;
    let buckets = batch.column_by_name("bucket")?.as_primitive_opt::<Int64Type>()?;
    let measures = batch.column_by_name("measure")?.as_primitive_opt::<Int64Type>()?;
    let metadata = match batch.column_by_name("metadata") {
        Some(column) => Some(column.as_binary_opt::<i32>()?),
        None => None,
    };
    for row in 0..batch.num_rows() {
        let stream = streams.get(&ids.value(row))?;
        let stream = match keep {
            Keep::All => stream.clone(),
            Keep::Only(names) => stream.filter(|name| names.iter().any(|kept| kept == name)),
        };
        let labels = match metadata.map(|column| Labels::from_packed(column.value(row))) {
            Some(metadata) => merge(&stream, &metadata?),
            None => stream,
        };
        *counts.entry(labels).or_default().entry(buckets.value(row)).or_default() += measures.value(row) as f64;
    }
    Some(())
}

/// Stream labels with structured metadata; of two with one name the stream's wins.
fn merge(stream: &Labels, metadata: &Labels) -> Labels {
    if metadata.is_empty() {
        return stream.clone();
    }
    let mut builder = metadata.to_builder();
    for (name, value) in stream {
        builder.set(name, value);
    }
    builder.build()
}
