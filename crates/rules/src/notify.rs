//! Telling: alerts on their way to notifiers, the program's own and any Alertmanager.
//!
//! Every notifier has a bounded queue and a task of its own, so that one that hangs does not hold up another. A full
//! queue drops its oldest alerts. A message that fails is counted and not repeated here: every alert that lasts is told
//! again soon, and so is every end, for a quarter of an hour.

mod alertmanager;
mod queue;
mod targets;

pub(crate) use targets::Notifications;

use crate::alert::ActiveAlert;
use lgtm_model::{Alert, Labels, LabelsBuilder, RelabelRule, TimestampMs, relabel};

/// How alerts leave: until when they are to be believed, and where their cause can be looked at.
pub(crate) struct Letter<'a> {
    pub at: TimestampMs,
    pub interval_ms: i64,
    pub resend_delay_ms: i64,
    pub generator_url: &'a str,
}

impl Letter<'_> {
    /// The alert as a notifier gets it.
    pub fn write(&self, alert: &ActiveAlert) -> Alert {
        let valid_ms = 4 * self.interval_ms.max(self.resend_delay_ms);
        let ends_at = alert.resolved_at.unwrap_or_else(|| self.at.add_ms(valid_ms));
        Alert {
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            starts_at: alert.fired_at.unwrap_or(alert.active_at).to_ns(),
            ends_at: ends_at.to_ns(),
            generator_url: self.generator_url.to_owned(),
        }
    }
}

/// Adds the external labels that an alert does not have, then relabels. `None` when the alert is dropped.
fn labelled(labels: &Labels, external: &Labels, rules: &[RelabelRule]) -> Option<Labels> {
    if external.is_empty() && rules.is_empty() {
        return Some(labels.clone());
    }
    let mut builder: LabelsBuilder = labels.to_builder();
    for (name, value) in external {
        if builder.get(name).is_none() {
            builder.set(name, value);
        }
    }
    relabel(&mut builder, rules).then(|| builder.build()).filter(|labels| !labels.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertState;
    use lgtm_model::{RelabelAction, RelabelSpec};

    #[test]
    fn external_labels_come_first_and_relabelling_may_drop() {
        let labels = Labels::from_pairs([("alertname", "a"), ("replica", "own")]);
        let external = Labels::from_pairs([("replica", "x"), ("region", "eu")]);
        let all = labelled(&labels, &external, &[]).unwrap();
        assert_eq!(all.to_string(), r#"{alertname="a", region="eu", replica="own"}"#);
        let spec = RelabelSpec {
            source_labels: vec!["region".to_owned()],
            regex: "eu".to_owned(),
            action: RelabelAction::Drop,
            ..RelabelSpec::default()
        };
        assert_eq!(labelled(&labels, &external, &[RelabelRule::new(spec).unwrap()]), None);
    }

    #[test]
    fn an_alert_is_to_be_believed_for_four_intervals_and_ends_when_it_ended() {
        let letter = Letter { at: TimestampMs(0), interval_ms: 15_000, resend_delay_ms: 60_000, generator_url: "u" };
        let mut alert = ActiveAlert {
            labels: Labels::empty(),
            annotations: Labels::empty(),
            state: AlertState::Firing,
            value: 1.0,
            active_at: TimestampMs(-5_000),
            fired_at: Some(TimestampMs(-1_000)),
            resolved_at: None,
            last_sent_at: None,
            keep_firing_since: None,
        };
        let sent = letter.write(&alert);
        assert_eq!((sent.starts_at.to_ms().0, sent.ends_at.to_ms().0), (-1_000, 240_000));
        alert.resolved_at = Some(TimestampMs(-10));
        assert_eq!(letter.write(&alert).ends_at.to_ms().0, -10);
    }
}
