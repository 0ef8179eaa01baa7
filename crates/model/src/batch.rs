//! Samples on their way: what a scrape or a request yields and a sample sink takes.

use crate::{Exemplar, Labels, Metadata, TimestampMs};

/// One value of one series, with the series' whole identity.
#[derive(Clone, Debug)]
pub struct SampleRow {
    /// The series.
    pub labels: Labels,
    /// When it was taken.
    pub timestamp: TimestampMs,
    /// What was measured.
    pub value: f64,
}

/// What a metric family says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRow {
    /// The family's name.
    pub name: String,
    /// Type, help and unit.
    pub metadata: Metadata,
}

/// Samples that are accepted or refused together: one scrape, one OTLP request.
///
/// Rows of one series are in the order of time. Rows that come from one target in one scrape share their timestamp;
/// the head exploits it, but does not depend on it.
#[derive(Clone, Debug, Default)]
pub struct SampleBatch {
    /// The samples.
    pub rows: Vec<SampleRow>,
    /// Declarations that came with them.
    pub metadata: Vec<MetadataRow>,
    /// Exemplars, each with the series it belongs to.
    pub exemplars: Vec<(Labels, Exemplar)>,
}
