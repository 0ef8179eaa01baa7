//! Alerts come and go at the minute that the arithmetic gives.

use crate::world::{Kind, Seen, Target, World};
use crate::{MINUTE_MS, PROBES, REQUESTS};

/// How long everything was well before.
const BEFORE: usize = 70;

/// A target observed every 15 seconds, well for `BEFORE` minutes, then as `then` says, then well.
fn probed(name: &str, then: &[(usize, Seen)]) -> Target {
    let minutes = |minutes: usize, seen: Seen| std::iter::repeat_n(seen, minutes * 4);
    let mut seen: Vec<Seen> = minutes(BEFORE, Seen::Events(1, 0)).collect();
    for (length, what) in then {
        seen.extend(minutes(*length, *what));
    }
    seen.extend(minutes(600, Seen::Events(1, 0)));
    Target { name: name.to_owned(), first_ms: 7_000, every_ms: 15_000, late_ms: 1_000, seen }
}

fn minutes_after(began: Option<i64>) -> f64 {
    (began.expect("the alert never came") - BEFORE as i64 * MINUTE_MS) as f64 / MINUTE_MS as f64
}

const FIRES_AFTER_MS_MAX: i64 = 200 * MINUTE_MS;

fn fast(rules: &crate::evaluator::Evaluator) -> bool {
    rules.fires("SLOFastBurn", None)
}

#[test]
fn an_outage_of_everything_burns_fast_after_four_minutes_and_a_third() {
    // 14.4 times 0.5% of an hour is 0.072 × 60 minutes = 4.32 minutes; then the alert waits two.
    let targets = vec![probed("a", &[(10, Seen::Events(1, 1))]), probed("b", &[(10, Seen::Events(1, 1))])];
    let mut world = World::new(PROBES, 1, Kind::Probe, targets);
    let mut burning = None;
    let fires = world.until_with(FIRES_AFTER_MS_MAX, |world| {
        let rate = world.value("lgtm_slo_burn_rate{window=\"1h\"}").unwrap_or_default();
        if rate > 14.4 && burning.is_none() {
            burning = Some(world.now_ms - crate::world::START_MS);
        }
        fast(&world.rules)
    });
    let (burning, fires) = (minutes_after(burning), minutes_after(fires));
    // The 18th of 240 probes is the first beyond 7.2%, and is judged when its slice is complete and settled.
    assert!((4.32..=4.9).contains(&burning), "burns after {burning} minutes");
    assert_eq!(fires, burning + 2.0);
    // Ten minutes of outage end; the short window is below 7.2% once all but 21 seconds of it are well.
    let ends = minutes_after(world.until(FIRES_AFTER_MS_MAX, |rules| !fast(rules))) - 10.0;
    assert!((4.0..=5.5).contains(&ends), "ends {ends} minutes after the outage");
}

#[test]
fn a_burst_on_one_of_five_equal_endpoints_takes_about_22_minutes() {
    // A fifth of the traffic fails: 0.072 × 60 × 5 = 21.6 minutes. One scrape target, counters.
    let burst = probed("shop", &[(30, Seen::Events(50, 10))]);
    let seen =
        burst.seen.iter().map(|seen| if *seen == Seen::Events(1, 0) { Seen::Events(50, 0) } else { *seen }).collect();
    let mut world = World::new(REQUESTS, 1, Kind::Requests, vec![Target { seen, ..burst }]);
    let fires = minutes_after(world.until(FIRES_AFTER_MS_MAX, fast));
    assert!((21.6 + 2.0..=21.6 + 2.8).contains(&fires), "fires after {fires} minutes");
}

#[test]
fn a_dead_target_is_not_averaged_away_by_nineteen_healthy_ones() {
    let mut targets = vec![probed("dead", &[(30, Seen::Events(1, 1))])];
    targets.extend((0..19).map(|index| probed(&format!("t{index}"), &[])));
    let mut world = World::new(PROBES, 1, Kind::Probe, targets);
    let fires = minutes_after(world.until(FIRES_AFTER_MS_MAX, fast));
    assert!((6.32..=6.9).contains(&fires), "fires after {fires} minutes");
    assert!(world.rules.fires("SLOFastBurn", Some(("instance", "dead"))));
    assert_eq!(world.rules.firing.len(), 1, "one alert, that of the dead one: {:?}", world.rules.firing);
    let whole = world.value("lgtm_slo_burn_rate{window=\"1h\"}").unwrap();
    assert!(whole < 14.4, "the whole burns at {whole}");
}

