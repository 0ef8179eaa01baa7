//! One target's worker: waits for its turn, asks, and writes one batch a scrape.
//!
//! The turn comes at a fixed place within the interval. All samples of a scrape bear the time at which it was due, or,
//! when it began late, the time at which it began: timestamps that are evenly spaced cost almost no storage.

use crate::cache::SeriesCache;
use crate::client::{Answer, Fetcher};
use crate::config::Job;
use crate::handle::{Deps, Health};
use crate::ingest::{Counts, ingest, mark_stale};
use crate::local::LocalTarget;
use crate::target::Target;
use lgtm_flow::{SampleBatch, SampleRow};
use lgtm_model::{Labels, METRIC_NAME, TimestampMs, TimestampNs};
use lgtm_runtime::metrics::Counter;
use lgtm_wire::exposition::ScrapeProtocol;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How late a scrape may begin and still bear the time at which it was due.
const LATENESS_MS_MAX: i64 = 50;

/// How a worker's work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It does not.
    NotYet,
    /// The target is no longer: its series end.
    Removed,
    /// The program stops, or another worker takes over: its series go on.
    Quietly,
}

/// What there is to know about the last scrape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub health: Health,
    pub last_error: String,
    pub last_scrape: Option<TimestampNs>,
    pub last_duration: Duration,
}

/// What all workers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub deps: Deps,
    /// Who answers for targets within this process.
    pub local: Option<Arc<dyn LocalTarget>>,
    pub seed: u64,
    pub failures: Counter,
    pub refusals: Counter,
}

/// A worker before it runs; the manager keeps the other ends.
pub(crate) struct Worker {
    pub shared: Shared,
    pub job: Arc<Job>,
    pub fetcher: Result<Fetcher, String>,
    pub target: Target,
    pub status: Arc<Mutex<Status>>,
    pub stop: watch::Receiver<Stop>,
}

/// The series that every scrape adds by itself.
const REPORT: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];
/// And those that `extra_scrape_metrics` asks for.
const EXTRA_REPORT: [&str; 3] = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"];

impl Worker {
    /// Runs until it is told to stop.
    pub(crate) async fn run(mut self) {
        let clock = Arc::clone(&self.shared.deps.clock);
        let mut cache = SeriesCache::default();
        let interval_ns = self.target.interval_ms.saturating_mul(1_000_000).max(1);
        let offset_ns = self.target.offset_ns(self.shared.seed);
        let mut due = next_turn(clock.now(), interval_ns, offset_ns);
        loop {
            let wait = Duration::from_nanos(due.since_ns(clock.now()).max(0).unsigned_abs());
            tokio::select! {
                () = stopped(&mut self.stop) => break,
                () = clock.sleep(wait) => {}
            }
            if !self.scrape(due, &mut cache).await {
                break;
            }
            due = due.add_ns(interval_ns);
            if due < clock.now() {
                // Turns that passed while the last scrape ran are left out rather than made up for.
                due = next_turn(clock.now(), interval_ns, offset_ns);
            }
        }
        if *self.stop.borrow() == Stop::Removed {
            self.end_series(&mut cache).await;
        }
    }

    /// One scrape; `false` when it was told to stop meanwhile.
    async fn scrape(&mut self, due: TimestampNs, cache: &mut SeriesCache) -> bool {
        let clock = Arc::clone(&self.shared.deps.clock);
        let (began, elapsed) = (clock.now(), clock.elapsed());
        let late_ms = began.since_ns(due) / 1_000_000;
        let at = if late_ms <= LATENESS_MS_MAX { due.to_ms() } else { began.to_ms() };
        let timeout = Duration::from_millis(self.target.timeout_ms.unsigned_abs());
        let answer = tokio::select! {
            () = stopped(&mut self.stop) => return false,
            () = clock.sleep(timeout) => Err(format!("no answer within the scrape timeout of {} s", timeout.as_secs_f64())),
            answer = ask(&self.shared, &self.job, &self.fetcher, &self.target, timeout) => answer,
        };
        let duration = clock.elapsed().saturating_sub(elapsed);
        let mut batch = SampleBatch::default();
        let mut body_bytes = 0;
        cache.begin();
        let outcome = answer.and_then(|answer| {
            body_bytes = answer.body.len();
            ingest(&self.job, &self.target.labels, &answer, at, cache, &mut batch)
        });
        let vanished = match &outcome {
            Ok(_) => cache.end(),
            Err(_) => {
                batch = SampleBatch::default();
                self.shared.failures.increment();
                cache.fail()
            }
        };
        mark_stale(vanished, at, &mut batch);
        let counts = outcome.clone().unwrap_or_default();
        self.report(&mut batch, at, outcome.is_ok(), duration, counts, body_bytes);
        self.note(outcome.err(), began, duration);
        if !self.write(batch).await {
            cache.forget_declarations();
        }
        true
    }

