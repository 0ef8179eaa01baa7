//! The exposition formats against the cases that Prometheus and its client library are tested with.

use lgtm_model::{Labels, TimestampMs};
use lgtm_wire::exposition::{
    Entry, EscapingScheme, Format, ScrapeProtocol, content_format, escape_name, fold_created, parse, unescape_name,
};
use serde_json::Value;
use std::collections::BTreeMap;

fn root() -> Option<String> {
    let root = std::env::var("LGTM_CONFORMANCE").ok();
    if root.is_none() {
        eprintln!("SKIPPED: exposition formats (LGTM_CONFORMANCE is not set)");
    }
    root.map(|root| format!("{root}/textparse"))
}

fn cases(file: &str) -> Vec<Value> {
    let Some(root) = root() else { return Vec::new() };
    let value: Value = serde_json::from_str(&std::fs::read_to_string(format!("{root}/{file}")).unwrap()).unwrap();
    value["cases"].as_array().unwrap().clone()
}

fn bytes(input: &Value) -> Vec<u8> {
    match input {
        Value::String(text) => text.clone().into_bytes(),
        other => {
            let hex = other["$bytes_hex"].as_str().unwrap();
            (0..hex.len()).step_by(2).map(|index| u8::from_str_radix(&hex[index..index + 2], 16).unwrap()).collect()
        }
    }
}

fn labels(map: &Value) -> Labels {
    let map = map.get("type_and_unit_off").unwrap_or(map);
    Labels::from_pairs(map.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.as_str().unwrap())))
}

/// Upstream leaves a value of zero out, and writes a NaN as a call.
fn number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Number(number) => number.as_f64().unwrap(),
        _ => f64::NAN,
    }
}

fn check_entry(entry: &Entry<'_>, want: &Value) {
    let text = |name: &str| want[name].as_str().unwrap_or_else(|| panic!("{entry:?}, not {want}"));
    match entry {
        Entry::Help { name, text: help } => assert_eq!((name.as_ref(), help.as_ref()), (text("m"), text("help"))),
        Entry::Type { name, metric_type } => {
            assert_eq!((name.as_ref(), metric_type.as_str()), (text("m"), text("typ")))
        }
        Entry::Unit { name, unit } => assert_eq!((name.as_ref(), *unit), (text("m"), text("unit"))),
        Entry::Comment(comment) => assert_eq!(comment.trim(), text("comment").trim()),
        Entry::Series(series) => {
            assert_eq!(series.text, text("m"));
            let (value, wanted) = (series.value, number(&want["v"]));
            assert!(value == wanted || (value.is_nan() && wanted.is_nan()), "{value}, not {want}");
            assert_eq!(series.timestamp, want["t"].as_i64().map(TimestampMs), "{want}");
            assert_eq!(series.labels().unwrap(), labels(&want["lset"]), "{want}");
            assert_eq!(series.start, want["st"].as_i64().map(TimestampMs), "{want}");
            let exemplar = want["es"].get(0);
            assert_eq!(series.exemplar.is_some(), exemplar.is_some(), "{want}");
            if let (Some(got), Some(want)) = (&series.exemplar, exemplar) {
                assert_eq!(got.labels, labels(&want["Labels"]));
                assert_eq!(got.value, number(&want["Value"]));
                assert_eq!(got.timestamp, want["Ts"].as_i64().map(TimestampMs));
            }
        }
    }
}

fn format(case: &Value) -> Format {
    if case["format"] == "openmetrics-text" { Format::OpenMetrics } else { Format::PrometheusText }
}

#[test]
fn entries_are_what_upstream_reads() {
    let mut count = 0;
    for case in cases("parse_entries.json") {
        let body = bytes(&case["input"]);
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for entry in parse(&body, format(&case)) {
            entries.push(entry.unwrap_or_else(|error| panic!("{}: {error}", case["func"])));
        }
        let entries = fold_created(entries);
        let wanted = case["entries"].as_array().unwrap();
        for (entry, want) in entries.iter().zip(wanted) {
            check_entry(entry, want);
        }
        assert_eq!(entries.len(), wanted.len(), "{}", case["func"]);
        count += wanted.len();
    }
    eprintln!("exposition: {count} entries agree");
}

#[test]
fn malformed_input_is_refused_as_upstream_refuses_it() {
    let cases = cases("parse_errors.json");
    for case in &cases {
        let body = bytes(&case["input"]);
        let result: Result<Vec<_>, _> = parse(&body, format(case)).collect();
        // The end of well-formed input is an error called EOF in the extracted tables.
        let accepted = matches!(case["err"].as_str().unwrap(), "" | "EOF");
        assert_eq!(result.is_ok(), accepted, "{case}: {result:?}");
    }
    eprintln!("exposition: {} verdicts agree", cases.len());
}

