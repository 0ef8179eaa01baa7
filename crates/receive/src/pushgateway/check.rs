//! Whether a group can stand beside the others: what upstream checks when it gathers all metrics of a push.

use super::family::{Family, Metric, Value, shown, type_name};
use super::grouping::is_label_name;
use super::state::{Group, State};
use lgtm_model::MetricType;
use lgtm_runtime::metrics;
use std::collections::HashSet;

/// The suffixes under which the numbers of a summary or histogram are exposed.
const SUFFIXES: [&str; 3] = ["_count", "_sum", "_bucket"];

/// Holds `next`, a group as it would be after a push, against all other groups and the Pushgateway's own metrics.
pub(super) fn check(next: &Group, state: &State, own: &[metrics::Family], utf8_names: bool) -> Result<(), String> {
    for stored in next.families.values() {
        let family = &stored.family;
        metrics_of(family, utf8_names)?;
        if let Some(own) = own.iter().find(|own| own.name == family.name) {
            same_type(family, own.metric_type)?;
        }
        collisions(family, next, state, own)?;
        for other in state.holders(&family.name, &next.grouping) {
            let Some(theirs) = other.families.get(&family.name) else { continue };
            same_type(family, theirs.family.metric_type)?;
            if !next.grouping.excludes(&other.grouping) {
                disjoint(family, &theirs.family)?;
            }
        }
    }
    Ok(())
}

fn same_type(family: &Family, wanted: MetricType) -> Result<(), String> {
    if family.metric_type == wanted {
        return Ok(());
    }
    let (name, found, wanted) = (&family.name, type_name(family.metric_type), type_name(wanted));
    Err(format!("gathered metric family {name} has type {found} but should have {wanted}"))
}

/// Names, labels and numbers within one family.
fn metrics_of(family: &Family, utf8_names: bool) -> Result<(), String> {
    let name = &family.name;
    if !is_label_name(&name.replace(':', "_"), utf8_names) {
        return Err(format!("invalid metric name {name:?}"));
    }
    let reserved = match family.metric_type {
        MetricType::Summary => "quantile",
        MetricType::Histogram => "le",
        _ => "",
    };
    let mut seen = HashSet::new();
    for Metric { labels, value } in &family.metrics {
        let metric = || shown(name, labels);
        for (index, (label, _)) in labels.iter().enumerate() {
            if !is_label_name(label, utf8_names) || label.starts_with("__") {
                return Err(format!("collected metric {} has a label with an invalid name: {label}", metric()));
            }
            if labels.get(index + 1).is_some_and(|next| next.0 == *label) {
                return Err(format!(
                    "collected metric {} has two or more labels with the same name: {label}",
                    metric()
                ));
            }
            if label == reserved {
                return Err(format!("collected metric {} must not have an explicit {reserved:?} label", metric()));
            }
        }
        if let Value::Summary { quantiles: points, .. } | Value::Histogram { buckets: points, .. } = value
            && points.windows(2).any(|pair| pair[0].0.total_cmp(&pair[1].0).is_eq())
        {
            return Err(format!("collected metric {} has one bucket or quantile twice", metric()));
        }
        if !seen.insert(significant(labels)) {
            return Err(format!(
                "collected metric {} was collected before with the same name and label values",
                metric()
            ));
        }
    }
    Ok(())
}

/// No series of one family is in the other.
fn disjoint(family: &Family, other: &Family) -> Result<(), String> {
    let theirs: HashSet<_> = other.metrics.iter().map(|metric| significant(&metric.labels)).collect();
    match family.metrics.iter().find(|metric| theirs.contains(&significant(&metric.labels))) {
        None => Ok(()),
        Some(metric) => Err(format!(
            "collected metric {} was collected before with the same name and label values",
            shown(&family.name, &metric.labels)
        )),
    }
}

