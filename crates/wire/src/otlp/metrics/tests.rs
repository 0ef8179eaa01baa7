//! Translation of each kind of metric, as upstream does it.

use super::super::proto::metrics::v1::metric::Data;
use super::super::proto::metrics::v1::{
    AggregationTemporality, Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar, number_data_point, summary_data_point,
};
use super::super::proto::resource::v1::Resource;
use super::super::value::text_pair;
use super::*;

const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

fn request(resource: &[(&str, &str)], metric: Metric) -> ExportMetricsServiceRequest {
    let attributes = resource.iter().map(|(key, value)| text_pair(key, value)).collect();
    let scope_metrics = vec![ScopeMetrics { metrics: vec![metric], ..ScopeMetrics::default() }];
    let resource = Some(Resource { attributes, ..Resource::default() });
    let metrics = ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![metrics] }
}

fn metric(name: &str, unit: &str, data: Data) -> Metric {
    Metric { name: name.to_owned(), unit: unit.to_owned(), data: Some(data), ..Metric::default() }
}

fn point(value: f64) -> NumberDataPoint {
    NumberDataPoint {
        attributes: vec![text_pair("http.route", "/a")],
        time_unix_nano: 5_000_000,
        value: Some(number_data_point::Value::AsDouble(value)),
        ..NumberDataPoint::default()
    }
}

fn lines(resource: &[(&str, &str)], metric: Metric) -> Vec<String> {
    let outcome = samples(request(resource, metric), TimestampMs(99));
    assert_eq!(outcome.rejected, 0, "{}", outcome.message());
    outcome.data.rows.iter().map(|row| format!("{} {} {}", row.labels, row.value, row.timestamp.0)).collect()
}

#[test]
fn monotonic_sums_are_counters_with_job_instance_and_target_info() {
    let sum = Sum { data_points: vec![point(3.0)], aggregation_temporality: CUMULATIVE, is_monotonic: true };
    let resource =
        [("service.namespace", "shop"), ("service.name", "pay"), ("service.instance.id", "i-1"), ("os.type", "linux")];
    assert_eq!(
        lines(&resource, metric("http.requests", "{request}", Data::Sum(sum))),
        [
            r#"http_requests_total{http_route="/a", instance="i-1", job="shop/pay"} 3 5"#,
            r#"target_info{instance="i-1", job="shop/pay", os_type="linux"} 1 5"#,
        ]
    );
}

#[test]
fn gauges_of_unit_one_are_ratios() {
    let gauge = Gauge { data_points: vec![NumberDataPoint { time_unix_nano: 0, ..point(0.5) }] };
    assert_eq!(lines(&[], metric("cpu.use", "1", Data::Gauge(gauge))), [r#"cpu_use_ratio{http_route="/a"} 0.5 99"#]);
}

#[test]
fn histograms_become_cumulative_buckets_with_exemplars() {
    let exemplar =
        Exemplar { trace_id: vec![0xab; 16], value: Some(exemplar::Value::AsDouble(0.3)), ..Exemplar::default() };
    let point = HistogramDataPoint {
        time_unix_nano: 7_000_000,
        count: 6,
        sum: Some(2.5),
        bucket_counts: vec![1, 2, 3],
        explicit_bounds: vec![0.1, 1.0],
        exemplars: vec![exemplar],
        ..HistogramDataPoint::default()
    };
    let histogram = Histogram { data_points: vec![point], aggregation_temporality: CUMULATIVE };
    let metric = metric("rpc.duration", "s", Data::Histogram(histogram));
    assert_eq!(
        lines(&[("service.name", "a")], metric.clone()),
        [
            r#"rpc_duration_seconds_sum{job="a"} 2.5 7"#,
            r#"rpc_duration_seconds_count{job="a"} 6 7"#,
            r#"rpc_duration_seconds_bucket{job="a", le="0.1"} 1 7"#,
            r#"rpc_duration_seconds_bucket{job="a", le="1"} 3 7"#,
            r#"rpc_duration_seconds_bucket{job="a", le="+Inf"} 6 7"#,
        ]
    );
    let batch = samples(request(&[], metric), TimestampMs(0)).data;
    let (series, exemplar) = &batch.exemplars[0];
    assert_eq!(series.get("le"), Some("1"));
    assert_eq!(exemplar.labels.get("trace_id"), Some("abababababababababababababababab"));
    assert_eq!(batch.metadata[0].metadata.unit, "seconds");
}

#[test]
fn summaries_become_quantiles() {
    let quantile_values = vec![summary_data_point::ValueAtQuantile { quantile: 0.99, value: 4.0 }];
    let point =
        SummaryDataPoint { time_unix_nano: 1_000_000, count: 2, sum: 3.0, quantile_values, ..Default::default() };
    let summary = Summary { data_points: vec![point] };
    assert_eq!(
        lines(&[], metric("gc", "ms", Data::Summary(summary))),
        ["gc_milliseconds_sum 3 1", "gc_milliseconds_count 2 1", r#"gc_milliseconds{quantile="0.99"} 4 1"#]
    );
}

#[test]
fn delta_temporality_is_refused_and_counted() {
    let delta = AggregationTemporality::Delta as i32;
    let sum = Sum { data_points: vec![point(1.0), point(2.0)], aggregation_temporality: delta, is_monotonic: true };
    let outcome = samples(request(&[], metric("jobs", "", Data::Sum(sum))), TimestampMs(0));
    assert_eq!((outcome.data.rows.len(), outcome.rejected), (0, 2));
    assert_eq!(outcome.message(), r#"metric "jobs" is not cumulative; only cumulative temporality is supported"#);
}

#[test]
fn points_without_a_recorded_value_are_stale() {
    let gauge = Gauge { data_points: vec![NumberDataPoint { flags: 1, ..point(0.5) }] };
    let outcome = samples(request(&[], metric("x", "", Data::Gauge(gauge))), TimestampMs(0));
    assert!(lgtm_model::is_stale_nan(outcome.data.rows[0].value));
}

#[test]
fn attributes_that_share_a_label_are_joined() {
    let attributes = vec![text_pair("a.b", "2"), text_pair("a-b", "1")];
    let gauge = Gauge { data_points: vec![NumberDataPoint { attributes, ..point(0.0) }] };
    assert_eq!(lines(&[], metric("x", "", Data::Gauge(gauge))), [r#"x{a_b="1;2"} 0 5"#]);
}
