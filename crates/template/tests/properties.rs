//! Whatever a text is, reading and rendering it ends with a text or an error.

use lgtm_model::TimestampNs;
use lgtm_template::{AlertData, Environment, Functions, Kv, Limits, NotificationData, Templates, Value};
use proptest::prelude::*;

/// Pieces from which texts are put together that are templates more often than not.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "{{/* c */}}",
    "{{ end }}",
    "{{ else }}",
    "{{ if .Alerts }}",
    "{{ range .Alerts }}",
    "{{ range $i, $x := .CommonLabels }}",
    "{{ with .GroupLabels }}",
    "{{ define \"a\" }}",
    "{{ template \"a\" . }}",
    "{{ block \"b\" . }}",
    "{{ break }}",
    "{{ continue }}",
    "{{ .Status | toUpper }}",
    "{{ printf \"%5.2f|%q|%v\" 1.5 .Status . }}",
    "{{ $x := 1 }}",
    "{{ $x = .Alerts }}",
    "{{ $x }}",
    "{{ index .Alerts 0 }}",
    "{{ .CommonLabels.SortedPairs.Values | join \",\" }}",
    "{{ (index .Alerts 0).StartsAt.Format \"2006\" }}",
    "{{ toJson . }}",
    "{{ slice .Status 1 3 }}",
    "{{ eq .Status 1 }}",
    "{{ reReplaceAll \"a*\" \"$0b\" .Status }}",
    "{{ match .Status .Receiver }}",
    "{{ date .Status .Alerts }}",
    ".",
    "$",
    "|",
    "(",
    ")",
    "\"",
    "`",
    "'",
    "é",
    "“",
    "\u{a0}",
    "\n",
    "0x",
    "1e",
    "<a href=\"",
    "<script>",
    "<!--",
    "-->",
    "<p title=",
    "'",
    ">",
    " ",
    "x",
    "{{ range 3 }}",
    "{{ .A.B.C }}",
    "{{ nil }}",
    "{{ list . nil | toJson }}",
];

fn data() -> Value {
    let alert = |status: &str| AlertData {
        status: status.into(),
        labels: Kv::new([("alertname", "a<b>\"'"), ("é", "{{ .Status }}")]),
        ..AlertData::default()
    };
    let route_labels = Kv::new([("r", "{{ routeLabels \"r\" }}")]);
    let data = NotificationData { receiver: "(".into(), route_labels, ..NotificationData::default() };
    data.with_alerts(vec![alert("firing"), alert("resolved")]).into()
}

fn render_both(text: &str) {
    let environment = Environment::at(TimestampNs(1_700_000_000_000_000_000));
    let limits =
        Limits { iterations_max: 1000, output_bytes_max: 20_000, work_bytes_max: 1 << 20, ..Limits::default() };
    for functions in [Functions::alertmanager(), Functions::prometheus_consoles()] {
        let templates = Templates::new(functions).with_limits(limits);
        match templates.compile("t", text) {
            Ok(template) => {
                for answer in [
                    templates.render_template(&template, &data(), &environment),
                    templates.render_template_html(&template, &data(), &environment),
                ] {
                    match answer {
                        Ok(text) => assert!(text.len() <= limits.output_bytes_max),
                        Err(error) => assert!(error.line > 0 && !error.to_string().is_empty()),
                    }
                }
                templates.undefined_in(&template);
            }
            Err(errors) => {
                assert!(!errors.list.is_empty());
                for error in &errors.list {
                    assert!(text.get(error.span.clone()).is_some(), "{error}");
                    assert!(error.line > 0 && error.column > 0 && !error.to_string().is_empty());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_texts_never_panic(text in "\\PC{0,200}") {
        render_both(&text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        render_both(&format!("{{{{ {}", String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn texts_of_pieces_never_panic(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..30)) {
        render_both(&pieces.concat());
    }

    #[test]
    fn printf_never_panics(format in "(%[-+# 0]{0,2}[0-9*]{0,4}(\\.[0-9*]{0,3})?(\\[[0-9]{0,2}\\])?[a-zA-Z%]|[a-z ]){0,6}") {
        render_both(&format!("{{{{ printf {format:?} 1 -2.5 \"é\" . nil true }}}}"));
    }

    #[test]
    fn patterns_and_layouts_never_panic(text in "[\\[\\](){}|\\\\a-zA-Z0-9&~^$*+?:._ -]{0,30}") {
        render_both(&format!("{{{{ match `{text}` .Status }}}}"));
        render_both(&format!("{{{{ reReplaceAll `{text}` `{text}` .Status }}}}"));
        render_both(&format!("{{{{ range .Alerts }}}}{{{{ .StartsAt.Format `{text}` }}}}{{{{ toDate `{text}` `{text}` }}}}{{{{ end }}}}"));
    }

    #[test]
    fn html_never_lets_a_value_out_of_its_attribute(value in "\\PC{0,40}") {
        let text = format!("<a title=\"{{{{ {value:?} }}}}\" href='{{{{ {value:?} }}}}'>{{{{ {value:?} }}}}</a>");
        let html = Templates::for_notifications().render_html(&text, &Value::Nil, &Environment::default());
        // Rust and Go escape unusual characters differently, so that some texts are refused.
        if let Ok(html) = html {
            prop_assert_eq!(html.matches('<').count(), 2, "{}", html);
            prop_assert_eq!(html.matches('"').count(), 2, "{}", html);
            prop_assert_eq!(html.matches('\'').count(), 2, "{}", html);
        }
    }
}
