//! `lgtm alerts` and `lgtm silence`: a running notifier, ours or an Alertmanager, asked over its API v2.

use lgtm_client::{HttpClient, HttpSender};
use lgtm_model::MatchOp;
use lgtm_runtime::SharedClock;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::time::Duration;

use crate::matching::Matcher;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A notifier somewhere else.
pub struct RemoteNotifier {
    sender: HttpSender,
    base: Url,
    clock: SharedClock,
}

/// A silence to make.
#[derive(Clone, Debug)]
pub struct NewSilence {
    /// What it mutes.
    pub matchers: Vec<Matcher>,
    /// From when on, in RFC 3339.
    pub starts_at: String,
    /// Until when, in RFC 3339.
    pub ends_at: String,
    /// Who makes it.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

impl RemoteNotifier {
    /// Prepares to ask the notifier at `url`, with whatever path it has before `/api/v2`.
    pub fn new(url: &str, http: &HttpClient, clock: SharedClock) -> Result<Self, String> {
        let base = Url::parse(&format!("{}/", url.trim_end_matches('/')))
            .map_err(|error| format!("{url:?} is no address: {error}"))?;
        Ok(Self { sender: HttpSender::new(http)?, base, clock })
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<Value>,
    ) -> Result<Value, String> {
        let mut url = self.base.join(path).map_err(|error| error.to_string())?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.sender.request(method, url.clone());
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = async {
            let answer = self.sender.send(request).await?;
            let status = answer.status();
            let text = answer.text().await.map_err(|error| error.to_string())?;
            Ok::<_, String>((status, text))
        };
        let (status, text) = tokio::select! {
            answer = answer => answer?,
            () = self.clock.sleep(TIMEOUT) => return Err(format!("{url}: no answer within {} s", TIMEOUT.as_secs())),
        };
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        match status.is_success() {
            true => Ok(value),
            false => Err(match value.as_str().or(value["message"].as_str()) {
                Some(reason) => format!("{url}: {status}: {reason}"),
                None => format!("{url}: {status}"),
            }),
        }
    }

    fn filters(matchers: &[Matcher]) -> Vec<(&'static str, String)> {
        matchers.iter().map(|matcher| ("filter", matcher.to_string())).collect()
    }

    /// The alerts that match, as the API has them.
    pub async fn alerts(&self, matchers: &[Matcher]) -> Result<Value, String> {
        self.ask(Method::GET, "api/v2/alerts", &Self::filters(matchers), None).await
    }

    /// The silences whose matchers include these, as the API has them; expired ones only if asked for.
    pub async fn silences(&self, matchers: &[Matcher], expired: bool) -> Result<Value, String> {
        let mut query = Self::filters(matchers);
        query.push(("expired", expired.to_string()));
        self.ask(Method::GET, "api/v2/silences", &query, None).await
    }

    /// Makes a silence and returns its id.
    pub async fn add_silence(&self, silence: &NewSilence) -> Result<String, String> {
        let body = json!({
            "matchers": matchers(&silence.matchers),
            "startsAt": silence.starts_at,
            "endsAt": silence.ends_at,
            "createdBy": silence.created_by,
            "comment": silence.comment,
        });
        let answer = self.ask(Method::POST, "api/v2/silences", &[], Some(body)).await?;
        answer["silenceID"].as_str().map(str::to_owned).ok_or_else(|| "the answer names no silence".to_owned())
    }

    /// What a silence would mute now; only our own notifier knows.
    pub async fn preview(&self, given: &[Matcher]) -> Result<Value, String> {
        self.ask(Method::POST, "api/v2/silences/preview", &[], Some(json!({ "matchers": matchers(given) }))).await
    }

    /// Ends a silence.
    pub async fn expire_silence(&self, id: &str) -> Result<(), String> {
        self.ask(Method::DELETE, &format!("api/v2/silence/{id}"), &[], None).await.map(|_nothing| ())
    }

    /// Matchers that select exactly the alert with this fingerprint, as `--from-alert` wants them.
    pub async fn matchers_of_alert(&self, fingerprint: &str) -> Result<Vec<Matcher>, String> {
        let alerts = self.alerts(&[]).await?;
        let alert = alerts.as_array().into_iter().flatten().find(|alert| alert["fingerprint"] == fingerprint);
        let labels = alert.and_then(|alert| alert["labels"].as_object());
        let labels = labels.ok_or_else(|| format!("no alert fires with fingerprint {fingerprint}"))?;
        let matcher = |(name, value): (&String, &Value)| Matcher::equal(name, value.as_str().unwrap_or_default());
        Ok(labels.iter().map(matcher).collect())
    }
}

fn matchers(matchers: &[Matcher]) -> Value {
    let matcher = |matcher: &Matcher| {
        json!({
            "name": matcher.name,
            "value": matcher.value,
            "isRegex": matches!(matcher.op, MatchOp::Regex | MatchOp::NotRegex),
            "isEqual": matches!(matcher.op, MatchOp::Equal | MatchOp::Regex),
        })
    };
    Value::Array(matchers.iter().map(matcher).collect())
}
