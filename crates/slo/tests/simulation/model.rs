//! Random histories of several targets, good, bad and unmeasured: every recorded number and every alert, at every step.

use crate::world::{Kind, START_MS, Seen, Target, World};
use crate::{MINUTE_MS, PROBES, REQUESTS};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Windows are shortened, so that a budget's whole window passes within a test.
const FACTOR: u32 = 24;

/// The budget's window as written; one hour at the factor.
const WINDOW: &str = "1d";

/// Longer than the budget's window, so that its beginning leaves it again.
const LENGTH_MS: i64 = 75 * MINUTE_MS;

const EVERY_MS: i64 = 5_000;

/// Stretches of a history: how many observations, and what they see.
fn stretch() -> impl Strategy<Value = (usize, u8, u32)> {
    (1..200_usize, 0..10_u8, 1..20_u32)
}

fn history(kind: Kind, stretches: &[(usize, u8, u32)]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (length, what, traffic) in stretches {
        let traffic = if kind == Kind::Probe { 1 } else { *traffic };
        let what = match what {
            0 => Seen::Nothing,
            1 | 2 => Seen::Events(traffic, traffic),
            3 if kind == Kind::Requests => Seen::Events(traffic, 1),
            4 if kind == Kind::Requests => Seen::Events(0, 0),
            _ => Seen::Events(traffic, 0),
        };
        // Bad stretches are short, as outages are; else every case ends with no budget at all.
        let is_bad = matches!(what, Seen::Events(_, bad) if bad > 0);
        seen.extend(std::iter::repeat_n(what, if is_bad { 1 + length / 10 } else { *length }));
    }
    let whole = usize::try_from(LENGTH_MS / EVERY_MS).unwrap() + 1;
    let mut all: Vec<Seen> = seen.iter().copied().cycle().take(whole).collect();
    all.resize(whole, Seen::Nothing);
    all
}

fn targets(kind: Kind) -> impl Strategy<Value = Vec<Target>> {
    let one = (proptest::collection::vec(stretch(), 5..20), 0..EVERY_MS, 0..4_000_i64);
    proptest::collection::vec(one, 1..4).prop_map(move |all| {
        let target = |(index, (stretches, first_ms, late_ms)): (usize, (Vec<_>, i64, i64))| Target {
            name: format!("t{index}"),
            first_ms,
            every_ms: EVERY_MS,
            late_ms,
            seen: history(kind, &stretches),
        };
        all.into_iter().enumerate().map(target).collect()
    })
}

/// What the alerts should be, from the exact arithmetic alone.
#[derive(Default)]
struct Expected {
    /// Since when each condition holds, by alert and target.
    since: BTreeMap<(String, String), i64>,
}

impl Expected {
    /// Takes note of a condition, and says whether the alert fires.
    fn fires(&mut self, alert: &str, target: &str, holds: bool, for_ms: i64, now_ms: i64) -> bool {
        let key = (alert.to_owned(), target.to_owned());
        if !holds {
            self.since.remove(&key);
            return false;
        }
        now_ms - *self.since.entry(key).or_insert(now_ms) >= for_ms
    }
}

fn close(recorded: Option<f64>, exact: f64) -> bool {
    recorded.is_some_and(|recorded| (recorded - exact).abs() <= 1e-9 * exact.abs().max(1.0))
}

/// Windows, burn rates and alerts at this step.
fn check_step(world: &World, expected: &mut Expected) {
    let slo = &world.slo;
    let mut names: Vec<Option<&str>> = vec![None];
    names.extend(slo.each_target.then(|| world.targets.iter().map(|t| Some(t.name.as_str()))).into_iter().flatten());
    for tier in &slo.tiers {
        let mut explained = false;
        for name in names.iter().rev() {
            let of = |target: &Target| name.is_none_or(|name| target.name == name);
            let exact = |window_ms| world.exact(world.scale.window_ms(window_ms), 0, of);
            let (long, short) = (exact(tier.long_ms), exact(tier.short_ms()));
            for (window_ms, exact) in [(tier.long_ms, long), (tier.short_ms(), short)] {
                check_burn(world, *name, window_ms, &exact);
            }
            let burns = |exact: &crate::world::Exact| exact.consumption(slo.objective) > tier.threshold;
            let holds = burns(&long) && burns(&short) && long.bad >= 2.0;
            explained |= holds && name.is_some();
            let holds = holds && (name.is_some() || !explained);
            let for_ms = world.scale.wait_ms(tier.for_ms);
            let fires = expected.fires(tier.alert(), name.unwrap_or(""), holds, for_ms, world.now_ms);
            let fired = world.rules.fires(tier.alert(), Some(("instance", name.unwrap_or(""))));
            assert_eq!(fired, fires, "{} of {name:?} at {} ms: {long:?}", tier.alert(), world.now_ms - START_MS);
            assert!(!fired || long.bad >= 2.0);
        }
    }
}

