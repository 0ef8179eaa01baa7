//! Jira: an issue a group, found again by a label that holds the group's key.

use super::With;
use super::post::{Post, join};
use super::rendering::{Rendering, key_hash};
use super::truncate;
use crate::config::receivers::jira::{JiraApi, JiraConfig};
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Characters that Jira takes.
const SUMMARY_LENGTH_MAX: usize = 255;
const DESCRIPTION_LENGTH_MAX: usize = 32_767;

/// Stands for a status in which nothing is left to do.
const DONE: &str = "done";

pub(super) struct Jira {
    config: JiraConfig,
    post: Post,
    with: With,
}

/// An issue that is there already.
struct Issue {
    key: String,
    done: bool,
}

impl Jira {
    pub fn new(config: &JiraConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }

    async fn call(&self, method: Method, url: &str, body: Option<Value>) -> Result<Value, NotifyError> {
        let mut request = self.post.request(method, url)?;
        request = request.header("Content-Type", "application/json").header("Accept-Language", "en");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = self.post.checked(request).await?;
        Ok(serde_json::from_str(&answer.body).unwrap_or_default())
    }

    fn of(&self, path: &str) -> String {
        join(&self.config.api_url, path)
    }

    /// The query for the group's issue: open, or closed not too long ago if it may be opened again.
    fn query(&self, project: &str, label: &str, firing: bool) -> String {
        let config = &self.config;
        let mut query = String::new();
        if !config.wont_fix_resolution.is_empty() {
            // A comparison with a resolution passes over issues that have none.
            query = format!("(resolution is EMPTY or resolution != {:?}) and ", config.wont_fix_resolution);
        }
        let minutes = config.reopen_duration.as_secs() / 60;
        match firing && !config.reopen_transition.is_empty() && minutes > 0 {
            true => query.push_str(&format!("(resolutiondate is EMPTY OR resolutiondate >= -{minutes}m) and ")),
            false => query.push_str("statusCategory != Done and "),
        }
        query.push_str(&format!("project={project:?} and labels={label:?} order by status ASC,resolutiondate DESC"));
        query
    }

    async fn find(&self, query: String) -> Result<Option<Issue>, NotifyError> {
        let host = self.config.api_url.host_str().unwrap_or_default();
        let cloud = match self.config.api {
            JiraApi::Cloud => true,
            JiraApi::DataCenter => false,
            JiraApi::Auto => host.ends_with("atlassian.net"),
        };
        let url = match cloud {
            true => self.of("search/jql").replacen("/rest/api/2/", "/rest/api/3/", 1),
            false => self.of("search"),
        };
        let search = json!({"jql": query, "maxResults": 2, "fields": ["status"]});
        let answer = self.call(Method::POST, &url, Some(search)).await?;
        let issue = &answer["issues"][0];
        Ok(issue["key"].as_str().map(|key| Issue {
            key: key.to_owned(),
            done: issue["fields"]["status"]["statusCategory"]["key"] == json!(DONE),
        }))
    }

    fn fields(&self, label: &str, rendering: &mut Rendering<'_>) -> Result<Map<String, Value>, NotifyError> {
        let config = &self.config;
        let mut fields = Map::new();
        fields.insert("project".into(), json!({"key": rendering.text(&config.project)}));
        fields.insert("issuetype".into(), json!({"name": rendering.text(&config.issue_type)}));
        let summary = truncate::in_characters(rendering.text(&config.summary.template), SUMMARY_LENGTH_MAX);
        fields.insert("summary".into(), summary.into());
        let text = truncate::in_characters(rendering.text(&config.description.template), DESCRIPTION_LENGTH_MAX);
        if !text.trim().is_empty() {
            fields.insert("description".into(), self.description(text)?);
        }
        let mut labels: Vec<String> = config.labels.iter().map(|label| rendering.text(label)).collect();
        labels.push(label.to_owned());
        labels.sort();
        fields.insert("labels".into(), json!(labels));
        let priority = rendering.text(&config.priority);
        if !priority.is_empty() {
            fields.insert("priority".into(), json!({ "name": priority }));
        }
        for (name, value) in &config.fields {
            fields.insert(name.clone(), value.render(&mut |template| rendering.text(template)));
        }
        Ok(fields)
    }

    /// API 3 wants a document: one that the template gives, or our text as paragraphs of one.
    fn description(&self, text: String) -> Result<Value, NotifyError> {
        if !self.config.api_url.path().trim_end_matches('/').ends_with("/3") {
            return Ok(text.into());
        }
        match serde_json::from_str(text.trim()) {
            Ok(document @ Value::Object(_)) => Ok(document),
            _ => {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                let paragraphs: Vec<Value> = lines
                    .map(|line| json!({"type": "paragraph", "content": [{"type": "text", "text": line}]}))
                    .collect();
                Ok(json!({"type": "doc", "version": 1, "content": paragraphs}))
            }
        }
    }

