//! What the API shows: alerts and groups as they are now, with what keeps them quiet.

use super::Notifier;
use crate::alerts::StoredAlert;
use crate::group::order;
use crate::matching::Matchers;
use lgtm_model::Labels;
use std::collections::HashMap;
use std::sync::Arc;

/// An alert as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertView {
    /// The alert.
    pub alert: Arc<StoredAlert>,
    /// Ids of the silences that mute it.
    pub silenced_by: Vec<String>,
    /// Fingerprints of alerts that inhibit it.
    pub inhibited_by: Vec<u64>,
    /// Names of the time intervals that mute its group; empty outside of groups.
    pub muted_by: Vec<String>,
    /// Who would be told.
    pub receivers: Vec<String>,
}

impl AlertView {
    /// Whether nothing keeps it quiet.
    pub fn is_active(&self) -> bool {
        self.silenced_by.is_empty() && self.inhibited_by.is_empty()
    }
}

/// A group as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// The labels it was made by.
    pub labels: Labels,
    /// Who would be told.
    pub receiver: String,
    /// The route's own labels, templates as they are written.
    pub route_labels: Vec<(String, String)>,
    /// Names of the time intervals that mute it.
    pub muted_by: Vec<String>,
    /// Its alerts.
    pub alerts: Vec<AlertView>,
}

/// What a silence would do now.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The alerts that fire and that it would mute.
    pub mutes: Vec<AlertView>,
    /// How many alerts fire.
    pub firing: usize,
}

impl Notifier {
    fn view(&self, alert: &Arc<StoredAlert>, receivers: Vec<String>) -> AlertView {
        let labels = &alert.alert.labels;
        let inhibitor = self.book.lock().inhibitor.inhibitor_of(labels, self.clock.now());
        AlertView {
            silenced_by: self.silences.muting(labels, alert.fingerprint),
            inhibited_by: inhibitor.into_iter().collect(),
            muted_by: Vec::new(),
            receivers,
            alert: Arc::clone(alert),
        }
    }

    fn receivers_of(&self, labels: &Labels) -> Vec<String> {
        let setup = self.setup();
        let routes = setup.routes.matching(labels).into_iter().filter_map(|index| setup.routes.get(index));
        routes.map(|route| route.options.receiver.clone()).collect()
    }

    /// The alerts that fire and whose labels `wanted` accepts, in the order of their fingerprints.
    pub fn alerts(&self, wanted: &dyn Fn(&Labels) -> bool) -> Vec<AlertView> {
        let now = self.clock.now();
        let mut alerts: Vec<Arc<StoredAlert>> = {
            let book = self.book.lock();
            let firing = book.alerts.iter().filter(|alert| alert.alert.ends_at >= now && wanted(&alert.alert.labels));
            firing.cloned().collect()
        };
        alerts.sort_by_key(|alert| alert.fingerprint);
        alerts.iter().map(|alert| self.view(alert, self.receivers_of(&alert.alert.labels))).collect()
    }

    /// The groups with alerts that fire, of receivers and labels that are wanted; sorted by labels and receiver.
    pub fn groups(&self, receiver: &dyn Fn(&str) -> bool, wanted: &dyn Fn(&Labels) -> bool) -> Vec<GroupView> {
        let now = self.clock.now();
        let setup = self.setup();
        let mut receivers: HashMap<u64, Vec<String>> = HashMap::new();
        let mut groups = Vec::new();
        {
            let book = self.book.lock();
            for ((route, _), group) in book.groups.iter() {
                let Some(options) = setup.routes.get(*route).map(|route| &route.options) else { continue };
                if !receiver(&options.receiver) {
                    continue;
                }
                let firing = |alert: &&Arc<StoredAlert>| alert.alert.ends_at >= now && wanted(&alert.alert.labels);
                let mut alerts: Vec<_> = group.alerts.values().filter(firing).cloned().collect();
                alerts.sort_by(|a, b| order(&a.alert.labels, &b.alert.labels));
                for alert in &alerts {
                    receivers.entry(alert.fingerprint).or_default().push(options.receiver.clone());
                }
                groups.push((group.labels.clone(), options.clone(), group.muted_by.clone(), alerts));
            }
        }
        receivers.values_mut().for_each(|names| names.sort());
        let view = |alert: &Arc<StoredAlert>, muted_by: &Vec<String>| {
            let receivers = receivers.get(&alert.fingerprint).cloned().unwrap_or_default();
            AlertView { muted_by: muted_by.clone(), ..self.view(alert, receivers) }
        };
        let groups = groups.into_iter().filter(|(_, _, _, alerts)| !alerts.is_empty());
        let mut groups: Vec<GroupView> = groups
            .map(|(labels, options, muted_by, alerts)| GroupView {
                labels,
                receiver: options.receiver,
                route_labels: options.labels.into_iter().collect(),
                alerts: alerts.iter().map(|alert| view(alert, &muted_by)).collect(),
                muted_by,
            })
            .collect();
        groups.sort_by(|a, b| (&a.labels, &a.receiver).cmp(&(&b.labels, &b.receiver)));
        groups
    }

    /// What a silence with these matchers would mute now.
    pub fn preview(&self, matchers: &Matchers) -> Preview {
        let mut firing = 0;
        let alerts = {
            let now = self.clock.now();
            let book = self.book.lock();
            let mut alerts = Vec::new();
            for alert in book.alerts.iter().filter(|alert| !alert.alert.is_resolved_at(now)) {
                firing += 1;
                if matchers.match_labels(&alert.alert.labels) {
                    alerts.push(Arc::clone(alert));
                }
            }
            alerts
        };
        let mut mutes: Vec<_> =
            alerts.iter().map(|alert| self.view(alert, self.receivers_of(&alert.alert.labels))).collect();
        mutes.sort_by(|a, b| order(&a.alert.alert.labels, &b.alert.alert.labels));
        Preview { mutes, firing }
    }
}
