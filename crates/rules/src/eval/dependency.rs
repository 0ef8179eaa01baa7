//! Which rules may read what others write.
//!
//! A selector may read a metric when its conditions on the name let it through; one without such a condition may read
//! anything. A template that asks queries of its own may read anything too.

use crate::rule::{Rule, RuleKind};
use lgtm_model::{METRIC_NAME, Matcher};

/// The names of the metrics that some rules write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outputs(Vec<String>);

impl Outputs {
    pub fn of<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let mut outputs = Self::default();
        for rule in rules {
            outputs.add(rule);
        }
        outputs
    }

    /// The state of alerts alone.
    pub fn of_alerts() -> Self {
        Self(vec!["ALERTS".to_owned(), "ALERTS_FOR_STATE".to_owned()])
    }

    /// What one more rule writes.
    pub fn add(&mut self, rule: &Rule) {
        match rule.kind {
            RuleKind::Recording => self.0.push(rule.name.clone()),
            RuleKind::Alerting(_) => self.0.extend(["ALERTS".to_owned(), "ALERTS_FOR_STATE".to_owned()]),
        }
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Whether a selection may give some of them.
    pub fn may_match(&self, matchers: &[Matcher]) -> bool {
        let mut named = matchers.iter().filter(|matcher| matcher.name() == METRIC_NAME).peekable();
        if let Some(exact) =
            matchers.iter().find(|one| one.name() == METRIC_NAME && one.op() == lgtm_model::MatchOp::Equal)
        {
            return self.0.binary_search_by(|name| name.as_str().cmp(exact.value())).is_ok();
        }
        if named.peek().is_none() {
            return !self.0.is_empty();
        }
        let conditions: Vec<&Matcher> = named.collect();
        self.0.iter().any(|name| conditions.iter().all(|condition| condition.matches(name)))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a rule may read some of the outputs.
pub(crate) fn may_read(rule: &Rule, outputs: &Outputs) -> bool {
    let by_expression = rule.query.promql().is_some_and(|expr| {
        // info() reads metrics that no selector of the expression names.
        let mut is_open = false;
        expr.walk(&mut |node| {
            is_open |= matches!(node, lgtm_promql::Expr::Call(call) if call.function.name == "info");
        });
        is_open && !outputs.is_empty() || expr.selectors().iter().any(|selector| outputs.may_match(&selector.matchers))
    });
    by_expression || (!outputs.is_empty() && reads_with_query(rule))
}

/// Whether a template of the rule may ask queries.
pub(crate) fn reads_with_query(rule: &Rule) -> bool {
    let annotations = rule.alerting().map(|alerting| alerting.annotations.as_slice()).unwrap_or_default();
    rule.labels.iter().chain(annotations).any(|(_, text)| text.may_query())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Format, read_rules};

    #[test]
    fn a_rule_waits_for_what_it_may_read() {
        let text = "groups:\n- name: a\n  rules:\n  - {record: 'x:y', expr: z}\n  - {alert: A, expr: z}\n\
                    \x20 - {record: b, expr: 'x:y + 1'}\n  - {record: c, expr: 'rate(z[5m])'}\n\
                    \x20 - {record: d, expr: 'count(ALERTS)'}\n  - {record: e, expr: '{job=\"x\"}'}\n\
                    \x20 - {record: f, expr: '{__name__=~\"x:.*\"}'}\n";
        let group = read_rules("a", text, Format::default()).unwrap().value.remove(0);
        let outputs = Outputs::of(&group.rules[..2]);
        let waits: Vec<bool> = group.rules[2..].iter().map(|rule| may_read(rule, &outputs)).collect();
        assert_eq!(waits, [true, false, true, true, true]);
        assert!(!may_read(&group.rules[5], &Outputs::default()));
    }
}
