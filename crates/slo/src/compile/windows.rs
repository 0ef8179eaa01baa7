//! Windows of the alerts: counts, the measured share, and burn rates, of the objective and of each target.

use super::{Context, number};
use crate::rule::Rule;
use crate::scale::text;
use std::collections::BTreeSet;

/// Records every window that an alert asks for.
pub(super) fn rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let tiers = &context.slo.tiers;
    let nominal: BTreeSet<i64> = tiers.iter().flat_map(|tier| [tier.short_ms(), tier.long_ms]).collect();
    for nominal_ms in nominal {
        window(context, nominal_ms, rules);
    }
}

fn window(context: &Context<'_>, nominal_ms: i64, rules: &mut Vec<Rule>) {
    let window_ms = context.scale.window_ms(nominal_ms);
    let range = text(window_ms);
    let slices = context.slices_in(window_ms);
    let name = text(nominal_ms);
    let label = [("window", name.as_str())];
    let (total, good) = (context.series("slice_total_events"), context.series("slice_good_events"));
    rules.push(context.record("target_total_events", format!("sum_over_time({total}[{range}])"), &label));
    let counted = format!("sum_over_time({good}[{range}])\nor 0 * sum_over_time({total}[{range}])");
    rules.push(context.record("target_good_events", counted, &label));
    for events in ["total_events", "good_events"] {
        let summed = context.of_window(&format!("target_{events}"), nominal_ms);
        rules.push(context.record(events, format!("sum({summed})"), &label));
    }
    let measured = format!("clamp_max(count_over_time({}[{range}]) / {slices}, 1)", context.series("slice_measured"));
    rules.push(context.record("measured_ratio", measured, &label));
    let consumption = consumption(context, nominal_ms);
    rules.push(context.record("burn_rate", consumption, &label));
    if context.slo.each_target {
        let (total, good) =
            (context.of_window("target_total_events", nominal_ms), context.of_window("target_good_events", nominal_ms));
        let measured =
            format!("clamp_max(count_over_time({}[{range}]) / {slices}, 1)", context.series("slice_total_events"));
        let allowance = number(context.slo.allowance());
        let burn = format!(
            "clamp_min({total} - {good}, 0)\n/ clamp_min({total}, 1)\n* ignoring (window) {measured}\n/ {allowance}"
        );
        rules.push(context.record("target_burn_rate", burn, &label));
    }
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
