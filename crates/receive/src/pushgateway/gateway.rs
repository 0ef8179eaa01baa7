//! One Pushgateway: groups in memory, each change journaled before it is acknowledged.

use super::check::check;
use super::config::{Config, Deps};
use super::error::{PushError, StartError};
use super::grouping::Grouping;
use super::journal::{Journal, Kind};
use super::meter::Meter;
use super::state::{Group, State, encode_key};
use super::text::Pushed;
use lgtm_model::TimestampNs;
use lgtm_runtime::SharedClock;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A Pushgateway without its listener; cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub config: Config,
    pub clock: SharedClock,
    pub meter: Meter,
    pub started: TimestampNs,
    /// Who may read, check and store a push now.
    pub in_flight: Semaphore,
    /// Readers are scrapes and pages; never held while the disk is waited for.
    state: RwLock<State>,
    /// Held by whoever changes a group, from the check to the change, so that changes come one after the other.
    journal: Mutex<Journal>,
}

impl Gateway {
    /// Reads back what was pushed before.
    pub fn open(config: Config, deps: Deps) -> Result<Self, StartError> {
        let meter = Meter::new(&deps.registry);
        let mut state = State::default();
        let (journal, cut) = Journal::open(&config.journal, |kind, payload| replay(&mut state, kind, payload))?;
        if cut > 0 {
            meter.journal_corrupt_bytes.add(cut);
            tracing::warn!(path = %config.journal.display(), bytes = cut, "cut a damaged end off the pushed metrics");
        }
        let inner = Inner {
            in_flight: Semaphore::new(config.pushes_in_flight_max),
            started: deps.clock.now(),
            clock: deps.clock,
            config,
            meter,
            state: RwLock::new(state),
            journal: Mutex::new(journal),
        };
        inner.gauge(inner.journal.lock().length());
        Ok(Self { inner: Arc::new(inner) })
    }
}

fn replay(state: &mut State, kind: Kind, payload: &[u8]) -> bool {
    match (kind, Group::decode(payload)) {
        (Kind::Cleared, _) => state.clear(),
        (Kind::Group, Some(group)) => state.put(group, payload.len()),
        (Kind::Removed, Some(group)) => state.remove(&group.grouping),
        (_, None) => return false,
    }
    true
}

impl Inner {
    /// The groups as they are now, in the order of their keys.
    pub(super) fn groups(&self) -> Vec<Arc<Group>> {
        self.state.read().groups().cloned().collect()
    }

    /// Checks a push and takes it. Blocks on the disk.
    pub(super) fn push(&self, grouping: Grouping, pushed: Pushed, replace: bool) -> Result<(), PushError> {
        let at = self.clock.now();
        let mut journal = self.journal.lock();
        let known = self.state.read().get(&grouping).cloned();
        let before = known.map_or_else(|| Group::new(grouping), |group| group.as_ref().clone());
        let mut next = before.clone();
        next.take(pushed.families, replace, at);
        let payload = next.encode();
        let verdict = if pushed.has_timestamps {
            Err(PushError::Inconsistent("pushed metrics must not have timestamps".to_owned()))
        } else {
            self.verdict(&next, payload.len())
        };
        match verdict {
            Ok(()) => self.change(&mut journal, Kind::Group, &payload, |state| state.put(next, payload.len())),
            Err(error) => {
                self.record_failure(&mut journal, before, at);
                Err(error)
            }
        }
    }

    /// Whether the group as it would be fits into the limits and stands beside the others.
    fn verdict(&self, next: &Group, bytes: usize) -> Result<(), PushError> {
        let (config, state) = (&self.config, self.state.read());
        let full = |what, limit, value| Err(PushError::Full { what, limit, value });
        let (other_series, other_bytes) = state.others(&next.grouping);
        if state.get(&next.grouping).is_none() && state.len() >= config.groups_max {
            return full("the number of groups", "groups_max", config.groups_max);
        }
        if other_series + next.series() > config.series_max {
            return full("the series of all groups", "series_max", config.series_max);
        }
        if other_bytes + bytes > config.stored_bytes_max {
            return full("the bytes of all groups", "stored_bytes_max", config.stored_bytes_max);
        }
        check(next, &state, &self.meter.own.snapshot(), config.utf8_names).map_err(PushError::Inconsistent)
    }

    /// Remembers with the group that a push was refused, unless there is no room for the group.
    fn record_failure(&self, journal: &mut Journal, mut group: Group, at: TimestampNs) {
        let has_room = {
            let state = self.state.read();
            state.get(&group.grouping).is_some() || state.len() < self.config.groups_max
        };
        if !has_room {
            return;
        }
        group.failed = at;
        let payload = group.encode();
        if let Err(error) = self.change(journal, Kind::Group, &payload, |state| state.put(group, payload.len())) {
            tracing::warn!(%error, "a refused push could not be recorded");
        }
    }

