//! The bet on the catalog: 100,000 commits of small real Parquet files with compaction, retention and publishing.
//!
//! ```text
//! commit_torture local FOLDER [COMMITS] [OPTION=VALUE …]
//! commit_torture URL [COMMITS] [OPTION=VALUE …]      (s3://bucket/prefix aws_endpoint=http://127.0.0.1:5000 …)
//! ```
//! A clock turned by hand lets 30 seconds pass between two commits, so that 100,000 of them are 35 days of one signal
//! flushed twice a minute, compacted, kept for ten days and published six times an hour. Every 1,000 commits one line
//! tells what a commit cost then, in real time, and what the process holds. At the end the rows are counted.
//!
//! `publish_commits=120` publishes after so many commits instead of every 20th. With `real_time_s=3600` among the options nothing is simulated: for that long a file is committed every second by the
//! machine's clock, and a line is printed every five minutes.

use async_trait::async_trait;
use deltalake_core::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use deltalake_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake_core::parquet::arrow::ArrowWriter;
use deltalake_core::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake_core::parquet::errors::ParquetError;
use lgtm_model::TimestampNs;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, SharedClock, SystemClock};
use lgtm_store::compaction::{CompactionSettings, Compactor};
use lgtm_store::delta::{DeltaPublisher, DeltaSettings};
use lgtm_store::disk::MachineDisk;
use lgtm_store::housekeeping::{Housekeeping, HousekeepingSettings};
use lgtm_store::{Catalog, CatalogSettings, Change, FileEntry, Files, Position, Signal, StoreDeps, StoreError};
use std::sync::Arc;
use std::time::Duration;

type Failure = Box<dyn std::error::Error>;

const ROWS_PER_FILE: i64 = 20;
const COMMIT_PERIOD_S: u64 = 30;
/// Between two commits of a run in real time.
const REAL_PERIOD: Duration = Duration::from_secs(1);
const REAL_REPORT_COMMITS: u64 = 300;
const ROUND_COMMITS: u64 = 10;
const PUBLISH_COMMITS: u64 = 20;
const REPORT_COMMITS: u64 = 1_000;
const KEEP_DAYS: u32 = 10;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (files, rest) = match arguments.split_first() {
        Some((place, rest)) if place == "local" && !rest.is_empty() => {
            (Files::local(&rest[0], MachineDisk::shared())?, &rest[1..])
        }
        Some((url, rest)) if url.contains("://") => {
            let options = rest.iter().filter_map(|option| option.split_once('='));
            (Files::at_url(url, options.map(|(name, value)| (name.to_owned(), value.to_owned())))?, rest)
        }
        _ => return Err("usage: commit_torture local FOLDER [COMMITS] | URL [COMMITS] [OPTION=VALUE …]".into()),
    };
    let commits = rest.iter().find_map(|text| text.parse().ok()).unwrap_or(100_000);
    let publish_commits = rest.iter().find_map(|text| text.strip_prefix("publish_commits=")?.parse().ok());
    let publish_commits: u64 = publish_commits.unwrap_or(PUBLISH_COMMITS);
    let real_time_s = rest.iter().find_map(|text| text.strip_prefix("real_time_s=")?.parse().ok());
    match real_time_s {
        Some(seconds) => Torture::open(Arc::new(files), Pace::Real, publish_commits).await?.run(seconds).await,
        None => {
            let pace = Pace::Simulated(ManualClock::starting_at(TimestampNs(1_790_000_000_000_000_000)));
            Torture::open(Arc::new(files), pace, publish_commits).await?.run(commits).await
        }
    }
}

/// How time passes between two commits.
enum Pace {
    /// A clock turned by hand: half a minute a commit, at once.
    Simulated(Arc<ManualClock>),
    /// The machine's.
    Real,
}

/// Real durations, whatever the store believes the time to be.
struct Stopwatch(SharedClock);

impl Stopwatch {
    async fn time<T>(&self, work: impl Future<Output = T>, into: &mut Vec<f64>) -> T {
        let started = self.0.elapsed();
        let output = work.await;
        into.push(self.0.elapsed().saturating_sub(started).as_secs_f64() * 1e3);
        output
    }
}

#[derive(Default)]
struct Figures {
    put_ms: Vec<f64>,
    commit_ms: Vec<f64>,
    round_ms: Vec<f64>,
    publish_ms: Vec<f64>,
}

