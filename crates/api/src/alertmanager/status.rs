//! `/status` and `/receivers`.

use super::parameters::{Pairs, matchers, receiver_passes};
use super::{Refusal, shape, success, time};
use axum::extract::State;
use axum::response::Response;
use lgtm_notify::{Handle, Receiver};
use serde_json::{Value, json};

pub(super) async fn status(State(notifier): State<Handle>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    success(&json!({
        "uptime": time::write(notifier.started_at()),
        "versionInfo": {
            "version": version, "revision": "lgtm", "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
        },
        "config": { "original": notifier.original() },
        // Notifiers that share their state need not know each other.
        "cluster": { "name": notifier.name(), "status": "disabled", "peers": [] },
    }))
}

pub(super) async fn receivers(State(notifier): State<Handle>, pairs: Pairs) -> Result<Response, Refusal> {
    let filter = matchers(&pairs, "receiver_matchers")?;
    let shown = |receiver: &Receiver| {
        let mut labels = receiver.labels.clone();
        if !labels.iter().any(|(name, _)| name == "name") {
            labels.push(("name".to_owned(), receiver.name.clone()));
        }
        json!({ "name": receiver.name, "labels": shape::pairs(labels.iter().map(|(name, value)| (name, value))) })
    };
    let all = notifier.config().receivers;
    let wanted = all.iter().filter(|receiver| receiver_passes(&filter, receiver));
    Ok(success(&Value::Array(wanted.map(shown).collect())))
}