/// The labels that tell series apart: an empty one is the same as none.
fn significant(labels: &[(String, String)]) -> Vec<&(String, String)> {
    labels.iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// No family is called as a summary's or histogram's `_count`, `_sum` or `_bucket`.
fn collisions(family: &Family, next: &Group, state: &State, own: &[metrics::Family]) -> Result<(), String> {
    let name = &family.name;
    let type_of = |name: &str| {
        let here = next.families.get(name).map(|stored| stored.family.metric_type);
        let own = || own.iter().find(|own| own.name == name).map(|own| own.metric_type);
        here.or_else(own).or_else(|| state.type_elsewhere(name, &next.grouping))
    };
    let has_suffix = |metric_type: MetricType, suffix: &str| match metric_type {
        MetricType::Histogram => true,
        MetricType::Summary => suffix != "_bucket",
        _ => false,
    };
    for suffix in SUFFIXES {
        let taken = format!("{name}{suffix}");
        if has_suffix(family.metric_type, suffix) && type_of(&taken).is_some() {
            return Err(format!("collected {} named {name:?} collides with the metric named {taken:?}", kind(family)));
        }
        let stem = name.strip_suffix(suffix);
        if let Some(stem) = stem.filter(|stem| type_of(stem).is_some_and(|found| has_suffix(found, suffix))) {
            return Err(format!("collected metric named {name:?} collides with the histogram or summary {stem:?}"));
        }
    }
    Ok(())
}

fn kind(family: &Family) -> &'static str {
    family.metric_type.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::grouping::Grouping;
    use super::super::text;
    use super::*;
    use lgtm_model::TimestampNs;

    fn group(path: &str, body: &str) -> Group {
        let mut group = Group::new(Grouping::from_path(path, false).unwrap());
        group.take(text::families(body.as_bytes(), false).unwrap().families, true, TimestampNs(1));
        group
    }

    #[track_caller]
    fn expect(there: &[(&str, &str)], path: &str, body: &str, want: Option<&str>) {
        let mut state = State::default();
        for (path, body) in there {
            state.put(group(path, body), 0);
        }
        let own = metrics::Registry::default();
        own.gauge("pushgateway_own", "Own.", &[]);
        let result = check(&group(path, body), &state, &own.snapshot(), false);
        match (&result, want) {
            (Ok(()), None) => {}
            (Err(error), Some(want)) => assert!(error.contains(want), "{error}"),
            _ => panic!("{path} {body}: {result:?}, wanted {want:?}"),
        }
    }

    #[test]
    fn groups_must_agree() {
        let counter = "# TYPE a counter\na 1\n";
        let there = [("job/x", counter), ("job/h", "# TYPE h histogram\nh_sum 1\nh_count 1\n")];
        expect(&there, "job/y", counter, None);
        expect(&there, "job/x", "# TYPE a gauge\na 1\n", None);
        expect(&there, "job/y", "# TYPE a gauge\na 1\n", Some("has type GAUGE but should have COUNTER"));
        expect(&there, "job/y", "# HELP a Another help is fine.\n# TYPE a counter\na 1\n", None);
        expect(&there, "job/y", "a 1\n", Some("has type UNTYPED but should have COUNTER"));
        expect(&there, "job/y", "b{x=\"1\"} 1\nb{x=\"1\"} 2\n", Some("was collected before"));
        expect(&there, "job/y", "b{x=\"\"} 1\nb 2\n", Some("was collected before"));
        // Another group whose key is longer can name the same series.
        expect(&[("job/x/z/1", counter)], "job/x", "# TYPE a counter\na{z=\"1\"} 1\n", Some("was collected before"));
        expect(&[("job/x/z/1", counter)], "job/x", "# TYPE a counter\na{z=\"2\"} 1\n", None);
        expect(&[("job/x/z/1", counter)], "job/x/z/2", "# TYPE a counter\na{z=\"1\"} 1\n", None);
        expect(&there, "job/y", "h_count 1\n", Some("collides"));
        expect(&there, "job/y", "# TYPE a_b summary\na_b_count 1\n", None);
        expect(&[("job/x", "s_sum 1\n")], "job/y", "# TYPE s summary\ns_count 1\n", Some("collides"));
        expect(&[("job/x", "s_bucket 1\n")], "job/y", "# TYPE s summary\ns_count 1\n", None);
        expect(&there, "job/y", "# TYPE s summary\ns_count{quantile=\"1\"} 1\n", Some("explicit"));
        expect(&there, "job/y", "# TYPE pushgateway_own counter\npushgateway_own 1\n", Some("should have GAUGE"));
        expect(&there, "job/y", "push_time_seconds 1\n", None);
    }
}