/// The client library reads text into families and so refuses what concerns a family as a whole; a scrape does not,
/// here as upstream.
#[test]
fn texts_for_the_client_library_are_read_too() {
    for case in cases("expfmt_text_parse.json") {
        let body = bytes(&case["in"]);
        let result: Result<Vec<_>, _> = parse(&body, Format::PrometheusText).collect();
        let is_client_library_only = case["in"].as_str().unwrap().contains("gauge_histogram")
            || case["in"].as_str().unwrap().contains("gaugehistogram");
        assert_eq!(result.is_ok(), !is_client_library_only, "{case}: {result:?}");
    }
    let mut apart = BTreeMap::<String, usize>::new();
    let (mut agreed, mut total) = (0, 0);
    for case in cases("expfmt_text_parse_errors.json") {
        total += 1;
        let body = bytes(&case["in"]);
        let error = parse(&body, Format::PrometheusText).find_map(|entry| match entry {
            Ok(Entry::Series(series)) => series.labels().err(),
            Ok(_) => None,
            Err(error) => Some(error),
        });
        let want = case["errUTF8"].as_str().unwrap();
        if error.is_none() == want.is_empty() {
            agreed += 1;
        } else {
            *apart.entry(want.split(": ").nth(1).unwrap_or("accepted").to_owned()).or_default() += 1;
        }
    }
    eprintln!("exposition: {agreed} of {total} verdicts of the client library agree; it alone refuses: {apart:#?}");
    assert!(total == 0 || apart.values().sum::<usize>() <= 18, "{apart:#?}");
}

#[test]
fn whole_files_are_read() {
    let Some(root) = root() else { return };
    for (file, format, least) in [
        ("files/1histogram.om.txt", Format::OpenMetrics, 40),
        ("files/alltypes.5mfs.om.txt", Format::OpenMetrics, 40),
        ("files/alltypes.237mfs.prom.txt", Format::PrometheusText, 1500),
        ("files/alltypes.237mfs.nometa.prom.txt", Format::PrometheusText, 1500),
        ("expfmt-files/text", Format::PrometheusText, 100),
    ] {
        let mut body = std::fs::read(format!("{root}/{file}")).unwrap();
        if format == Format::OpenMetrics {
            // The files end with blank lines, which upstream cuts off before it reads them.
            body.truncate(body.trim_ascii_end().len());
        }
        let mut series = 0;
        for entry in parse(&body, format) {
            if let Entry::Series(one) = entry.unwrap_or_else(|error| panic!("{file}: {error}")) {
                one.labels().unwrap();
                series += 1;
            }
        }
        assert!(series >= least, "{file}: {series}");
    }
}

#[test]
fn content_types_choose_as_upstream_chooses() {
    let cases = cases("content_negotiation_parser.json");
    for case in &cases {
        let fallback = case["fallbackScrapeProtocol"]["$ref"].as_str().map(|name| match name {
            "config.PrometheusProto" => ScrapeProtocol::PrometheusProto,
            "config.PrometheusText0_0_4" => ScrapeProtocol::PrometheusText004,
            "config.PrometheusText1_0_0" => ScrapeProtocol::PrometheusText100,
            "config.OpenMetricsText0_0_1" => ScrapeProtocol::OpenMetricsText001,
            other => {
                assert_eq!(other, "config.OpenMetricsText1_0_0");
                ScrapeProtocol::OpenMetricsText100
            }
        });
        let outcome = content_format(case["contentType"].as_str().unwrap_or_default(), fallback);
        match case["err"].as_str() {
            None => assert!(outcome.problem.is_none() && outcome.protocol.is_some(), "{case}: {outcome:?}"),
            Some(want) => {
                assert!(
                    outcome.problem.as_deref().is_some_and(|problem| problem.contains(want)),
                    "{case}: {outcome:?}"
                );
                assert_eq!(outcome.protocol, fallback, "{case}");
            }
        }
    }
    eprintln!("exposition: {} content types agree", cases.len());
}

#[test]
fn names_are_escaped_as_upstream_escapes_them() {
    for case in cases("name_escaping.json") {
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let input = text("input");
        if case["set"] == "unescape-error" {
            assert_eq!(unescape_name(input, EscapingScheme::Values), text("expected"), "{case}");
            continue;
        }
        assert_eq!(escape_name(input, EscapingScheme::Underscores), text("expectedUnderscores"), "{case}");
        assert_eq!(escape_name(input, EscapingScheme::Dots), text("expectedDots"), "{case}");
        assert_eq!(escape_name(input, EscapingScheme::Values), text("expectedValue"), "{case}");
        let dots = escape_name(input, EscapingScheme::Dots);
        assert_eq!(unescape_name(&dots, EscapingScheme::Dots), text("expectedUnescapedDots"), "{case}");
        let values = escape_name(input, EscapingScheme::Values);
        assert_eq!(unescape_name(&values, EscapingScheme::Values), input, "{case}");
    }
}

mod any_input {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(body in "([a-z{}=\", #\\\\.0-9\n\t€]|HELP|TYPE|EOF|counter){0,60}") {
            for format in [Format::PrometheusText, Format::OpenMetrics] {
                for entry in parse(body.as_bytes(), format).flatten() {
                    if let Entry::Series(series) = entry {
                        let _labels = series.labels();
                    }
                }
            }
        }
    }
}