struct Torture {
    pace: Pace,
    publish_commits: u64,
    stopwatch: Stopwatch,
    deps: StoreDeps,
    catalog: Arc<Catalog>,
    housekeeping: Housekeeping,
    publisher: DeltaPublisher,
}

impl Torture {
    async fn open(files: Arc<Files>, pace: Pace, publish_commits: u64) -> Result<Self, Failure> {
        let clock: SharedClock = match &pace {
            Pace::Simulated(clock) => clock.clone(),
            Pace::Real => SystemClock::shared(),
        };
        let deps = StoreDeps { clock, random: Random::from_entropy(), registry: Registry::default() };
        let catalog = Catalog::open(files.clone(), CatalogSettings::default(), &deps).await?;
        if let Pace::Simulated(clock) = &pace {
            // A second run on the same place goes on where the first ended.
            clock.advance(Duration::from_secs(catalog.snapshot().offset(Signal::Logs).0 * COMMIT_PERIOD_S));
        }
        let settings = HousekeepingSettings {
            compaction: CompactionSettings::default(),
            retention: [(Signal::Logs, KEEP_DAYS)].into(),
            ..HousekeepingSettings::default()
        };
        let housekeeping = Housekeeping {
            catalog: catalog.clone(),
            compactors: vec![Arc::new(Concatenate { files, deps: deps.clone() })],
            publishers: Vec::new(),
            settings,
            deps: deps.clone(),
        };
        let publisher = DeltaPublisher::new(catalog.clone(), Signal::Logs, schema(), DeltaSettings::default(), &deps);
        Ok(Self {
            pace,
            publish_commits,
            stopwatch: Stopwatch(SystemClock::shared()),
            deps,
            catalog,
            housekeeping,
            publisher,
        })
    }

    async fn run(&self, commits: u64) -> Result<(), Failure> {
        println!("{}", HEADER);
        let mut figures = Figures::default();
        let report_commits = match self.pace {
            Pace::Simulated(_) => REPORT_COMMITS,
            Pace::Real => REAL_REPORT_COMMITS,
        };
        let first = self.catalog.snapshot().offset(Signal::Logs).0 + 1;
        for number in first..=commits {
            match &self.pace {
                Pace::Simulated(clock) => clock.advance(Duration::from_secs(COMMIT_PERIOD_S)),
                Pace::Real => self.deps.clock.sleep(REAL_PERIOD).await,
            }
            self.one_commit(number, &mut figures).await?;
            if number.is_multiple_of(ROUND_COMMITS) {
                self.stopwatch.time(self.housekeeping.round(), &mut figures.round_ms).await?;
            }
            if number.is_multiple_of(self.publish_commits) {
                self.stopwatch.time(self.publisher.publish_compacted(), &mut figures.publish_ms).await?;
            }
            if number.is_multiple_of(report_commits) {
                self.report(number, std::mem::take(&mut figures))?;
            }
        }
        let published = self.publisher.publish_all().await?;
        let snapshot = self.catalog.snapshot();
        let rows: u64 = snapshot.files(Signal::Logs).map(|entry| entry.rows).sum();
        let files = snapshot.file_count(Signal::Logs);
        println!(
            "total: catalog version {}, {files} files, {rows} rows, table version {}",
            snapshot.version(),
            published.version
        );
        self.reopen().await
    }

    async fn one_commit(&self, number: u64, figures: &mut Figures) -> Result<(), Failure> {
        let batch = batch(self.deps.clock.now())?;
        let (day, bytes) = (self.deps.clock.now().day(), encode(&[batch])?);
        let mut entry = describe(&self.deps.random, day, 0, ROWS_PER_FILE as u64, bytes.len());
        entry.time_min = self.deps.clock.now();
        entry.time_max = self.deps.clock.now().add_ns(ROWS_PER_FILE * 1_000_000);
        let put = self.catalog.files().put(&entry.path, bytes.into());
        self.stopwatch.time(put, &mut figures.put_ms).await?;
        let change = Change { add: vec![entry], offsets: vec![(Signal::Logs, Position(number))], ..Change::default() };
        self.stopwatch.time(self.catalog.commit(change), &mut figures.commit_ms).await?;
        Ok(())
    }

