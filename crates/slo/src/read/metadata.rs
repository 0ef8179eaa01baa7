//! The head of every document: name, and what OpenSLO leaves to implementations.

use lgtm_settings::Node;

/// Characters of a name, as OpenSLO asks of every implementation.
const NAME_LENGTH_MAX: usize = 63;

/// Whether each target alerts by itself.
const EACH_TARGET: &str = "lgtm/each-target";

/// The labels that tell targets apart.
const TARGET_LABELS: &str = "lgtm/target-labels";

/// A document's head.
pub(super) struct Metadata {
    /// Unique among the documents of its kind.
    pub name: String,
    /// For people; the name if none is given.
    pub display_name: String,
    /// Labels for alerts.
    pub labels: Vec<(String, String)>,
    /// `lgtm/each-target`
    pub each_target: Option<bool>,
    /// `lgtm/target-labels`
    pub target_labels: Vec<String>,
}

pub(super) fn metadata(node: Node<'_>) -> Option<Metadata> {
    node.map(|fields| {
        let name = fields.required("name", name);
        let display_name = fields.optional("displayName", |node| node.string());
        let labels = fields.or_default("labels", |node| node.entries(label));
        let mut each_target = None;
        let mut target_labels = vec!["job".to_owned(), "instance".to_owned()];
        fields.optional("annotations", |node| {
            node.entries(|key, value| match key {
                EACH_TARGET => {
                    each_target = value.bool();
                    Some(())
                }
                TARGET_LABELS => {
                    target_labels = names(value)?;
                    Some(())
                }
                key if key.starts_with("lgtm/") => {
                    value.problem(format!(
                        "unknown annotation {key:?}; known are {EACH_TARGET:?} and {TARGET_LABELS:?}"
                    ));
                    None
                }
                // Those of other programs are theirs.
                _ => Some(()),
            })
        });
        let name = name?;
        let display_name = display_name.unwrap_or_else(|| name.clone());
        Some(Metadata { name, display_name, labels, each_target, target_labels })
    })
}

/// A name of an object.
pub(super) fn name(node: Node<'_>) -> Option<String> {
    let name = node.non_empty_string()?;
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let fits = name.len() <= NAME_LENGTH_MAX
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
        && is_edge(name.bytes().next())
        && is_edge(name.bytes().last());
    if !fits {
        node.problem(format!(
            "{name:?} is no name: at most {NAME_LENGTH_MAX} lower-case letters, digits, '-' and '.', \
             with a letter or digit at both ends"
        ));
        return None;
    }
    Some(name)
}

/// A label of alerts; of several values the alert shows all, joined.
fn label(key: &str, node: Node<'_>) -> Option<String> {
    let reserved = ["alertname", "severity", "slo", "service", "window", "state", "job", "instance"];
    if reserved.contains(&key) {
        node.problem(format!("the label {key:?} of its alerts is given by the objective itself"));
        return None;
    }
    if !is_label_name(key) {
        node.warn(format!("{key:?} is no label name, and does not become a label of its alerts"));
        return None;
    }
    Some(node.string_or_list()?.join(","))
}

fn names(node: Node<'_>) -> Option<Vec<String>> {
    let text = node.non_empty_string()?;
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if let Some(wrong) = names.iter().find(|name| !is_label_name(name)) {
        node.problem(format!("expected label names with commas between them, found {wrong:?}"));
        return None;
    }
    Some(names)
}

fn is_label_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with("__")
}
