//! What a metric says about itself.

/// The type a metric declares (OpenMetrics 1.0, "Metric Types", and Prometheus' `unknown`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetricType {
    /// Only ever grows, but for resets.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Buckets, a sum and a count.
    Histogram,
    /// A histogram of things that are now, such as queue ages.
    GaugeHistogram,
    /// Quantiles computed by the target.
    Summary,
    /// Always 1; its labels are the message.
    Info,
    /// One series a state.
    StateSet,
    /// Not declared.
    #[default]
    Unknown,
}

impl MetricType {
    /// The name used on the wire and in API answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::Unknown => "unknown",
        }
    }
}

/// Type, help and unit of a metric family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// The declared type.
    pub metric_type: MetricType,
    /// The declared help text.
    pub help: String,
    /// The declared unit, often empty.
    pub unit: String,
}
