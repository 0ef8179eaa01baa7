//! Groups of alerts, and when each of them is told about.
//!
//! There is no task a group: a heap holds the next time of each, and one loop takes those that are due. A group that is
//! being told about is not in the heap; it comes back when that is done.

use crate::alerts::StoredAlert;
use crate::limit::GROUPS_MAX;
use crate::route::Routes;
use lgtm_model::{Labels, TimestampNs};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

/// Route and fingerprint of the group's labels.
pub(crate) type GroupId = (usize, u64);

/// Alerts that are told together.
#[derive(Debug)]
pub(crate) struct Group {
    pub labels: Labels,
    pub key: Arc<str>,
    pub alerts: HashMap<u64, Arc<StoredAlert>>,
    /// Names of the time intervals that muted it when it was last looked at.
    pub muted_by: Vec<String>,
    /// Alerts that were inhibited or silenced then.
    pub suppressed: HashSet<u64>,
    /// Whether it was looked at already.
    pub processed: bool,
    next_at: TimestampNs,
    flushing: bool,
}

/// A group as it is when it is told about.
#[derive(Clone, Debug)]
pub(crate) struct Flush {
    pub id: GroupId,
    pub generation: u64,
    pub at: TimestampNs,
    pub labels: Labels,
    pub key: Arc<str>,
    /// Sorted as Alertmanager sorts them.
    pub alerts: Vec<Arc<StoredAlert>>,
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Whether everyone was told, or nobody needed to be.
    pub success: bool,
    pub muted_by: Vec<String>,
    pub suppressed: HashSet<u64>,
    /// When to look again, if before the next interval.
    pub again_at: Option<TimestampNs>,
}

/// All groups of one configuration.
#[derive(Debug)]
pub(crate) struct Groups {
    routes: Arc<Routes>,
    generation: u64,
    groups: HashMap<GroupId, Group>,
    timers: BinaryHeap<Reverse<(TimestampNs, GroupId)>>,
    /// Nothing is told before this.
    start_at: TimestampNs,
    /// Alerts that had no group because there were too many.
    pub refused: u64,
}

impl Groups {
    pub fn new(routes: Arc<Routes>, generation: u64, start_at: TimestampNs) -> Self {
        Self { routes, generation, groups: HashMap::new(), timers: BinaryHeap::new(), start_at, refused: 0 }
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn start_at(&self) -> TimestampNs {
        self.start_at
    }

    /// Puts an alert into its groups, as it is now.
    pub fn put(&mut self, alert: &Arc<StoredAlert>, now: TimestampNs) {
        let routes = Arc::clone(&self.routes);
        for index in routes.matching(&alert.alert.labels) {
            let Some(route) = routes.get(index) else { continue };
            let labels = route.options.group_labels(&alert.alert.labels);
            let id = (index, crate::fingerprint(&labels));
            if let Some(group) = self.groups.get_mut(&id) {
                group.alerts.insert(alert.fingerprint, Arc::clone(alert));
                continue;
            }
            if self.groups.len() >= GROUPS_MAX {
                self.refused += 1;
                continue;
            }
            let wait_ns = route.options.group_wait_ns;
            // One that has lasted longer than the wait was waited for elsewhere: before a restart or a reload.
            let old = alert.alert.starts_at.add_ns(wait_ns) < now;
            let next_at = if old { now } else { now.add_ns(wait_ns) }.max(self.start_at);
            let group = Group {
                key: format!("{}:{}", route.key, label_set(&labels)).into(),
                labels,
                alerts: HashMap::from([(alert.fingerprint, Arc::clone(alert))]),
                muted_by: Vec::new(),
                suppressed: HashSet::new(),
                processed: false,
                next_at,
                flushing: false,
            };
            self.groups.insert(id, group);
            self.timers.push(Reverse((next_at, id)));
        }
    }

    /// Takes the groups whose time has come.
    pub fn due(&mut self, now: TimestampNs) -> Vec<Flush> {
        let mut due = Vec::new();
        while let Some(Reverse((at, id))) = self.timers.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.timers.pop();
            let Some(group) = self.groups.get_mut(&id).filter(|group| !group.flushing && group.next_at == at) else {
                continue;
            };
            let interval_ns = self.routes.get(id.0).map_or(0, |route| route.options.group_interval_ns);
            group.flushing = true;
            group.next_at = now.add_ns(interval_ns);
            let mut alerts: Vec<_> = group.alerts.values().cloned().collect();
            alerts.sort_by(|a, b| order(&a.alert.labels, &b.alert.labels));
            due.push(Flush {
                id,
                generation: self.generation,
                at: now,
                labels: group.labels.clone(),
                key: Arc::clone(&group.key),
                alerts,
            });
        }
        due
    }

    /// When the next group is due.
    pub fn next_at(&self) -> Option<TimestampNs> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes note of what became of a group, and sets its next time.
    pub fn finish(&mut self, flush: &Flush, flushed: Flushed) {
        if flush.generation != self.generation {
            return;
        }
        let Some(group) = self.groups.get_mut(&flush.id) else { return };
        group.flushing = false;
        group.processed = true;
        group.muted_by = flushed.muted_by;
        group.suppressed = flushed.suppressed;
        if flushed.success {
            // What was told as over is done with, unless it fired again meanwhile.
            for alert in flush.alerts.iter().filter(|alert| alert.alert.is_resolved_at(flush.at)) {
                if group.alerts.get(&alert.fingerprint).is_some_and(|kept| Arc::ptr_eq(kept, alert)) {
                    group.alerts.remove(&alert.fingerprint);
                }
            }
        }
        if group.alerts.is_empty() {
            self.groups.remove(&flush.id);
            return;
        }
        group.next_at = flushed.again_at.map_or(group.next_at, |again_at| again_at.min(group.next_at));
        self.timers.push(Reverse((group.next_at, flush.id)));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&GroupId, &Group)> {
        self.groups.iter()
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }
}

/// By job, by instance, then by all labels; those without come last.
pub(crate) fn order(a: &Labels, b: &Labels) -> std::cmp::Ordering {
    for name in ["job", "instance"] {
        let ordering = match (a.get(name), b.get(name)) {
            (None, None) => continue,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    a.cmp(b)
}

/// A label set as Prometheus' `LabelSet` prints it.
pub(crate) fn label_set(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}
