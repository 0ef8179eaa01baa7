//! The notifier itself: what it knows, how reports come in, and how groups go out.

mod ingest;
mod restore;
mod view;

pub use ingest::{PostError, Report};
pub use view::{AlertView, GroupView, Preview};

use crate::alerts::{Alerts, StoredAlert};
use crate::config::Config;
use crate::group::{Flush, Groups};
use crate::inhibit::Inhibitor;
use crate::integration::Integration;
use crate::limit::FLUSHES_MAX;
use crate::log::{Entry, Teller};
use crate::metrics::{AlertCounts, Metrics};
use crate::pipeline;
use crate::route::Routes;
use crate::shared::Shared;
use crate::silence::Silences;
use lgtm_model::TimestampNs;
use lgtm_runtime::{Random, SharedClock};
use parking_lot::{Mutex, RwLock};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

/// What a configuration comes to. Never changed in place.
pub(crate) struct Setup {
    pub config: Config,
    pub original: String,
    pub routes: Arc<Routes>,
    pub integrations: HashMap<String, Vec<Arc<dyn Integration>>>,
}

/// Alerts and groups: everything that one lock guards, held for moments only.
pub(crate) struct Book {
    pub alerts: Alerts,
    pub inhibitor: Inhibitor,
    pub groups: Groups,
    /// Groups that are being told about.
    pub under_way: usize,
}

/// The notifier. Shared by its loops, its flushes and the API.
pub(crate) struct Notifier {
    pub shared: Shared,
    pub clock: SharedClock,
    pub random: Random,
    pub metrics: Metrics,
    pub silences: Silences,
    pub teller: Teller,
    pub started_at: TimestampNs,
    pub book: Mutex<Book>,
    pub setup: RwLock<Arc<Setup>>,
    /// Notifications that could not be recorded: better known to this process alone than to nobody.
    pub unrecorded: Mutex<HashMap<String, Entry>>,
    /// Told when the next group may be due sooner.
    pub wake: Notify,
    /// Told when there may be nothing left to do.
    pub idle: Notify,
    /// Reports are written down in the order in which they are taken.
    pub ingest: tokio::sync::Mutex<()>,
    pub places: Semaphore,
}

impl Notifier {
    pub fn new(parts: Parts, setup: Setup, start_at: TimestampNs) -> Self {
        let now = parts.clock.now();
        let groups = Groups::new(Arc::clone(&setup.routes), 0, start_at);
        let inhibitor = Inhibitor::new(&setup.config.inhibit_rules);
        Self {
            silences: Silences::new(Arc::clone(&parts.shared.state), Arc::clone(&parts.clock), parts.random.clone()),
            shared: parts.shared,
            clock: parts.clock,
            random: parts.random,
            metrics: parts.metrics,
            teller: parts.teller,
            started_at: now,
            book: Mutex::new(Book { alerts: Alerts::default(), inhibitor, groups, under_way: 0 }),
            setup: RwLock::new(Arc::new(setup)),
            unrecorded: Mutex::default(),
            wake: Notify::new(),
            idle: Notify::new(),
            ingest: tokio::sync::Mutex::new(()),
            places: Semaphore::new(FLUSHES_MAX),
        }
    }

