//! Two properties: a range query's step is the instant query at that time, and functions over sliding windows agree
//! with a model that looks at each window by itself.

use super::compare::equal;
use super::memory::Memory;
use futures::executor::block_on;
use lgtm_model::{Labels, METRIC_NAME, TimestampMs, is_stale_nan, stale_nan};
use lgtm_promql::{Engine, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Samples = BTreeMap<i64, f64>;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (-20_i32..100).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(stale_nan()),
        1 => Just(1e300),
    ]
}

fn samples() -> impl Strategy<Value = Samples> {
    prop::collection::btree_map(0_i64..600_000, value(), 0..40)
}

fn memory(series: &[Samples]) -> Memory {
    let mut memory = Memory::default();
    for (index, samples) in series.iter().enumerate() {
        let labels = [
            (METRIC_NAME.to_owned(), if index % 2 == 0 { "a_total" } else { "b_total" }.to_owned()),
            ("x".to_owned(), (index / 2).to_string()),
            ("le".to_owned(), ["1", "2", "+Inf"][index % 3].to_owned()),
        ];
        memory.floats.insert(Labels::from_pairs(labels), samples.clone());
    }
    memory
}

const QUERIES: [&str; 44] = [
    "a_total",
    "-a_total offset 1m",
    "a_total @ 100",
    "rate(a_total[2m])",
    "increase(a_total[100s] offset 30s)",
    "delta(a_total[3m])",
    "irate(a_total[2m])",
    "idelta(a_total[2m])",
    "changes(a_total[2m])",
    "resets(a_total[2m])",
    "max_over_time(a_total[2m])",
    "min_over_time(a_total[2m])",
    "ts_of_max_over_time(a_total[2m])",
    "ts_of_min_over_time(a_total[2m])",
    "sum_over_time(a_total[2m])",
    "avg_over_time(a_total[2m])",
    "stddev_over_time(a_total[2m])",
    "quantile_over_time(0.3, a_total[2m])",
    "mad_over_time(a_total[2m])",
    "count_over_time(a_total[2m])",
    "last_over_time({__name__=~\".+\"}[2m])",
    "deriv(a_total[2m])",
    "predict_linear(a_total[2m], 60)",
    "absent_over_time(a_total[20s])",
    "absent(a_total{x=\"1\"})",
    "rate(a_total[1m] anchored)",
    "rate(a_total[1m] smoothed)",
    "max_over_time(rate(a_total[1m])[3m:20s])",
    "sum_over_time(a_total[3m:20s] @ 200)",
    "sum by (x) ({__name__=~\".+\"})",
    "avg without (x) (a_total)",
    "stddev(a_total)",
    "quantile(0.4, a_total)",
    "count_values(\"v\", a_total)",
    "topk(1, a_total)",
    "bottomk by (le) (1, {__name__=~\".+\"})",
    "limitk(1, a_total)",
    "a_total + ignoring(le) b_total",
    "a_total > on(x) group_left(le) b_total",
    "a_total and on(x) b_total",
    "a_total or b_total",
    "a_total unless on(x) b_total > 10",
    "a_total + ignoring(le) fill(0) b_total",
    "histogram_quantile(0.5, {__name__=~\".+\"})",
];

