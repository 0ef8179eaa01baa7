//! Opsgenie: an alert a group, created, updated and closed by its alias.

use super::With;
use super::post::{Post, join, load, put, split};
use super::rendering::{Rendering, key_hash};
use super::truncate;
use crate::config::receivers::opsgenie::{OpsgenieConfig, Responder};
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Map, Value, json};

/// Characters of an alert's message.
const MESSAGE_LENGTH_MAX: usize = 130;

pub(super) struct Opsgenie {
    config: OpsgenieConfig,
    post: Post,
    with: With,
}

impl Opsgenie {
    pub fn new(config: &OpsgenieConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }

    fn create(&self, notification: &Notification, alias: &str, rendering: &mut Rendering<'_>) -> Map<String, Value> {
        let config = &self.config;
        let mut details = crate::data::common_labels(&notification.alerts);
        details.extend(config.details.iter().map(|(name, text)| (name.clone(), rendering.text(text))));
        let message = truncate::in_characters(rendering.text(&config.message), MESSAGE_LENGTH_MAX);
        let mut alert = Map::new();
        alert.insert("alias".into(), alias.into());
        alert.insert("message".into(), message.into());
        put(&mut alert, "description", rendering.text(&config.description));
        alert.insert("details".into(), json!(details));
        alert.insert("source".into(), rendering.text(&config.source).into());
        let responders: Vec<Value> = config.responders.iter().flat_map(|item| responders(item, rendering)).collect();
        if !responders.is_empty() {
            alert.insert("responders".into(), responders.into());
        }
        for (name, text) in [("tags", &config.tags), ("actions", &config.actions)] {
            let text = rendering.text(text);
            let list = split(&text);
            if !list.is_empty() {
                alert.insert(name.into(), json!(list));
            }
        }
        put(&mut alert, "note", rendering.text(&config.note));
        put(&mut alert, "priority", rendering.text(&config.priority));
        put(&mut alert, "entity", rendering.text(&config.entity));
        alert
    }
}

/// A responder whose texts are all empty is left out, so that one can come from an alert's labels.
fn responders(responder: &Responder, rendering: &mut Rendering<'_>) -> Vec<Value> {
    let (id, name) = (rendering.text(&responder.id), rendering.text(&responder.name));
    let (username, kind) = (rendering.text(&responder.username), rendering.text(&responder.kind));
    if [&id, &name, &username].iter().all(|text| text.is_empty()) {
        return Vec::new();
    }
    if kind == "teams" {
        return split(&name).iter().map(|team| json!({"name": team, "type": "team"})).collect();
    }
    let mut map = Map::new();
    put(&mut map, "id", id);
    put(&mut map, "name", name);
    put(&mut map, "username", username);
    map.insert("type".into(), kind.to_lowercase().into());
    vec![map.into()]
}

#[async_trait]
impl Integration for Opsgenie {
    fn kind(&self) -> &'static str {
        "opsgenie"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let alias = key_hash(notification);
        let mut rendering = Rendering::new(notification, &self.with);
        let mut requests = Vec::new();
        let of_alias = |what: &str| format!("v2/alerts/{alias}/{what}");
        match notification.status() {
            AlertStatus::Resolved => {
                let source = rendering.text(&self.config.source);
                requests.push((Method::POST, of_alias("close"), json!({ "source": source })));
            }
            AlertStatus::Firing => {
                let alert = self.create(notification, &alias, &mut rendering);
                // Creating an alert that exists only counts it; its texts stay unless they are changed one by one.
                if self.config.update_alerts {
                    let of = |name: &str| json!({ name: alert.get(name).cloned().unwrap_or_default() });
                    requests.push((Method::PUT, of_alias("message"), of("message")));
                    requests.push((Method::PUT, of_alias("description"), of("description")));
                }
                requests.insert(0, (Method::POST, "v2/alerts".to_owned(), alert.into()));
            }
        }
        let key = rendering.text(&load(&self.config.api_key)?);
        rendering.finish()?;
        for (method, path, body) in requests {
            let mut url = join(&self.config.api_url, &path);
            if path != "v2/alerts" {
                url.push_str("?identifierType=alias");
            }
            let request = self
                .post
                .request(method, &url)?
                .header(CONTENT_TYPE, "application/json")
                .header(AUTHORIZATION, format!("GenieKey {key}"));
            self.post.checked(request.body(body.to_string())).await?;
        }
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn an_alert_is_created_updated_and_closed() {
        let service = Service::start(&[(202, "{}"), (202, "{}"), (202, "{}"), (202, "{}")]).await;
        let opsgenie = one(&format!(
            "opsgenie_configs:\n- api_key: key\n  api_url: {}/\n  update_alerts: true\n  priority: P1\n  tags: 'a,,b'\n  \
             details: {{where: '{{{{ .CommonLabels.instance }}}}'}}\n  responders:\n  - {{name: 'x,y', type: teams}}\n  \
             - {{username: '{{{{ .CommonLabels.owner }}}}', type: user}}\n",
            service.url
        ));
        opsgenie.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        opsgenie.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let seen = service.seen();
        let alert = seen[0].json();
        let alias = alert["alias"].as_str().unwrap();
        assert_eq!(seen[0].header("authorization"), "GenieKey key");
        let requests: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
        let want = [
            "POST /v2/alerts".to_owned(),
            format!("PUT /v2/alerts/{alias}/message?identifierType=alias"),
            format!("PUT /v2/alerts/{alias}/description?identifierType=alias"),
            format!("POST /v2/alerts/{alias}/close?identifierType=alias"),
        ];
        assert_eq!(requests, want);
        assert_eq!(alert["message"], "[FIRING:1] HighCpu, critical, a");
        assert_eq!((&alert["tags"], &alert["priority"]), (&json!(["a", "b"]), &json!("P1")));
        assert_eq!((&alert["details"]["where"], &alert["details"]["severity"]), (&json!("a"), &json!("critical")));
        assert_eq!(alert["responders"], json!([{"name": "x", "type": "team"}, {"name": "y", "type": "team"}]));
        assert_eq!(seen[1].json()["message"], alert["message"]);
        assert_eq!(seen[3].json()["source"], "http://lgtm.example.org/alerts?receiver=on-call");
    }

    #[test]
    fn teams_of_old_are_refused() {
        let problems = |text: &str| configured(text).map(|made| made.len()).unwrap_err();
        assert!(problems("opsgenie_configs: [{api_key: x, teams: a}]").contains("unknown field \"teams\""));
        assert!(
            problems("opsgenie_configs: [{api_key: x, responders: [{name: a, type: crowd}]}]").contains("team, teams")
        );
        assert!(problems("opsgenie_configs: [{}]").contains("no global OpsGenie API Key"));
    }
}
