//! What a batch must satisfy before anything of it is stored.
//!
//! A batch is taken whole or not at all: the first row beyond a limit refuses it, by name, with the setting to change.

use crate::MetricsConfig;
use lgtm_flow::SampleBatch;
use lgtm_model::{Labels, TimestampMs};

/// Checks every row; the error is for whoever sent the batch.
pub fn check(batch: &SampleBatch, config: &MetricsConfig, now: TimestampMs) -> Result<(), String> {
    if batch.rows.len() > config.batch_samples_max {
        let (count, max) = (batch.rows.len(), config.batch_samples_max);
        return Err(format!("a batch of {count} samples exceeds batch_samples_max = {max}"));
    }
    let earliest = now.add_ms(-i64::try_from(config.age_ms_max).unwrap_or(i64::MAX));
    let latest = now.add_ms(i64::try_from(config.ahead_ms_max).unwrap_or(i64::MAX));
    for row in &batch.rows {
        check_labels(&row.labels, config)?;
        if row.timestamp < earliest {
            let age_ms = now.0.saturating_sub(row.timestamp.0);
            let max = config.age_ms_max;
            return Err(format!("{}: the sample is {age_ms} ms old, which exceeds age_ms_max = {max}", row.labels));
        }
        if row.timestamp > latest {
            let ahead_ms = row.timestamp.0.saturating_sub(now.0);
            let max = config.ahead_ms_max;
            return Err(format!(
                "{}: the sample is {ahead_ms} ms ahead of this machine's clock, which exceeds ahead_ms_max = {max}",
                row.labels
            ));
        }
    }
    Ok(())
}

fn check_labels(labels: &Labels, config: &MetricsConfig) -> Result<(), String> {
    let mut count = 0;
    for (name, value) in labels {
        count += 1;
        if name.is_empty() {
            return Err(format!("{labels}: a label has no name"));
        }
        for (what, text, setting, max) in [
            ("name", name, "label_name_bytes_max", config.label_name_bytes_max),
            ("value", value, "label_value_bytes_max", config.label_value_bytes_max),
        ] {
            if text.len() > max {
                let beginning: String = text.chars().take(40).collect();
                return Err(format!(
                    "a label {what} of {} bytes exceeds {setting} = {max}: {beginning:?}…",
                    text.len()
                ));
            }
        }
    }
    if count == 0 {
        return Err("a sample has no labels, not even a metric name".to_owned());
    }
    if count > config.labels_max {
        return Err(format!("{labels}: {count} labels exceed labels_max = {}", config.labels_max));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::SampleRow;

    fn refusal(labels: Labels, timestamp: i64) -> String {
        let config = MetricsConfig { labels_max: 2, label_value_bytes_max: 5, ..MetricsConfig::default() };
        let row = SampleRow { labels, timestamp: TimestampMs(timestamp), value: 1.0 };
        let batch = SampleBatch { rows: vec![row], ..SampleBatch::default() };
        check(&batch, &config, TimestampMs(100_000_000)).err().unwrap_or_default()
    }

    #[test]
    fn refusals_name_the_limit_and_the_setting() {
        let up = || Labels::from_pairs([("__name__", "up")]);
        assert_eq!(refusal(up(), 100_000_000), "");
        assert!(refusal(up(), 0).contains("up: the sample is 100000000 ms old, which exceeds age_ms_max"));
        assert!(refusal(up(), 200_000_000).contains("ahead_ms_max = 600000"));
        assert!(refusal(Labels::empty(), 100_000_000).contains("no labels"));
        let many = Labels::from_pairs([("__name__", "up"), ("a", "1"), ("b", "2")]);
        assert!(refusal(many, 100_000_000).contains("3 labels exceed labels_max = 2"));
        let long = Labels::from_pairs([("a", "123456")]);
        assert!(refusal(long, 100_000_000).contains("label_value_bytes_max = 5"));
    }
}
