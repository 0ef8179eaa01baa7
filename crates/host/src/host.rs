//! One collection: all collectors, one after the other.

use crate::collectors::{COLLECTORS, Context};
use crate::config::{Config, Roots};
use crate::read;
use crate::sheet::Sheet;
use lgtm_flow::{MetadataRow, SampleBatch, SampleRow};
use lgtm_model::{METRIC_NAME, Metadata, TimestampMs};
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::Family;

/// This machine, ready to be looked at.
#[derive(Clone)]
pub struct Host {
    roots: Roots,
    job: String,
    instance: String,
    clock: SharedClock,
}

impl Host {
    /// The machine whose files `config` names.
    pub fn new(config: &Config, clock: SharedClock) -> Self {
        let instance = match config.instance.as_str() {
            "" => read::line(&config.roots.proc.join("sys/kernel/hostname")).unwrap_or_else(|| "localhost".to_owned()),
            instance => instance.to_owned(),
        };
        Self { roots: config.roots.clone(), job: config.job.clone(), instance, clock }
    }

    /// All families as they are now, in the order of their names. Reads files: call it where blocking is allowed.
    pub fn families(&self) -> Vec<Family> {
        let mut sheet = Sheet::default();
        let context = Context { roots: &self.roots, now: self.clock.now() };
        for (collector, collect) in COLLECTORS {
            let begin = self.clock.elapsed();
            let result = collect(&context, &mut sheet);
            let seconds = self.clock.elapsed().saturating_sub(begin).as_secs_f64();
            if let Err(error) = &result {
                tracing::debug!(collector, %error, "collector has nothing to say");
            }
            let labels = [("collector", collector)];
            let help = "node_exporter: Duration of a collector scrape.";
            sheet.gauge("node_scrape_collector_duration_seconds", help, &labels, seconds);
            let help = "node_exporter: Whether a collector succeeded.";
            sheet.gauge("node_scrape_collector_success", help, &labels, f64::from(u8::from(result.is_ok())));
        }
        sheet.build()
    }

    /// The same as a batch of samples at the time of the call, with `job` and `instance`.
    pub fn batch(&self) -> SampleBatch {
        let now = self.clock.now_ms();
        batch_of(self.families(), now, &[("job", &self.job), ("instance", &self.instance)])
    }
}

/// Families as samples of one time, with the given labels added to each series.
pub fn batch_of(families: Vec<Family>, timestamp: TimestampMs, labels: &[(&str, &str)]) -> SampleBatch {
    let mut batch = SampleBatch::default();
    for family in families {
        for (suffix, own, value) in &family.points {
            let mut series = own.to_builder();
            series.set(METRIC_NAME, format!("{}{suffix}", family.name));
            for (name, value) in labels {
                series.set(*name, *value);
            }
            batch.rows.push(SampleRow { labels: series.build(), timestamp, value: *value });
        }
        let metadata = Metadata { metric_type: family.metric_type, help: family.help, unit: String::new() };
        batch.metadata.push(MetadataRow { name: family.name, metadata });
    }
    batch
}
