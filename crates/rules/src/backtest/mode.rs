//! Whether a group's rules can each be asked with one range query.

use super::Mode;
use crate::eval::{Outputs, may_read, reads_with_query};
use crate::rule::{Group, Rule, RuleKind};
use lgtm_promql::Expr;

/// How a group is evaluated. `all` are the groups of the backtest.
pub(super) fn of(group: &Group, all: &[Group]) -> Mode {
    let everything = Outputs::of(all.iter().flat_map(|group| &group.rules));
    for (index, rule) in group.rules.iter().enumerate() {
        if let Some(reason) = obstacle(rule, &group.rules[index..], &everything) {
            return Mode::StepByStep(format!("{}: {reason}", rule.name));
        }
    }
    Mode::OneQuery
}

fn obstacle(rule: &Rule, from_here: &[Rule], everything: &Outputs) -> Option<&'static str> {
    if may_read(rule, &Outputs::of(from_here)) {
        return Some("reads what it or a later rule of its group writes");
    }
    if may_read(rule, &Outputs::of_alerts()) {
        return Some("reads the state of alerts");
    }
    if reads_with_query(rule) {
        return Some("its labels or annotations ask queries of their own");
    }
    if knows_its_range(rule) {
        return Some("its expression depends on the query's range");
    }
    (may_read(rule, everything) && looks_elsewhere(rule)).then_some("reads recorded series at another time")
}

/// Whether any rule reads `ALERTS` or `ALERTS_FOR_STATE` of these groups.
pub(super) fn reads_alerts(groups: &[Group]) -> bool {
    let rules = || groups.iter().flat_map(|group| &group.rules);
    rules().any(|rule| matches!(rule.kind, RuleKind::Alerting(_)))
        && rules().any(|rule| may_read(rule, &Outputs::of_alerts()))
}

/// `start()`, `end()`, `range()` and `step()`, as functions, in `@` and in durations.
fn knows_its_range(rule: &Rule) -> bool {
    let text = rule.query.text();
    rule.query.promql().is_some()
        && ["start", "end", "range", "step"]
            .iter()
            .any(|name| text.match_indices(name).any(|(at, _)| text[at + name.len()..].trim_start().starts_with('(')))
}

/// `@` and `offset`: step by step, nothing lies in the future yet.
fn looks_elsewhere(rule: &Rule) -> bool {
    let Some(expr) = rule.query.promql() else { return false };
    let mut found = expr.selectors().iter().any(|selector| selector.at.is_some() || selector.offset.is_some());
    expr.walk(&mut |node| {
        if let Expr::Subquery(subquery) = node {
            found |= subquery.at.is_some() || subquery.offset.is_some();
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Format, read_rules};

    fn mode(rules: &str) -> Mode {
        let groups =
            read_rules("a", &format!("groups:\n- name: a\n  rules:\n{rules}"), Format::default()).unwrap().value;
        of(&groups[0], &groups)
    }

    #[test]
    fn only_what_needs_it_is_evaluated_step_by_step() {
        for rules in [
            "  - {record: a, expr: up}\n  - {alert: A, expr: 'a > 1', for: 5m}\n",
            "  - {record: a, expr: 'up offset 5m'}\n",
            "  - {alert: A, expr: 'rate(x[5m]) > 1', annotations: {a: '{{ $value }}'}}\n",
        ] {
            assert_eq!(mode(rules), Mode::OneQuery, "{rules}");
        }
        for rules in [
            "  - {record: a, expr: 'a + 1'}\n",
            "  - {alert: A, expr: 'a > 1'}\n  - {record: a, expr: up}\n",
            "  - {record: a, expr: up}\n  - {record: b, expr: 'a offset -5m'}\n",
            "  - {record: a, expr: 'up @ end ()'}\n",
            "  - {alert: A, expr: 'ALERTS'}\n",
            "  - {alert: A, expr: up, labels: {a: '{{ query \"up\" | len }}'}}\n",
        ] {
            assert!(matches!(mode(rules), Mode::StepByStep(_)), "{rules}");
        }
    }
}
