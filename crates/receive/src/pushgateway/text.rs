//! A body in the text format: lines gathered into families.
//!
//! Stricter than scraping, as upstream is: every line ends with a line feed (a body that was cut off would otherwise
//! pass with half a number), and HELP and TYPE come once and before the samples.

use super::family::{Family, Metric, Value};
use super::grouping::is_label_name;
use lgtm_model::{METRIC_NAME, MetricType};
use lgtm_wire::exposition::{Entry, Format, Series, parse, parse_value};
use std::collections::HashMap;

/// What a body holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pushed {
    pub families: Vec<Family>,
    /// Whether a sample has a timestamp, which is refused later, when it can be recorded with the group.
    pub has_timestamps: bool,
}

/// Reads a body; the error names the line.
pub(super) fn families(body: &[u8], utf8_names: bool) -> Result<Pushed, String> {
    if body.last().is_some_and(|last| *last != b'\n') {
        let line = body.iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(format!(
            "text format parsing error in line {line}: unexpected end of input stream; every line, the last one too, ends with a line feed"
        ));
    }
    let mut reader = Reader { utf8_names, ..Reader::default() };
    for entry in parse(body, Format::PrometheusText) {
        let entry = entry.map_err(|error| format!("text format parsing error in {error}"))?;
        reader.take(entry)?;
    }
    reader.pushed.families.retain(|family| !family.metrics.is_empty());
    for metric in reader.pushed.families.iter_mut().flat_map(|family| &mut family.metrics) {
        if let Value::Summary { quantiles: points, .. } | Value::Histogram { buckets: points, .. } = &mut metric.value {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
    Ok(reader.pushed)
}

/// What a family's lines said already.
#[derive(Default)]
struct Declared {
    index: usize,
    help: bool,
    metric_type: bool,
}

#[derive(Default)]
struct Reader {
    utf8_names: bool,
    pushed: Pushed,
    declared: HashMap<String, Declared>,
    /// Where a summary's or histogram's metric stands whose lines come one by one.
    metrics: HashMap<(usize, Vec<(String, String)>), usize>,
}

/// What a sample is to its family.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Value,
    Count,
    Sum,
    Bucket,
}

impl Reader {
    fn take(&mut self, entry: Entry<'_>) -> Result<(), String> {
        match entry {
            Entry::Help { name, text } => {
                let declared = self.declare(&name)?;
                if std::mem::replace(&mut declared.help, true) {
                    return Err(format!("second HELP line for metric name {name:?}"));
                }
                let index = declared.index;
                self.pushed.families[index].help = text.into_owned();
            }
            Entry::Type { name, metric_type } => {
                let declared = self.declare(&name)?;
                let index = declared.index;
                let again = std::mem::replace(&mut declared.metric_type, true);
                let family = &mut self.pushed.families[index];
                if again || !family.metrics.is_empty() {
                    return Err(format!("second TYPE line for metric name {name:?}, or TYPE reported after samples"));
                }
                family.metric_type = metric_type;
            }
            Entry::Series(series) => self.sample(&series)?,
            Entry::Unit { .. } | Entry::Comment(_) => {}
        }
        Ok(())
    }

    fn declare(&mut self, name: &str) -> Result<&mut Declared, String> {
        let legacy = is_label_name(&name.replace(':', "_"), false);
        if !legacy && !self.utf8_names {
            return Err(format!("invalid metric name {name:?}"));
        }
        let families = &mut self.pushed.families;
        Ok(self.declared.entry(name.to_owned()).or_insert_with(|| {
            let (name, help) = (name.to_owned(), String::new());
            families.push(Family { name, help, metric_type: MetricType::Unknown, metrics: Vec::new() });
            Declared { index: families.len() - 1, ..Declared::default() }
        }))
    }

    /// The family that a sample's name belongs to, and as what.
    fn family_of(&mut self, name: &str) -> Result<(usize, Role), String> {
        let typed = |stem: &str| {
            let index = self.declared.get(stem)?.index;
            Some((index, self.pushed.families[index].metric_type))
        };
        if typed(name).is_none() {
            for (suffix, role) in [("_count", Role::Count), ("_sum", Role::Sum), ("_bucket", Role::Bucket)] {
                let found = name.strip_suffix(suffix).and_then(typed);
                let Some((index, metric_type)) = found else { continue };
                let with_buckets = metric_type == MetricType::Histogram;
                if with_buckets || (metric_type == MetricType::Summary && role != Role::Bucket) {
                    return Ok((index, role));
                }
            }
        }
        Ok((self.declare(name)?.index, Role::Value))
    }

    fn sample(&mut self, series: &Series<'_>) -> Result<(), String> {
        let in_line = |reason: String| format!("text format parsing error in line {}: {reason}", series.line());
        let all = series.labels().map_err(|error| format!("text format parsing error in {error}"))?;
        let name = all.metric_name().ok_or_else(|| in_line("a sample without a metric name".to_owned()))?;
        let (index, role) = self.family_of(name).map_err(in_line)?;
        self.pushed.has_timestamps |= series.timestamp.is_some();
        let mut labels: Vec<(String, String)> = Vec::new();
        for (label, value) in all.iter().filter(|(label, _)| *label != METRIC_NAME) {
            if !is_label_name(label, self.utf8_names) || label.starts_with("__") {
                return Err(in_line(format!("invalid label name {label:?}")));
            }
            labels.push((label.to_owned(), value.to_owned()));
        }
        let metric_type = self.pushed.families[index].metric_type;
        let bound_label = match (metric_type, role) {
            (MetricType::Summary, Role::Value) => Some("quantile"),
            (MetricType::Histogram, Role::Bucket) => Some("le"),
            (MetricType::Histogram, Role::Value) => {
                return Err(in_line(format!("{name} is a histogram; its samples are {name}_bucket, _sum and _count")));
            }
            _ => None,
        };
        let bound = match bound_label {
            None => f64::NAN,
            Some(wanted) => {
                let position = labels.iter().position(|(label, _)| label == wanted);
                let text = position.map(|position| labels.remove(position).1).unwrap_or_default();
                parse_value(&text)
                    .ok_or_else(|| in_line(format!("expected float as value for {wanted:?} label, got {text:?}")))?
            }
        };
        self.store(index, role, labels, bound, series.value);
        Ok(())
    }

    fn store(&mut self, index: usize, role: Role, labels: Vec<(String, String)>, bound: f64, number: f64) {
        let family = &mut self.pushed.families[index];
        if !matches!(family.metric_type, MetricType::Summary | MetricType::Histogram) {
            family.metrics.push(Metric { labels, value: Value::Number(number) });
            return;
        }
        let position = *self.metrics.entry((index, labels.clone())).or_insert_with(|| {
            family.metrics.push(Metric { labels, value: Value::empty(family.metric_type) });
            family.metrics.len() - 1
        });
        match &mut family.metrics[position].value {
            Value::Summary { count, sum, quantiles: points } | Value::Histogram { count, sum, buckets: points } => {
                match role {
                    Role::Count => *count = number,
                    Role::Sum => *sum = number,
                    Role::Value | Role::Bucket => points.push((bound, number)),
                }
            }
            Value::Number(value) => *value = number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_families() {
        let text = b"# TYPE h histogram\n# HELP h Help.\nh_bucket{a=\"1\",le=\"+Inf\"} 3\nh_bucket{a=\"1\",le=\"1\"} 2\n\
            h_sum{a=\"1\"} 4.5\nh_count{a=\"1\"} 3\n# TYPE s summary\ns{quantile=\"0.5\"} 7\ns_count 1\nx_count 9\n# TYPE gone gauge\n";
        let pushed = families(text, false).unwrap();
        let [h, s, x] = pushed.families.as_slice() else { panic!("{pushed:?}") };
        assert_eq!((h.name.as_str(), h.help.as_str(), h.series()), ("h", "Help.", 5));
        let buckets = vec![(1.0, 2.0), (f64::INFINITY, 3.0)];
        assert_eq!(h.metrics[0].value, Value::Histogram { count: 3.0, sum: 4.5, buckets });
        assert_eq!(s.metrics[0].value, Value::Summary { count: 1.0, sum: 0.0, quantiles: vec![(0.5, 7.0)] });
        assert_eq!((x.name.as_str(), x.metric_type), ("x_count", MetricType::Unknown));
        assert!(!pushed.has_timestamps && families(b"a 1 1000\n", false).unwrap().has_timestamps);
        assert_eq!(families(b"", false).unwrap(), Pushed::default());
    }

    #[test]
    fn what_is_no_exposition_is_refused() {
        for text in [
            "a 1",
            "a 1\r\n",
            "a 1\n# TYPE a gauge\n",
            "# TYPE a gauge\n# TYPE a gauge\na 1\n",
            "# HELP a x\n# HELP a x\na 1\n",
            "# TYPE h histogram\nh_bucket{le=\"x\"} 1\n",
            "# TYPE h histogram\nh_bucket 1\n",
            "# TYPE h histogram\nh 1\n",
            "a{__b=\"1\"} 1\n",
            "{\"a.b\"} 1\n",
            "a{b=\"1\",b=\"2\"} 1\n",
            "{b=\"1\"} 1\n",
        ] {
            assert!(families(text.as_bytes(), false).is_err(), "{text}");
        }
        assert_eq!(families(b"{\"a.b\"} 1\n", true).unwrap().families[0].name, "a.b");
    }
}
