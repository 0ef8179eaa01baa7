//! The JSON of alerts, matchers and silences.

use super::time;
use lgtm_model::{Labels, MatchOp, TimestampNs};
use lgtm_notify::matching::Matcher;
use lgtm_notify::{AlertView, Silence};
use serde_json::{Map, Value, json};

pub(super) fn labels(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>())
}

pub(super) fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

pub(super) fn alert(view: &AlertView) -> Value {
    let stored = &view.alert;
    let quiet = !view.is_active() || !view.muted_by.is_empty();
    let inhibited_by: Vec<String> = view.inhibited_by.iter().map(|it| format!("{it:016x}")).collect();
    let receivers: Vec<Value> = view.receivers.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "labels": labels(&stored.alert.labels),
        "annotations": labels(&stored.alert.annotations),
        "startsAt": time::write(stored.alert.starts_at),
        "endsAt": time::write(stored.alert.ends_at),
        "updatedAt": time::write(stored.updated_at),
        "generatorURL": stored.alert.generator_url,
        "fingerprint": format!("{:016x}", stored.fingerprint),
        "receivers": receivers,
        "status": {
            "state": if quiet { "suppressed" } else { "active" },
            "silencedBy": view.silenced_by,
            "inhibitedBy": inhibited_by,
            "mutedBy": view.muted_by,
        },
    })
}

fn matcher(matcher: &Matcher) -> Value {
    json!({
        "name": matcher.name,
        "value": matcher.value,
        "isRegex": matches!(matcher.op, MatchOp::Regex | MatchOp::NotRegex),
        "isEqual": matches!(matcher.op, MatchOp::Equal | MatchOp::Regex),
    })
}

pub(super) fn silence(silence: &Silence, now: TimestampNs) -> Value {
    json!({
        "id": silence.id,
        "status": { "state": silence.state_at(now).as_str() },
        "matchers": silence.matchers.0.iter().map(matcher).collect::<Vec<_>>(),
        "startsAt": time::write(silence.starts_at),
        "endsAt": time::write(silence.ends_at),
        "updatedAt": time::write(silence.updated_at),
        "createdBy": silence.created_by,
        "comment": silence.comment,
        "annotations": pairs(&silence.annotations),
    })
}
