//! What an alert must carry.

use super::Source;
use super::links::Site;
use crate::rule::Rule;
use lgtm_settings::Problems;
use std::collections::{BTreeMap, BTreeSet};

/// What a severity may be; `none` is for alerts that wake nobody, such as a watchdog.
const SEVERITIES: [&str; 4] = ["critical", "warning", "info", "none"];

/// The annotations under which a link to a panel is looked for.
const PANEL: [&str; 2] = ["dashboard_url", "dashboard"];

/// Checks all alerts; gives back the runbooks that they name.
pub(super) fn check(sources: &[Source], site: &Site<'_>, problems: &mut Problems) -> BTreeSet<String> {
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for source in sources {
        for rule in source.groups.iter().flat_map(|group| &group.rules).filter(|rule| rule.alerting().is_some()) {
            let place = format!("{}:{}", source.file, rule.line);
            let is_generated = source.text.is_empty();
            match first.get(rule.name.as_str()) {
                // Generated alerts share names on purpose: one for each objective.
                Some(other) if !is_generated => {
                    let message = format!("alert {:?} has the name of the one at {other}", rule.name);
                    problems.list.push(source.problem(rule.line, "alert:", message));
                }
                Some(_) => {}
                None => drop(first.insert(&rule.name, place)),
            }
            one(source, rule, site, problems, &mut named);
        }
    }
    named
}

fn one(source: &Source, rule: &Rule, site: &Site<'_>, problems: &mut Problems, named: &mut BTreeSet<String>) {
    let (labels, annotations) = (rule.written_labels(), rule.written_annotations());
    let name = &rule.name;
    let mut tell = |near: &str, message: String| problems.list.push(source.problem(rule.line, near, message));
    match labels.get("severity") {
        None => tell("alert:", format!("alert {name:?} has no label severity; one of {}", SEVERITIES.join(", "))),
        Some(severity) if severity.contains("{{") || SEVERITIES.contains(&severity) => {}
        Some(severity) => {
            tell("severity:", format!("alert {name:?} has severity {severity:?}; one of {}", SEVERITIES.join(", ")));
        }
    }
    for annotation in ["summary", "description"] {
        if annotations.get(annotation).is_none() {
            tell("alert:", format!("alert {name:?} has no annotation {annotation}"));
        }
    }
    let says_value = annotations.iter().any(|(_, text)| text.contains("$value") || text.contains(".Value"));
    if !says_value {
        tell("alert:", format!("alert {name:?} tells its value nowhere; write {{{{ $value }}}} in an annotation"));
    }
    match PANEL.into_iter().find_map(|annotation| Some((annotation, annotations.get(annotation)?))) {
        None => tell("alert:", format!("alert {name:?} has no annotation dashboard_url, the link to its panel")),
        Some((annotation, link)) => {
            if let Err(fault) = site.follow(link) {
                tell(annotation, format!("the link to the panel of alert {name:?} points nowhere: {fault}"));
            }
        }
    }
    match annotations.get("runbook_url") {
        None => tell("alert:", format!("alert {name:?} has no annotation runbook_url, the link to its runbook")),
        Some(link) => match site.follow(link) {
            Ok(runbook) => named.extend(runbook),
            Err(fault) => tell("runbook_url", format!("the runbook of alert {name:?} is not there: {fault}")),
        },
    }
}