fn instant(engine: &Engine, memory: &Memory, query: &str, time_ms: i64) -> Option<BTreeMap<Labels, f64>> {
    let result = block_on(engine.instant(memory, query, TimestampMs(time_ms))).ok()?;
    let Value::Vector(samples) = result.value else { panic!("no vector") };
    Some(samples.into_iter().map(|sample| (sample.labels, sample.value)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_step_is_the_instant_query_at_that_time(
        series in prop::collection::vec(samples(), 6),
        start_ms in -100_000_i64..300_000,
        step_ms in 1_000_i64..90_000,
    ) {
        let (engine, memory) = (Engine::default(), memory(&series));
        let (start, end) = (TimestampMs(start_ms), TimestampMs(start_ms + 9 * step_ms));
        for query in QUERIES {
            let range = block_on(engine.range(&memory, query, start, end, step_ms));
            let steps: Vec<_> =
                (0..10).map(|step| instant(&engine, &memory, query, start_ms + step * step_ms)).collect();
            let Ok(range) = range else {
                prop_assert!(steps.iter().any(Option::is_none), "{} fails only as a range", query);
                continue;
            };
            let Value::Matrix(rows) = range.value else { panic!("no matrix") };
            for (step, want) in (0..).zip(steps) {
                let time_ms = start_ms + step * step_ms;
                let at = |points: &[(i64, f64)]| points.iter().find(|point| point.0 == time_ms).map(|point| point.1);
                let got: BTreeMap<Labels, f64> =
                    rows.iter().filter_map(|row| Some((row.labels.clone(), at(&row.points)?))).collect();
                let Some(want) = want else { prop_assert!(false, "{query} fails only at {time_ms}"); continue };
                prop_assert!(
                    got.len() == want.len()
                        && got.iter().zip(&want).all(|(got, want)| got.0 == want.0 && equal(*got.1, *want.1)),
                    "{} at {}: range {:?}, instant {:?}", query, time_ms, got, want
                );
            }
        }
    }

    #[test]
    fn sliding_windows_agree_with_a_model_of_each_window(
        samples in samples(),
        start_ms in -100_000_i64..500_000,
        step_ms in 1_000_i64..60_000,
        range_s in 1_i64..300,
    ) {
        let (engine, memory) = (Engine::default(), memory(std::slice::from_ref(&samples)));
        let (start, end) = (TimestampMs(start_ms), TimestampMs(start_ms + 20 * step_ms));
        for (function, model) in MODELS {
            let query = format!("{function}(a_total[{range_s}s])");
            let result = block_on(engine.range(&memory, &query, start, end, step_ms)).unwrap();
            let Value::Matrix(rows) = result.value else { panic!("no matrix") };
            let got: Vec<(i64, f64)> = rows.into_iter().flat_map(|row| row.points).collect();
            let mut want = Vec::new();
            for time_ms in (0..=20).map(|step| start_ms + step * step_ms) {
                let window: Vec<(i64, f64)> = (samples.range(time_ms - range_s * 1000 + 1..=time_ms))
                    .map(|(time, value)| (*time, *value))
                    .filter(|(_, value)| !is_stale_nan(*value))
                    .collect();
                if !window.is_empty()
                    && let Some(value) = model(&window)
                {
                    want.push((time_ms, value));
                }
            }
            prop_assert!(
                got.len() == want.len() && got.iter().zip(&want).all(|(g, w)| g.0 == w.0 && equal(g.1, w.1)),
                "{}: got {:?}, want {:?}", query, got, want
            );
        }
    }
}

type Model = fn(&[(i64, f64)]) -> Option<f64>;

const MODELS: [(&str, Model); 10] = [
    ("count_over_time", |window| Some(window.len() as f64)),
    ("last_over_time", |window| window.last().map(|sample| sample.1)),
    ("first_over_time", |window| window.first().map(|sample| sample.1)),
    ("max_over_time", |window| window.iter().map(|sample| sample.1).reduce(f64::max)),
    ("min_over_time", |window| window.iter().map(|sample| sample.1).reduce(f64::min)),
    ("ts_of_max_over_time", |window| {
        let best = window.iter().copied().reduce(|a, b| if b.1 >= a.1 || a.1.is_nan() { b } else { a });
        best.map(|sample| sample.0 as f64 / 1000.0)
    }),
    ("changes", |window| {
        let differ = |pair: &&[(i64, f64)]| pair[0].1 != pair[1].1 && !(pair[0].1.is_nan() && pair[1].1.is_nan());
        Some(window.windows(2).filter(differ).count() as f64)
    }),
    ("resets", |window| Some(window.windows(2).filter(|pair| pair[1].1 < pair[0].1).count() as f64)),
    ("idelta", |window| {
        let [.., before, last] = window else { return None };
        Some(last.1 - before.1)
    }),
    ("sum_over_time", |window| {
        let sum = window.iter().map(|sample| sample.1).filter(|value| value.abs() != 1e300).sum::<f64>();
        let large = window.iter().filter(|sample| sample.1 == 1e300).count() as f64;
        Some(if large > 0.0 { sum + large * 1e300 } else { sum })
    }),
];
