//! Writing Prometheus text 0.0.4: `/metrics` of every component.

use super::float;
use lgtm_model::{METRIC_NAME, MetricType};
use lgtm_runtime::metrics::Family;

/// The `Content-Type` of what [`write_families`] writes.
pub const CONTENT_TYPE_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes families in the order in which they come, each with its HELP and TYPE line.
///
/// Names beyond the legacy ones are put in quotes, as Prometheus 3 reads them.
pub fn write_families(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        write_declaration(&mut text, &family.name, &family.help, family.metric_type);
        for (suffix, labels, value) in &family.points {
            write_sample(&mut text, &format!("{}{suffix}", family.name), labels.iter(), *value);
        }
    }
    text
}

/// Writes the HELP line, unless `help` is empty, and the TYPE line.
pub fn write_declaration(text: &mut String, name: &str, help: &str, metric_type: MetricType) {
    let name = quoted_unless_legacy(name, true);
    if !help.is_empty() {
        text.push_str(&format!("# HELP {name} {}\n", escape(help, false)));
    }
    let kind = match metric_type {
        MetricType::Counter | MetricType::Gauge | MetricType::Histogram | MetricType::Summary => metric_type.as_str(),
        // What only OpenMetrics knows.
        _ => "untyped",
    };
    text.push_str(&format!("# TYPE {name} {kind}\n"));
}

/// Writes one sample. The labels are written as they come, empty ones too: a Pushgateway says `instance=""` to keep the
/// scraper's own away.
pub fn write_sample<'a>(text: &mut String, name: &str, labels: impl Iterator<Item = (&'a str, &'a str)>, value: f64) {
    write_series(text, name, labels);
    text.push_str(&format!(" {}\n", float::format(value)));
}

fn write_series<'a>(text: &mut String, name: &str, labels: impl Iterator<Item = (&'a str, &'a str)>) {
    let quoted = quoted_unless_legacy(name, true);
    let name_inside = quoted.len() != name.len();
    let mut parts: Vec<String> = Vec::new();
    if name_inside {
        parts.push(quoted);
    } else {
        text.push_str(name);
    }
    for (label, value) in labels.filter(|(label, _)| *label != METRIC_NAME) {
        parts.push(format!("{}=\"{}\"", quoted_unless_legacy(label, false), escape(value, true)));
    }
    if !parts.is_empty() {
        text.push_str(&format!("{{{}}}", parts.join(",")));
    }
}

fn quoted_unless_legacy(name: &str, colon: bool) -> String {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || (colon && byte == b':');
    let starts_well = name.as_bytes().first().is_some_and(|byte| !byte.is_ascii_digit());
    if starts_well && name.bytes().all(legal) { name.to_owned() } else { format!("\"{}\"", escape(name, true)) }
}

fn escape(text: &str, with_quotes: bool) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    if with_quotes { escaped.replace('"', "\\\"") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Format, parse};
    use super::*;
    use lgtm_runtime::metrics::Registry;

    #[test]
    fn a_registry_is_written_as_prometheus_writes_it() {
        let registry = Registry::default();
        registry.counter("lgtm_x_total", "What \\ is\ncounted.", &[("path", "a\"b\\c\nd")]).add(3);
        registry.histogram("lgtm_h_seconds", "Times.", &[], &[0.5, 1.0]).observe(0.7);
        let text = write_families(&registry.snapshot());
        let want = "# HELP lgtm_h_seconds Times.\n# TYPE lgtm_h_seconds histogram\n\
            lgtm_h_seconds_bucket{le=\"0.5\"} 0\nlgtm_h_seconds_bucket{le=\"1\"} 1\nlgtm_h_seconds_bucket{le=\"+Inf\"} 1\n\
            lgtm_h_seconds_sum 0.7\nlgtm_h_seconds_count 1\n\
            # HELP lgtm_x_total What \\\\ is\\ncounted.\n# TYPE lgtm_x_total counter\n\
            lgtm_x_total{path=\"a\\\"b\\\\c\\nd\"} 3\n";
        assert_eq!(text, want);
        let entries: Result<Vec<_>, _> = parse(text.as_bytes(), Format::PrometheusText).collect();
        let labels: Vec<_> = entries
            .unwrap()
            .iter()
            .filter_map(|entry| match entry {
                Entry::Series(series) => Some(series.labels().unwrap()),
                _ => None,
            })
            .collect();
        assert_eq!(labels[5].get("path"), Some("a\"b\\c\nd"));
        assert_eq!(labels[1].get("le"), Some("1.0"));
    }
}
