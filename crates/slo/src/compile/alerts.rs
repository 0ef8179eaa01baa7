//! Alerts: fast and slow burn, what is not measured, and the policy's states.

use super::Context;
use crate::policy::{PolicyState, STEPS};
use crate::rule::{Rule, RuleKind};
use crate::scale::text;
use crate::slo::Tier;

/// Fewer bad events than this are no outage, whatever the traffic.
const BAD_EVENTS_MIN: u32 = 2;

/// How long nothing must be measured until the absence is told.
const UNMEASURED_MS: i64 = 10 * 60_000;

/// However much windows are scaled: what is down falls silent too, and `ServiceDown`, which nothing scales, comes first
/// and inhibits this.
const UNMEASURED_MS_MIN: i64 = 3 * 60_000;

/// A target that was measured within this time and is not any more is missed.
const REMEMBERED_MS: i64 = 6 * 3_600_000;

/// How long a policy's state must hold until it is told, so that a budget at the edge does not flap.
const POLICY_MS: i64 = 5 * 60_000;

/// One rule a tier. Where targets alert by themselves, it gives one alert for each of them, and one for the whole only
/// when none of them explains it.
pub(super) fn burn_rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    for tier in &context.slo.tiers {
        let whole = condition(context, tier, "", "slo");
        let expr = if context.slo.each_target {
            let each = condition(context, tier, "target_", &format!("slo, {}", context.targets()));
            format!("{each}\nor on (slo) {whole}")
        } else {
            whole
        };
        rules.push(burn_alert(context, tier, expr));
    }
}

/// The long window proves that it matters, the short one that it goes on, and the count that it was no single event.
fn condition(context: &Context<'_>, tier: &Tier, level: &str, on: &str) -> String {
    let of = |name: &str, window_ms| context.of_window(&format!("{level}{name}"), window_ms);
    format!(
        "{long} > {threshold}\nand on ({on}) {short} > {threshold}\nand on ({on}) {total} - {good} >= {BAD_EVENTS_MIN}",
        long = of("burn_rate", tier.long_ms),
        short = of("burn_rate", tier.short_ms()),
        threshold = lgtm_promql::format_number(tier.threshold),
        total = of("total_events", tier.long_ms),
        good = of("good_events", tier.long_ms),
    )
}

fn burn_alert(context: &Context<'_>, tier: &Tier, expr: String) -> Rule {
    let slo = context.slo;
    let whom = match slo.target_labels.last().filter(|_| slo.each_target) {
        Some(label) => format!("{}{{{{ with $labels.{label} }}}} on {{{{ . }}}}{{{{ end }}}}", title(context)),
        None => title(context),
    };
    let (long, short) = (text(tier.long_ms), text(tier.short_ms()));
    let target = super::number(slo.objective * 100.0);
    let annotations = annotations(
        context,
        tier.alert(),
        format!("{whom}: the error budget burns {{{{ $value | printf \"%.1f\" }}}} times faster than allowed"),
        format!(
            "Over the last {long}, and still over the last {short}, more than {threshold} times as many events were \
             bad as {target}% over {window} allow.{{{{ with query \"{exhaustion}\" }}}} If this goes on, the budget is \
             gone in {{{{ . | first | value | humanizeDuration }}}}.{{{{ end }}}}{scaled}",
            threshold = tier.threshold,
            window = text(slo.window_ms),
            exhaustion = context.series("exhaustion_seconds").replace('"', "'"),
            scaled = scaled_remark(context),
        ),
        "{{ $value | printf \"%.1f\" }}× (allowed: 1×)",
    );
    alert(context, tier.alert(), expr, context.scale.wait_ms(tier.for_ms), &[("severity", &tier.severity)], annotations)
}

