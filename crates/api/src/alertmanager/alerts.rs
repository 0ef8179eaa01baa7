//! `/alerts` and `/alerts/groups`.

use super::parameters::{Filter, Pairs, switch};
use super::{Refusal, body, shape, success, time};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lgtm_model::{Labels, TimestampNs};
use lgtm_notify::{AlertView, Handle, PostError, Report};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An alert as senders write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Postable {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "time::field")]
    starts_at: Option<TimestampNs>,
    #[serde(default, deserialize_with = "time::field")]
    ends_at: Option<TimestampNs>,
    #[serde(default, rename = "generatorURL")]
    generator_url: Option<String>,
}

pub(super) async fn post(State(notifier): State<Handle>, bytes: Bytes) -> Result<Response, Refusal> {
    let alerts: Vec<Postable> = body(&bytes, "alerts")?;
    let report = |alert: Postable| Report {
        labels: Labels::from_pairs(alert.labels),
        annotations: Labels::from_pairs(alert.annotations.unwrap_or_default()),
        starts_at: alert.starts_at,
        ends_at: alert.ends_at,
        generator_url: alert.generator_url.unwrap_or_default(),
    };
    notifier.post(alerts.into_iter().map(report).collect()).await.map_err(|error| match error {
        PostError::Invalid(text) => Refusal::Bad(text),
        error => Refusal::Internal(error.to_string()),
    })?;
    Ok(StatusCode::OK.into_response())
}

pub(super) async fn list(State(notifier): State<Handle>, pairs: Pairs) -> Result<Response, Refusal> {
    let filter = Filter::read(&pairs)?;
    let all = notifier.config().receivers;
    let wanted = |alert: &&AlertView| {
        filter.wants_state(alert) && alert.receivers.iter().any(|name| filter.wants_receiver(name, &all))
    };
    let alerts = notifier.alerts(&|labels| filter.wants_labels(labels));
    Ok(success(&Value::Array(alerts.iter().filter(wanted).map(shape::alert).collect())))
}

pub(super) async fn groups(State(notifier): State<Handle>, pairs: Pairs) -> Result<Response, Refusal> {
    let filter = Filter::read(&pairs)?;
    let all = notifier.config().receivers;
    let groups = notifier.groups(&|name| filter.wants_receiver(name, &all), &|labels| filter.wants_labels(labels));
    let muted = switch(&pairs, "muted");
    let shown = groups.iter().filter(|group| muted || group.muted_by.is_empty()).filter_map(|group| {
        let alerts: Vec<Value> =
            group.alerts.iter().filter(|alert| filter.wants_state(alert)).map(shape::alert).collect();
        (!alerts.is_empty()).then(|| {
            json!({
                "labels": shape::labels(&group.labels),
                "routeLabels": shape::pairs(group.route_labels.iter().map(|(name, value)| (name, value))),
                "receiver": { "name": group.receiver },
                "alerts": alerts,
            })
        })
    });
    Ok(success(&Value::Array(shown.collect())))
}
