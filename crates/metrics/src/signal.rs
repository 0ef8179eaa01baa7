//! The metrics signal as a whole: opened once, fed and asked by many.

use crate::config::MetricsConfig;
use crate::error::MetricsError;
use crate::exemplars::Exemplars;
use crate::head::Head;
use crate::metadata::MetadataTable;
use crate::open_blocks::OpenBlocks;
use crate::record::Replay;
use lgtm_model::{Exemplar, Labels, Matcher, TimestampMs};
use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};
use lgtm_runtime::{Random, Shutdown, Tasks};
use lgtm_store::disk::SharedDisk;
use lgtm_store::{Catalog, FileEntry, Journal, JournalPlace, JournalSettings, Position, Signal, StoreDeps};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the metrics signal works with.
#[derive(Clone)]
pub struct MetricsDeps {
    /// The time, chance, and the program's own metrics.
    pub store: StoreDeps,
    /// The disk of the write-ahead log.
    pub disk: SharedDisk,
    /// The catalog that lists the blocks, and through it the files.
    pub catalog: Arc<Catalog>,
    /// The folder of the write-ahead log.
    pub wal_dir: PathBuf,
    /// Runs the background task.
    pub tasks: Tasks,
}

/// The program's own metrics of this signal.
pub(crate) struct Instruments {
    pub samples: Counter,
    pub refused: Counter,
    pub overloaded: Counter,
    pub series: Gauge,
    pub head_bytes: Gauge,
    pub flush_seconds: Histogram,
    pub background_failures: Counter,
    pub compactions: Counter,
    pub damaged: Counter,
}

/// Metric samples: a [`lgtm_flow::SampleSink`] and a [`lgtm_promql::Source`].
pub struct Metrics {
    pub(crate) config: MetricsConfig,
    pub(crate) deps: MetricsDeps,
    pub(crate) journal: Journal<Head>,
    /// Writers share it from the choice of a head until their record is applied; a rotation takes it alone, so that
    /// the ids in a record are those of the head that it is applied to.
    pub(crate) gate: tokio::sync::RwLock<()>,
    /// The blocks of the generation that is being committed: a commit is repeated with the same ones.
    pub(crate) flushing: tokio::sync::Mutex<Option<(Position, Vec<FileEntry>)>>,
    /// Merging and dropping take turns: each chooses among the blocks that the other has left.
    pub(crate) maintenance: tokio::sync::Mutex<()>,
    pub(crate) blocks: OpenBlocks,
    pub(crate) exemplars: Exemplars,
    pub(crate) metadata: MetadataTable,
    pub(crate) instruments: Instruments,
    head_since: Mutex<Duration>,
}

impl Metrics {
    /// Replays the journal and starts the background task that flushes, merges and drops.
    pub async fn open(config: MetricsConfig, deps: MetricsDeps, shutdown: Shutdown) -> Result<Arc<Self>, MetricsError> {
        let journal = open_journal(deps.clone()).await?;
        let registry = &deps.store.registry;
        let instruments = instruments(registry);
        let unkept =
            registry.counter("lgtm_metrics_metadata_refused_total", "Families beyond metadata_families_max.", &[]);
        let metrics = Arc::new(Self {
            gate: tokio::sync::RwLock::new(()),
            flushing: tokio::sync::Mutex::new(None),
            maintenance: tokio::sync::Mutex::new(()),
            blocks: OpenBlocks::new(Arc::clone(&deps.catalog), instruments.damaged.clone()),
            exemplars: Exemplars::new(config.exemplars_max),
            metadata: MetadataTable::new(config.metadata_families_max, unkept),
            head_since: Mutex::new(deps.store.clock.elapsed()),
            instruments,
            journal,
            config,
            deps,
        });
        let background = Arc::clone(&metrics);
        metrics.deps.tasks.spawn(async move { background.run(shutdown).await });
        Ok(metrics)
    }

