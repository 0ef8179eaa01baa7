//! What a query gives back.

use lgtm_model::{Labels, TimestampMs};

/// A sample of one moment.
#[derive(Clone, Debug)]
pub struct InstantSample {
    /// Which series.
    pub labels: Labels,
    /// The value at the evaluation time.
    pub value: f64,
}

/// One series of a range.
#[derive(Clone, Debug)]
pub struct RangeSeries {
    /// Which series.
    pub labels: Labels,
    /// Times in milliseconds, ascending, with the value of each. Steps without a value are left out.
    pub points: Vec<(i64, f64)>,
}

/// The value of a query. Native histograms will be further variants of the samples, not of this.
#[derive(Clone, Debug)]
pub enum Value {
    /// One number; only of instant queries.
    Scalar(f64),
    /// A text; only of instant queries.
    String(String),
    /// One value a series; only of instant queries, and in the order that `sort` or `topk` gave.
    Vector(Vec<InstantSample>),
    /// Series sorted by labels: every range query, and an instant query of a range selector.
    Matrix(Vec<RangeSeries>),
}

/// What a query cost, as counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryStats {
    /// Selections sent to the source, after merging equal ones.
    pub selections: usize,
    /// Series the source returned.
    pub series: usize,
    /// Samples the source returned.
    pub samples_loaded: usize,
    /// Samples looked at, summed over steps: upstream's `totalQueryableSamples`.
    pub samples_total: usize,
    /// The most cells that results in progress held at once.
    pub cells_peak: usize,
}

/// Value, remarks and cost of a query.
#[derive(Clone, Debug)]
pub struct QueryResult {
    /// The value.
    pub value: Value,
    /// The evaluation time of an instant query; the end of a range query.
    pub time: TimestampMs,
    /// Warnings with their place in the query, in upstream's words.
    pub warnings: Vec<String>,
    /// Hints with their place in the query, in upstream's words.
    pub infos: Vec<String>,
    /// What it cost.
    pub stats: QueryStats,
}
