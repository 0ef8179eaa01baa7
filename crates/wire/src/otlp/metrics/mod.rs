//! OTLP metric points to samples, as Prometheus' own OTLP receiver translates them, and samples back to OTLP.
//!
//! 1. Names get unit and type suffixes ([`super::name`]); attributes become labels ([`series`]).
//! 2. `service.namespace/service.name` becomes `job`, `service.instance.id` becomes `instance`; the other resource
//!    attributes go to one `target_info` series a resource ([`target_info`]).
//! 3. Histograms become `_bucket`, `_sum` and `_count`; so do exponential ones, through boundaries that stay the same
//!    when the sender changes its scale ([`exponential`]); summaries become quantiles, `_sum` and `_count`.
//! 4. Delta temporality is refused: what a delta adds to is known to the sender only. So are metrics without usable name.
//! 5. A point flagged as having no recorded value becomes the staleness marker.
//!
//! Scopes are not labels, as upstream's default has it. Metrics in the scope [`super::VERBATIM_SCOPE`] are taken as they
//! are ([`verbatim`]).

mod buckets;
mod exemplar;
mod exponential;
mod histogram;
mod number;
mod series;
mod sheet;
mod summary;
mod target_info;
mod verbatim;
mod verbatim_request;

pub use verbatim_request::metrics_request;

use super::VERBATIM_SCOPE;
use super::outcome::Outcome;
use super::proto::collector::metrics::v1::ExportMetricsServiceRequest;
use super::proto::common::v1::KeyValue;
use super::proto::metrics::v1::ScopeMetrics;
use lgtm_model::{SampleBatch, TimestampMs};
use series::Identity;
use sheet::Sheet;

/// Translates a request; `now` is the time of points that carry none.
pub fn samples(request: ExportMetricsServiceRequest, now: TimestampMs) -> Outcome<SampleBatch> {
    let mut sheet = Sheet::new(now);
    for resource_metrics in request.resource_metrics {
        let resource = resource_metrics.resource.unwrap_or_default().attributes;
        let is_verbatim =
            |metrics: &ScopeMetrics| metrics.scope.as_ref().is_some_and(|scope| scope.name == VERBATIM_SCOPE);
        let (as_they_are, to_translate): (Vec<_>, Vec<_>) =
            resource_metrics.scope_metrics.into_iter().partition(is_verbatim);
        let metrics = as_they_are.into_iter().flat_map(|scope_metrics| scope_metrics.metrics);
        metrics.for_each(|metric| verbatim::take(&mut sheet.outcome.data, metric));
        translate(&mut sheet, &resource, to_translate);
    }
    let mut outcome = sheet.outcome;
    // One series' points may lie in several metrics or out of order within one; sinks want them in the order of time.
    if !outcome.data.rows.is_sorted_by_key(|row| row.timestamp) {
        outcome.data.rows.sort_by_key(|row| row.timestamp);
    }
    outcome
}

fn translate(sheet: &mut Sheet, resource: &[KeyValue], scopes: Vec<ScopeMetrics>) {
    let identity = Identity::of(resource);
    let first_row = sheet.outcome.data.rows.len();
    for metric in scopes.into_iter().flat_map(|scope_metrics| scope_metrics.metrics) {
        sheet.metric(&identity, metric);
    }
    target_info::add(&mut sheet.outcome.data, first_row, &identity, resource);
}

#[cfg(test)]
mod tests;
