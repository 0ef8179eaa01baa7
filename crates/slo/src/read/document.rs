//! One YAML document of a file: what it is, and in which order documents are read.

use super::metadata::metadata;
use super::{Registry, alert_policy, indicator, short, slo};
use lgtm_settings::{Fields, Node, Problems, read_text};

/// A document, as text that keeps the lines it had in its file.
pub(crate) struct Document<'a> {
    file: &'a str,
    text: String,
    kind: String,
}

/// The kinds, in the order in which they are read: what is referred to before what refers.
const KINDS: [&str; 7] =
    ["DataSource", "Service", "AlertNotificationTarget", "AlertCondition", "AlertPolicy", "SLI", "SLO"];

/// OpenSLO's versions that are read.
const OPENSLO: [&str; 2] = ["openslo/v1", "openslo.com/v1"];

/// The version of the short form.
const SHORT: &str = "lgtm/v1";

/// The documents of a file. Empty ones are left out.
pub(crate) fn documents<'a>(file: &'a str, text: &str) -> Vec<Document<'a>> {
    let mut parts = vec![String::new()];
    for (number, line) in text.lines().enumerate() {
        if line == "---" || line.starts_with("--- ") || line == "..." {
            // Empty lines in front, so that problems name the lines of the file.
            parts.push("\n".repeat(number + 1));
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    let is_empty = |part: &String| part.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    let all_empty = parts.iter().all(is_empty);
    if all_empty {
        parts.truncate(1);
    } else {
        parts.retain(|part| !is_empty(part));
    }
    parts.into_iter().map(|text| Document { file, kind: kind_of(&text), text }).collect()
}

/// The kind, read before everything else; empty if it cannot be told.
fn kind_of(text: &str) -> String {
    let kind = read_text("", text, |root| {
        let entries = root.entries(|name, node| (name == "kind").then(|| node.string()).flatten())?;
        entries.into_iter().next().map(|(_, kind)| kind)
    });
    kind.map(|reading| reading.value).unwrap_or_default()
}

impl Document<'_> {
    /// Its place in the order of reading.
    pub(crate) fn rank(&self) -> usize {
        KINDS.iter().position(|kind| *kind == self.kind).unwrap_or(KINDS.len())
    }

    /// Adds what it defines. Gives its warnings, or all its problems.
    pub(crate) fn read(&self, registry: &mut Registry) -> Result<Problems, Problems> {
        let reading = read_text(self.file, &self.text, |root| {
            if root.is_null() {
                root.problem("is empty; expected an OpenSLO document");
                return None;
            }
            root.map(|fields| document(fields, registry))
        })?;
        Ok(reading.warnings)
    }
}

fn document(fields: &mut Fields<'_>, registry: &mut Registry) -> Option<()> {
    let versions = [(OPENSLO[0], false), (OPENSLO[1], false), (SHORT, true)];
    let is_short = fields.required("apiVersion", |node| node.one_of(&versions))?;
    let kind = fields.required("kind", |node| node.one_of(&KINDS.map(|kind| (kind, kind))))?;
    let metadata = fields.required("metadata", metadata);
    if is_short {
        if kind != "SLO" {
            fields.problem_at("kind", format!("{SHORT:?} knows the kind \"SLO\" only"));
            return None;
        }
        let spec = fields.required("spec", Some)?;
        return short::read(spec, metadata?, registry);
    }
    let name = metadata.as_ref().map(|metadata| metadata.name.clone());
    match kind {
        "DataSource" => {
            fields.required("spec", data_source)?;
            registry.data_sources.push(name?);
        }
        "Service" => fields.optional("spec", description_only).unwrap_or_default(),
        "AlertNotificationTarget" => {
            fields.required("spec", notification_target)?;
            registry.notification_targets.push(name?);
        }
        "AlertCondition" => {
            let tier = fields.required("spec", alert_policy::condition)?;
            registry.conditions.insert(name?, tier);
        }
        "AlertPolicy" => {
            let tiers = fields.required("spec", |node| alert_policy::policy(node, registry))?;
            registry.policies.insert(name?, tiers);
        }
        "SLI" => {
            let indicator = fields.required("spec", |node| indicator::indicator(node, registry))?;
            registry.indicators.insert(name?, indicator);
        }
        _ => {
            let spec = fields.required("spec", Some)?;
            slo::read(spec, metadata?, registry)?;
        }
    }
    Some(())
}

fn description_only(node: Node<'_>) -> Option<()> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        Some(())
    })
}

fn data_source(node: Node<'_>) -> Option<()> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        fields.accept(&["connectionDetails"], "has no effect: the server's own samples are read");
        fields.required("type", super::query::source_type)
    })
}

fn notification_target(node: Node<'_>) -> Option<()> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        fields.required("target", |node| node.non_empty_string())?;
        Some(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_lines() {
        let found = documents("a.yml", "# head\n---\nkind: Service\n---\n\n---\nkind: SLO\nx: 1\n");
        let kinds: Vec<&str> = found.iter().map(|document| document.kind.as_str()).collect();
        assert_eq!(kinds, ["Service", "SLO"]);
        assert!(found[0].rank() < found[1].rank());
        let problems = found[1].read(&mut Registry::default()).unwrap_err().to_string();
        assert!(problems.contains("a.yml:7:1: \"apiVersion\" is missing"), "{problems}");
        assert!(problems.contains("a.yml:8:1: unknown field \"x\""), "{problems}");
    }

    #[test]
    fn an_empty_file_is_a_problem() {
        let found = documents("a.yml", "# nothing\n---\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].read(&mut Registry::default()).is_err());
    }
}