    /// Deletes a group; one that is not there is no error. Blocks on the disk.
    pub(super) fn delete(&self, grouping: &Grouping) -> Result<(), PushError> {
        let mut journal = self.journal.lock();
        if self.state.read().get(grouping).is_none() {
            return Ok(());
        }
        self.change(&mut journal, Kind::Removed, &encode_key(grouping), |state| state.remove(grouping))
    }

    /// Deletes all groups. Blocks on the disk.
    pub(super) fn wipe(&self) -> Result<(), PushError> {
        self.change(&mut self.journal.lock(), Kind::Cleared, &[], State::clear)
    }

    /// Journals a change, then makes it.
    fn change(
        &self,
        journal: &mut Journal,
        kind: Kind,
        payload: &[u8],
        apply: impl FnOnce(&mut State),
    ) -> Result<(), PushError> {
        self.write(journal, kind, payload).map_err(|error| {
            self.meter.journal_failures.increment();
            tracing::error!(path = %journal.path().display(), %error, "the pushed metrics could not be written");
            PushError::Journal { path: journal.path().to_owned(), reason: error.to_string() }
        })?;
        apply(&mut self.state.write());
        self.gauge(journal.length());
        Ok(())
    }

    fn write(&self, journal: &mut Journal, kind: Kind, payload: &[u8]) -> std::io::Result<()> {
        let live_bytes = self.state.read().bytes();
        if journal.wants_rewrite(live_bytes) {
            journal.rewrite(self.groups().iter().map(|group| group.encode()))?;
        }
        journal.append(kind, payload)
    }

    fn gauge(&self, journal_bytes: u64) {
        let state = self.state.read();
        self.meter.groups.set(state.len() as f64);
        self.meter.series.set(state.series() as f64);
        self.meter.journal_bytes.set(journal_bytes as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::super::family::Family;
    use super::super::protobuf::tests::any_family;
    use super::*;
    use lgtm_runtime::ManualClock;
    use lgtm_runtime::metrics::Registry;
    use proptest::prelude::*;
    use std::time::Duration;

    #[derive(Clone, Debug)]
    enum Step {
        Push { job: u8, families: Vec<Family>, replace: bool, has_timestamps: bool },
        Delete(u8),
        Wipe,
        Restart,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let families = prop::collection::vec(any_family(), 0..3);
        let push = (0_u8..3, families, any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(job, families, replace, has_timestamps)| Step::Push { job, families, replace, has_timestamps });
        prop_oneof![8 => push, 2 => (0_u8..3).prop_map(Step::Delete), 1 => Just(Step::Wipe), 3 => Just(Step::Restart)]
    }

    fn key(job: u8) -> Grouping {
        Grouping::from_path(&format!("job/{job}"), false).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_restart_changes_nothing_and_a_refusal_only_the_time_of_failure(steps in prop::collection::vec(any_step(), 1..20)) {
            let folder = tempfile::tempdir().unwrap();
            let clock = ManualClock::starting_at(TimestampNs(1_000));
            let open = || {
                let deps = Deps { clock: clock.clone(), registry: Registry::default() };
                Gateway::open(Config::in_folder(folder.path()), deps).unwrap().inner
            };
            let mut inner = open();
            for step in steps {
                clock.advance(Duration::from_nanos(5));
                let before = inner.groups();
                match step {
                    Step::Push { job, families, replace, has_timestamps } => {
                        let group_before = inner.state.read().get(&key(job)).cloned();
                        let result = inner.push(key(job), Pushed { families, has_timestamps }, replace);
                        prop_assert!(!(has_timestamps && result.is_ok()));
                        let group = inner.state.read().get(&key(job)).cloned().unwrap();
                        prop_assert_eq!(group.last_push_succeeded(), result.is_ok());
                        if result.is_err() {
                            let families_before = group_before.map(|group| group.families.clone()).unwrap_or_default();
                            prop_assert_eq!(&group.families, &families_before);
                        }
                    }
                    Step::Delete(job) => {
                        inner.delete(&key(job)).unwrap();
                        prop_assert!(inner.state.read().get(&key(job)).is_none());
                    }
                    Step::Wipe => {
                        inner.wipe().unwrap();
                        prop_assert!(inner.groups().is_empty());
                    }
                    Step::Restart => {
                        inner = open();
                        prop_assert_eq!(inner.groups(), before);
                    }
                }
            }
        }
    }
}
