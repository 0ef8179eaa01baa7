//! Slices: how many events each target had, and how many of them were good.

use super::Context;
use crate::rule::Rule;
use crate::scale::text;
use crate::slo::{Events, Part};

/// Records total and good counts of the newest slice, a target a series, and that it was measured at all.
pub(super) fn rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let sli = &context.slo.sli;
    let total = events(context, &sli.total);
    rules.push(context.record("slice_total_events", total, &[]));
    let part = events(context, &sli.part);
    let recorded = newest_total(context);
    let good = match sli.part_is {
        Part::Good => part,
        Part::Bad => {
            let targets = context.targets();
            format!(
                "clamp_min(\n  {recorded}\n- on ({targets})\n  ({part}\n  or on ({targets}) 0 * {recorded}),\n  0\n)"
            )
        }
    };
    rules.push(context.record("slice_good_events", good, &[]));
    rules.push(context.record("slice_measured", format!("group({recorded})"), &[]));
}

/// What the first rule has just recorded: of the newest slice only, so that a target that went away is not there.
fn newest_total(context: &Context<'_>) -> String {
    format!("last_over_time({}[{}])", context.series("slice_total_events"), text(context.scale.slice_ms()))
}

fn events(context: &Context<'_>, events: &Events) -> String {
    let targets = context.targets();
    let slice = text(context.scale.slice_ms());
    let settle = text(context.scale.settle_ms());
    match events {
        Events::Increase(selector) => increase(context, selector),
        Events::Sum(selector) => {
            format!(
                "sum by ({targets}) (\n  sum_over_time({selector}[{slice}] offset {settle}) or 0 * {selector} offset {settle}\n)"
            )
        }
        Events::Samples(selector) => {
            format!(
                "sum by ({targets}) (\n  count_over_time({selector}[{slice}] offset {settle}) or 0 * {selector} offset {settle}\n)"
            )
        }
        // Comparing with −∞ leaves out what is no number: a quantile of no requests is neither good nor bad.
        Events::Read(expr) => format!("count by ({targets}) (({expr}) >= -Inf)"),
        Events::Holds { expr, op, value } => {
            format!("sum by ({targets}) ((({expr}) >= -Inf) {op} bool {})", lgtm_promql::format_number(*value))
        }
    }
}

/// By how much counters grew between the ends of two slices, to the event: what `increase` extrapolates to the edges of
/// its range would be counted twice, or not at all, when ranges are put together. Three cases, one a line:
///
/// 1. it grew, or stood still;
/// 2. it fell: the target restarted and counts from zero;
/// 3. it is new while its target is not: the first error of its kind. Of a target that is new as a whole nobody knows
///    when it counted, so that its first slice is unmeasured.
fn increase(context: &Context<'_>, selector: &str) -> String {
    let targets = context.targets();
    let now = text(context.scale.settle_ms());
    let before = text(context.scale.settle_ms() + context.scale.slice_ms());
    let total = match &context.slo.sli.total {
        Events::Increase(total) | Events::Sum(total) | Events::Samples(total) => total.as_str(),
        Events::Read(_) | Events::Holds { .. } => selector,
    };
    format!(
        "sum by ({targets}) (\n  \
           {selector} offset {now} - {selector} offset {before} >= 0\n  \
           or {selector} offset {now} < {selector} offset {before}\n  \
           or ({selector} offset {now} unless {selector} offset {before}) and on ({targets}) {total} offset {before}\n)"
    )
}
