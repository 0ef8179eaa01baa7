//! What a scrape of the Pushgateway sees: its own metrics and all that was pushed, one declaration a name.

use super::family::{Family, Metric, Value};
use super::state::Group;
use lgtm_runtime::metrics;
use lgtm_wire::exposition::{format_value, write_declaration, write_sample};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Writes everything in the text format, in the order of the names.
///
/// Of several help texts of one name the Pushgateway's own wins, then that of the first group.
pub(super) fn expose(groups: &[Arc<Group>], own: &[metrics::Family]) -> String {
    let mut pushed: BTreeMap<String, Vec<Arc<Family>>> = BTreeMap::new();
    for group in groups {
        for (name, stored) in group.exposed() {
            pushed.entry(name).or_default().push(stored.family);
        }
    }
    let own: BTreeMap<&str, &metrics::Family> = own.iter().map(|family| (family.name.as_str(), family)).collect();
    let mut names: Vec<&str> = pushed.keys().map(String::as_str).chain(own.keys().copied()).collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::new();
    for name in names {
        let families = pushed.get(name).map(Vec::as_slice).unwrap_or_default();
        let declared = own.get(name).map(|own| (own.help.as_str(), own.metric_type));
        let first = families.first().map(|family| (family.help.as_str(), family.metric_type));
        let Some((help, metric_type)) = declared.or(first) else { continue };
        write_declaration(&mut text, name, help, metric_type);
        for (suffix, labels, value) in own.get(name).map(|own| own.points.as_slice()).unwrap_or_default() {
            write_sample(&mut text, &format!("{name}{suffix}"), labels.iter(), *value);
        }
        for family in families {
            family.metrics.iter().for_each(|metric| write_metric(&mut text, name, metric));
        }
    }
    text
}

fn write_metric(text: &mut String, name: &str, metric: &Metric) {
    let (count, sum) = match &metric.value {
        Value::Number(value) => return write_sample(text, name, labels(metric), *value),
        Value::Summary { count, sum, quantiles } => {
            write_points(text, name, metric, "quantile", quantiles);
            (count, sum)
        }
        Value::Histogram { count, sum, buckets } => {
            let bucket = format!("{name}_bucket");
            write_points(text, &bucket, metric, "le", buckets);
            if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
                write_points(text, &bucket, metric, "le", &[(f64::INFINITY, *count)]);
            }
            (count, sum)
        }
    };
    write_sample(text, &format!("{name}_sum"), labels(metric), *sum);
    write_sample(text, &format!("{name}_count"), labels(metric), *count);
}

fn write_points(text: &mut String, name: &str, metric: &Metric, label: &str, points: &[(f64, f64)]) {
    for (bound, value) in points {
        let bound = format_value(*bound);
        write_sample(text, name, labels(metric).chain([(label, bound.as_str())]), *value);
    }
}

fn labels(metric: &Metric) -> impl Iterator<Item = (&str, &str)> {
    metric.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
