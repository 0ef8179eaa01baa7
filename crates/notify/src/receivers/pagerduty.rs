//! PagerDuty: an event of the Events API, v2 or v1. One incident a group.

use super::With;
use super::post::{Answer, Post, load, put};
use super::rendering::{Rendering, key_hash};
use super::truncate;
use crate::config::receivers::pagerduty::{PagerDutyConfig, PagerDutyKey};
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Characters of the description in both APIs.
const DESCRIPTION_LENGTH_MAX: usize = 1024;

/// Bytes of an event.
const EVENT_SIZE_BYTES_MAX: usize = 512_000;

/// Where events of version 1 go; version 2 is configured.
const V1_URL: &str = "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

pub(super) struct PagerDuty {
    config: PagerDutyConfig,
    post: Post,
    with: With,
    v1_url: String,
}

impl PagerDuty {
    pub fn new(config: &PagerDutyConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, config.timeout)?;
        // Version 1 says "too many" with 403.
        let post = if matches!(config.key, PagerDutyKey::Service(_)) { post.retrying(&[403]) } else { post };
        Ok(Self { config: config.clone(), post, with: with.clone(), v1_url: V1_URL.to_owned() })
    }

    fn details(&self, rendering: &mut Rendering<'_>) -> Value {
        let details = &self.config.details;
        let render = |(name, value): &(String, _)| {
            let value: &crate::config::receivers::anything::Anything = value;
            (name.clone(), value.render(&mut |template| rendering.text(template)))
        };
        Value::Object(details.iter().map(render).collect())
    }

    fn v2(&self, notification: &Notification, key: &str, action: &str, rendering: &mut Rendering<'_>) -> Value {
        let config = &self.config;
        let summary = truncate::in_characters(rendering.text(&config.description), DESCRIPTION_LENGTH_MAX);
        let mut payload = Map::new();
        payload.insert("summary".into(), summary.into());
        payload.insert("source".into(), rendering.text(&config.source).into());
        payload.insert("severity".into(), rendering.text(&config.severity).into());
        payload.insert("custom_details".into(), self.details(rendering));
        put(&mut payload, "class", rendering.text(&config.class));
        put(&mut payload, "component", rendering.text(&config.component));
        put(&mut payload, "group", rendering.text(&config.group));
        let mut event = Map::new();
        put(&mut event, "routing_key", rendering.text(key));
        event.insert("dedup_key".into(), key_hash(notification).into());
        event.insert("event_action".into(), action.into());
        event.insert("payload".into(), payload.into());
        put(&mut event, "client", rendering.text(&config.client));
        put(&mut event, "client_url", rendering.text(&config.client_url));
        let images = config.images.iter().map(|image| {
            json!({"src": rendering.text(&image.src), "alt": rendering.text(&image.alt), "href": rendering.text(&image.href)})
        });
        let images: Vec<Value> = images.filter(|image| image["src"] != json!("")).collect();
        let links = config.links.iter();
        let links = links.map(|link| json!({"href": rendering.text(&link.href), "text": rendering.text(&link.text)}));
        let links: Vec<Value> = links.filter(|link| link["href"] != json!("")).collect();
        for (name, list) in [("images", images), ("links", links)] {
            if !list.is_empty() {
                event.insert(name.into(), list.into());
            }
        }
        event.into()
    }

    fn v1(&self, notification: &Notification, key: &str, action: &str, rendering: &mut Rendering<'_>) -> Value {
        let config = &self.config;
        let mut event = Map::new();
        put(&mut event, "service_key", rendering.text(key));
        event.insert("event_type".into(), action.into());
        event.insert("incident_key".into(), key_hash(notification).into());
        let description = truncate::in_characters(rendering.text(&config.description), DESCRIPTION_LENGTH_MAX);
        put(&mut event, "description", description);
        event.insert("details".into(), self.details(rendering));
        if action == "trigger" {
            put(&mut event, "client", rendering.text(&config.client));
            put(&mut event, "client_url", rendering.text(&config.client_url));
        }
        event.into()
    }
}

/// An event that is too large loses its details, which are most of it.
fn fitted(mut event: Value) -> String {
    let text = event.to_string();
    if text.len() <= EVENT_SIZE_BYTES_MAX {
        return text;
    }
    let instead = "Custom details have been removed because the original event exceeds the maximum size of 512KB";
    let place = if event.get("payload").is_some() { "/payload/custom_details" } else { "/details" };
    if let Some(details) = event.pointer_mut(place) {
        *details = json!({ "error": instead });
    }
    event.to_string()
}

