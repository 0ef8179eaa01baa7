//! Whether someone exports what a rule reads.

use super::Source;
use crate::rule::{Rule, RuleKind};
use lgtm_model::{METRIC_NAME, MatchOp};
use lgtm_settings::{Problems, nearest};
use std::collections::BTreeSet;

/// What the evaluation of rules stores by itself.
const OF_RULES: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

/// The names in a `metrics.txt`: one a line, as series are called (`…_bucket`, `…_sum` and `…_count` each by itself);
/// `#` begins a comment.
pub fn metric_names(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Checks every selector of every PromQL rule against what is exported and what other rules record.
pub(super) fn check(sources: &[Source], mut known: BTreeSet<String>, problems: &mut Problems) {
    let rules = || sources.iter().flat_map(|source| &source.groups).flat_map(|group| &group.rules);
    known.extend(rules().filter(|rule| matches!(rule.kind, RuleKind::Recording)).map(|rule| rule.name.clone()));
    known.extend(OF_RULES.map(str::to_owned));
    for source in sources {
        for rule in source.groups.iter().flat_map(|group| &group.rules) {
            for (name, fault) in unknown(rule, &known) {
                let message = format!("{} {:?} reads {fault}", kind(rule), rule.name);
                problems.list.push(source.problem(rule.line, &name, message));
            }
        }
    }
}

fn kind(rule: &Rule) -> &'static str {
    if rule.alerting().is_some() { "alert" } else { "rule" }
}

/// Each name that nobody exports, once, and what is to be said about it.
fn unknown(rule: &Rule, known: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut found = BTreeSet::new();
    for selector in rule.query.promql().map(|expr| expr.selectors()).unwrap_or_default() {
        for matcher in selector.matchers.iter().filter(|matcher| matcher.name() == METRIC_NAME) {
            let name = matcher.value();
            match matcher.op() {
                MatchOp::Equal if !known.contains(name) => {
                    let near = nearest(name, known.iter().map(String::as_str));
                    let hint = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
                    found.insert((name.to_owned(), format!("the metric {name:?}, which nobody exports{hint}")));
                }
                MatchOp::Regex if !known.iter().any(|known| matcher.matches(known)) => {
                    found.insert((name.to_owned(), format!("metrics like {name:?}, of which nobody exports any")));
                }
                _ => {}
            }
        }
    }
    found.into_iter().collect()
}
