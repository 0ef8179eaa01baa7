//! Prometheus' protobuf messages: bodies of delimited families, and the groups in the journal.
//!
//! Native histograms are not kept: of a histogram that has both, its classic buckets are, and of one that is native
//! only, its sum and count.

use super::family::{Family, Metric, Value, type_name};
use super::text::Pushed;
use lgtm_model::MetricType;
use prost::Message;

/// Reads families one behind the other, each after its length.
pub(super) fn families(mut body: &[u8]) -> Result<Pushed, String> {
    let mut pushed = Pushed::default();
    while !body.is_empty() {
        let message = ProtoFamily::decode_length_delimited(&mut body)
            .map_err(|error| format!("malformed protobuf in family {}: {error}", pushed.families.len() + 1))?;
        pushed.has_timestamps |= message.metric.iter().any(|metric| metric.timestamp_ms.is_some());
        let family = message.into_family()?;
        if pushed.families.iter().any(|known| known.name == family.name) {
            return Err(format!("the family {:?} is in the push twice", family.name));
        }
        pushed.families.push(family);
    }
    Ok(pushed)
}

/// `io.prometheus.client.MetricFamily`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ProtoFamily {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    help: String,
    #[prost(int32, tag = "3")]
    kind: i32,
    #[prost(message, repeated, tag = "4")]
    metric: Vec<ProtoMetric>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoMetric {
    #[prost(message, repeated, tag = "1")]
    label: Vec<ProtoLabel>,
    #[prost(message, optional, tag = "2")]
    gauge: Option<ProtoNumber>,
    #[prost(message, optional, tag = "3")]
    counter: Option<ProtoNumber>,
    #[prost(message, optional, tag = "4")]
    summary: Option<ProtoSummary>,
    #[prost(message, optional, tag = "5")]
    untyped: Option<ProtoNumber>,
    #[prost(int64, optional, tag = "6")]
    timestamp_ms: Option<i64>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<ProtoHistogram>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ProtoLabel {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoNumber {
    #[prost(double, tag = "1")]
    value: f64,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoSummary {
    #[prost(uint64, tag = "1")]
    sample_count: u64,
    #[prost(double, tag = "2")]
    sample_sum: f64,
    #[prost(message, repeated, tag = "3")]
    quantile: Vec<ProtoQuantile>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoQuantile {
    #[prost(double, tag = "1")]
    quantile: f64,
    #[prost(double, tag = "2")]
    value: f64,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoHistogram {
    #[prost(uint64, tag = "1")]
    sample_count: u64,
    #[prost(double, tag = "4")]
    sample_count_float: f64,
    #[prost(double, tag = "2")]
    sample_sum: f64,
    #[prost(message, repeated, tag = "3")]
    bucket: Vec<ProtoBucket>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoBucket {
    #[prost(uint64, tag = "1")]
    cumulative_count: u64,
    #[prost(double, tag = "4")]
    cumulative_count_float: f64,
    #[prost(double, tag = "2")]
    upper_bound: f64,
}

impl ProtoFamily {
    /// The family; an error when a metric is not of the family's type.
    pub(super) fn into_family(self) -> Result<Family, String> {
        let metric_type = match self.kind {
            0 => MetricType::Counter,
            1 => MetricType::Gauge,
            2 => MetricType::Summary,
            3 => MetricType::Unknown,
            4 => MetricType::Histogram,
            other => return Err(format!("family {:?} has the type {other}, which is not supported", self.name)),
        };
        let mut metrics = Vec::with_capacity(self.metric.len());
        for metric in self.metric {
            let value = metric
                .value(metric_type)
                .ok_or_else(|| format!("collected metric {:?} is not a {}", self.name, type_name(metric_type)))?;
            let mut labels: Vec<_> = metric.label.into_iter().map(|label| (label.name, label.value)).collect();
            labels.sort_unstable();
            metrics.push(Metric { labels, value });
        }
        Ok(Family { name: self.name, help: self.help, metric_type, metrics })
    }

    pub(super) fn of(family: &Family) -> Self {
        let kind = match family.metric_type {
            MetricType::Counter => 0,
            MetricType::Gauge => 1,
            MetricType::Summary => 2,
            MetricType::Histogram => 4,
            _ => 3,
        };
        let metric = family.metrics.iter().map(|metric| ProtoMetric::of(metric, family.metric_type)).collect();
        Self { name: family.name.clone(), help: family.help.clone(), kind, metric }
    }
}

impl ProtoMetric {
    fn value(&self, metric_type: MetricType) -> Option<Value> {
        let sorted = |mut points: Vec<(f64, f64)>| {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        };
        // Fractions win, since a writer that knows them writes both.
        let either = |whole: u64, fraction: f64| if fraction > 0.0 { fraction } else { whole as f64 };
        Some(match metric_type {
            MetricType::Counter => Value::Number(self.counter.as_ref()?.value),
            MetricType::Gauge => Value::Number(self.gauge.as_ref()?.value),
            MetricType::Summary => {
                let summary = self.summary.as_ref()?;
                let quantiles = summary.quantile.iter().map(|point| (point.quantile, point.value)).collect();
                let (count, sum) = (summary.sample_count as f64, summary.sample_sum);
                Value::Summary { count, sum, quantiles: sorted(quantiles) }
            }
            MetricType::Histogram => {
                let histogram = self.histogram.as_ref()?;
                let buckets = histogram
                    .bucket
                    .iter()
                    .map(|bucket| (bucket.upper_bound, either(bucket.cumulative_count, bucket.cumulative_count_float)))
                    .collect();
                let count = either(histogram.sample_count, histogram.sample_count_float);
                Value::Histogram { count, sum: histogram.sample_sum, buckets: sorted(buckets) }
            }
            _ => Value::Number(self.untyped.as_ref()?.value),
        })
    }

    fn of(metric: &Metric, metric_type: MetricType) -> Self {
        let label = |(name, value): &(String, String)| ProtoLabel { name: name.clone(), value: value.clone() };
        let mut proto = Self { label: metric.labels.iter().map(label).collect(), ..Self::default() };
        match &metric.value {
            Value::Number(value) => {
                let number = Some(ProtoNumber { value: *value });
                match metric_type {
                    MetricType::Counter => proto.counter = number,
                    MetricType::Gauge => proto.gauge = number,
                    _ => proto.untyped = number,
                }
            }
            Value::Summary { count, sum, quantiles } => {
                let point = |&(quantile, value): &(f64, f64)| ProtoQuantile { quantile, value };
                let quantile = quantiles.iter().map(point).collect();
                proto.summary = Some(ProtoSummary { sample_count: *count as u64, sample_sum: *sum, quantile });
            }
            Value::Histogram { count, sum, buckets } => {
                // As fractions, which hold whole numbers too.
                let bucket = |&(upper_bound, cumulative_count_float): &(f64, f64)| ProtoBucket {
                    upper_bound,
                    cumulative_count_float,
                    cumulative_count: 0,
                };
                let bucket = buckets.iter().map(bucket).collect();
                proto.histogram =
                    Some(ProtoHistogram { sample_count: 0, sample_count_float: *count, sample_sum: *sum, bucket });
            }
        }
        proto
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Families of every type, as a push may hold them.
    pub(in super::super) fn any_family() -> impl Strategy<Value = Family> {
        let points = || prop::collection::btree_map(0_u32..50, 0_u32..1000, 0..4);
        let value = prop_oneof![
            any::<i32>().prop_map(|number| (MetricType::Gauge, Value::Number(f64::from(number)))),
            any::<u32>().prop_map(|number| (MetricType::Counter, Value::Number(f64::from(number)))),
            any::<i32>().prop_map(|number| (MetricType::Unknown, Value::Number(f64::from(number) / 4.0))),
            (points(), 0_u32..99).prop_map(|(points, count)| {
                let buckets = points.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
                (MetricType::Histogram, Value::Histogram { count: f64::from(count), sum: 1.5, buckets })
            }),
            (points(), 0_u32..99).prop_map(|(points, count)| {
                let quantiles = points.into_iter().map(|(a, b)| (f64::from(a) / 50.0, f64::from(b))).collect();
                (MetricType::Summary, Value::Summary { count: f64::from(count), sum: -1.0, quantiles })
            }),
        ];
        let labels = prop::collection::btree_map("[a-d]", "\\PC{1,5}", 0..3);
        ("[a-z]{1,3}", "\\PC{0,6}", labels, value).prop_map(|(name, help, labels, (metric_type, value))| Family {
            name,
            help,
            metric_type,
            metrics: vec![Metric { labels: labels.into_iter().collect(), value }],
        })
    }

    proptest! {
        #[test]
        fn families_survive_the_wire(family in any_family()) {
            let bytes = ProtoFamily::of(&family).encode_length_delimited_to_vec();
            prop_assert_eq!(families(&bytes).unwrap().families, vec![family]);
        }

        #[test]
        fn garbage_is_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _either = families(&bytes);
        }
    }

    #[test]
    fn a_metric_of_another_type_is_refused() {
        let mut proto = ProtoFamily::of(&Family::gauge("a", "", 1.0));
        proto.kind = 0;
        assert!(families(&proto.encode_length_delimited_to_vec()).unwrap_err().contains("is not a COUNTER"));
    }
}
