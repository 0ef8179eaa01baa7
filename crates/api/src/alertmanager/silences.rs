//! `/silences`, `/silence/{id}` and the preview.

use super::parameters::{Pairs, matchers, switch};
use super::{Refusal, body, shape, success, time};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lgtm_model::{MatchOp, TimestampNs};
use lgtm_notify::matching::{Matcher, Matchers};
use lgtm_notify::{Handle, Silence, SilenceError, SilenceState};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostableMatcher {
    name: String,
    value: String,
    #[serde(default)]
    is_regex: Option<bool>,
    #[serde(default)]
    is_equal: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Postable {
    #[serde(default)]
    id: Option<String>,
    matchers: Vec<PostableMatcher>,
    #[serde(deserialize_with = "time::field")]
    starts_at: Option<TimestampNs>,
    #[serde(deserialize_with = "time::field")]
    ends_at: Option<TimestampNs>,
    created_by: String,
    comment: String,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Previewed {
    matchers: Vec<PostableMatcher>,
}

fn read_matchers(posted: Vec<PostableMatcher>) -> Result<Matchers, Refusal> {
    if posted.is_empty() {
        return Err(Refusal::Unprocessable("matchers in body should have at least 1 items".to_owned()));
    }
    let read = |posted: PostableMatcher| {
        let op = match (posted.is_equal.unwrap_or(true), posted.is_regex.unwrap_or(false)) {
            (true, false) => MatchOp::Equal,
            (false, false) => MatchOp::NotEqual,
            (true, true) => MatchOp::Regex,
            (false, true) => MatchOp::NotRegex,
        };
        Matcher::new(posted.name, op, posted.value)
    };
    let matchers: Result<Vec<Matcher>, String> = posted.into_iter().map(read).collect();
    matchers.map(Matchers).map_err(|error| Refusal::Bad(format!("invalid silence: invalid label matcher: {error}")))
}

pub(super) async fn set(State(notifier): State<Handle>, bytes: Bytes) -> Result<Response, Refusal> {
    let posted: Postable = body(&bytes, "silence")?;
    let now = notifier.now();
    let starts_at = posted.starts_at.unwrap_or(TimestampNs(0));
    let ends_at = posted.ends_at.unwrap_or(TimestampNs(0));
    if starts_at >= ends_at {
        return Err(Refusal::Bad("Failed to create silence: start time must be before end time".to_owned()));
    }
    if ends_at < now {
        return Err(Refusal::Bad("Failed to create silence: end time can't be in the past".to_owned()));
    }
    let silence = Silence {
        id: posted.id.unwrap_or_default(),
        matchers: read_matchers(posted.matchers)?,
        starts_at,
        ends_at,
        updated_at: now,
        created_by: posted.created_by,
        comment: posted.comment,
        annotations: posted.annotations.unwrap_or_default(),
    };
    let id = notifier.silences().set(silence).await?;
    Ok(success(&json!({ "silenceID": id })))
}

pub(super) async fn preview(State(notifier): State<Handle>, bytes: Bytes) -> Result<Response, Refusal> {
    let posted: Previewed = body(&bytes, "preview")?;
    let preview = notifier.preview(&read_matchers(posted.matchers)?);
    let alerts: Vec<Value> = preview.mutes.iter().map(shape::alert).collect();
    Ok(success(&json!({ "alerts": alerts, "firing": preview.firing })))
}

pub(super) async fn list(State(notifier): State<Handle>, pairs: Pairs) -> Result<Response, Refusal> {
    let filter = matchers(&pairs, "filter")?;
    let now = notifier.now();
    let wanted = |silence: &Silence| {
        let state = match silence.state_at(now) {
            SilenceState::Active => "active",
            SilenceState::Pending => "pending",
            SilenceState::Expired => "expired",
        };
        // A filter asks for silences that have the same matchers, not for those that would match.
        switch(&pairs, state) && filter.iter().all(|matcher| silence.matchers.0.contains(matcher))
    };
    let mut silences = notifier.silences().all();
    silences.retain(|silence| wanted(silence));
    silences.sort_by_key(|silence| match silence.state_at(now) {
        SilenceState::Active => (0, silence.ends_at.0, Reverse(0)),
        SilenceState::Pending => (1, silence.starts_at.0, Reverse(0)),
        SilenceState::Expired => (2, 0, Reverse(silence.ends_at.0)),
    });
    Ok(success(&Value::Array(silences.iter().map(|silence| shape::silence(silence, now)).collect())))
}

pub(super) async fn one(State(notifier): State<Handle>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let silence = notifier.silences().get(&id).ok_or(SilenceError::NotFound)?;
    Ok(success(&shape::silence(&silence, notifier.now())))
}

pub(super) async fn expire(State(notifier): State<Handle>, Path(id): Path<String>) -> Result<Response, Refusal> {
    notifier.silences().expire(&id).await?;
    Ok(StatusCode::OK.into_response())
}

impl From<SilenceError> for Refusal {
    fn from(error: SilenceError) -> Self {
        match error {
            SilenceError::NotFound => Self::NotFound(error.to_string()),
            SilenceError::Invalid(text) => Self::Bad(text),
            SilenceError::State(error) => Self::Internal(error.to_string()),
        }
    }
}
