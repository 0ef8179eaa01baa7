//! Inhibition: an alert is not worth telling while a larger one lasts that explains it.
//!
//! A rule keeps its source alerts by the values of the labels that must be equal, so that asking about a target costs one
//! look-up a rule, however many alerts there are:
//!
//! 1. An alert that comes in and matches a rule's source side is put under its equal labels. It is kept apart whether it
//!    matches the target side too, since two alerts that match both sides must not silence each other.
//! 2. Within such a place, alerts are sorted by their end. The one that lasts longest answers for all of them.
//! 3. A target that does not match the source side may be inhibited by any of the place's alerts; one that matches both
//!    sides only by those that match the source side alone.

use crate::alerts::StoredAlert;
use crate::matching::Matchers;
use lgtm_model::{Labels, TimestampNs};
use std::collections::{BTreeSet, HashMap};

/// One rule as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InhibitRule {
    /// Its name, if it has one.
    pub name: String,
    /// Which alerts inhibit.
    pub source: Matchers,
    /// Which alerts are inhibited.
    pub target: Matchers,
    /// Labels whose values both must share; an absent label equals an empty one.
    pub equal: Vec<String>,
}

#[derive(Debug, Default)]
struct Place {
    /// End and fingerprint of alerts that match the source side alone.
    one_sided: BTreeSet<(TimestampNs, u64)>,
    /// The same of those that match both sides.
    two_sided: BTreeSet<(TimestampNs, u64)>,
}

#[derive(Debug)]
struct Rule {
    config: InhibitRule,
    places: HashMap<Labels, Place>,
    /// Where each source alert is: equal labels, end, whether it matches both sides.
    sources: HashMap<u64, (Labels, TimestampNs, bool)>,
}

/// All rules with the alerts that could inhibit now.
#[derive(Debug, Default)]
pub struct Inhibitor {
    rules: Vec<Rule>,
}

impl Rule {
    fn equal_labels(&self, labels: &Labels) -> Labels {
        labels.filter(|name| self.config.equal.iter().any(|equal| equal == name))
    }

    fn remove(&mut self, fingerprint: u64) {
        let Some((key, ends_at, two_sided)) = self.sources.remove(&fingerprint) else { return };
        if let Some(place) = self.places.get_mut(&key) {
            let side = if two_sided { &mut place.two_sided } else { &mut place.one_sided };
            side.remove(&(ends_at, fingerprint));
            if place.one_sided.is_empty() && place.two_sided.is_empty() {
                self.places.remove(&key);
            }
        }
    }

    fn inhibitor_of(&self, labels: &Labels, now: TimestampNs) -> Option<u64> {
        if !self.config.target.match_labels(labels) {
            return None;
        }
        let place = self.places.get(&self.equal_labels(labels))?;
        let lasting =
            |side: &BTreeSet<(TimestampNs, u64)>| side.last().filter(|(end, _)| *end > now).map(|(_, it)| *it);
        lasting(&place.one_sided)
            .or_else(|| lasting(&place.two_sided).filter(|_| !self.config.source.match_labels(labels)))
    }
}

impl Inhibitor {
    /// Prepares rules without any alerts.
    pub fn new(rules: &[InhibitRule]) -> Self {
        let rule =
            |config: &InhibitRule| Rule { config: config.clone(), places: HashMap::new(), sources: HashMap::new() };
        Self { rules: rules.iter().map(rule).collect() }
    }

    /// Takes note of an alert as it is now.
    pub fn put(&mut self, alert: &StoredAlert) {
        let labels = &alert.alert.labels;
        for rule in &mut self.rules {
            if !rule.config.source.match_labels(labels) {
                continue;
            }
            rule.remove(alert.fingerprint);
            let key = rule.equal_labels(labels);
            let two_sided = rule.config.target.match_labels(labels);
            let place = rule.places.entry(key.clone()).or_default();
            let side = if two_sided { &mut place.two_sided } else { &mut place.one_sided };
            side.insert((alert.alert.ends_at, alert.fingerprint));
            rule.sources.insert(alert.fingerprint, (key, alert.alert.ends_at, two_sided));
        }
    }

    /// Forgets an alert.
    pub fn remove(&mut self, fingerprint: u64) {
        for rule in &mut self.rules {
            rule.remove(fingerprint);
        }
    }

    /// The fingerprint of an alert that inhibits one with these labels now.
    pub fn inhibitor_of(&self, labels: &Labels, now: TimestampNs) -> Option<u64> {
        self.rules.iter().find_map(|rule| rule.inhibitor_of(labels, now))
    }
}