#[test]
fn a_slow_burn_is_a_warning_and_no_more() {
    // One of ten requests fails: 20 times 0.5%, which is 5 times over six hours after 0.025 × 360 × 10 = 90 minutes.
    // 6% for two hours: 12 times over the hour stays below 14.4.
    let slow = probed("shop", &[(200, Seen::Events(100, 6))]);
    let seen =
        slow.seen.iter().map(|seen| if *seen == Seen::Events(1, 0) { Seen::Events(100, 0) } else { *seen }).collect();
    let mut world = World::new(REQUESTS, 1, Kind::Requests, vec![Target { seen, ..slow }]);
    let until = (BEFORE as i64 + 190) * MINUTE_MS;
    let fires = minutes_after(world.until(until, |rules| rules.fires("SLOSlowBurn", None)));
    // 0.025 × 360 ÷ 0.06 = 150 minutes if all six hours are measured, as consumption of a budget is; then 15 more.
    assert!((165.0..=165.8).contains(&fires), "fires after {fires} minutes");
    assert!(!fast(&world.rules));
}

#[test]
fn one_bad_event_is_no_outage_however_small_the_traffic() {
    let seen = |bad_at: &[usize]| {
        (0..400)
            .map(|index| Seen::Events(u32::from(index % 40 == 0), u32::from(bad_at.contains(&index))))
            .collect::<Vec<Seen>>()
    };
    let target = |seen| Target { name: "rare".to_owned(), first_ms: 1_000, every_ms: 15_000, late_ms: 0, seen };
    // A request every ten minutes. One of six an hour fails: 33 times as many as are allowed, and yet just one.
    let mut world = World::new(REQUESTS, 1, Kind::Requests, vec![target(seen(&[280]))]);
    let mut highest: f64 = 0.0;
    let fires = world.until_with(100 * MINUTE_MS, |world| {
        highest = highest.max(world.value("lgtm_slo_burn_rate{window=\"1h\"}").unwrap_or_default());
        fast(&world.rules)
    });
    assert_eq!(fires, None);
    assert!(highest > 14.4, "{highest}");
}

#[test]
fn a_restart_is_no_outage_and_hides_none() {
    // A counter that falls counts from zero: the hundred requests after the restart, five of them bad.
    use lgtm_model::{Labels, METRIC_NAME};
    let mut world = World::new(REQUESTS, 1, Kind::Requests, Vec::new());
    let labels = |name: &str| Labels::from_pairs([(METRIC_NAME, name), ("job", "j"), ("instance", "i")]);
    let values = [(1000.0, 10.0), (1100.0, 10.0), (100.0, 5.0), (200.0, 5.0)];
    for (index, (total, bad)) in values.into_iter().enumerate() {
        let time = crate::world::START_MS + index as i64 * 15_000;
        world.memory.push(&labels("requests_total"), time, total);
        world.memory.push(&labels("errors_total"), time, bad);
    }
    world.run_to(2 * MINUTE_MS);
    assert_eq!(world.value("lgtm_slo_total_events{window=\"1h\"}"), Some(300.0));
    assert_eq!(world.value("lgtm_slo_good_events{window=\"1h\"}"), Some(295.0));
}

#[test]
fn groups_out_of_step_count_every_event_once() {
    // Groups are evaluated at times that only their names decide. Whatever those are, slices and blocks must meet.
    for offsets_ms in [[0, 0, 0], [0, 4_000, 1_000], [0, 1_000, 7_000], [0, 14_000, 119_000]] {
        let target = probed("a", &[(3, Seen::Events(1, 1))]);
        let seen = target.seen[(BEFORE - 5) * 4..].to_vec();
        let mut world = World::new(PROBES, 1, Kind::Probe, vec![Target { seen, ..target }]);
        world.rules.offsets_ms = offsets_ms.to_vec();
        let mut budgets = 0;
        while world.now_ms < crate::world::START_MS + 14 * MINUTE_MS {
            world.step_by(1_000);
            if (world.now_ms - offsets_ms[2]) % world.scale.block_ms() != 0 {
                continue;
            }
            // The newest slice that the block can hold ended two slices ago or up to one more.
            let behind_ms = 2 * world.scale.slice_ms();
            let odd_ms = (world.now_ms - behind_ms - offsets_ms[1]).rem_euclid(world.scale.slice_ms());
            let exact = world.exact(world.scale.budget_window_ms(world.slo.window_ms), behind_ms + odd_ms, |_| true);
            let recorded = world.value("lgtm_slo_total_events{window=\"30d\"}").unwrap_or_default();
            let good = world.value("lgtm_slo_good_events{window=\"30d\"}").unwrap_or_default();
            assert_eq!((recorded, good), (exact.total, exact.total - exact.bad), "{offsets_ms:?}");
            budgets += 1;
        }
        assert!(budgets >= 6);
    }
}
