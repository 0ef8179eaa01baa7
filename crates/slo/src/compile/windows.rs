//! Windows of the alerts: counts, the measured share, and burn rates, of the objective and of each target.

use super::{Context, number};
use crate::rule::Rule;
use crate::scale::text;
use std::collections::BTreeSet;

/// Records every window that an alert asks for. Step by step for all windows together, so that whoever evaluates the
/// group can write the results of a step at once before the next one reads them.
pub(super) fn rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let tiers = &context.slo.tiers;
    let nominal: BTreeSet<i64> = tiers.iter().flat_map(|tier| [tier.short_ms(), tier.long_ms]).collect();
    for step in [target_counts, counts, burn_rates] {
        for nominal_ms in &nominal {
            step(context, *nominal_ms, rules);
        }
    }
}

/// Sums of slices.
fn target_counts(context: &Context<'_>, nominal_ms: i64, rules: &mut Vec<Rule>) {
    let name = text(nominal_ms);
    let label = [("window", name.as_str())];
    let range = text(context.scale.window_ms(nominal_ms));
    let (total, good) = (context.series("slice_total_events"), context.series("slice_good_events"));
    rules.push(context.record("target_total_events", format!("sum_over_time({total}[{range}])"), &label));
    let counted = format!("sum_over_time({good}[{range}])\nor 0 * sum_over_time({total}[{range}])");
    rules.push(context.record("target_good_events", counted, &label));
    let measured = measured(context, "slice_measured", nominal_ms);
    rules.push(context.record("measured_ratio", measured, &label));
}

/// Sums of all targets.
fn counts(context: &Context<'_>, nominal_ms: i64, rules: &mut Vec<Rule>) {
    for events in ["total_events", "good_events"] {
        let summed = context.of_window(&format!("target_{events}"), nominal_ms);
        rules.push(context.record(events, format!("sum({summed})"), &[("window", text(nominal_ms).as_str())]));
    }
}

fn burn_rates(context: &Context<'_>, nominal_ms: i64, rules: &mut Vec<Rule>) {
    let name = text(nominal_ms);
    let label = [("window", name.as_str())];
    rules.push(context.record("burn_rate", consumption(context, nominal_ms), &label));
    if context.slo.each_target {
        let of = |name: &str| context.of_window(name, nominal_ms);
        let burn = format!(
            "clamp_min({total} - {good}, 0)\n/ clamp_min({total}, 1)\n* ignoring (window) {measured}\n/ {allowance}",
            total = of("target_total_events"),
            good = of("target_good_events"),
            measured = measured(context, "slice_total_events", nominal_ms),
            allowance = number(context.slo.allowance()),
        );
        rules.push(context.record("target_burn_rate", burn, &label));
    }
}

/// The share of a window for which there are slices.
fn measured(context: &Context<'_>, slices: &str, nominal_ms: i64) -> String {
    let window_ms = context.scale.window_ms(nominal_ms);
    let (range, count) = (text(window_ms), context.slices_in(window_ms));
    format!("clamp_max(count_over_time({}[{range}]) / {count}, 1)", context.series(slices))
}

/// The share of the allowance that a window consumed, as if all its measured time went on like that for the rest: the
/// burn rate; of the budget's own window, the budget consumed. Without any event nothing is consumed.
pub(super) fn consumption(context: &Context<'_>, nominal_ms: i64) -> String {
    let of = |name: &str| context.of_window(name, nominal_ms);
    format!(
        "clamp_min({total} - {good}, 0)\n/ clamp_min({total}, 1)\n* {measured}\n/ {allowance}",
        total = of("total_events"),
        good = of("good_events"),
        measured = of("measured_ratio"),
        allowance = number(context.slo.allowance()),
    )
}
