//! Opening what is kept: files, catalog, tables, and the three signals above them.

use crate::config::Config;
use crate::error::RunError;
use lgtm_flow::Sinks;
use lgtm_logs::{Logs, LogsDeps};
use lgtm_metrics::{Metrics, MetricsDeps};
use lgtm_runtime::{Shutdown, Tasks};
use lgtm_store::disk::MachineDisk;
use lgtm_store::housekeeping::{Housekeeping, HousekeepingSettings};
use lgtm_store::publish::Publish;
use lgtm_store::table::{TableEngine, TableEngineSettings};
use lgtm_store::{Catalog, CatalogSettings, Files, JournalSettings, Signal, StoreDeps};
use lgtm_traces::{SpanCompactor, Traces};
use std::path::Path;
use std::sync::Arc;

/// The three signals, open.
#[derive(Clone)]
pub struct Cellar {
    /// Samples.
    pub metrics: Arc<Metrics>,
    /// Log records.
    pub logs: Arc<Logs>,
    /// Spans.
    pub traces: Arc<Traces>,
}

impl Cellar {
    /// Opens everything below `data`, replaying what a kill left in the logs.
    pub async fn open(
        data: &Path,
        config: &Config,
        deps: &StoreDeps,
        tasks: &Tasks,
        shutdown: &Shutdown,
    ) -> Result<Self, RunError> {
        let disk = MachineDisk::shared();
        let files = Arc::new(match &config.storage_url {
            Some(url) => Files::at_url(url, config.storage_options.clone())?,
            None => Files::local(data.join("files"), disk.clone())?,
        });
        let catalog = Catalog::open(Arc::clone(&files), CatalogSettings::default(), deps).await?;
        let engine = Arc::new(TableEngine::new(files, &TableEngineSettings::default(), &deps.registry)?);
        let wal = data.join("wal");
        let traces_deps = lgtm_traces::Deps {
            store: deps.clone(),
            disk: disk.clone(),
            catalog: catalog.clone(),
            engine: engine.clone(),
        };
        let traces =
            Traces::open(config.traces.clone(), traces_deps, &wal.join("spans"), tasks, shutdown.clone()).await?;
        let logs_deps = LogsDeps {
            store: deps.clone(),
            disk: disk.clone(),
            journal_dir: wal.join("logs"),
            journal: JournalSettings::default(),
            catalog: catalog.clone(),
            engine,
            tasks: tasks.clone(),
        };
        let logs = Logs::open(config.logs.clone(), logs_deps, shutdown.clone()).await?;
        let metrics_deps = MetricsDeps {
            store: deps.clone(),
            disk,
            catalog: catalog.clone(),
            wal_dir: wal.join("metrics"),
            tasks: tasks.clone(),
        };
        let metrics = Metrics::open(config.metrics.clone(), metrics_deps, shutdown.clone()).await?;
        keep_house(catalog, config, deps).spawn(tasks, shutdown.clone());
        Ok(Self { metrics, logs, traces })
    }

    /// The doors in.
    pub fn sinks(&self) -> Sinks {
        Sinks {
            samples: Arc::clone(&self.metrics) as _,
            logs: Arc::clone(&self.logs) as _,
            spans: Arc::clone(&self.traces) as _,
        }
    }
}

/// What runs behind: merging, retention, checkpoints, deletion, publishing. Logs and metrics merge by themselves.
fn keep_house(catalog: Arc<Catalog>, config: &Config, deps: &StoreDeps) -> Housekeeping {
    let compactor = SpanCompactor::new(Arc::clone(catalog.files()), deps.random.clone());
    let days = [(Signal::Logs, config.log_retention_days), (Signal::Spans, config.trace_retention_days)];
    let retention = days.into_iter().filter(|(_, days)| *days > 0).collect();
    Housekeeping {
        publishers: publishers(&catalog, deps),
        catalog,
        compactors: vec![Arc::new(compactor)],
        settings: HousekeepingSettings { retention, ..HousekeepingSettings::default() },
        deps: deps.clone(),
    }
}

/// Logs and spans as Delta Lake tables, for DuckDB, Spark, Trino and others.
#[cfg(feature = "delta")]
fn publishers(catalog: &Arc<Catalog>, deps: &StoreDeps) -> Vec<Arc<dyn Publish>> {
    use lgtm_store::delta::{DeltaPublisher, DeltaSettings};
    [(Signal::Logs, lgtm_logs::schema()), (Signal::Spans, lgtm_traces::schema())]
        .into_iter()
        .map(|(signal, schema)| {
            let catalog = Arc::clone(catalog);
            Arc::new(DeltaPublisher::new(catalog, signal, schema, DeltaSettings::default(), deps)) as Arc<dyn Publish>
        })
        .collect()
}

/// Built without Delta Lake: nothing is published.
#[cfg(not(feature = "delta"))]
fn publishers(_catalog: &Arc<Catalog>, _deps: &StoreDeps) -> Vec<Arc<dyn Publish>> {
    Vec::new()
}