    fn report(&self, number: u64, figures: Figures) -> Result<(), Failure> {
        let snapshot = self.catalog.snapshot();
        let rss_mib = resident_bytes()? as f64 / f64::from(1 << 20);
        let [put, commit, round, publish] = [figures.put_ms, figures.commit_ms, figures.round_ms, figures.publish_ms];
        let [put, commit, round, publish] = [put, commit, round, publish].map(quantiles);
        println!(
            "{number:>8} {:>7.2} {:>7.2} {:>7.2} {:>7.2} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {rss_mib:>8.1} {:>7} {:>8} {:>9}",
            put.0,
            put.1,
            commit.0,
            commit.1,
            round.0,
            round.1,
            publish.0,
            publish.1,
            snapshot.file_count(Signal::Logs),
            snapshot.removed().count(),
            snapshot.version(),
        );
        Ok(())
    }

    async fn reopen(&self) -> Result<(), Failure> {
        let mut open_ms = Vec::new();
        let files = Arc::clone(self.catalog.files());
        let opened =
            self.stopwatch.time(Catalog::open(files, CatalogSettings::default(), &self.deps), &mut open_ms).await?;
        assert_eq!(*opened.snapshot(), *self.catalog.snapshot(), "what is read back is what was committed");
        println!("reopened in {:.1} ms", open_ms[0]);
        Ok(())
    }
}

const HEADER: &str =
    " commits  put50   put99   com50   com99  round50  round99    pub50    pub99  rss_mib   files  removed   version";

fn quantiles(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let at =
        |quantile: f64| values.get(((values.len() as f64 * quantile) as usize).min(values.len().saturating_sub(1)));
    (at(0.5).copied().unwrap_or(f64::NAN), at(0.99).copied().unwrap_or(f64::NAN))
}

fn resident_bytes() -> Result<u64, Failure> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split(' ').nth(1).ok_or("no second number in /proc/self/statm")?;
    Ok(resident.parse::<u64>()? * 4096)
}

fn schema() -> SchemaRef {
    let time = Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false);
    Arc::new(Schema::new(vec![time, Field::new("body", DataType::Utf8, true)]))
}

fn batch(time: TimestampNs) -> Result<RecordBatch, Failure> {
    let micros = (0..ROWS_PER_FILE).map(|row| time.0 / 1_000 + row * 1_000);
    let bodies =
        (0..ROWS_PER_FILE).map(|row| format!("GET /api/checkout 200 {row}ms order={}", time.0 / 1_000_000_000 + row));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values(bodies)),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

fn encode(batches: &[RecordBatch]) -> Result<Vec<u8>, ParquetError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), schema(), None)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}

fn describe(random: &Random, day: i64, level: u8, rows: u64, bytes: usize) -> FileEntry {
    let path = FileEntry::new_path(Signal::Logs, day, level, random, "parquet");
    FileEntry { path, signal: Signal::Logs, day, level, rows, bytes: bytes as u64, ..FileEntry::default() }
}

/// Merges Parquet files by writing their rows behind one another.
struct Concatenate {
    files: Arc<Files>,
    deps: StoreDeps,
}

#[async_trait]
impl Compactor for Concatenate {
    fn signal(&self) -> Signal {
        Signal::Logs
    }

    async fn merge(&self, inputs: &[Arc<FileEntry>], level: u8) -> Result<Vec<FileEntry>, StoreError> {
        let mut batches = Vec::new();
        for entry in inputs {
            let bytes = self.files.get(&entry.path).await?;
            let damaged = |error: ParquetError| StoreError::damaged(&entry.path, error.to_string());
            for batch in
                ParquetRecordBatchReaderBuilder::try_new(bytes).and_then(|reader| reader.build()).map_err(damaged)?
            {
                batches.push(batch.map_err(|error| StoreError::damaged(&entry.path, error.to_string()))?);
            }
        }
        let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        let bytes = encode(&batches).map_err(|error| StoreError::damaged("merged rows", error.to_string()))?;
        let mut merged = describe(&self.deps.random, inputs[0].day, level, rows, bytes.len());
        merged.time_min = inputs.iter().map(|entry| entry.time_min).min().unwrap_or_default();
        merged.time_max = inputs.iter().map(|entry| entry.time_max).max().unwrap_or_default();
        self.files.put(&merged.path, bytes.into()).await?;
        Ok(vec![merged])
    }
}
