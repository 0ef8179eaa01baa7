//! The groups, and an index of who has metrics of which name.

use super::family::Family;
use super::grouping::Grouping;
use super::protobuf::{ProtoFamily, ProtoLabel};
use lgtm_model::{MetricType, TimestampNs};
use prost::Message;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Names that every group has of its own; pushed metrics of these names are passed over.
pub(super) const PUSH_TIME: &str = "push_time_seconds";
pub(super) const PUSH_FAILURE_TIME: &str = "push_failure_time_seconds";

/// A family and the time of the push that brought it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub at: TimestampNs,
    pub family: Arc<Family>,
}

/// Everything pushed under one grouping key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    pub grouping: Arc<Grouping>,
    /// The last push that was taken; zero when none was.
    pub pushed: TimestampNs,
    /// The last push that was refused; zero when none was.
    pub failed: TimestampNs,
    pub families: BTreeMap<String, Stored>,
}

impl Group {
    pub(super) fn new(grouping: Grouping) -> Self {
        Self { grouping: Arc::new(grouping), ..Self::default() }
    }

    /// Takes the families of a push in: beside those of other names, or instead of all of them.
    pub(super) fn take(&mut self, families: Vec<Family>, replace: bool, at: TimestampNs) {
        if replace {
            self.families.clear();
        }
        for mut family in families {
            if family.name != PUSH_TIME && family.name != PUSH_FAILURE_TIME {
                family.set_grouping(&self.grouping);
                self.families.insert(family.name.clone(), Stored { at, family: Arc::new(family) });
            }
        }
        self.pushed = at;
    }

    pub(super) fn last_push_succeeded(&self) -> bool {
        self.failed <= self.pushed
    }

    /// What a scrape sees, by name: the pushed families and the two times.
    pub(super) fn exposed(&self) -> BTreeMap<String, Stored> {
        let mut families = self.families.clone();
        let times = [
            (PUSH_TIME, "Last Unix time when changing this group in the Pushgateway succeeded.", self.pushed),
            (PUSH_FAILURE_TIME, "Last Unix time when changing this group in the Pushgateway failed.", self.failed),
        ];
        for (name, help, time) in times {
            let mut family = Family::gauge(name, help, time.0 as f64 / 1e9);
            family.set_grouping(&self.grouping);
            families.insert(name.to_owned(), Stored { at: self.pushed.max(self.failed), family: Arc::new(family) });
        }
        families
    }

    /// Series that a scrape sees, the two times among them.
    pub(super) fn series(&self) -> usize {
        self.families.values().map(|stored| stored.family.series()).sum::<usize>() + 2
    }

    /// As the journal keeps it.
    pub(super) fn encode(&self) -> Vec<u8> {
        let family =
            |stored: &Stored| ProtoStored { at_ns: stored.at.0, family: Some(ProtoFamily::of(&stored.family)) };
        ProtoGroup {
            label: labels_of(&self.grouping),
            pushed_ns: self.pushed.0,
            failed_ns: self.failed.0,
            stored: self.families.values().map(family).collect(),
        }
        .encode_to_vec()
    }

    /// What [`Group::encode`] wrote; `None` when the bytes are something else.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let message = ProtoGroup::decode(bytes).ok()?;
        let labels = message.label.into_iter().map(|label| (label.name, label.value)).collect();
        let mut group = Self::new(Grouping(labels));
        (group.pushed, group.failed) = (TimestampNs(message.pushed_ns), TimestampNs(message.failed_ns));
        for stored in message.stored {
            let family = Arc::new(stored.family?.into_family().ok()?);
            group.families.insert(family.name.clone(), Stored { at: TimestampNs(stored.at_ns), family });
        }
        Some(group)
    }
}

/// A grouping key alone, as the journal keeps it: a group without anything else.
pub(super) fn encode_key(grouping: &Grouping) -> Vec<u8> {
    ProtoGroup { label: labels_of(grouping), ..ProtoGroup::default() }.encode_to_vec()
}

fn labels_of(grouping: &Grouping) -> Vec<ProtoLabel> {
    grouping.0.iter().map(|(name, value)| ProtoLabel { name: name.clone(), value: value.clone() }).collect()
}

