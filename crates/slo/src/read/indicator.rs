//! Indicators: a ratio of events, or a metric that is held against a threshold.

use super::Registry;
use super::query::{self, metric_source};
use crate::slo::{Part, Sli};
use lgtm_settings::{Fields, Node};

/// What an objective is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Indicator {
    /// Counts.
    Ratio(Sli),
    /// An instant vector; the objective says what it is compared with.
    Threshold(String),
}

/// The `spec` of an SLI.
pub(super) fn indicator(node: Node<'_>, registry: &Registry) -> Option<Indicator> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        let ratio = fields.get("ratioMetric");
        let threshold = fields.get("thresholdMetric");
        match (ratio, threshold) {
            (Some(node), None) => node.map(|fields| ratio_metric(fields, registry)).map(Indicator::Ratio),
            (None, Some(node)) => metric_source(node, registry, query::vector).map(Indicator::Threshold),
            _ => {
                fields.node().problem("expected exactly one of \"ratioMetric\" and \"thresholdMetric\"");
                None
            }
        }
    })
}

fn ratio_metric(fields: &mut Fields<'_>, registry: &Registry) -> Option<Sli> {
    if fields.has("raw") || fields.has("rawType") {
        fields.accept(&["raw", "rawType", "good", "bad", "total", "counter"], "is not read");
        fields.problem_at(
            "raw",
            "a stored ratio does not say of how many events; give \"total\" and \"good\" or \"bad\", so that windows \
             are weighted by traffic",
        );
        return None;
    }
    let is_counter = fields.or("counter", true, |node| node.bool());
    let mut read =
        |name| fields.get(name).map(|node| metric_source(node, registry, |node| query::events(node, is_counter)));
    let (good, bad, total) = (read("good"), read("bad"), read("total"));
    let (part, part_is) = match (good, bad) {
        (Some(good), None) => (good, Part::Good),
        (None, Some(bad)) => (bad, Part::Bad),
        _ => {
            fields.node().problem("expected exactly one of \"good\" and \"bad\"");
            return None;
        }
    };
    let Some(total) = total else {
        fields.node().problem("\"total\" is missing");
        return None;
    };
    Some(Sli { total: total?, part: part?, part_is })
}