    pub fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read())
    }

    /// Changes the configuration: groups are made anew from the alerts, as if each had just come in. What was told
    /// already is in the log and is not told again.
    pub fn reconfigure(&self, setup: Setup) {
        let now = self.clock.now();
        let mut book = self.book.lock();
        let generation = book.groups.generation() + 1;
        book.groups = Groups::new(Arc::clone(&setup.routes), generation, book.groups.start_at());
        book.inhibitor = Inhibitor::new(&setup.config.inhibit_rules);
        let alerts: Vec<_> = book.alerts.iter().cloned().collect();
        for alert in &alerts {
            book.inhibitor.put(alert);
            book.groups.put(alert, now);
        }
        *self.setup.write() = Arc::new(setup);
        drop(book);
        self.wake.notify_one();
    }

    /// Takes the groups that are due with the configuration that they belong to, and says when to look again.
    pub fn due(&self) -> (Vec<Flush>, Arc<Setup>, Option<TimestampNs>) {
        let mut book = self.book.lock();
        let due = book.groups.due(self.clock.now());
        book.under_way += due.len();
        (due, self.setup(), book.groups.next_at())
    }

    /// Tells about one group.
    pub async fn flush(self: Arc<Self>, setup: Arc<Setup>, flush: Flush) {
        let place = self.places.acquire().await;
        let flushed = pipeline::flush(&self, &setup, &flush).await;
        drop(place);
        let mut book = self.book.lock();
        book.groups.finish(&flush, flushed);
        book.under_way -= 1;
        drop(book);
        self.wake.notify_one();
        self.idle.notify_waiters();
    }

    /// Whether nothing is due and nobody is being told.
    pub fn is_idle(&self) -> bool {
        let now = self.clock.now();
        let book = self.book.lock();
        book.under_way == 0 && book.groups.next_at().is_none_or(|at| at > now)
    }

    pub fn drop_inhibited(&self, alerts: &mut Vec<Arc<StoredAlert>>, suppressed: &mut HashSet<u64>) {
        let (now, before) = (self.clock.now(), alerts.len());
        let book = self.book.lock();
        alerts.retain(|alert| match book.inhibitor.inhibitor_of(&alert.alert.labels, now) {
            Some(_) => !suppressed.insert(alert.fingerprint),
            None => true,
        });
        if alerts.len() < before {
            self.metrics.suppressed("inhibition", before - alerts.len());
        }
    }

    pub fn drop_silenced(&self, alerts: &mut Vec<Arc<StoredAlert>>, suppressed: &mut HashSet<u64>) {
        let before = alerts.len();
        alerts.retain(|alert| match self.silences.muting(&alert.alert.labels, alert.fingerprint).is_empty() {
            true => true,
            false => !suppressed.insert(alert.fingerprint),
        });
        if alerts.len() < before {
            self.metrics.suppressed("silence", before - alerts.len());
        }
    }

    /// Forgets what is over, and sets the gauges.
    pub async fn maintain(&self) {
        let now = self.clock.now();
        let gone = {
            let mut book = self.book.lock();
            let grouped = book.groups.iter().flat_map(|(_, group)| group.alerts.values());
            let in_use: HashSet<u64> =
                grouped.filter(|alert| alert.alert.is_resolved_at(now)).map(|alert| alert.fingerprint).collect();
            let gone = book.alerts.collect(now, |fingerprint| in_use.contains(&fingerprint));
            for fingerprint in &gone {
                book.inhibitor.remove(*fingerprint);
            }
            self.metrics.groups.set(book.groups.len() as f64);
            self.metrics.groups_refused.add(std::mem::take(&mut book.groups.refused));
            self.metrics.set_alerts(count(&book, now));
            gone
        };
        self.silences.collect(&gone);
        self.metrics.set_silences(&self.silences, now);
        self.forget(&gone).await;
    }
}

/// What a notifier is made of.
pub(crate) struct Parts {
    pub shared: Shared,
    pub clock: SharedClock,
    pub random: Random,
    pub metrics: Metrics,
    pub teller: Teller,
}

/// An alert that is in several groups counts once, in the state that says most.
fn count(book: &Book, now: TimestampNs) -> AlertCounts {
    let mut suppressed: HashSet<u64> = HashSet::new();
    let mut active: HashSet<u64> = HashSet::new();
    for (_, group) in book.groups.iter().filter(|(_, group)| group.processed) {
        suppressed.extend(&group.suppressed);
        active.extend(group.alerts.keys());
    }
    let mut counts = AlertCounts::default();
    for alert in book.alerts.iter().filter(|alert| !alert.alert.is_resolved_at(now)) {
        match alert.fingerprint {
            fingerprint if suppressed.contains(&fingerprint) => counts.suppressed += 1,
            fingerprint if active.contains(&fingerprint) => counts.active += 1,
            _ => counts.unprocessed += 1,
        }
    }
    counts
}
