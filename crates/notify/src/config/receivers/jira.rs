//! `jira_configs`: issues at Jira.

use super::Context;
use super::anything::{self, Anything};
use super::reading::{Common, Reader, reader};
use lgtm_settings::{Node, Shape};
use std::time::Duration;
use url::Url;

/// How issues are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JiraApi {
    /// By the host's name.
    Auto,
    /// `search/jql` of API 3.
    Cloud,
    /// `search`.
    DataCenter,
}

/// One project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Jira names them; all texts are templates")]
pub struct JiraConfig {
    pub common: Common,
    pub api_url: Url,
    pub api: JiraApi,
    pub project: String,
    pub summary: Updatable,
    pub description: Updatable,
    pub labels: Vec<String>,
    pub priority: String,
    pub issue_type: String,
    pub reopen_transition: String,
    pub resolve_transition: String,
    pub wont_fix_resolution: String,
    pub reopen_duration: Duration,
    pub(crate) fields: Vec<(String, Anything)>,
}

/// A text that may be kept as it was when an issue changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updatable {
    /// The template.
    pub template: String,
    /// Whether an existing issue gets the new text.
    pub update: bool,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<JiraConfig> {
    reader(node, context, |reader| {
        let api_url = reader.url("api_url").or_else(|| context.global.jira_api_url.clone());
        if api_url.is_none() {
            reader.fields.node().problem("no global Jira Cloud URL set");
        }
        let (project, issue_type) = (reader.text("project", ""), reader.text("issue_type", ""));
        for (name, text) in [("project", &project), ("issue_type", &issue_type)] {
            if text.is_empty() {
                reader.fields.node().problem(format!("missing {name} in jira_config"));
            }
        }
        let apis = [("auto", JiraApi::Auto), ("cloud", JiraApi::Cloud), ("datacenter", JiraApi::DataCenter)];
        let reopen_ms = reader.fields.or_default("reopen_duration", |node| node.duration_ms());
        Some(JiraConfig {
            common: reader.common(true),
            api: reader.fields.or("api_type", JiraApi::Auto, |node| node.one_of(&apis)),
            project,
            summary: updatable(reader, "summary", "{{ template \"jira.default.summary\" . }}"),
            description: updatable(reader, "description", "{{ template \"jira.default.description\" . }}"),
            labels: reader.fields.or_default("labels", |node| {
                node.list(|item| {
                    let text = item.string()?;
                    context.templates.check_text(&text, item).then_some(text)
                })
            }),
            priority: reader.text("priority", "{{ template \"jira.default.priority\" . }}"),
            issue_type,
            reopen_transition: reader.plain("reopen_transition"),
            resolve_transition: reader.plain("resolve_transition"),
            wont_fix_resolution: reader.plain("wont_fix_resolution"),
            reopen_duration: Duration::from_millis(u64::try_from(reopen_ms).unwrap_or(0)),
            fields: reader.fields.or_default("fields", |node| match node.shape() {
                Shape::Map(entries) => {
                    let read = |(name, node): (&str, Node<'_>)| Some((name.to_owned(), anything::read(node, context)?));
                    Some(entries.into_iter().filter_map(read).collect::<Vec<_>>())
                }
                _ => node.entries(|_, _| None),
            }),
            api_url: api_url?,
        })
    })
}

/// A template alone, or with the word whether it is updated.
fn updatable(reader: &mut Reader<'_, '_, '_>, name: &'static str, default: &str) -> Updatable {
    let context = reader.context;
    let written = Updatable { template: default.to_owned(), update: true };
    reader.fields.or(name, written, |node| match node.is_map() {
        true => self::reader(node, context, |reader| {
            let update = reader.flag("enable_update", true);
            Some(Updatable { template: reader.text("template", default), update })
        }),
        false => {
            let template = node.string()?;
            context.templates.check_text(&template, node).then_some(Updatable { template, update: true })
        }
    })
}
