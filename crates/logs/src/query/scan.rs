//! What every query begins with: one view of memory and files, the streams that the selector means, the files that
//! hold them, and the conditions that all wanted rows satisfy.

use super::filter::{self, Streams};
use super::needle::needle;
use crate::logs::Logs;
use crate::rows::split_time;
use crate::schema::{spec, time_type};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::col;
use lgtm_logql::{LineFilter, Pipeline, QueryError};
use lgtm_model::{Labels, Matcher, TimestampNs};
use lgtm_store::Signal;
use lgtm_store::table::{ScanCounts, ScanFile};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Streams named one by one in a condition; more are a range of their numbers, filtered exactly afterwards.
const STREAMS_LISTED_MAX: usize = 1_000;

/// What a query read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryCounts {
    /// By the token filters of the files that hold the selector's streams.
    pub scan: ScanCounts,
    /// Files in the time range that hold none of the selector's streams.
    pub files_without_streams: u64,
}

/// Rows that satisfy a pipeline, as a plan to build on, and the labels of their streams.
pub(super) struct Scan {
    pub rows: DataFrame,
    pub streams: Streams,
}

pub(super) fn storage(error: impl std::fmt::Display) -> QueryError {
    QueryError::Storage(error.to_string())
}

impl Logs {
    /// The streams that match in files and memory between two times (inclusive), with the files that hold them.
    pub(crate) async fn resolve(
        &self,
        matchers: &[Matcher],
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Resolved, QueryError> {
        let view = self.journal.view();
        let mut resolved = Resolved::default();
        let mut streams: HashMap<i64, Labels> = HashMap::new();
        for table in view.frozen.iter().chain([&view.active]) {
            let found = table.select(matchers, start, end);
            if !found.is_empty() {
                resolved.memory.push(Arc::clone(table));
                streams.extend(found);
            }
        }
        for file in view.snapshot.files_between(Signal::Logs, start, end) {
            let list = self.lists.get(&self.deps.engine, &file.path).await.map_err(storage)?;
            let before = resolved.files.len();
            for (id, labels) in list.select(matchers, start, end) {
                if resolved.files.len() == before {
                    resolved.files.push(ScanFile { path: file.path.clone(), size_bytes: file.bytes });
                }
                streams.entry(id).or_insert_with(|| labels.clone());
            }
            resolved.files_without_streams += u64::from(resolved.files.len() == before);
        }
        resolved.streams = Arc::new(streams);
        Ok(resolved)
    }

    /// The rows of a pipeline in `start ..= end`; `None` when no stream matches.
    pub(super) async fn scan(
        &self,
        pipeline: &Pipeline,
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Option<Scan>, QueryError> {
        let resolved = self.resolve(&pipeline.matchers, start, end).await?;
        if resolved.streams.is_empty() {
            return Ok(None);
        }
        let streams = resolved.streams;
        let needle = needle(pipeline, streams.values());
        let batches = resolved.memory.iter().flat_map(|table| table.batches()).collect();
        let scan = self.deps.engine.scan(&spec(), &resolved.files, batches, &needle).await;
        *self.counts.lock() =
            QueryCounts { scan: scan.counts(), files_without_streams: resolved.files_without_streams };
        let selective = !pipeline.line_filters.is_empty() || !needle.is_empty();
        let session = self.deps.engine.session(selective);
        let plan = || -> Result<DataFrame, DataFusionError> {
            let mut rows = session.read_table(Arc::new(scan))?.filter(between(start, end))?;
            rows = rows.filter(of_streams(&streams))?;
            for (number, filter) in ordered(&pipeline.line_filters).enumerate() {
                rows = rows.filter(filter::line(filter, number))?;
            }
            for (number, condition) in pipeline.label_filters.iter().enumerate() {
                rows = rows.filter(filter::labels(condition, &streams, number))?;
            }
            Ok(rows)
        };
        let rows = plan().map_err(storage)?;
        Ok(Some(Scan { rows, streams }))
    }
}

/// What a selector means in one view of the store.
#[derive(Default)]
pub(crate) struct Resolved {
    pub streams: Streams,
    pub files: Vec<ScanFile>,
    pub memory: Vec<Arc<crate::memory::MemoryTable>>,
    pub files_without_streams: u64,
}

/// Line filters, those that look for texts before those that run regular expressions.
fn ordered(filters: &[LineFilter]) -> impl Iterator<Item = &LineFilter> {
    let has_regex = |filter: &&LineFilter| {
        filter.alternatives.iter().any(|alternative| matches!(alternative, lgtm_logql::LinePattern::Regex(_)))
    };
    filters.iter().filter(move |filter| !has_regex(filter)).chain(filters.iter().filter(has_regex))
}

fn micros(time_us: i64) -> Expr {
    let literal = ScalarValue::TimestampMicrosecond(Some(time_us), Some("UTC".into()));
    debug_assert_eq!(literal.data_type(), time_type());
    lit(literal)
}

/// `start ..= end`, to the nanosecond; the conditions on microseconds alone are what statistics are pruned by.
fn between(start: TimestampNs, end: TimestampNs) -> Expr {
    let ((start_us, start_ns), (end_us, end_ns)) = (split_time(start), split_time(end));
    let after = col("time").gt(micros(start_us)).or(col("time_ns").gt_eq(lit(start_ns)));
    let before = col("time").lt(micros(end_us)).or(col("time_ns").lt_eq(lit(end_ns)));
    col("time").gt_eq(micros(start_us)).and(col("time").lt_eq(micros(end_us))).and(after).and(before)
}

fn of_streams(streams: &Streams) -> Expr {
    let ids: BTreeMap<i64, ()> = streams.keys().map(|id| (*id, ())).collect();
    let (first, last) = (ids.keys().next().copied().unwrap_or(0), ids.keys().next_back().copied().unwrap_or(0));
    let within = col("stream_id").gt_eq(lit(first)).and(col("stream_id").lt_eq(lit(last)));
    if ids.len() == 1 {
        return col("stream_id").eq(lit(first));
    }
    if ids.len() <= STREAMS_LISTED_MAX {
        return within.and(col("stream_id").in_list(ids.into_keys().map(lit).collect(), false));
    }
    within.and(filter::in_streams(streams))
}