    /// Moves an issue when its state is not the group's.
    async fn transition(&self, issue: &Issue, firing: bool) -> Result<(), NotifyError> {
        let name = if firing { &self.config.reopen_transition } else { &self.config.resolve_transition };
        if name.is_empty() || issue.done != firing {
            return Ok(());
        }
        let url = self.of(&format!("issue/{}/transitions", issue.key));
        let answer = self.call(Method::GET, &url, None).await?;
        let known = answer["transitions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(id) = known.iter().find(|known| known["name"] == json!(name)).and_then(|known| known["id"].as_str())
        else {
            return Err(NotifyError::Permanent(format!("can't find transition {name} for issue {}", issue.key)));
        };
        self.call(Method::POST, &url, Some(json!({"transition": {"id": id}}))).await.map(drop)
    }
}

#[async_trait]
impl Integration for Jira {
    fn kind(&self) -> &'static str {
        "jira"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let label = format!("ALERT{{{}}}", key_hash(notification));
        let firing = notification.status() == AlertStatus::Firing;
        let mut rendering = Rendering::new(notification, &self.with);
        let project = rendering.text(&self.config.project);
        let mut fields = self.fields(&label, &mut rendering)?;
        rendering.finish()?;
        let Some(issue) = self.find(self.query(&project, &label, firing)).await? else {
            // Nobody needs an issue about what is over.
            if firing {
                self.call(Method::POST, &self.of("issue"), Some(json!({ "fields": fields }))).await?;
            }
            return Ok(Receipt::default());
        };
        for (name, text) in [("summary", &self.config.summary), ("description", &self.config.description)] {
            if !text.update {
                fields.remove(name);
            }
        }
        let url = self.of(&format!("issue/{}", issue.key));
        self.call(Method::PUT, &url, Some(json!({ "fields": fields }))).await?;
        self.transition(&issue, firing).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, one};

    const OPEN: &str =
        r#"{"issues":[{"key":"OPS-1","fields":{"status":{"name":"Open","statusCategory":{"key":"new"}}}}]}"#;

    fn jira(service: &Service) -> std::sync::Arc<dyn Integration> {
        one(&format!(
            "jira_configs:\n- api_url: {}/rest/api/2/\n  project: OPS\n  issue_type: Bug\n  labels: [lgtm]\n  \
             resolve_transition: Done\n  reopen_transition: Reopen\n  reopen_duration: 1h\n  \
             fields: {{customfield_1: {{value: '{{{{ .Status }}}}'}}}}\n  summary: {{template: x, enable_update: false}}\n",
            service.url
        ))
    }

    #[tokio::test]
    async fn an_issue_is_created_and_found_again_and_closed() {
        let transitions = r#"{"transitions":[{"id":"11","name":"Done"}]}"#;
        let service = Service::start(&[
            (200, r#"{"issues":[]}"#),
            (201, "{}"),
            (200, OPEN),
            (204, ""),
            (200, transitions),
            (204, ""),
        ])
        .await;
        let jira = jira(&service);
        jira.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        jira.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let seen = service.seen();
        let requests: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
        let issue = "/rest/api/2/issue";
        let want = [
            "POST /rest/api/2/search".to_owned(),
            format!("POST {issue}"),
            "POST /rest/api/2/search".to_owned(),
            format!("PUT {issue}/OPS-1"),
            format!("GET {issue}/OPS-1/transitions"),
            format!("POST {issue}/OPS-1/transitions"),
        ];
        assert_eq!(requests, want);
        let query = seen[0].json()["jql"].as_str().unwrap().to_owned();
        assert!(
            query.starts_with(
                "(resolutiondate is EMPTY OR resolutiondate >= -60m) and project=\"OPS\" and labels=\"ALERT{"
            ),
            "{query}"
        );
        let fields = &seen[1].json()["fields"];
        assert_eq!((&fields["summary"], &fields["priority"]), (&json!("x"), &json!({"name": "High"})));
        assert_eq!(fields["customfield_1"], json!({"value": "firing"}));
        assert_eq!(fields["labels"].as_array().map(Vec::len), Some(2));
        assert!(seen[3].json()["fields"].get("summary").is_none());
        assert_eq!(seen[5].json(), json!({"transition": {"id": "11"}}));
    }

    #[tokio::test]
    async fn nothing_is_created_for_what_is_over() {
        let service = Service::start(&[(200, r#"{"issues":[]}"#)]).await;
        jira(&service).notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        assert_eq!(service.seen().len(), 1);
    }
}
