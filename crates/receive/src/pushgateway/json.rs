//! `/api/v1/metrics` and `/api/v1/status`: upstream's JSON, in which numbers are texts as Go prints them.

use super::config::Config;
use super::family::{Family, Metric, Value as Number, type_name};
use super::state::Group;
use chrono::{DateTime, SecondsFormat};
use lgtm_model::TimestampNs;
use lgtm_wire::exposition::format_value;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// All groups.
pub(super) fn metrics(groups: &[Arc<Group>]) -> Value {
    let group = |group: &Arc<Group>| {
        let mut object = Map::new();
        for (name, stored) in group.exposed() {
            object.insert(name, family(&stored.family, stored.at));
        }
        object.insert("labels".to_owned(), json!(group.grouping.0));
        object.insert("last_push_successful".to_owned(), json!(group.last_push_succeeded()));
        Value::Object(object)
    };
    json!({"status": "success", "data": groups.iter().map(group).collect::<Vec<_>>()})
}

/// The program, its settings by upstream's names, and since when it runs.
pub(super) fn status(config: &Config, started: TimestampNs) -> Value {
    json!({"status": "success", "data": {
        "build_information": {"version": env!("CARGO_PKG_VERSION")},
        "flags": {
            "persistence.file": config.journal.display().to_string(),
            "push.disable-consistency-check": "false",
            "push.enable-utf8-names": config.utf8_names.to_string(),
            "web.enable-admin-api": config.admin_api.to_string(),
            "web.enable-lifecycle": "false",
            "web.listen-address": config.listen.address.to_string(),
            "web.telemetry-path": "/metrics",
        },
        "start_time": time(started),
    }})
}

/// A time as RFC 3339 writes it.
pub(super) fn time(at: TimestampNs) -> String {
    DateTime::from_timestamp_nanos(at.0).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn family(family: &Family, at: TimestampNs) -> Value {
    let mut object = json!({
        "time_stamp": time(at),
        "type": type_name(family.metric_type),
        "metrics": family.metrics.iter().map(metric).collect::<Vec<_>>(),
    });
    if !family.help.is_empty() {
        object["help"] = json!(family.help);
    }
    object
}

fn metric(metric: &Metric) -> Value {
    let labels: Map<String, Value> = metric.labels.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let points = |points: &[(f64, f64)]| -> Map<String, Value> {
        points.iter().map(|(bound, value)| (number(*bound), json!(number(*value)))).collect()
    };
    match &metric.value {
        Number::Number(value) => json!({"labels": labels, "value": number(*value)}),
        Number::Summary { count, sum, quantiles } => {
            json!({"labels": labels, "quantiles": points(quantiles), "count": number(*count), "sum": number(*sum)})
        }
        Number::Histogram { count, sum, buckets } => {
            json!({"labels": labels, "buckets": points(buckets), "count": number(*count), "sum": number(*sum)})
        }
    }
}

/// From here on Go's `%v` writes an exponent, which the exposition formats do much later.
const GO_EXPONENT_FROM: f64 = 1e6;

/// A number as Go prints it, which is how upstream's API writes numbers: `1e+06`, `1.5838723477e+09`.
pub(super) fn number(value: f64) -> String {
    let text = format_value(value);
    if !value.is_finite() || text.contains('e') || value.abs() < GO_EXPONENT_FROM {
        return text;
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    format!("{mantissa}e+{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_go_prints_them() {
        let cases = [(1e6, "1e+06"), (999_999.5, "999999.5"), (0.25, "0.25"), (-1_234_567.0, "-1.234567e+06")];
        for (value, want) in
            cases.into_iter().chain([(1.5838723477166057e9, "1.5838723477166057e+09"), (1e300, "1e+300")])
        {
            assert_eq!(number(value), want);
        }
        assert_eq!((number(f64::INFINITY), number(1e-5)), ("+Inf".to_owned(), "1e-05".to_owned()));
    }
}
