//! `/rules` and `/alertmanagers`: what is judged, how it went, and who is told.

use super::alerts::{self, alert_shape};
use super::answer::{self, Answer, ApiError};
use super::params::Params;
use super::time::format_rfc3339;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lgtm_model::{Labels, Matcher, TimestampMs};
use lgtm_rules::{GroupSnapshot, Handle, RuleKind, RuleSnapshot};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Knows the rules and their alerts. Called from many tasks at once; it answers from memory, without waiting.
pub trait RulesSource: Send + Sync {
    /// All groups as they are now.
    fn groups(&self) -> Vec<Arc<GroupSnapshot>>;

    /// The URLs of the Alertmanagers that are told.
    fn alertmanagers(&self) -> Vec<String>;
}

impl RulesSource for Handle {
    fn groups(&self) -> Vec<Arc<GroupSnapshot>> {
        Handle::groups(self)
    }

    fn alertmanagers(&self) -> Vec<String> {
        Handle::alertmanagers(self)
    }
}

pub(super) type Rules = Arc<dyn RulesSource>;

/// The routes that concern rules, under `/api/v1`; to be merged with those of [`super::router`].
pub fn rules_router(rules: Arc<dyn RulesSource>) -> Router {
    Router::new()
        .route("/api/v1/rules", get(self::rules))
        .route("/api/v1/alerts", get(alerts::alerts))
        .route("/api/v1/alertmanagers", get(alertmanagers))
        .with_state(rules)
}

/// Which rules are asked for.
struct Wanted {
    alerting: bool,
    recording: bool,
    names: Vec<String>,
    groups: Vec<String>,
    files: Vec<String>,
    matchers: Vec<Vec<Matcher>>,
}

impl Wanted {
    fn read(params: &Params) -> Result<Self, ApiError> {
        let kind = params.get("type").to_ascii_lowercase();
        if !matches!(kind.as_str(), "" | "alert" | "record") {
            return Err(ApiError::parameter("type", format!("not supported value {kind:?}")));
        }
        Ok(Self {
            alerting: kind != "record",
            recording: kind != "alert",
            names: params.list("rule_name[]"),
            groups: params.list("rule_group[]"),
            files: params.list("file[]"),
            matchers: params.matchers()?,
        })
    }

    fn group(&self, group: &GroupSnapshot) -> bool {
        let listed = |list: &[String], text: &String| list.is_empty() || list.contains(text);
        listed(&self.groups, &group.name) && listed(&self.files, &group.file)
    }

    fn rule(&self, snapshot: &RuleSnapshot) -> bool {
        let rule = &snapshot.rule;
        let kind = match rule.kind {
            RuleKind::Alerting(_) => self.alerting,
            RuleKind::Recording => self.recording,
        };
        let labels = rule.written_labels();
        let fits = |matchers: &Vec<Matcher>| {
            matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        kind && (self.names.is_empty() || self.names.contains(&rule.name))
            && (self.matchers.is_empty() || self.matchers.iter().any(fits))
    }
}

/// Which page is asked for.
struct Page {
    limit: Option<usize>,
    token: String,
}

impl Page {
    fn read(params: &Params) -> Result<Self, ApiError> {
        let (limit, token) = (params.get("group_limit"), params.get("group_next_token").to_owned());
        if limit.is_empty() {
            if !token.is_empty() {
                let message = "group_limit needs to be present in order to paginate over the groups";
                return Err(ApiError::parameter("group_next_token", message));
            }
            return Ok(Self { limit: None, token });
        }
        let number: i64 = limit.parse().map_err(|_| {
            ApiError::parameter("group_limit", format!("group_limit needs to be a valid number, found {limit:?}"))
        })?;
        match usize::try_from(number) {
            Ok(limit) if limit > 0 => Ok(Self { limit: Some(limit), token }),
            _ => Err(ApiError::parameter("group_limit", "group_limit needs to be greater than 0")),
        }
    }
}

/// Names a group across requests; its form is nobody's business.
fn token(group: &GroupSnapshot) -> String {
    URL_SAFE_NO_PAD.encode(format!("{};{}", group.file, group.name))
}

async fn rules(State(rules): State<Rules>, params: Params) -> Answer {
    let wanted = Wanted::read(&params)?;
    let page = Page::read(&params)?;
    let with_alerts = match params.get("exclude_alerts").to_ascii_lowercase().as_str() {
        "" | "false" | "f" | "0" => true,
        "true" | "t" | "1" => false,
        text => return Err(ApiError::parameter("exclude_alerts", format!("cannot parse {text:?} to a boolean"))),
    };
    let mut groups = rules.groups();
    groups.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
    let mut first = 0;
    if !page.token.is_empty() {
        first = groups.iter().position(|group| token(group) == page.token).ok_or_else(|| {
            ApiError::parameter("group_next_token", "invalid group_next_token. were rule groups changed?")
        })?;
    }
    let (mut shown, mut next) = (Vec::new(), None);
    for group in groups[first..].iter().filter(|group| wanted.group(group)) {
        let rules: Vec<Value> =
            group.rules.iter().filter(|rule| wanted.rule(rule)).map(|rule| rule_shape(rule, with_alerts)).collect();
        if rules.is_empty() {
            continue;
        }
        if page.limit.is_some_and(|limit| shown.len() == limit) {
            next = Some(token(group));
            break;
        }
        shown.push(group_shape(group, rules));
    }
    let mut data = json!({ "groups": shown });
    if let Some(next) = next {
        data["groupNextToken"] = next.into();
    }
    answer::data(&data)
}

async fn alertmanagers(State(rules): State<Rules>) -> Answer {
    let active: Vec<Value> = rules.alertmanagers().into_iter().map(|url| json!({ "url": url })).collect();
    answer::data(&json!({ "activeAlertmanagers": active, "droppedAlertmanagers": [] }))
}

fn group_shape(group: &GroupSnapshot, rules: Vec<Value>) -> Value {
    json!({
        "name": group.name,
        "file": group.file,
        "rules": rules,
        "interval": seconds(group.interval_ms),
        "limit": group.limit,
        "evaluationTime": group.evaluation_time.as_secs_f64(),
        "lastEvaluation": time(group.last_evaluation),
    })
}

fn rule_shape(snapshot: &RuleSnapshot, with_alerts: bool) -> Value {
    let rule = &snapshot.rule;
    let mut shape = json!({
        "name": rule.name,
        "query": rule.query.printed(),
        "labels": map(&rule.written_labels()),
        "health": snapshot.health.as_str(),
        "evaluationTime": snapshot.evaluation_time.as_secs_f64(),
        "lastEvaluation": time(snapshot.last_evaluation),
        "type": "recording",
    });
    if let Some(error) = &snapshot.last_error {
        shape["lastError"] = error.as_str().into();
    }
    if let Some(alerting) = rule.alerting() {
        shape["type"] = "alerting".into();
        shape["state"] = snapshot.state().as_str().into();
        shape["duration"] = seconds(alerting.for_ms).into();
        shape["keepFiringFor"] = seconds(alerting.keep_firing_for_ms).into();
        shape["annotations"] = map(&rule.written_annotations());
        shape["alerts"] = match with_alerts {
            true => snapshot.alerts.iter().map(alert_shape).collect(),
            false => Value::Null,
        };
    }
    shape
}

fn seconds(duration_ms: i64) -> f64 {
    duration_ms as f64 / 1_000.0
}

/// Go's zero time stands for never.
fn time(at: Option<TimestampMs>) -> String {
    at.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), format_rfc3339)
}

pub(super) fn map(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
