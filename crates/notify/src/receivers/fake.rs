//! A service that does not exist: it takes what receivers send, shows it to tests, and answers what they say.

use super::{Collaborators, With, build};
use crate::config::Global;
use crate::config::receivers::{Context, read};
use crate::templates::Templates;
use crate::{AlertStatus, Integration, Notification, NotificationReason, NotifiedAlert};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use lgtm_model::{Alert, Labels, TimestampNs};
use lgtm_runtime::{ManualClock, Random, Tasks};
use lgtm_settings::read_text;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::net::TcpListener;

/// When the alerts of tests begin: 2026-01-02 03:04:05 UTC. Those that are over lasted 4 minutes and 20 seconds.
pub(crate) const START: TimestampNs = TimestampNs(1_767_323_045_000_000_000);

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A service. Without a script it answers 200 and `ok`.
pub(crate) struct Service {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: Tasks,
}

impl Service {
    pub async fn start(script: &[(u16, &str)]) -> Self {
        let answers: VecDeque<(u16, String)> =
            script.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let answers = Arc::new(Mutex::new(answers));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&seen);
        let take = move |request: Request| {
            let (list, answers) = (Arc::clone(&list), Arc::clone(&answers));
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, 8 << 20).await.unwrap();
                let headers = parts.headers.iter();
                list.lock().push(Seen {
                    method: parts.method.to_string(),
                    path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                    headers: headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned())).collect(),
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                let (status, body) = answers.lock().pop_front().unwrap_or((200, "ok".to_owned()));
                let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
                (StatusCode::from_u16(status).unwrap(), [("content-type", kind)], body)
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tasks = Tasks::default();
        tasks.spawn(async move {
            let _ended = axum::serve(listener, Router::new().fallback(take)).await;
        });
        Self { url, seen, _tasks: tasks }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }

    /// The one request that came in.
    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }
}

fn collaborators() -> Collaborators {
    Collaborators {
        external_url: "http://lgtm.example.org".to_owned(),
        clock: ManualClock::starting_at(START),
        random: Random::from_seed(7),
    }
}

pub(crate) fn with() -> With {
    With::new(&Arc::new(Templates::built_in()), &collaborators())
}

/// The integrations of a receiver written as in `alertmanager.yml`, without its name, indented by nothing.
pub(crate) fn receiver(configs: &str) -> Vec<Arc<dyn Integration>> {
    configured(configs).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn one(configs: &str) -> Arc<dyn Integration> {
    receiver(configs).pop().unwrap()
}

/// The same, with what is wrong with it.
pub(crate) fn configured(configs: &str) -> Result<Vec<Arc<dyn Integration>>, String> {
    let (global, templates) = (Global::default(), Arc::new(Templates::built_in()));
    let context = Context { global: &global, templates: &templates };
    let text = format!("name: on-call\n{configs}");
    let read = read_text("a.yml", &text, |node| read(node, &context)).map_err(|problems| problems.to_string())?;
    build(&read.value, &collaborators())
}

/// A group of alerts named `HighCpu`: `firing` or `resolved`, and the instance.
pub(crate) fn notification(alerts: &[(&str, &str)]) -> Notification {
    let alerts: Vec<NotifiedAlert> = alerts.iter().map(|(status, instance)| alert(status, instance)).collect();
    let firing = alerts.iter().any(|alert| alert.status == AlertStatus::Firing);
    Notification {
        group_key: "{}:{alertname=\"HighCpu\"}".to_owned(),
        receiver: "on-call".to_owned(),
        group_labels: Labels::from_pairs([("alertname", "HighCpu")]),
        route_labels: vec![("team".to_owned(), "{{ .Status }}-team".to_owned())],
        reason: if firing { NotificationReason::FirstNotification } else { NotificationReason::AllAlertsResolved },
        alerts,
        at: START.add_ns(300_000_000_000),
    }
}

fn alert(status: &str, instance: &str) -> NotifiedAlert {
    let labels = [("alertname", "HighCpu"), ("severity", "critical"), ("instance", instance)];
    let annotations = [
        ("summary", "The processor is busy"),
        ("value", "93%"),
        ("dashboard_url", "http://lgtm.example.org/d/host?viewPanel=2"),
        ("runbook_url", "http://lgtm.example.org/runbooks/HighCpu"),
    ];
    NotifiedAlert {
        alert: Arc::new(Alert {
            labels: Labels::from_pairs(labels),
            annotations: Labels::from_pairs(annotations),
            starts_at: START,
            ends_at: START.add_ns(260_000_000_000),
            generator_url: "http://lgtm.example.org/explore".to_owned(),
        }),
        status: if status == "firing" { AlertStatus::Firing } else { AlertStatus::Resolved },
        fingerprint: 0x0123_4567_89ab_cdef,
    }
}
