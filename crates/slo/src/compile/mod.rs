//! From objectives to rules.
//!
//! 1. Every **slice** (15 seconds) the events of each target are counted: `lgtm_slo_slice_total_events`,
//!    `lgtm_slo_slice_good_events`. Slices touch without overlapping, and lie a few seconds behind the clock, so that a
//!    probe that fails after its timeout is not missed by the slice to which it belongs. A target without samples has
//!    no slice: that time is unmeasured, neither good nor bad.
//! 2. **Windows** are sums of slices; nothing is averaged, so that they are weighted by traffic.
//! 3. Every two minutes slices are summed to **blocks**, and the budget's window is a sum of blocks.
//! 4. The **burn rate** is the share of the budget that the window consumed, times how often the window fits into the
//!    budget's: bad ÷ total × measured share ÷ allowance. The measured share means that a service born a minute ago
//!    takes as long to burn as an old one, and that unmeasured time consumes nothing.
//!
//! Each objective has two groups, which are evaluated in order; `docs/slo.md` lists the series.

mod alerts;
mod budget;
mod slices;
mod windows;

use crate::rule::{Rule, RuleGroup, RuleKind};
use crate::scale::{Scale, text};
use crate::slo::Slo;

/// The rules of these objectives.
pub fn compile(slos: &[Slo], scale: Scale) -> Vec<RuleGroup> {
    let mut groups = Vec::with_capacity(2 * slos.len() + 1);
    if !slos.is_empty() {
        let scale_rule = Rule {
            kind: RuleKind::Record("lgtm_slo_window_scale".to_owned()),
            expr: format!("vector({})", scale.factor()),
            labels: Vec::new(),
        };
        groups.push(RuleGroup { name: "slo".to_owned(), interval_ms: 60_000, rules: vec![scale_rule] });
    }
    for slo in slos {
        let context = Context { slo, scale };
        let mut rules = vec![context.record("objective_ratio", format!("vector({})", number(slo.objective)), &[])];
        slices::rules(&context, &mut rules);
        windows::rules(&context, &mut rules);
        alerts::burn_rules(&context, &mut rules);
        alerts::unmeasured_rule(&context, &mut rules);
        groups.push(RuleGroup { name: format!("slo:{}", slo.name), interval_ms: scale.slice_ms(), rules });
        let mut rules = Vec::new();
        budget::rules(&context, &mut rules);
        alerts::policy_rules(&context, &mut rules);
        groups.push(RuleGroup { name: format!("slo:{}:budget", slo.name), interval_ms: scale.block_ms(), rules });
    }
    groups
}

/// What the parts of the compilation share.
struct Context<'a> {
    slo: &'a Slo,
    scale: Scale,
}

impl Context<'_> {
    /// A rule that records `lgtm_slo_NAME` with the objective's labels and `more`.
    fn record(&self, name: &str, expr: String, more: &[(&str, &str)]) -> Rule {
        let own = [("slo", self.slo.name.as_str()), ("service", self.slo.service.as_str())];
        let labels = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Rule { kind: RuleKind::Record(format!("lgtm_slo_{name}")), expr, labels }
    }

    /// The selector of a recorded series of this objective.
    fn series(&self, name: &str) -> String {
        format!("lgtm_slo_{name}{{slo=\"{}\"}}", self.slo.name)
    }

    /// The same of one window.
    fn of_window(&self, name: &str, nominal_ms: i64) -> String {
        format!("lgtm_slo_{name}{{slo=\"{}\",window=\"{}\"}}", self.slo.name, text(nominal_ms))
    }

    /// The labels that tell targets apart, for `by` and `on`.
    fn targets(&self) -> String {
        self.slo.target_labels.join(", ")
    }

    /// How many slices a window has.
    fn slices_in(&self, window_ms: i64) -> i64 {
        window_ms / self.scale.slice_ms()
    }
}

/// A number as PromQL reads it, without the last digits that binary fractions add.
pub(crate) fn number(value: f64) -> String {
    lgtm_promql::format_number((value * 1e9).round() / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, rule_file_text};

    const SHORT: &str = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: up}\nspec:\n  service: shop\n  target: 0.995\n  \
                         probes: probe_success{job=\"b\"}\n";

    #[test]
    fn every_expression_parses_and_groups_have_names_of_their_own() {
        let latency = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: fast}\nspec:\n  service: shop\n  target: 0.99\n  \
                       latency: {histogram: 'h{a=\"b\"}', under: 1}\n";
        let slos = Config::read_texts(&[("a", SHORT), ("b", latency)]).unwrap().value.slos;
        for factor in [1, 12, 60] {
            let groups = compile(&slos, Scale::new(factor).unwrap());
            assert_eq!(groups.len(), 5);
            for rule in groups.iter().flat_map(|group| &group.rules) {
                assert!(lgtm_promql::parse(&rule.expr).is_ok(), "{}", rule.expr);
            }
            assert!(rule_file_text(&groups).contains(&format!("vector({factor})")));
        }
        assert!(compile(&[], Scale::default()).is_empty());
    }

    #[test]
    fn the_arithmetic_of_the_seed_is_in_the_rules() {
        let slos = Config::read_texts(&[("a", SHORT)]).unwrap().value.slos;
        assert_eq!(slos[0].budget_ms(), 216 * 60_000);
        let text = rule_file_text(&compile(&slos, Scale::default()));
        for expected in [
            "lgtm_slo_burn_rate{slo=\"up\",window=\"1h\"} > 14.4",
            "lgtm_slo_burn_rate{slo=\"up\",window=\"5m\"} > 14.4",
            "lgtm_slo_burn_rate{slo=\"up\",window=\"6h\"} > 5",
            "lgtm_slo_burn_rate{slo=\"up\",window=\"30m\"} > 5",
            "/ 0.005",
            "[30d]",
            "for: 2m",
            "for: 15m",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("rate("), "probe_success is a gauge");
    }
}
