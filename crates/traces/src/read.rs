//! Questions to rows: which files and which rows can hold the answer, and what DataFusion is asked for.

use crate::decode::decode;
use crate::error::TracesError;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::DataFrame;
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use lgtm_model::{Span, StatusCode, TimestampNs, TraceId};
use lgtm_store::FileEntry;
use lgtm_store::table::{Clause, Needle, ScanFile, TableEngine, TableSpec, TextNeedle, hash_id, hash_pair};
use lgtm_traceql::{Compare, Field, Filter, Value};
use std::collections::HashMap;
use std::sync::Arc;

use crate::schema::TRACE_ID_BYTES;

/// Reads committed files.
pub struct Reader {
    /// Runs the queries.
    pub engine: Arc<TableEngine>,
    /// The spans table.
    pub spec: Arc<TableSpec>,
}

impl Reader {
    /// All spans of the given traces in `files`, at most `rows_max`.
    pub async fn traces(
        &self,
        ids: &[TraceId],
        files: &[Arc<FileEntry>],
        rows_max: usize,
    ) -> Result<Vec<Span>, TracesError> {
        let mut needle = Needle::default();
        needle.and(Clause(ids.iter().map(|id| TextNeedle::hash(hash_id(&id.0))).collect()));
        let literals = ids.iter().map(|id| lit(ScalarValue::FixedSizeBinary(TRACE_ID_BYTES, Some(id.0.to_vec()))));
        let condition = col("trace_id").in_list(literals.collect(), false);
        let frame = self.scan(files, &needle, Some(condition)).await?;
        let mut found = Vec::new();
        self.each(frame, |spans| {
            found.extend(spans);
            found.len() < rows_max
        })
        .await?;
        found.truncate(rows_max);
        Ok(found)
    }

    /// The traces with a span in `file` that satisfies `filter` and starts in the range, each with the latest such
    /// start. Returns how many rows were decoded.
    pub async fn candidates(
        &self,
        file: &Arc<FileEntry>,
        filter: &Filter,
        range: (TimestampNs, TimestampNs),
        found: &mut HashMap<TraceId, TimestampNs>,
    ) -> Result<usize, TracesError> {
        let mut needle = Needle::default();
        if let Some(service) = filter.required_service() {
            needle.and(Clause(vec![TextNeedle::hash(hash_pair("service", service))]));
        }
        let frame = self.scan(std::slice::from_ref(file), &needle, Some(pushdown(filter, range))).await?;
        let mut rows = 0;
        self.each(frame, |spans| {
            rows += spans.len();
            for span in spans.iter().filter(|span| filter.matches(span)) {
                if span.start >= range.0 && span.start <= range.1 {
                    let latest = found.entry(span.trace_id).or_insert(span.start);
                    *latest = span.start.max(*latest);
                }
            }
            true
        })
        .await?;
        Ok(rows)
    }

    /// Hands every span in `files` to `take`, until it returns false.
    pub async fn scan_all(
        &self,
        files: &[Arc<FileEntry>],
        take: impl FnMut(Vec<Span>) -> bool,
    ) -> Result<(), TracesError> {
        let frame = self.scan(files, &Needle::default(), None).await?;
        self.each(frame, take).await
    }

    async fn scan(
        &self,
        files: &[Arc<FileEntry>],
        needle: &Needle,
        condition: Option<Expr>,
    ) -> Result<DataFrame, TracesError> {
        let files: Vec<ScanFile> =
            files.iter().map(|file| ScanFile { path: file.path.clone(), size_bytes: file.bytes }).collect();
        let scan = self.engine.scan(&self.spec, &files, Vec::new(), needle).await;
        let session = self.engine.session(!needle.is_empty());
        let frame = session.read_table(Arc::new(scan))?;
        Ok(match condition {
            Some(condition) => frame.filter(condition)?,
            None => frame,
        })
    }

    async fn each(&self, frame: DataFrame, mut take: impl FnMut(Vec<Span>) -> bool) -> Result<(), TracesError> {
        let mut stream = frame.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            if !take(decode(&batch?)?) {
                break;
            }
        }
        Ok(())
    }
}

/// What of a filter and a range the table itself can decide. It may let through more than the filter, never less.
fn pushdown(filter: &Filter, (start, end): (TimestampNs, TimestampNs)) -> Expr {
    let mut condition = col("start").gt_eq(micros(start)).and(col("start").lt_eq(micros(end)));
    if let Some(service) = filter.required_service() {
        condition = condition.and(col("service").eq(lit(service)));
    }
    let shortest_ns = filter.duration_ns_min();
    if shortest_ns > 0 {
        condition = condition.and(col("duration_ns").gt_eq(lit(shortest_ns)));
    }
    for (field, compare, value) in filter.required() {
        condition = match (field, compare, value) {
            (Field::Name, Compare::Equal, Value::Text(name)) => condition.and(col("name").eq(lit(name.as_str()))),
            (Field::Status, Compare::Equal, Value::Word(word)) => condition.and(col("status_code").eq(status(word))),
            _ => condition,
        };
    }
    condition
}

fn micros(time: TimestampNs) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(time.0.div_euclid(1_000)), Some("UTC".into())))
}

fn status(word: &str) -> Expr {
    let code = match word {
        "ok" => StatusCode::Ok,
        "error" => StatusCode::Error,
        _ => StatusCode::Unset,
    };
    lit(crate::encode::status_code(code))
}