#[derive(Clone, PartialEq, Message)]
struct ProtoGroup {
    #[prost(message, repeated, tag = "1")]
    label: Vec<ProtoLabel>,
    #[prost(int64, tag = "2")]
    pushed_ns: i64,
    #[prost(int64, tag = "3")]
    failed_ns: i64,
    #[prost(message, repeated, tag = "4")]
    stored: Vec<ProtoStored>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoStored {
    #[prost(int64, tag = "1")]
    at_ns: i64,
    #[prost(message, optional, tag = "2")]
    family: Option<ProtoFamily>,
}

/// A group and what it weighs.
#[derive(Debug)]
struct Held {
    group: Arc<Group>,
    series: usize,
    bytes: usize,
}

/// All groups.
#[derive(Debug, Default)]
pub(super) struct State {
    groups: BTreeMap<Arc<Grouping>, Held>,
    by_name: HashMap<String, BTreeSet<Arc<Grouping>>>,
    series: usize,
    bytes: usize,
}

impl State {
    pub(super) fn groups(&self) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.values().map(|held| &held.group)
    }

    pub(super) fn get(&self, grouping: &Grouping) -> Option<&Arc<Group>> {
        self.groups.get(grouping).map(|held| &held.group)
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn series(&self) -> usize {
        self.series
    }

    /// Bytes of all groups as they are encoded.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Series and bytes of all groups but one.
    pub(super) fn others(&self, grouping: &Grouping) -> (usize, usize) {
        let (series, bytes) = self.groups.get(grouping).map_or((0, 0), |held| (held.series, held.bytes));
        (self.series - series, self.bytes - bytes)
    }

    /// The other groups that have a family of this name.
    pub(super) fn holders<'a>(&'a self, name: &str, but: &'a Grouping) -> impl Iterator<Item = &'a Arc<Group>> {
        let keys = self.by_name.get(name).into_iter().flatten();
        keys.filter(move |key| key.as_ref() != but).filter_map(|key| Some(&self.groups.get(key)?.group))
    }

    /// The type of a family in any other group.
    pub(super) fn type_elsewhere(&self, name: &str, but: &Grouping) -> Option<MetricType> {
        self.holders(name, but).find_map(|group| Some(group.families.get(name)?.family.metric_type))
    }

    /// Adds a group, or replaces the one of its key. `bytes` is its encoded length.
    pub(super) fn put(&mut self, group: Group, bytes: usize) {
        self.remove(&group.grouping);
        let key = Arc::clone(&group.grouping);
        for name in group.families.keys() {
            self.by_name.entry(name.clone()).or_default().insert(Arc::clone(&key));
        }
        let held = Held { series: group.series(), bytes, group: Arc::new(group) };
        self.series += held.series;
        self.bytes += held.bytes;
        self.groups.insert(key, held);
    }

    pub(super) fn remove(&mut self, grouping: &Grouping) {
        let Some(held) = self.groups.remove(grouping) else { return };
        self.series -= held.series;
        self.bytes -= held.bytes;
        for name in held.group.families.keys() {
            if let Some(keys) = self.by_name.get_mut(name) {
                keys.remove(grouping);
                if keys.is_empty() {
                    self.by_name.remove(name);
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::super::protobuf::tests::any_family;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_survive_the_journal(families in prop::collection::vec(any_family(), 0..5), replace: bool) {
            let mut group = Group::new(Grouping::from_path("job/a/x@base64/=", false).unwrap());
            group.take(families, replace, TimestampNs(7));
            group.failed = TimestampNs(9);
            prop_assert_eq!(Group::decode(&group.encode()), Some(group));
        }

        #[test]
        fn the_sums_and_the_index_follow_the_groups(
            steps in prop::collection::vec((0_u8..4, prop::collection::vec(any_family(), 0..3), any::<bool>()), 0..20)
        ) {
            let mut state = State::default();
            for (job, families, keep) in steps {
                let mut group = Group::new(Grouping::from_path(&format!("job/{job}"), false).unwrap());
                group.take(families, true, TimestampNs(1));
                if keep { let bytes = group.encode().len(); state.put(group, bytes) } else { state.remove(&group.grouping) }
                let series: usize = state.groups().map(|group| group.series()).sum();
                let bytes: usize = state.groups().map(|group| group.encode().len()).sum();
                prop_assert_eq!((state.series(), state.bytes()), (series, bytes));
                let names: BTreeSet<_> = state.groups().flat_map(|group| group.families.keys().cloned()).collect();
                prop_assert_eq!(state.by_name.keys().cloned().collect::<BTreeSet<_>>(), names);
            }
        }
    }
}