/// What is not measured is neither good nor bad, and that is worth knowing. Each target that went away, where targets
/// count by themselves, or else when all are gone; and the objective as a whole when no target is even remembered.
pub(super) fn unmeasured_rule(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let slices = context.series("slice_total_events");
    let recent = text(2 * context.scale.slice_ms());
    let remembered = text(context.scale.window_ms(REMEMBERED_MS));
    let measured = format!("count_over_time({slices}[{recent}])");
    let on = if context.slo.each_target { format!("slo, {}", context.targets()) } else { "slo".to_owned() };
    let expr = format!(
        "0 * (\n  count_over_time({slices}[{remembered}]) unless on ({on}) {measured}\n  \
         or on (slo) {} unless on (slo) count_over_time({slices}[{remembered}])\n)",
        context.series("objective_ratio"),
    );
    let annotations = annotations(
        context,
        "SLOUnmeasured",
        format!("{}: not measured{{{{ with $labels.instance }}}} on {{{{ . }}}}{{{{ end }}}}", title(context)),
        "No events and no proof of their absence: the series behind the objective are gone. Its budget stands still \
         until they are back."
            .to_owned(),
        &format!("{{{{ $value }}}} measurements within {recent}"),
    );
    let for_ms = context.scale.wait_ms(UNMEASURED_MS).max(UNMEASURED_MS_MIN);
    rules.push(alert(context, "SLOUnmeasured", expr, for_ms, &[("severity", "warning")], annotations));
}

/// One alert for each state that asks for something. It stands as long as the state does, so that a change is told
/// once, to whatever state it was, and a restart tells nothing twice.
pub(super) fn policy_rules(context: &Context<'_>, rules: &mut Vec<Rule>) {
    let consumed = context.series("budget_consumed_ratio");
    for (index, (state, from)) in STEPS.iter().enumerate() {
        let (name, severity, demand) = match state {
            PolicyState::Review => ("SLOBudgetReview", "info", "Review ongoing changes and watch more closely."),
            PolicyState::Pause => {
                ("SLOBudgetPause", "warning", "Pause deployments that are not needed; the incident team stands by.")
            }
            PolicyState::Freeze => (
                "SLOBudgetFreeze",
                "critical",
                "Feature freeze: work on reliability only, and review the objective within 24 hours.",
            ),
            PolicyState::Normal | PolicyState::Unknown => continue,
        };
        let below = STEPS.get(index + 1).map(|(_, next)| format!(" < {next}")).unwrap_or_default();
        let expr = format!("{consumed} >= {from}{below}");
        let annotations = annotations(
            context,
            name,
            format!("{}: {{{{ $value | humanizePercentage }}}} of the error budget is gone", title(context)),
            format!("{demand}{}", scaled_remark(context)),
            "{{ $value | humanizePercentage }} of the budget",
        );
        let labels = [("severity", severity), ("state", state.as_str())];
        rules.push(alert(context, name, expr, context.scale.wait_ms(POLICY_MS), &labels, annotations));
    }
}

/// The objective's name for people, as a template that gives it back.
fn title(context: &Context<'_>) -> String {
    context.slo.display_name.replace("{{", "{{ \"{{\" }}")
}

fn scaled_remark(context: &Context<'_>) -> String {
    match context.scale.factor() {
        1 => String::new(),
        factor => format!(" All windows are shortened {factor}:1."),
    }
}

/// What every alert tells: in words, the value, and where to look and what to do.
fn annotations(
    context: &Context<'_>,
    alert: &str,
    summary: String,
    description: String,
    value: &str,
) -> Vec<(String, String)> {
    let panel = format!("{{{{ $externalURL }}}}/slo?slo={}", context.slo.name);
    [
        ("summary", summary),
        ("description", description),
        ("value", value.to_owned()),
        ("runbook_url", format!("{{{{ $externalURL }}}}/runbooks/{alert}")),
        ("dashboard_url", panel),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn alert(
    context: &Context<'_>,
    name: &str,
    expr: String,
    for_ms: i64,
    labels: &[(&str, &str)],
    annotations: Vec<(String, String)>,
) -> Rule {
    let slo = context.slo;
    let own = [("slo", slo.name.as_str()), ("service", slo.service.as_str())];
    let mut all: Vec<(String, String)> =
        own.iter().chain(labels).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.extend(slo.labels.iter().cloned());
    Rule { kind: RuleKind::Alert { name: name.to_owned(), for_ms, annotations }, expr, labels: all }
}
