//! What an exposition consists of.

use super::labels::{Part, walk};
use super::scan::Cursor;
use super::{Format, float, scan};
use lgtm_model::{Exemplar, Labels, LabelsBuilder, METRIC_NAME, MetricType, TimestampMs};
use std::borrow::Cow;
use thiserror::Error;

/// Why an exposition cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {reason}")]
pub struct ExpositionError {
    /// The line, from one.
    pub line: usize,
    /// What was expected and what was found.
    pub reason: String,
}

impl ExpositionError {
    pub(super) fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

/// One line of an exposition, borrowed from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// `# HELP name text`
    Help {
        /// The metric family.
        name: Cow<'a, str>,
        /// What it means.
        text: Cow<'a, str>,
    },
    /// `# TYPE name type`
    Type {
        /// The metric family.
        name: Cow<'a, str>,
        /// Its type.
        metric_type: MetricType,
    },
    /// `# UNIT name unit`
    Unit {
        /// The metric family.
        name: Cow<'a, str>,
        /// Its unit.
        unit: &'a str,
    },
    /// Any other line that begins with `#`, that sign included.
    Comment(&'a str),
    /// A sample.
    Series(Series<'a>),
}

/// One sample of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<'a> {
    /// Name and labels as they are written: the same text means the same series, which makes it a key for caches.
    pub text: &'a str,
    /// The type of the family that was declared last.
    pub metric_type: MetricType,
    /// What was measured; every NaN is the ordinary one, so that no target can send a staleness marker.
    pub value: f64,
    /// When, if the target says so.
    pub timestamp: Option<TimestampMs>,
    /// An observation behind the sample (OpenMetrics only).
    pub exemplar: Option<Exemplar>,
    /// When counting began, once [`super::fold_created`] has found out.
    pub start: Option<TimestampMs>,
    pub(super) format: Format,
    pub(super) line: usize,
}

impl Series<'_> {
    /// Builds the labels, `__name__` among them.
    ///
    /// Bucket bounds and quantiles are normalised (`1` becomes `1.0`), so that one series stays one whichever format it
    /// comes in. Fails on a label that is given twice.
    pub fn labels(&self) -> Result<Labels, ExpositionError> {
        let mut builder = LabelsBuilder::default();
        let mut repeated = None;
        let mut set = |name: Cow<'_, str>, value: Cow<'_, str>| {
            if builder.get(&name).is_some() {
                repeated = Some(name.to_string());
            }
            let bound = matches!(
                (self.metric_type, name.as_ref()),
                (MetricType::Histogram, "le") | (MetricType::Summary, "quantile")
            );
            let value = if bound { float::canonical_bound(&value) } else { value };
            builder.set(name, value);
        };
        let mut cursor = Cursor::new(self.text);
        if let Some(name) = cursor.metric_name() {
            set(METRIC_NAME.into(), name.into());
            cursor.skip_blanks();
        }
        if cursor.take('{') {
            // The text was walked once already; it cannot fail now.
            walk(&mut cursor, self.format, &mut |part| match part {
                Part::Name(name) => set(METRIC_NAME.into(), scan::unquote(name)),
                Part::Pair(name, value) => set(scan::unquote(name), scan::unquote(value)),
            })?;
        }
        match repeated {
            Some(name) => Err(ExpositionError::new(self.line, format!("label {name:?} is given twice"))),
            None => Ok(builder.build()),
        }
    }

    /// Whether a label is written, be it with an empty value, which [`Series::labels`] does not keep: a target that says
    /// `instance=""` and is scraped with `honor_labels` wants no such label at all.
    pub fn writes_label(&self, label: &str) -> bool {
        let mut cursor = Cursor::new(self.text);
        let mut is_written = false;
        cursor.metric_name();
        cursor.skip_blanks();
        if cursor.take('{') {
            // The text was walked once already; it cannot fail now.
            let _walked = walk(&mut cursor, self.format, &mut |part| {
                is_written |= matches!(part, Part::Pair(name, _) if scan::unquote(name) == label);
            });
        }
        is_written
    }

    /// The line it stands on, from one.
    pub fn line(&self) -> usize {
        self.line
    }
}
