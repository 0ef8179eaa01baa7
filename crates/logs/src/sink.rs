//! The way in: limits first, then the journal, which makes the batch durable and visible.

use crate::logs::Logs;
use crate::memory::record_bytes;
use crate::record;
use crate::stream::stream_id;
use async_trait::async_trait;
use lgtm_flow::{LogSink, SinkError};
use lgtm_model::LogRecord;
use lgtm_store::StoreError;
use std::collections::HashSet;
use std::time::Duration;

/// When to come back after a full memory: a flush takes about as long.
const RETRY_AFTER: Duration = Duration::from_secs(5);

#[async_trait]
impl LogSink for Logs {
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError> {
        if records.is_empty() {
            return Ok(());
        }
        let rows = records.len() as u64;
        self.check(&records).inspect_err(|_| self.instruments.refused.add(rows))?;
        let payload = record::encode(&records);
        let written = self.journal.write(payload, |table, _| {
            table.apply(records);
            table.bytes()
        });
        let active_bytes = written.await.map_err(refusal).inspect_err(|_| self.instruments.refused.add(rows))?;
        self.instruments.rows.add(rows);
        if active_bytes >= self.settings.flush_bytes {
            self.flush_now.notify_one();
        }
        Ok(())
    }
}

impl Logs {
    fn check(&self, records: &[LogRecord]) -> Result<(), SinkError> {
        let settings = &self.settings;
        for record in records {
            let (name, value, value_max) = [
                ("line_bytes_max", record.body.len(), settings.line_bytes_max),
                ("metadata_bytes_max", record.attributes.size_bytes(), settings.metadata_bytes_max),
                ("stream_labels_max", record.stream.len(), settings.stream_labels_max),
            ]
            .into_iter()
            .find(|(_, value, value_max)| value > value_max)
            .unwrap_or_default();
            if value > value_max {
                return Err(SinkError::Refused(format!(
                    "a line of stream {} exceeds logs.{name} = {value_max} with {value}",
                    record.stream
                )));
            }
        }
        let batch_bytes: usize = records.iter().map(record_bytes).sum();
        let memory_bytes = self.memory_bytes();
        self.instruments.memory_bytes.set(memory_bytes as f64);
        if memory_bytes + batch_bytes > settings.memory_bytes_max {
            self.flush_now.notify_one();
            return Err(overloaded("logs.memory_bytes_max", settings.memory_bytes_max));
        }
        let streams = self.journal.active().stream_count();
        if streams + records.len() > settings.memory_streams_max {
            let new: HashSet<i64> = records.iter().map(|record| stream_id(&record.stream)).collect();
            if streams + new.len() > settings.memory_streams_max {
                return Err(overloaded("logs.memory_streams_max", settings.memory_streams_max));
            }
        }
        Ok(())
    }
}

fn overloaded(limit: &str, value_max: usize) -> SinkError {
    SinkError::Overloaded { limit: format!("{limit} = {value_max} is reached"), retry_after: RETRY_AFTER }
}

fn refusal(error: StoreError) -> SinkError {
    match error {
        StoreError::Overloaded { .. } => {
            SinkError::Overloaded { limit: error.to_string(), retry_after: Duration::from_secs(1) }
        }
        StoreError::RecordTooLarge { .. } => SinkError::Refused(error.to_string()),
        _ => SinkError::Unavailable(error.to_string()),
    }
}