    fn report(
        &self,
        batch: &mut SampleBatch,
        at: TimestampMs,
        up: bool,
        duration: Duration,
        counts: Counts,
        body: usize,
    ) {
        let count = |count: usize| count as f64;
        let values = [
            f64::from(u8::from(up)),
            duration.as_secs_f64(),
            count(counts.scraped),
            count(counts.kept),
            count(counts.added),
        ];
        let extra = [self.target.timeout_ms as f64 / 1000.0, self.job.limits.samples as f64, count(body)];
        let all = REPORT.iter().zip(values).chain(EXTRA_REPORT.iter().zip(extra));
        let taken = if self.job.extra_metrics { usize::MAX } else { REPORT.len() };
        batch.rows.extend(all.take(taken).map(|(name, value)| SampleRow {
            labels: self.report_labels(name),
            timestamp: at,
            value,
        }));
    }

    fn report_labels(&self, name: &str) -> Labels {
        let mut labels = self.target.labels.to_builder();
        labels.set(METRIC_NAME, name);
        labels.build()
    }

    /// The target is gone: every series of it, those about the scrape among them, ends now.
    async fn end_series(&self, cache: &mut SeriesCache) {
        if self.status.lock().last_scrape.is_none() {
            return;
        }
        let mut ended = cache.clear();
        let extra = if self.job.extra_metrics { &EXTRA_REPORT[..] } else { &[] };
        ended.extend(REPORT.iter().chain(extra).map(|name| self.report_labels(name)));
        let mut batch = SampleBatch::default();
        mark_stale(ended, self.shared.deps.clock.now_ms(), &mut batch);
        self.write(batch).await;
    }

    fn note(&self, error: Option<String>, began: TimestampNs, duration: Duration) {
        if let Some(error) = &error {
            tracing::debug!(job = self.job.name, url = self.target.url, error, "scrape failed");
        }
        *self.status.lock() = Status {
            health: if error.is_none() { Health::Up } else { Health::Down },
            last_error: error.unwrap_or_default(),
            last_scrape: Some(began),
            last_duration: duration,
        };
    }

    /// A refused batch is lost, as it is upstream: the next scrape brings newer values. It is counted and shown.
    async fn write(&self, batch: SampleBatch) -> bool {
        let written = self.shared.deps.sink.write_samples(batch).await;
        if let Err(error) = &written {
            self.shared.refusals.increment();
            tracing::warn!(job = self.job.name, url = self.target.url, %error, "scraped samples were not stored");
            let mut status = self.status.lock();
            status.health = Health::Down;
            status.last_error = format!("scraped samples were not stored: {error}");
        }
        written.is_ok()
    }
}

/// Asks whoever in this process answers for the target, or else over HTTP.
async fn ask(
    shared: &Shared,
    job: &Job,
    fetcher: &Result<Fetcher, String>,
    target: &Target,
    timeout: Duration,
) -> Result<Answer, String> {
    let Some(local) = shared.local.as_ref().filter(|local| local.claims(&target.address, &target.path)) else {
        return match fetcher {
            Ok(fetcher) => fetcher.fetch(&target.url, timeout).await,
            Err(error) => Err(error.clone()),
        };
    };
    let body = local.answer(&target.params, timeout).await?.into_bytes();
    let limit = job.limits.body_size_bytes;
    if limit > 0 && body.len() as u64 > limit {
        return Err(format!("body_size_limit of {limit} bytes exceeded"));
    }
    Ok(Answer { body, protocol: ScrapeProtocol::PrometheusText004 })
}

async fn stopped(stop: &mut watch::Receiver<Stop>) {
    // A manager that is gone stops its workers too.
    let _told_or_alone = stop.wait_for(|stop| *stop != Stop::NotYet).await;
}

/// The next time after `now` that is `offset_ns` into an interval.
fn next_turn(now: TimestampNs, interval_ns: i64, offset_ns: i64) -> TimestampNs {
    let turn = TimestampNs(now.0 - now.0.rem_euclid(interval_ns)).add_ns(offset_ns);
    if turn > now { turn } else { turn.add_ns(interval_ns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_turn_lies_within_one_interval() {
        assert_eq!(next_turn(TimestampNs(100), 15, 3), TimestampNs(108));
        assert_eq!(next_turn(TimestampNs(108), 15, 3), TimestampNs(123));
        assert_eq!(next_turn(TimestampNs(90), 15, 0), TimestampNs(105));
    }
}
