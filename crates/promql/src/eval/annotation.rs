//! What a query tells the person who wrote it beside its result, in upstream's words, with the place in the query.

use crate::Span;
use crate::eval::number_text::{general, rounded};
use std::collections::BTreeMap;

/// Warnings and infos of one evaluation. Two with the same text are one; the later place stays, as upstream.
#[derive(Debug, Default)]
pub(crate) struct Annotations {
    warnings: BTreeMap<String, Note>,
    infos: BTreeMap<String, Note>,
}

#[derive(Clone, Debug)]
struct Note {
    span: Span,
    monotonicity: Option<ForcedMonotonicity>,
}

/// Where the buckets of a classic histogram had to be raised to grow with their bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForcedMonotonicity {
    /// The lowest bound that was raised.
    pub bucket_min: f64,
    /// The highest bound that was raised.
    pub bucket_max: f64,
    /// By how much at most.
    pub difference_max: f64,
    /// The first evaluation it happened in.
    pub first_ms: i64,
    /// The last evaluation it happened in.
    pub last_ms: i64,
    /// How often it happened.
    pub times: usize,
}

impl ForcedMonotonicity {
    fn merge(self, other: Self) -> Self {
        Self {
            bucket_min: self.bucket_min.min(other.bucket_min),
            bucket_max: self.bucket_max.max(other.bucket_max),
            difference_max: self.difference_max.max(other.difference_max),
            first_ms: self.first_ms.min(other.first_ms),
            last_ms: self.last_ms.max(other.last_ms),
            times: self.times + other.times,
        }
    }

    fn describe(&self) -> String {
        format!(
            ", from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
            general(self.bucket_min),
            general(self.bucket_max),
            rounded(self.difference_max, 2),
            self.times,
            crate::functions::date::rfc3339(self.first_ms.div_euclid(1000)),
            crate::functions::date::rfc3339(self.last_ms.div_euclid(1000)),
        )
    }
}

impl Annotations {
    /// Adds a warning; `text` comes without the prefix.
    pub fn warn(&mut self, text: impl Into<String>, span: Span) {
        self.warnings.insert(text.into(), Note { span, monotonicity: None });
    }

    /// Adds an info; `text` comes without the prefix.
    pub fn info(&mut self, text: impl Into<String>, span: Span) {
        self.infos.insert(text.into(), Note { span, monotonicity: None });
    }

    /// A quantile outside of 0 to 1.
    pub fn invalid_quantile(&mut self, quantile: f64, span: Span) {
        self.warn(format!("quantile value should be between 0 and 1, got {}", general(quantile)), span);
    }

    /// A ratio outside of -1 to 1.
    pub fn invalid_ratio(&mut self, ratio: f64, capped: f64, span: Span) {
        let (ratio, capped) = (general(ratio), general(capped));
        self.warn(format!("ratio value should be between -1 and 1, got {ratio}, capping to {capped}"), span);
    }

    /// A series without a usable `le`.
    pub fn bad_bucket_label(&mut self, name: &str, label: &str, span: Span) {
        let text = format!("bucket label \"le\" is missing or has a malformed value of {label:?}");
        self.warn(for_metric_name(text, name), span);
    }

    /// `rate` over something whose name is not a counter's.
    pub fn possible_non_counter(&mut self, name: &str, span: Span) {
        let text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:";
        self.info(format!("{text} {name:?}"), span);
    }

    /// `rate` over something whose type label is not a counter's.
    pub fn possible_non_counter_label(&mut self, name: &str, label: &str, span: Span) {
        let text = "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got";
        self.info(format!("{text} {label:?}: {name:?}"), span);
    }

    /// An operator that only histograms have, between floats.
    pub fn incompatible_types(&mut self, left: &str, operator: &str, right: &str, span: Span) {
        let text = "incompatible sample types encountered for binary operator";
        self.info(format!("{text} {operator:?}: {left} {operator} {right}"), span);
    }

    /// Sorting where the order is lost.
    pub fn sort_in_range_query(&mut self, span: Span) {
        self.warn("sort is ineffective for range queries since results are always ordered by labels", span);
    }

    /// Buckets that had to be raised; repeated ones are merged.
    pub fn forced_monotonicity(&mut self, name: &str, forced: ForcedMonotonicity, span: Span) {
        let text = "input to histogram_quantile needed to be fixed for monotonicity \
                    (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
        let note = self.infos.entry(for_metric_name(text.to_owned(), name));
        let note = note.or_insert(Note { span, monotonicity: None });
        note.monotonicity = Some(note.monotonicity.map_or(forced, |earlier| earlier.merge(forced)));
    }

    /// The texts with prefix and place, warnings before infos, each sorted.
    pub fn render(&self, query: &str) -> (Vec<String>, Vec<String>) {
        (render("PromQL warning", &self.warnings, query), render("PromQL info", &self.infos, query))
    }
}

fn for_metric_name(text: String, name: &str) -> String {
    if name.is_empty() { text } else { format!("{text} for metric name {name:?}") }
}

fn render(prefix: &str, notes: &BTreeMap<String, Note>, query: &str) -> Vec<String> {
    let line = |(text, note): (&String, &Note)| {
        let details = note.monotonicity.map(|forced| forced.describe()).unwrap_or_default();
        let (line, column) = note.span.line_column(query);
        format!("{prefix}: {text}{details} ({line}:{column})")
    };
    notes.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_told_once_with_its_place() {
        let mut annotations = Annotations::default();
        annotations.invalid_quantile(2.0, Span::new(0, 1));
        annotations.invalid_quantile(2.0, Span::new(4, 5));
        let (warnings, infos) = annotations.render("a\nb c");
        assert_eq!(warnings, ["PromQL warning: quantile value should be between 0 and 1, got 2 (2:3)"]);
        assert!(infos.is_empty());
    }
}
