//! The life of alerts: pending, firing, inactive.
//!
//! At each evaluation every series of the result is an alert with its labels:
//!
//! 1. A new one is pending since now; one that is known takes over the new value and annotations.
//! 2. One that is pending for at least `for` fires.
//! 3. One that is in the result no more is forgotten if it was pending. If it was firing, it goes on for
//!    `keep_firing_for`, and is then inactive: kept for a quarter of an hour, so that its end is told again and again
//!    even to a notifier that was away.

use lgtm_model::{Labels, METRIC_NAME, SampleRow, TimestampMs};
use std::collections::HashMap;

/// How long an alert that has ended is still told.
const RESOLVED_RETENTION_MS: i64 = 15 * 60_000;

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    /// It has ended, or never began.
    Inactive,
    /// Its condition holds, but not yet long enough.
    Pending,
    /// It tells people.
    Firing,
}

impl AlertState {
    /// As the API and the label `alertstate` have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// One alert.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveAlert {
    /// Its identity, `alertname` among them.
    pub labels: Labels,
    /// What is told about it.
    pub annotations: Labels,
    /// Where it is in its life.
    pub state: AlertState,
    /// The last value of its series.
    pub value: f64,
    /// Since when its condition holds.
    pub active_at: TimestampMs,
    /// When it began to fire.
    pub fired_at: Option<TimestampMs>,
    /// When it ended.
    pub resolved_at: Option<TimestampMs>,
    /// When it was told last.
    pub last_sent_at: Option<TimestampMs>,
    /// Since when it fires without its condition.
    pub keep_firing_since: Option<TimestampMs>,
}

/// One series of a result, with its texts expanded.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub labels: Labels,
    pub annotations: Labels,
    pub value: f64,
}

/// For how long conditions must hold, and alerts go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Durations {
    pub for_ms: i64,
    pub keep_firing_for_ms: i64,
}

/// All alerts of one rule, with their past.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alerts {
    active: HashMap<Labels, ActiveAlert>,
}

impl Alerts {
    /// One evaluation at `at`. Fails, and forgets everything, when more than `limit` alerts are active.
    pub fn update(
        &mut self,
        found: Vec<Found>,
        at: TimestampMs,
        durations: Durations,
        limit: usize,
    ) -> Result<(), String> {
        let mut present: HashMap<Labels, ()> = HashMap::with_capacity(found.len());
        for one in &found {
            if present.insert(one.labels.clone(), ()).is_some() {
                return Err("vector contains metrics with the same labelset after applying alert labels".to_owned());
            }
        }
        for one in found {
            self.notice(one, at);
        }
        let mut count = 0;
        self.active.retain(|labels, alert| {
            let stays = alert.advance(present.contains_key(labels), at, durations);
            count += usize::from(stays && alert.state != AlertState::Inactive);
            stays
        });
        if limit > 0 && count > limit {
            self.active.clear();
            return Err(format!("exceeded limit of {limit} with {count} alerts"));
        }
        Ok(())
    }

    fn notice(&mut self, found: Found, at: TimestampMs) {
        match self.active.get_mut(&found.labels) {
            Some(known) if known.state != AlertState::Inactive => {
                known.value = found.value;
                known.annotations = found.annotations;
            }
            _ => {
                let alert = ActiveAlert {
                    labels: found.labels.clone(),
                    annotations: found.annotations,
                    state: AlertState::Pending,
                    value: found.value,
                    active_at: at,
                    fired_at: None,
                    resolved_at: None,
                    last_sent_at: None,
                    keep_firing_since: None,
                };
                self.active.insert(found.labels, alert);
            }
        }
    }

    /// All of them, ended ones too.
    pub fn iter(&self) -> impl Iterator<Item = &ActiveAlert> {
        self.active.values()
    }

    /// All of them, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut ActiveAlert> {
        self.active.values_mut()
    }

    /// Those that are pending or firing, in the order of their labels.
    pub fn active(&self) -> Vec<ActiveAlert> {
        let mut active: Vec<ActiveAlert> =
            self.active.values().filter(|alert| alert.state != AlertState::Inactive).cloned().collect();
        active.sort_by(|a, b| a.labels.cmp(&b.labels));
        active
    }

    /// The samples of `ALERTS` and `ALERTS_FOR_STATE`.
    pub fn samples(&self, at: TimestampMs) -> Vec<SampleRow> {
        let active = self.active.values().filter(|alert| alert.state != AlertState::Inactive);
        active.flat_map(|alert| [alert.state_sample(at), alert.for_sample(at)]).collect()
    }

    /// Alerts that must be told at `at`, which are marked as told. Each is to be believed until `valid_until`.
    pub fn due(&mut self, at: TimestampMs, resend_delay_ms: i64) -> Vec<ActiveAlert> {
        let mut due = Vec::new();
        for alert in self.active.values_mut() {
            if alert.needs_sending(at, resend_delay_ms) {
                alert.last_sent_at = Some(at);
                due.push(alert.clone());
            }
        }
        due.sort_by(|a, b| a.labels.cmp(&b.labels));
        due
    }
}

impl ActiveAlert {
    /// Moves on by one evaluation; whether it is still remembered.
    fn advance(&mut self, is_present: bool, at: TimestampMs, durations: Durations) -> bool {
        if !is_present && !self.keeps_firing(at, durations.keep_firing_for_ms) {
            let was = self.state;
            if was != AlertState::Inactive {
                self.state = AlertState::Inactive;
                self.resolved_at = Some(at);
            }
            let is_old = self.resolved_at.is_some_and(|resolved| at.0 - resolved.0 > RESOLVED_RETENTION_MS);
            return was != AlertState::Pending && !is_old;
        }
        if is_present {
            self.keep_firing_since = None;
        }
        if self.state == AlertState::Pending && at.0 - self.active_at.0 >= durations.for_ms {
            self.state = AlertState::Firing;
            self.fired_at = Some(at);
        }
        true
    }

