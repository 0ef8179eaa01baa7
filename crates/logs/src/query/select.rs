//! Log lines: the first ones in a direction, over all streams.

use super::scan::storage;
use crate::logs::Logs;
use crate::rows::{MetadataColumns, join_time};
use crate::schema::column;
use datafusion::arrow::array::{Int16Array, Int64Array, StringArray, TimestampMicrosecondArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::prelude::col;
use lgtm_logql::{Direction, Entry, LogSelect, LogStream, QueryError};
use lgtm_model::Labels;
use std::collections::{BTreeMap, HashMap};

impl Logs {
    pub(crate) async fn lines(&self, select: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
        if select.end <= select.start || select.limit == 0 {
            return Ok(Vec::new());
        }
        let last = select.end.add_ns(-1);
        let Some(scan) = self.scan(&select.pipeline, select.start, last).await? else { return Ok(Vec::new()) };
        let forward = select.direction == Direction::Forward;
        let order = ["time", "time_ns"].map(|name| col(name).sort(forward, false));
        let columns = ["time", "time_ns", "stream_id", "severity", "trace_id", "span_id", "body", "attributes"];
        let plan = scan.rows.sort(order.to_vec()).and_then(|rows| rows.limit(0, Some(select.limit)));
        let plan = plan.and_then(|rows| rows.select(columns.map(col).to_vec())).map_err(storage)?;
        let batches = plan.collect().await.map_err(storage)?;
        let mut streams: BTreeMap<Labels, Vec<Entry>> = BTreeMap::new();
        for batch in &batches {
            add(batch, &scan.streams, &mut streams).ok_or_else(|| storage("columns of unexpected types"))?;
        }
        Ok(streams.into_iter().map(|(labels, entries)| LogStream { labels, entries }).collect())
    }
}

fn add(batch: &RecordBatch, known: &HashMap<i64, Labels>, streams: &mut BTreeMap<Labels, Vec<Entry>>) -> Option<()> {
    let times: &TimestampMicrosecondArray = column(batch, "time")?;
    let rest: &Int16Array = column(batch, "time_ns")?;
    let ids: &Int64Array = column(batch, "stream_id")?;
    let bodies: &StringArray = column(batch, "body")?;
    let metadata = MetadataColumns::from_batch(batch)?;
    for row in 0..batch.num_rows() {
        let labels = known.get(&ids.value(row))?;
        let entry = Entry {
            timestamp: join_time(times.value(row), rest.value(row)),
            line: bodies.value(row).to_owned(),
            metadata: metadata.labels(row),
        };
        match streams.get_mut(labels) {
            Some(entries) => entries.push(entry),
            None => drop(streams.insert(labels.clone(), vec![entry])),
        }
    }
    Some(())
}