fn check_burn(world: &World, name: Option<&str>, window_ms: i64, exact: &crate::world::Exact) {
    let window = lgtm_model::format_duration_ms(window_ms);
    let query = match name {
        Some(name) => format!("lgtm_slo_target_burn_rate{{window=\"{window}\",instance=\"{name}\"}}"),
        None => format!("lgtm_slo_burn_rate{{window=\"{window}\"}}"),
    };
    let recorded = world.value(&query);
    let at = world.now_ms - START_MS;
    if exact.measured == 0.0 {
        assert_eq!(recorded, None, "{query} at {at} ms: nothing was measured");
    } else {
        let rate = exact.consumption(world.slo.objective);
        assert!(close(recorded, rate), "{query} at {at} ms: {recorded:?}, but exactly {rate}: {exact:?}");
    }
}

fn check_budget(world: &World) {
    let behind_ms = 2 * world.scale.slice_ms();
    let exact = world.exact(world.scale.budget_window_ms(world.slo.window_ms), behind_ms, |_| true);
    let consumed = world.value("lgtm_slo_budget_consumed_ratio");
    let at = world.now_ms - START_MS;
    if exact.measured == 0.0 {
        assert_eq!(consumed, None, "at {at} ms nothing was measured");
        return;
    }
    let expected = exact.consumption(world.slo.objective);
    assert!(close(consumed, expected), "budget at {at} ms: {consumed:?}, but exactly {expected}: {exact:?}");
    let good = world.value(&format!("lgtm_slo_good_events{{window=\"{WINDOW}\"}}"));
    assert!(close(good, exact.total - exact.bad), "good at {at} ms: {good:?}: {exact:?}");
    let states: f64 = ["normal", "review", "pause", "freeze"]
        .iter()
        .filter_map(|state| world.value(&format!("lgtm_slo_policy_state{{state=\"{state}\"}}")))
        .sum();
    assert_eq!(states, 1.0, "exactly one state at {at} ms");
}

fn check(yaml: &str, kind: Kind, targets: Vec<Target>) {
    let yaml = format!("{yaml}  window: {WINDOW}\n");
    let mut world = World::new(&yaml, FACTOR, kind, targets);
    let mut expected = Expected::default();
    while world.now_ms < START_MS + LENGTH_MS {
        world.step();
        check_step(&world, &mut expected);
        if world.now_ms % (world.scale.block_ms() * 12) == 0 {
            check_budget(&world);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn probes_agree_with_the_exact_model(targets in targets(Kind::Probe)) {
        check(PROBES, Kind::Probe, targets);
    }

    #[test]
    fn requests_agree_with_the_exact_model(targets in targets(Kind::Requests)) {
        check(REQUESTS, Kind::Requests, targets);
    }
}

#[test]
fn unmeasured_time_freezes_the_budget_and_has_an_alert() {
    // At 12:1: an hour well, two minutes of outage, then nothing is seen any more.
    let minutes = |minutes: usize, seen| std::iter::repeat_n(seen, minutes * 12);
    let mut seen: Vec<Seen> = minutes(60, Seen::Events(1, 0)).collect();
    seen.extend(minutes(1, Seen::Events(1, 1)));
    seen.extend(minutes(30, Seen::Nothing));
    let target = Target { name: "a".to_owned(), first_ms: 0, every_ms: EVERY_MS, late_ms: 0, seen };
    let mut world = World::new(&format!("{PROBES}  window: 30d\n"), 12, Kind::Probe, vec![target]);
    world.run_to(62 * MINUTE_MS);
    let before = world.value("lgtm_slo_budget_consumed_ratio").unwrap();
    // One of 3600 minutes, of which 18 may be bad.
    assert!((before - 1.0 / 18.0).abs() < 0.001, "{before}");
    // However much windows are scaled, `ServiceDown` comes first, after two minutes.
    world.run_to(63 * MINUTE_MS);
    assert!(!world.rules.fires("SLOUnmeasured", None), "{:?}", world.rules.firing);
    world.run_to(66 * MINUTE_MS);
    assert!(world.rules.fires("SLOUnmeasured", Some(("instance", "a"))), "{:?}", world.rules.firing);
    world.run_to(90 * MINUTE_MS);
    assert_eq!(world.value("lgtm_slo_budget_consumed_ratio"), Some(before), "neither good nor bad");
    assert_eq!(world.value("lgtm_slo_burn_rate{window=\"1h\"}"), None);
    assert!(!world.rules.fires("SLOFastBurn", None));
}
