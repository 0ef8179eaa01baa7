//! `/alerts`: all alerts that are pending or firing.

use super::answer::{self, Answer};
use super::rules::{Rules, map};
use super::time::format_rfc3339;
use axum::extract::State;
use lgtm_rules::ActiveAlert;
use serde_json::{Value, json};

pub(super) async fn alerts(State(rules): State<Rules>) -> Answer {
    let mut groups = rules.groups();
    groups.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
    let all = groups.iter().flat_map(|group| &group.rules).flat_map(|rule| &rule.alerts);
    answer::data(&json!({ "alerts": all.map(alert_shape).collect::<Vec<_>>() }))
}

/// An alert as `/rules` and `/alerts` show it.
pub(super) fn alert_shape(alert: &ActiveAlert) -> Value {
    let mut shape = json!({
        "labels": map(&alert.labels),
        "annotations": map(&alert.annotations),
        "state": alert.state.as_str(),
        "activeAt": format_rfc3339(alert.active_at),
        "value": scientific(alert.value),
    });
    if let Some(since) = alert.keep_firing_since {
        shape["keepFiringSince"] = format_rfc3339(since).into();
    }
    shape
}

/// As Go's format `e`: `1e+00`, `2.5e-07`.
fn scientific(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_go_writes_them() {
        for (value, want) in [(1.0, "1e+00"), (2.5e-7, "2.5e-07"), (1e100, "1e+100"), (f64::INFINITY, "+Inf")] {
            assert_eq!(scientific(value), want);
        }
    }
}