    async fn run(&self, shutdown: Shutdown) {
        let clock = Arc::clone(&self.deps.store.clock);
        let interval = Duration::from_millis(self.config.tick_interval_ms.max(1));
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                () = clock.sleep(interval) => {}
            }
            if let Err(error) = self.tick().await {
                self.instruments.background_failures.increment();
                tracing::warn!(%error, "metrics: background work failed and will be tried again");
            }
        }
    }

    /// One round of background work: flushes a head that is old or large, merges blocks, drops old days.
    pub async fn tick(&self) -> Result<(), MetricsError> {
        let head = self.journal.active();
        self.instruments.series.set(head.series_count() as f64);
        self.instruments.head_bytes.set(head.estimated_bytes() as f64);
        let age = self.deps.store.clock.elapsed().saturating_sub(*self.head_since.lock());
        let is_old = age >= Duration::from_millis(self.config.flush_interval_ms);
        let is_large = head.estimated_bytes() as u64 >= self.config.head_bytes_max;
        let is_waiting = self.journal.oldest_frozen().is_some();
        if (head.sample_count() > 0 && (is_old || is_large)) || is_waiting {
            self.flush().await?;
        }
        self.drop_old_days().await?;
        while self.compact_once().await? {}
        Ok(())
    }

    /// A number for a new head that no other head of this journal has.
    pub(crate) fn new_head(&self) -> Head {
        *self.head_since.lock() = self.deps.store.clock.elapsed();
        fresh_head(&self.deps.store.random)
    }

    /// Exemplars of series that satisfy all matchers, within the range (both ends included).
    pub fn exemplars(&self, matchers: &[Matcher], range: (TimestampMs, TimestampMs)) -> Vec<(Labels, Exemplar)> {
        self.exemplars.select(matchers, range)
    }
}

fn fresh_head(random: &Random) -> Head {
    let mut generation = [0; 8];
    random.fill(&mut generation);
    Head::new(u64::from_le_bytes(generation))
}

async fn open_journal(deps: MetricsDeps) -> Result<Journal<Head>, MetricsError> {
    let opened = tokio::task::spawn_blocking(move || {
        let place = JournalPlace {
            signal: Signal::Metrics,
            dir: &deps.wal_dir,
            disk: Arc::clone(&deps.disk),
            catalog: Arc::clone(&deps.catalog),
        };
        let mut replay = Replay::default();
        let head = fresh_head(&deps.store.random);
        let settings = JournalSettings::default();
        Journal::open(place, settings, &deps.store, head, |head, _, payload| replay.apply(head, payload))
    });
    let (journal, report) = opened.await.map_err(|_| MetricsError::Ending)??;
    if report.lost_records + report.undecodable_records > 0 {
        tracing::warn!(
            lost = report.lost_records,
            undecodable = report.undecodable_records,
            "metrics: parts of the write-ahead log are damaged"
        );
    }
    Ok(journal)
}

fn instruments(registry: &Registry) -> Instruments {
    const SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];
    let refused = |reason| {
        let help = "Batches that were not taken, by reason.";
        registry.counter("lgtm_metrics_batches_refused_total", help, &[("reason", reason)])
    };
    Instruments {
        samples: registry.counter("lgtm_metrics_samples_total", "Samples acknowledged.", &[]),
        refused: refused("invalid"),
        overloaded: refused("overloaded"),
        series: registry.gauge("lgtm_metrics_head_series", "Series of the active head.", &[]),
        head_bytes: registry.gauge("lgtm_metrics_head_bytes", "Estimated size of the active head.", &[]),
        flush_seconds: registry.histogram("lgtm_metrics_flush_seconds", "Time to flush one head.", &[], SECONDS),
        background_failures: registry.counter(
            "lgtm_metrics_background_failures_total",
            "Rounds of flushing, merging and dropping that failed.",
            &[],
        ),
        compactions: registry.counter("lgtm_metrics_compactions_total", "Merges of blocks.", &[]),
        damaged: registry.counter("lgtm_metrics_blocks_damaged_total", "Blocks found damaged and set aside.", &[]),
    }
}
