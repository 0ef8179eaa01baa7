//! The error budget: blocks, their sums over the budget's window, what is left, how long that lasts, and the policy.

use super::Context;
use super::windows::consumption;
use crate::policy::STEPS;
use crate::rule::Rule;
use crate::scale::text;

/// Records blocks, budget and policy.
pub(super) fn rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    blocks(context, rules);
    let nominal_ms = context.slo.window_ms;
    let window_ms = context.scale.budget_window_ms(nominal_ms);
    let range = text(window_ms);
    let name = text(nominal_ms);
    let label = [("window", name.as_str())];
    for events in ["total_events", "good_events"] {
        let sum = format!("sum(sum_over_time({}[{range}]))", context.series(&format!("block_{events}")));
        rules.push(context.record(events, sum, &label));
    }
    let slices = context.slices_in(window_ms);
    let measured = format!("clamp_max(sum_over_time({}[{range}]) / {slices}, 1)", context.series("block_measured"));
    rules.push(context.record("measured_ratio", measured, &label));

    let (total, good) = (context.of_window("total_events", nominal_ms), context.of_window("good_events", nominal_ms));
    rules.push(context.record("sli_ratio", format!("{good} / ({total} > 0)"), &[]));
    // The same arithmetic as a burn rate: over the whole window both are the share of the budget that is gone.
    rules.push(context.record("budget_consumed_ratio", consumption(context, nominal_ms), &[]));
    let consumed = context.series("budget_consumed_ratio");
    rules.push(context.record("budget_remaining_ratio", format!("1 - {consumed}"), &[]));
    exhaustion(context, window_ms, rules);
    for (index, (state, from)) in STEPS.iter().enumerate() {
        let above = from.is_finite().then(|| format!("({consumed} >= bool {from})"));
        let below = STEPS.get(index + 1).map(|(_, next)| format!("({consumed} < bool {next})"));
        let both: Vec<String> = above.into_iter().chain(below).collect();
        rules.push(context.record("policy_state", both.join(" * "), &[("state", state.as_str())]));
    }
}

/// Blocks lie two slices behind the clock, so that the group that records slices need not keep step with this one.
fn blocks(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let block = text(context.scale.block_ms());
    let behind = text(2 * context.scale.slice_ms());
    let over = |function: &str, name: &str| format!("{function}({}[{block}] offset {behind})", context.series(name));
    rules.push(context.record("block_total_events", over("sum_over_time", "slice_total_events"), &[]));
    rules.push(context.record("block_good_events", over("sum_over_time", "slice_good_events"), &[]));
    rules.push(context.record("block_measured", over("count_over_time", "slice_measured"), &[]));
}

/// How long the rest of the budget lasts if the last hour goes on. At a rate of one or less it lasts for ever.
fn exhaustion(context: &Context<'_>, window_ms: i64, rules: &mut Vec<Rule>) {
    let Some(shortest_ms) = context.slo.tiers.iter().map(|tier| tier.long_ms).min() else { return };
    let expr = format!(
        "clamp_min({}, 0) * {}\n/ ignoring (window) ({} > 1)",
        context.series("budget_remaining_ratio"),
        window_ms / 1000,
        context.of_window("burn_rate", shortest_ms),
    );
    rules.push(context.record("exhaustion_seconds", expr, &[]));
}
