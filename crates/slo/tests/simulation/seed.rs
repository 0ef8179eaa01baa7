//! Why the alert that we were asked for is not compiled as it was written.

use crate::memory::Memory;
use futures::executor::block_on;
use lgtm_model::{Labels, METRIC_NAME, TimestampMs};
use lgtm_promql::{Engine, Value};

/// As written: the rate of a 0/1 gauge. `increase` of it counts how often it went from 0 to 1, so that the rate is next
/// to zero for a target that is always up, for one that is always down, and for one in between.
const AS_WRITTEN: &str =
    "1 - (sum(rate(probe_success{job=\"b\"}[1h])) / count(probe_success{job=\"b\"})) > 14.4 * 0.005";

/// As meant: the mean of a gauge.
const AS_MEANT: &str = "1 - sum(sum_over_time(probe_success{job=\"b\"}[1h])) / sum(count_over_time(probe_success{job=\"b\"}[1h])) \
                        > 14.4 * 0.005";

fn fires(query: &str, up: impl Fn(i64) -> bool) -> bool {
    let labels = Labels::from_pairs([(METRIC_NAME, "probe_success"), ("job", "b"), ("instance", "i")]);
    let mut memory = Memory::default();
    for index in 0..=240 {
        memory.push(&labels, index * 15_000, f64::from(u8::from(up(index))));
    }
    let result = block_on(Engine::default().instant(&memory, query, TimestampMs(240 * 15_000))).unwrap();
    matches!(result.value, Value::Vector(samples) if !samples.is_empty())
}

#[test]
fn as_written_it_always_fires() {
    assert!(fires(AS_WRITTEN, |_| true), "all is well, and it fires");
    assert!(fires(AS_WRITTEN, |_| false));
    assert!(fires(AS_WRITTEN, |index| index % 2 == 0));
    assert!(!fires(AS_MEANT, |_| true));
    assert!(fires(AS_MEANT, |_| false));
    assert!(!fires(AS_MEANT, |index| index > 12), "12 of 240 probes are 5%, less than 7.2%");
    assert!(fires(AS_MEANT, |index| index > 20));
}
