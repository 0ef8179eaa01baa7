//! Takes batches: checks, interns, journals, and only then shows.

use crate::error::refuse;
use crate::head::{Head, Row, SeriesId};
use crate::{Metrics, limits, record};
use async_trait::async_trait;
use lgtm_flow::{SampleBatch, SampleSink, SinkError};
use lgtm_model::Labels;
use std::collections::HashSet;
use std::time::Duration;

/// When to come back once the head is full of series: the next head may have room.
const SERIES_RETRY_AFTER: Duration = Duration::from_secs(60);

#[async_trait]
impl SampleSink for Metrics {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        let now = self.deps.store.clock.now_ms();
        if let Err(reason) = limits::check(&batch, &self.config, now) {
            self.instruments.refused.increment();
            return Err(SinkError::Refused(reason));
        }
        if !batch.rows.is_empty() {
            let stored = self.store(&batch).await;
            if matches!(stored, Err(SinkError::Overloaded { .. })) {
                self.instruments.overloaded.increment();
            }
            stored?;
        }
        self.instruments.samples.add(batch.rows.len() as u64);
        self.metadata.declare(batch.metadata);
        self.exemplars.add(batch.exemplars, now);
        Ok(())
    }
}

/// Rows by id, and the definitions that their record must carry.
type Interned = (Vec<Row>, Vec<(SeriesId, Labels)>);

impl Metrics {
    async fn store(&self, batch: &SampleBatch) -> Result<(), SinkError> {
        let _shared = self.gate.read().await;
        let head = self.journal.active();
        let (rows, definitions) = self.intern(&head, batch)?;
        let payload = record::encode(head.generation(), &definitions, &rows);
        self.journal.write(payload, |head, _| head.append(&rows)).await.map_err(refuse)?;
        // Only now may other records leave these definitions out.
        head.mark_durable(definitions.into_iter().map(|(id, _)| id));
        Ok(())
    }

    /// Ids for all rows, and the definitions that the record must carry.
    fn intern(&self, head: &Head, batch: &SampleBatch) -> Result<Interned, SinkError> {
        let mut rows = Vec::with_capacity(batch.rows.len());
        let (mut definitions, mut defined) = (Vec::new(), HashSet::new());
        for row in &batch.rows {
            let interned = head.intern(&row.labels, self.config.series_max);
            let (id, is_durable) = interned.map_err(|_| SinkError::Overloaded {
                limit: format!("the head has series_max = {} series", self.config.series_max),
                retry_after: SERIES_RETRY_AFTER,
            })?;
            if !is_durable && defined.insert(id) {
                definitions.push((id, row.labels.clone()));
            }
            rows.push(Row { id, time: row.timestamp.0, value: row.value });
        }
        Ok((rows, definitions))
    }
}
