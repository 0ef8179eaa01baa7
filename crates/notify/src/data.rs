//! What templates see of a notification, as Alertmanager's templates see it.

use crate::{AlertStatus, Notification, NotifiedAlert};
use lgtm_model::Labels;
use lgtm_template::{AlertData, Kv, NotificationData, Time};
use std::collections::BTreeMap;

/// What a message tells.
pub(crate) type Told = NotificationData;

/// The data over `alerts`, which are the notification's or the first of them.
pub(crate) fn data(notification: &Notification, alerts: &[NotifiedAlert], external_url: &str) -> Told {
    NotificationData {
        receiver: quoted(&notification.receiver).into(),
        notification_reason: notification.reason.as_str().into(),
        group_labels: Kv::from(&notification.group_labels),
        route_labels: Kv::new(notification.route_labels.iter().map(|(name, text)| (name.as_str(), text.as_str()))),
        external_url: external_url.into(),
        ..NotificationData::default()
    }
    .with_alerts(alerts.iter().map(alert).collect())
}

fn alert(notified: &NotifiedAlert) -> AlertData {
    let alert = &notified.alert;
    let (status, ends_at) = match notified.status {
        // Until when an alert is believed is no end that anyone should be told.
        AlertStatus::Firing => ("firing", Time::zero()),
        AlertStatus::Resolved => ("resolved", Time::from(alert.ends_at)),
    };
    AlertData {
        status: status.into(),
        labels: Kv::from(&alert.labels),
        annotations: Kv::from(&alert.annotations),
        starts_at: Time::from(alert.starts_at),
        ends_at,
        generator_url: alert.generator_url.as_str().into(),
        fingerprint: format!("{:016x}", notified.fingerprint).into(),
    }
}

/// The labels that all alerts share.
pub(crate) fn common_labels(alerts: &[NotifiedAlert]) -> BTreeMap<String, String> {
    let Some(first) = alerts.first() else { return BTreeMap::new() };
    let shared = |name: &str, value: &str| alerts.iter().all(|alert| label(&alert.alert.labels, name) == value);
    let pairs = first.alert.labels.iter().filter(|(name, value)| shared(name, value));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn label<'l>(labels: &'l Labels, name: &str) -> &'l str {
    labels.get(name).unwrap_or_default()
}

/// The receiver's name as Alertmanager gives it to templates, which use it in links as a regular expression.
fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake;
    use lgtm_template::{Environment, Templates, Value};

    #[test]
    fn firing_alerts_have_no_end_and_what_is_common_is_common() {
        let notification = fake::notification(&[("firing", "a"), ("resolved", "b")]);
        let data = data(&notification, &notification.alerts, "http://lgtm.example.org");
        assert_eq!(data.status.as_ref(), "firing");
        assert_eq!(data.common_labels.get("alertname"), Some("HighCpu"));
        assert_eq!(data.common_labels.get("instance"), None);
        assert!(data.alerts[0].ends_at == Time::zero() && data.alerts[1].ends_at != Time::zero());
        assert_eq!(quoted("team.X-(a)"), r"team\.X-\(a\)");
        let shared = common_labels(&notification.alerts);
        assert_eq!(shared.get("severity").map(String::as_str), Some("critical"));
        assert!(!shared.contains_key("instance"));
    }

    #[test]
    fn json_is_alertmanagers() {
        let notification = fake::notification(&[("resolved", "b")]);
        let value = Value::from(data(&notification, &notification.alerts, "http://x"));
        let text = Templates::for_notifications().render_text("{{ . | toJson }}", &value, &Environment::default());
        let json: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
        assert_eq!(json["alerts"][0]["startsAt"], "2026-01-02T03:04:05Z");
        assert_eq!(json["alerts"][0]["endsAt"], "2026-01-02T03:08:25Z");
        assert_eq!(json["externalURL"], "http://x");
        assert_eq!(json["notification_reason"], "all alerts resolved");
    }

    #[test]
    fn upstreams_cases() {
        use lgtm_model::{Alert, TimestampNs};
        use std::sync::Arc;
        let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
            eprintln!("skipped: template data (LGTM_CONFORMANCE is not set)");
            return;
        };
        let text = std::fs::read_to_string(format!("{root}/alertmanager/templates/data.json")).unwrap();
        let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
        let labels = |value: &serde_json::Value| {
            let pairs = value.as_object().into_iter().flatten().filter(|(name, _)| *name != "$type");
            Labels::from_pairs(pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap())))
        };
        let map = |value: &serde_json::Value| {
            labels(value).iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>()
        };
        for case in cases["cases"].as_array().unwrap() {
            let mut notification = fake::notification(&[]);
            notification.receiver = case["receiver"].as_str().unwrap_or_default().to_owned();
            notification.group_labels = labels(&case["groupLabels"]);
            for given in case["alerts"].as_array().into_iter().flatten() {
                let resolved = given["Alert"].get("EndsAt").is_some();
                notification.alerts.push(NotifiedAlert {
                    alert: Arc::new(Alert {
                        labels: labels(&given["Alert"]["Labels"]),
                        annotations: labels(&given["Alert"]["Annotations"]),
                        starts_at: TimestampNs(1),
                        ends_at: TimestampNs(2),
                        generator_url: String::new(),
                    }),
                    status: if resolved { AlertStatus::Resolved } else { AlertStatus::Firing },
                    fingerprint: 1,
                });
            }
            let data = data(&notification, &notification.alerts, "http://x");
            let kv = |kv: &Kv| {
                kv.iter().map(|(name, value)| (name.to_string(), value.to_owned())).collect::<BTreeMap<_, _>>()
            };
            let want = &case["exp"];
            assert_eq!(data.status.as_ref(), want["Status"].as_str().unwrap());
            assert_eq!(kv(&data.group_labels), map(&want["GroupLabels"]));
            assert_eq!(kv(&data.common_labels), map(&want["CommonLabels"]));
            assert_eq!(kv(&data.common_annotations), map(&want["CommonAnnotations"]));
            for (alert, want) in data.alerts.iter().zip(want["Alerts"].as_array().unwrap()) {
                assert_eq!(alert.status.as_ref(), want["Status"].as_str().unwrap());
                assert_eq!(kv(&alert.labels), map(&want["Labels"]));
            }
        }
    }
}