    fn keeps_firing(&mut self, at: TimestampMs, keep_firing_for_ms: i64) -> bool {
        if self.state != AlertState::Firing || keep_firing_for_ms <= 0 {
            return false;
        }
        let since = *self.keep_firing_since.get_or_insert(at);
        at.0 - since.0 < keep_firing_for_ms
    }

    fn needs_sending(&self, at: TimestampMs, resend_delay_ms: i64) -> bool {
        if self.state == AlertState::Pending {
            return false;
        }
        let Some(sent) = self.last_sent_at else { return true };
        self.resolved_at.is_some_and(|resolved| resolved > sent) || sent.add_ms(resend_delay_ms) < at
    }

    fn state_sample(&self, at: TimestampMs) -> SampleRow {
        let mut labels = self.labels.to_builder();
        labels.set(METRIC_NAME, "ALERTS").set("alertstate", self.state.as_str());
        SampleRow { labels: labels.build(), timestamp: at, value: 1.0 }
    }

    fn for_sample(&self, at: TimestampMs) -> SampleRow {
        let mut labels = self.labels.to_builder();
        labels.set(METRIC_NAME, "ALERTS_FOR_STATE");
        SampleRow { labels: labels.build(), timestamp: at, value: self.active_at.0.div_euclid(1_000) as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    fn found(name: &str) -> Found {
        Found { labels: Labels::from_pairs([("alertname", name)]), annotations: Labels::empty(), value: 1.0 }
    }

    /// The states of one alert, minute by minute.
    fn states(present: &[bool], durations: Durations) -> Vec<AlertState> {
        let mut alerts = Alerts::default();
        let minutes = present.iter().enumerate();
        minutes
            .map(|(minute, present)| {
                let result = if *present { vec![found("a")] } else { Vec::new() };
                alerts.update(result, TimestampMs(minute as i64 * MINUTE), durations, 0).unwrap();
                alerts.active().first().map_or(AlertState::Inactive, |alert| alert.state)
            })
            .collect()
    }

    #[test]
    fn an_alert_fires_at_the_evaluation_that_for_names() {
        use AlertState::{Firing, Inactive, Pending};
        let durations = Durations { for_ms: 2 * MINUTE, keep_firing_for_ms: MINUTE };
        let got = states(&[true, true, true, false, false, true, false], durations);
        assert_eq!(got, [Pending, Pending, Firing, Firing, Inactive, Pending, Inactive]);
    }

    #[test]
    fn an_end_is_told_again_for_a_quarter_of_an_hour() {
        let durations = Durations { for_ms: 0, keep_firing_for_ms: 0 };
        let mut alerts = Alerts::default();
        let mut told = Vec::new();
        for minute in 0..40 {
            let at = TimestampMs(minute * MINUTE);
            let result = if minute < 5 { vec![found("a")] } else { Vec::new() };
            alerts.update(result, at, durations, 0).unwrap();
            told.extend(alerts.due(at, 2 * MINUTE).iter().map(|alert| (minute, alert.resolved_at.is_some())));
        }
        let firing: Vec<i64> = told.iter().filter(|(_, ended)| !ended).map(|(minute, _)| *minute).collect();
        let ended: Vec<i64> = told.iter().filter(|(_, ended)| *ended).map(|(minute, _)| *minute).collect();
        assert_eq!(firing, [0, 3]);
        assert_eq!(ended, [5, 8, 11, 14, 17, 20]);
    }

    #[test]
    fn too_many_alerts_are_an_error_and_forgotten() {
        let durations = Durations { for_ms: 0, keep_firing_for_ms: 0 };
        let mut alerts = Alerts::default();
        let error = alerts.update(vec![found("a"), found("b")], TimestampMs(0), durations, 1).unwrap_err();
        assert_eq!(error, "exceeded limit of 1 with 2 alerts");
        assert_eq!(alerts.iter().count(), 0);
        assert!(alerts.update(vec![found("a"), found("a")], TimestampMs(0), durations, 0).is_err());
    }

    /// The same from the whole past instead of from remembered state.
    fn model(present: &[bool], for_steps: usize, keep_steps: usize) -> Vec<AlertState> {
        let mut states = Vec::new();
        let (mut run, mut gap, mut is_firing) = (0, 0, false);
        for now in present {
            match (now, is_firing) {
                (true, true) => gap = 0,
                (true, false) => {
                    run += 1;
                    is_firing = run > for_steps;
                    gap = 0;
                }
                (false, _) => {
                    gap += 1;
                    // The first evaluation without the series only notes since when.
                    is_firing = is_firing && keep_steps > 0 && gap <= keep_steps;
                    run = 0;
                }
            }
            states.push(match (is_firing, run) {
                (true, _) => AlertState::Firing,
                (false, 0) => AlertState::Inactive,
                _ => AlertState::Pending,
            });
        }
        states
    }

    proptest! {
        #[test]
        fn states_agree_with_a_naive_model(
            present in prop::collection::vec(any::<bool>(), 0..60), hold in 0_usize..6, keep in 0_usize..6,
        ) {
            let durations = Durations { for_ms: hold as i64 * MINUTE, keep_firing_for_ms: keep as i64 * MINUTE };
            prop_assert_eq!(states(&present, durations), model(&present, hold, keep));
        }
    }
}
