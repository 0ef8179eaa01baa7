//! What was pushed: families of metrics, each with all its numbers.

use super::grouping::Grouping;
use lgtm_model::MetricType;

/// Metrics of one name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Family {
    pub name: String,
    pub help: String,
    pub metric_type: MetricType,
    pub metrics: Vec<Metric>,
}

/// One set of labels and what was measured under it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Metric {
    /// Sorted by name. Empty values are kept: `instance=""` tells the scraper to add none.
    pub labels: Vec<(String, String)>,
    pub value: Value,
}

/// The numbers of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Of a counter, a gauge, or what has no type.
    Number(f64),
    Summary {
        count: f64,
        sum: f64,
        /// Quantile and value, ascending.
        quantiles: Vec<(f64, f64)>,
    },
    Histogram {
        count: f64,
        sum: f64,
        /// Upper bound and cumulative count, ascending.
        buckets: Vec<(f64, f64)>,
    },
}

impl Family {
    /// A gauge with one metric.
    pub(super) fn gauge(name: &str, help: &str, value: f64) -> Self {
        let metric = Metric { labels: Vec::new(), value: Value::Number(value) };
        let (name, help) = (name.to_owned(), help.to_owned());
        Self { name, help, metric_type: MetricType::Gauge, metrics: vec![metric] }
    }

    /// Gives every metric the labels of its group, whatever it says itself, and an empty `instance` if it has none.
    pub(super) fn set_grouping(&mut self, grouping: &Grouping) {
        for metric in &mut self.metrics {
            metric.labels.retain(|(name, _)| !grouping.0.contains_key(name));
            metric.labels.extend(grouping.0.iter().map(|(name, value)| (name.clone(), value.clone())));
            if !metric.labels.iter().any(|(name, _)| name == "instance") {
                metric.labels.push(("instance".to_owned(), String::new()));
            }
            metric.labels.sort_unstable();
        }
    }

    /// Series that a scraper makes of it.
    pub(super) fn series(&self) -> usize {
        let series = |metric: &Metric| match &metric.value {
            Value::Number(_) => 1,
            Value::Summary { quantiles, .. } => quantiles.len() + 2,
            // The bucket without bound is exposed even if it was not pushed.
            Value::Histogram { buckets, .. } => buckets.len() + 3,
        };
        self.metrics.iter().map(series).sum()
    }
}

impl Value {
    /// The value that metrics of this type begin with.
    pub(super) fn empty(metric_type: MetricType) -> Self {
        match metric_type {
            MetricType::Summary => Self::Summary { count: 0.0, sum: 0.0, quantiles: Vec::new() },
            MetricType::Histogram => Self::Histogram { count: 0.0, sum: 0.0, buckets: Vec::new() },
            _ => Self::Number(0.0),
        }
    }
}

/// How upstream's protobuf and API call a type.
pub(super) fn type_name(metric_type: MetricType) -> &'static str {
    match metric_type {
        MetricType::Counter => "COUNTER",
        MetricType::Gauge => "GAUGE",
        MetricType::Summary => "SUMMARY",
        MetricType::Histogram => "HISTOGRAM",
        _ => "UNTYPED",
    }
}

/// A metric as messages show it: `name{a="b"}`.
pub(super) fn shown(name: &str, labels: &[(String, String)]) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{name}{{{}}}", pairs.join(","))
}
