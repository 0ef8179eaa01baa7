//! Series as unit tests write them.

use lgtm_model::{Labels, SampleRow, TimestampMs};
use lgtm_promql::{ParseErrors, SeriesPoint, parse_series_description};
use lgtm_settings::Node;

/// One series with its points in time.
pub(super) struct InputSeries {
    pub rows: Vec<SampleRow>,
    /// Whether some of its points are native histograms, which are left out.
    pub has_histograms: bool,
}

impl InputSeries {
    pub fn read(node: Node<'_>, start_ms: i64, interval_ms: i64) -> Option<Self> {
        node.map(|fields| {
            let series = fields.required("series", |node| {
                let text = node.non_empty_string()?;
                note(node, parse_series_description(&text))?;
                Some(text)
            });
            let points = fields.optional("values", |node| {
                let text = node.string()?;
                // The notation needs a name in front.
                note(node, parse_series_description(&format!("x {text}"))).map(|described| described.points)
            });
            let labels = parse_series_description(&series?).ok()?.labels;
            let points = points.unwrap_or_default();
            let has_histograms = points.iter().any(|point| matches!(point, SeriesPoint::NativeHistogram(_)));
            let row = |(number, point): (usize, SeriesPoint)| match point {
                SeriesPoint::Float(value) => {
                    let at = start_ms.saturating_add(interval_ms.saturating_mul(number as i64));
                    Some(SampleRow { labels: labels.clone(), timestamp: TimestampMs(at), value })
                }
                SeriesPoint::Gap | SeriesPoint::NativeHistogram(_) => None,
            };
            Some(Self { rows: points.into_iter().enumerate().filter_map(row).collect(), has_histograms })
        })
    }
}

/// A series' labels as they are printed: `name{a="b"}`; nothing means no labels.
pub(super) fn labels(node: Node<'_>) -> Option<Labels> {
    let text = node.string()?;
    if text.trim().is_empty() {
        return Some(Labels::empty());
    }
    note(node, parse_series_description(&text)).map(|described| described.labels)
}

fn note<T>(node: Node<'_>, parsed: Result<T, ParseErrors>) -> Option<T> {
    match parsed {
        Ok(value) => Some(value),
        Err(errors) => {
            for error in errors.errors {
                node.problem(format!("parse error: {}", error.message));
            }
            None
        }
    }
}
