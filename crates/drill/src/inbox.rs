//! The inbox: a Slack-compatible endpoint for demos and drills, which keeps what it was told and prints it.
//!
//! `POST /slack` takes an incoming webhook's message and answers `ok`, as Slack does; `POST /watchdog` counts a dead man's
//! switch; `GET /messages` answers what came, oldest first, as `{"messages":[{"at_ms","body"}],"watchdog":n}`.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Messages that are kept; older ones are forgotten.
const MESSAGES_MAX: usize = 500;
/// Bytes of one message.
const MESSAGE_BYTES_MAX: usize = 256 << 10;
/// How long requests under way may take to end.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// A running inbox.
pub struct Inbox {
    /// Where it answers.
    pub address: SocketAddr,
    tasks: Tasks,
    clock: SharedClock,
}

struct Kept {
    clock: SharedClock,
    told: fn(&Value),
    messages: Mutex<VecDeque<Value>>,
    watchdog: Mutex<u64>,
}

/// Listens on `address`. Each message is also given to `told`, for whoever prints it.
pub async fn start(
    address: SocketAddr,
    clock: SharedClock,
    told: fn(&Value),
    shutdown: Shutdown,
) -> std::io::Result<Inbox> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let kept = Kept { clock: clock.clone(), told, messages: Mutex::default(), watchdog: Mutex::default() };
    let tasks = Tasks::default();
    tasks.spawn(async move {
        let stop = async move { shutdown.requested().await };
        if let Err(error) = axum::serve(listener, router(kept)).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the inbox ended");
        }
    });
    Ok(Inbox { address, tasks, clock })
}

impl Inbox {
    /// Waits for the end after the shutdown was requested.
    pub async fn drain(self) {
        self.tasks.drain(&self.clock, DRAIN_GRACE).await;
    }
}

fn router(kept: Kept) -> Router {
    Router::new()
        .route("/slack", post(message))
        .route("/watchdog", post(alive))
        .route("/messages", get(messages))
        .layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX))
        .with_state(Arc::new(kept))
}

async fn message(State(kept): State<Arc<Kept>>, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "invalid_payload").into_response();
    };
    (kept.told)(&body);
    let mut messages = kept.messages.lock();
    if messages.len() == MESSAGES_MAX {
        messages.pop_front();
    }
    messages.push_back(json!({"at_ms": kept.clock.now_ms().0, "body": body}));
    "ok".into_response()
}

async fn alive(State(kept): State<Arc<Kept>>) -> &'static str {
    *kept.watchdog.lock() += 1;
    "ok"
}

async fn messages(State(kept): State<Arc<Kept>>) -> Json<Value> {
    let messages: Vec<Value> = kept.messages.lock().iter().cloned().collect();
    Json(json!({"messages": messages, "watchdog": *kept.watchdog.lock()}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_runtime::{ShutdownTrigger, SystemClock};

    #[tokio::test]
    async fn what_is_sent_is_kept_and_nonsense_is_refused() {
        let (trigger, shutdown) = ShutdownTrigger::new();
        let inbox = start("127.0.0.1:0".parse().unwrap(), SystemClock::shared(), |_body| {}, shutdown).await.unwrap();
        let url = format!("http://{}", inbox.address);
        let client = reqwest::Client::new();
        let sent = client.post(format!("{url}/slack")).body(r#"{"text":"hello"}"#).send().await.unwrap();
        assert_eq!(sent.text().await.unwrap(), "ok");
        assert_eq!(client.post(format!("{url}/slack")).body("{").send().await.unwrap().status(), 400);
        client.post(format!("{url}/watchdog")).send().await.unwrap();
        let kept = client.get(format!("{url}/messages")).send().await.unwrap().text().await.unwrap();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!((&kept["messages"][0]["body"]["text"], &kept["watchdog"]), (&json!("hello"), &json!(1)));
        trigger.fire();
        inbox.drain().await;
    }
}