/// PagerDuty's reasons, when it names them.
fn reasons(answer: &Answer) -> String {
    let parsed: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    match (answer.status, parsed["message"].as_str()) {
        (400, Some(message)) => {
            let errors = parsed["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
            let errors: Vec<&str> = errors.iter().filter_map(Value::as_str).collect();
            format!("{message}: {}", errors.join(","))
        }
        _ => String::new(),
    }
}

#[async_trait]
impl Integration for PagerDuty {
    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let action = match notification.status() {
            AlertStatus::Firing => "trigger",
            AlertStatus::Resolved => "resolve",
        };
        let mut rendering = Rendering::new(notification, &self.with);
        let (event, name, url) = match &self.config.key {
            PagerDutyKey::Routing(key) => {
                let event = self.v2(notification, &load(key)?, action, &mut rendering);
                (event, "routing_key", self.config.url.as_str())
            }
            PagerDutyKey::Service(key) => {
                let event = self.v1(notification, &load(key)?, action, &mut rendering);
                (event, "service_key", self.v1_url.as_str())
            }
        };
        rendering.finish()?;
        if event.get(name).is_none() {
            return Err(NotifyError::Permanent(format!("{} cannot be empty", name.replace('_', " "))));
        }
        let request = self.post.request(Method::POST, url)?.header("Content-Type", "application/json");
        let answer = self.post.send(request.body(fitted(event))).await?;
        match self.post.failure(&answer, &reasons(&answer)) {
            Some(error) => Err(error),
            None => Ok(Receipt::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::receivers::ReceiverConfig;
    use crate::receivers::fake::{Service, configured, notification, one, with};

    #[tokio::test]
    async fn events_of_version_2() {
        let service = Service::start(&[]).await;
        let pagerduty = one(&format!(
            "pagerduty_configs:\n- routing_key: key\n  url: {}/v2/enqueue\n  severity: '{{{{ .CommonLabels.severity }}}}'\n  \
             details: {{count: 3}}\n  links: [{{href: 'http://x/{{{{ .Status }}}}', text: more}}, {{text: none}}]\n  \
             images: [{{src: 'http://x/a.png', alt: a}}]\n",
            service.url
        ));
        pagerduty.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        pagerduty.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let seen = service.seen();
        let event = seen[0].json();
        assert_eq!(seen[0].path, "/v2/enqueue");
        assert_eq!((&event["routing_key"], &event["event_action"]), (&json!("key"), &json!("trigger")));
        assert_eq!(event["dedup_key"].as_str().map(str::len), Some(64));
        assert_eq!(event["payload"]["summary"], "[FIRING:1] HighCpu, critical, a");
        assert_eq!(event["payload"]["severity"], "critical");
        assert_eq!(event["payload"]["source"], "lgtm");
        let details = &event["payload"]["custom_details"];
        assert_eq!((&details["num_firing"], &details["count"]), (&json!(1), &json!(3)));
        assert_eq!(details["firing"][0]["labels"]["instance"], "a");
        assert_eq!(event["links"], json!([{"href": "http://x/firing", "text": "more"}]));
        assert_eq!(event["images"], json!([{"src": "http://x/a.png", "alt": "a", "href": ""}]));
        assert_eq!(seen[1].json()["event_action"], "resolve");
        assert_eq!(seen[1].json()["dedup_key"], event["dedup_key"]);
    }

    #[tokio::test]
    async fn events_of_version_1() {
        let service = Service::start(&[(403, ""), (200, "{}")]).await;
        let with = with();
        let context =
            crate::config::receivers::Context { global: &crate::config::Global::default(), templates: &with.templates };
        let read = lgtm_settings::read_text("a.yml", "name: x\npagerduty_configs: [{service_key: key}]", |node| {
            crate::config::receivers::read(node, &context)
        });
        let ReceiverConfig::PagerDuty(config) = &read.unwrap().value.configs[0] else { panic!() };
        let mut pagerduty = PagerDuty::new(config, &with).unwrap();
        pagerduty.v1_url = service.url.clone();
        let firing = notification(&[("firing", "a")]);
        assert!(matches!(pagerduty.notify(&firing, None).await, Err(NotifyError::Temporary(_))));
        pagerduty.notify(&firing, None).await.unwrap();
        let event = service.seen()[1].json();
        assert_eq!((&event["service_key"], &event["event_type"]), (&json!("key"), &json!("trigger")));
        assert_eq!(event["client_url"], "http://lgtm.example.org/alerts?receiver=on-call");
    }

    #[tokio::test]
    async fn reasons_are_told_and_large_events_lose_their_details() {
        let service = Service::start(&[(400, r#"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect"]}"#)]).await;
        let pagerduty = one(&format!("pagerduty_configs: [{{routing_key: key, url: '{}'}}]", service.url));
        let error = pagerduty.notify(&notification(&[("firing", "a")]), None).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "unexpected status code 400: Event object is invalid: Length of 'routing_key' is incorrect"
        );
        let event = json!({"payload": {"custom_details": {"a": "x".repeat(600_000)}}});
        assert!(fitted(event).contains("Custom details have been removed"));
        assert!(
            configured("pagerduty_configs: [{}]")
                .map(|made| made.len())
                .unwrap_err()
                .contains("missing service or routing key")
        );
    }
}
