//! Upstream's engine tests that are data: query statistics, annotations of `rate`, and the lookback.

use super::memory::Memory;
use futures::executor::block_on;
use lgtm_model::TimestampMs;
use lgtm_promql::{Engine, EngineOptions, QueryTime, SeriesPoint, Value, parse_series_description};
use serde_json::Value as Json;

fn cases(file: &str) -> Option<Vec<Json>> {
    let Some(root) = std::env::var_os("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: upstream's {file} (LGTM_CONFORMANCE is not set)");
        return None;
    };
    let text = std::fs::read_to_string(std::path::Path::new(&root).join("promql").join(file)).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap();
    Some(json["cases"].as_array().unwrap().clone())
}

fn load(memory: &mut Memory, step_ms: i64, line: &str) {
    let series = parse_series_description(line).unwrap();
    let samples = memory.floats.entry(series.labels).or_default();
    for (index, point) in series.points.iter().enumerate() {
        if let SeriesPoint::Float(value) = point {
            samples.insert(index as i64 * step_ms, *value);
        }
    }
}

fn milliseconds(json: &Json) -> Option<i64> {
    json["unix_ns"].as_i64().map(|ns| ns / 1_000_000)
}

#[test]
fn samples_are_counted_as_upstream_counts_them() {
    let Some(cases) = cases("engine_query_statistics.json") else { return };
    let mut memory = Memory::default();
    for line in [
        "metricWith1SampleEvery10Seconds 1+1x100",
        "metricWith3SampleEvery10Seconds{a=\"1\",b=\"1\"} 1+1x100",
        "metricWith3SampleEvery10Seconds{a=\"2\",b=\"2\"} 1+1x100",
        "metricWith3SampleEvery10Seconds{a=\"3\",b=\"2\"} 1+1x100",
    ] {
        load(&mut memory, 10_000, line);
    }
    let engine = Engine::new(EngineOptions { samples_max: 1_000_000, ..EngineOptions::default() });
    let (mut compared, mut histograms) = (0, 0);
    for case in cases {
        let query = case["Query"].as_str().unwrap();
        if query.contains("Histogram") {
            histograms += 1;
            continue;
        }
        let start = TimestampMs(milliseconds(&case["Start"]).unwrap());
        let time = match (milliseconds(&case["End"]), interval_ms(&case["Interval"])) {
            (Some(end), Some(step_ms)) => QueryTime::Range { start, end: TimestampMs(end), step_ms },
            _ => QueryTime::Instant(start),
        };
        let result = block_on(engine.query(&memory, query, time, &|| false)).unwrap();
        assert_eq!(result.stats.samples_total as i64, case["TotalSamples"].as_i64().unwrap(), "{query} at {time:?}");
        compared += 1;
    }
    println!("{compared} compared, {histograms} excluded (native histogram)");
    assert!(compared > 40);
}

fn interval_ms(json: &Json) -> Option<i64> {
    json.as_i64().map(|ns| ns / 1_000_000).filter(|ms| *ms > 0)
}

#[test]
fn rates_of_gauges_are_remarked_upon() {
    let Some(cases) = cases("engine_rate_annotations.json") else { return };
    let texts = |json: &Json| -> Vec<String> {
        json.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let mut histograms = 0;
    for case in cases {
        let data = case["data"].as_str().unwrap();
        if data.contains("{{") {
            histograms += 1;
            continue;
        }
        let mut memory = Memory::default();
        for line in data.lines().map(str::trim).filter(|line| line.contains(' ')) {
            load(&mut memory, 60_000, line);
        }
        let type_and_unit_labels = case["typeAndUnitLabelsEnabled"].as_bool().unwrap_or(false);
        let engine = Engine::new(EngineOptions { type_and_unit_labels, ..EngineOptions::default() });
        let query = case["expr"].as_str().unwrap();
        let result = block_on(engine.instant(&memory, query, TimestampMs(60_000))).unwrap();
        assert_eq!(result.infos, texts(&case["expectedInfoAnnotations"]), "{case}");
        assert_eq!(result.warnings, texts(&case["expectedWarningAnnotations"]), "{case}");
    }
    println!("{histograms} excluded (native histogram)");
}

#[test]
fn the_lookback_of_a_query_replaces_the_engines() {
    let Some(cases) = cases("engine_lookback_delta.json") else { return };
    let mut memory = Memory::default();
    load(&mut memory, 1000, "metric 1");
    let expr = lgtm_promql::parse("metric").unwrap();
    for case in cases {
        let ms = |json: &Json| json.as_i64().map(|ns| ns / 1_000_000);
        let mut options = EngineOptions::default();
        if let Some(lookback_ms) = ms(&case["engineLookback"]).filter(|ms| *ms > 0) {
            options.lookback_ms = lookback_ms;
        }
        let time = TimestampMs(ms(&case["ts"]["args"][0]).unwrap());
        let prepared =
            Engine::new(options).prepare_parsed(&expr, "metric", QueryTime::Instant(time), ms(&case["queryLookback"]));
        let result = block_on(prepared.unwrap().fetch(&memory)).unwrap().evaluate(&|| false).unwrap();
        let Value::Vector(samples) = result.value else { panic!("no vector") };
        assert_eq!(!samples.is_empty(), case["expectSamples"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn limits_and_cancellation_end_a_query() {
    let mut memory = Memory::default();
    load(&mut memory, 1000, "metric{a=\"1\"} 1+1x99");
    load(&mut memory, 1000, "metric{a=\"2\"} 1+1x99");
    let ask = |options: EngineOptions, query: &str, cancel: bool| {
        let (start, end) = (TimestampMs(0), TimestampMs(99_000));
        let time = QueryTime::Range { start, end, step_ms: 1000 };
        block_on(Engine::new(options).query(&memory, query, time, &move || cancel)).map(drop)
    };
    let few = EngineOptions { samples_max: 150, ..EngineOptions::default() };
    assert!(ask(few, "metric", false).unwrap_err().to_string().contains("--query.max-samples"));
    let wide = EngineOptions { samples_max: 450, ..EngineOptions::default() };
    let error = ask(wide, "count_values(\"v\", metric)", false).unwrap_err();
    assert!(matches!(error, lgtm_promql::EvalError::TooManySamples { limit: 450 }), "{error}");
    let error = ask(EngineOptions::default(), "sum_over_time(metric[10y:1ms])", false).unwrap_err();
    assert!(matches!(error, lgtm_promql::EvalError::TooManySamples { .. }), "{error}");
    let one = EngineOptions { result_series_max: 1, ..EngineOptions::default() };
    assert!(matches!(ask(one, "metric", false), Err(lgtm_promql::EvalError::TooManySeries { series: 2, limit: 1 })));
    assert!(matches!(ask(EngineOptions::default(), "metric", true), Err(lgtm_promql::EvalError::Canceled)));
    assert!(ask(EngineOptions::default(), "\"text\"", false).is_err());
}
