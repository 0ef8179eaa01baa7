//! Beside Alertmanager's own renderer: where `amtool` is installed, both must write the same.

use lgtm_model::TimestampNs;
use lgtm_template::{AlertData, Environment, Kv, NotificationData, Templates, Time, Value};
use std::path::Path;
use std::process::Command;

const DATA: &str = r#"{"receiver": "ops & co", "status": "firing", "alerts": [
  {"status": "firing", "labels": {"alertname": "Down", "zone": "a<b>\"'"}, "annotations": {"summary": "it's down"},
   "startsAt": "2015-06-23T13:19:44.128Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p/g?e=a b"},
  {"status": "resolved", "labels": {"alertname": "Down", "job": "db"}, "annotations": {},
   "startsAt": "2024-02-29T01:02:03Z", "endsAt": "2024-02-29T02:02:03.5Z", "generatorURL": "javascript:x"}],
  "groupLabels": {"alertname": "Down"}, "commonLabels": {"alertname": "Down"}, "commonAnnotations": {},
  "externalURL": "http://am:9093"}"#;

/// The same data for our side.
fn data() -> Value {
    let time = |seconds: i64, ms: u32| Time::from_unix(seconds, ms * 1_000_000);
    let firing = AlertData {
        status: "firing".into(),
        labels: Kv::new([("alertname", "Down"), ("zone", "a<b>\"'")]),
        annotations: Kv::new([("summary", "it's down")]),
        starts_at: time(1_435_065_584, 128),
        generator_url: "http://p/g?e=a b".into(),
        ..AlertData::default()
    };
    let resolved = AlertData {
        status: "resolved".into(),
        labels: Kv::new([("alertname", "Down"), ("job", "db")]),
        starts_at: time(1_709_168_523, 0),
        ends_at: time(1_709_172_123, 500),
        generator_url: "javascript:x".into(),
        ..AlertData::default()
    };
    let data = NotificationData {
        receiver: "ops & co".into(),
        external_url: "http://am:9093".into(),
        group_labels: Kv::new([("alertname", "Down")]),
        ..NotificationData::default()
    };
    data.with_alerts(vec![firing, resolved]).into()
}

/// What `amtool` renders; `None` when it is not installed.
fn amtool(text: &str, kind: &str) -> Option<Result<String, String>> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("amtool-{}-{kind}.json", std::process::id()));
    std::fs::write(&file, DATA).unwrap();
    let output = Command::new("amtool")
        .args(["template", "render", "--template.glob=/nonexistent/*.tmpl"])
        .arg(format!("--template.data={}", file.display()))
        .arg(format!("--template.type={kind}"))
        .arg(format!("--template.text={text}"))
        .output();
    let _ = std::fs::remove_file(&file);
    let output = output.ok()?;
    Some(match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

fn ours(text: &str, kind: &str) -> Result<String, String> {
    let templates = Templates::for_notifications();
    let environment = Environment::at(TimestampNs(0));
    let answer = match kind {
        "html" => templates.render_html(text, &data(), &environment),
        _ => templates.render_text(text, &data(), &environment),
    };
    answer.map_err(|errors| errors.one_line())
}

/// Every value through every function and verb: all in one text, since each call of the peer costs a process.
fn text_cases() -> Vec<String> {
    let values = [
        ".Status",
        "1",
        "-3",
        "2.5",
        "1e6",
        "100000.0",
        "1e21",
        "0x1F",
        "\"a b\"",
        "`r\\w`",
        "'x'",
        "true",
        "\"\"",
        "\"é<>&\\\"'\"",
        ".CommonLabels.nope",
        "((index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt)",
        "(index .Alerts 0).StartsAt",
    ];
    let functions = [
        "print",
        "println",
        "html",
        "js",
        "urlquery",
        "not",
        "printf \"%v\"",
        "printf \"%s\"",
        "printf \"%q\"",
        "printf \"%-8v|\"",
        "printf \"%6v|\"",
        "printf \"%+v\"",
        "printf \"%d %d\"",
        "printf \"%[1]v %[1]T\"",
        "printf \"%v\" 1",
        "printf \"%\"",
        "and true",
        "or",
    ];
    let piped = values.iter().flat_map(|value| functions.map(|function| format!("{{{{ {value} | {function} }}}}")));
    // `%d` of a time shows how Go keeps one in memory.
    let piped = piped.filter(|text| !(text.contains("StartsAt |") && text.contains("%d")));
    let layouts = [
        "2006-01-02T15:04:05Z07:00",
        "Mon Jan _2 15:04:05 2006",
        "3:04PM",
        "06-1-2 3.4.5 pm",
        "Monday January 002 __2 .000 .999",
        "02 Jan 06 15:04 MST",
        "-0700 -07 Z0700 -07:00:00",
        "05.000000 05,999",
    ];
    let times = layouts.map(|layout| format!("{{{{ range .Alerts }}}}{{{{ .StartsAt.Format \"{layout}\" }}}}|{{{{ .EndsAt.Format \"{layout}\" }}}}{{{{ end }}}}"));
    let methods = ["Year", "Month", "YearDay", "Weekday", "Unix", "UnixMilli", "UnixNano", "IsZero"].map(|method| {
        format!("{{{{ range .Alerts }}}}{{{{ .StartsAt.{method} }}}} {{{{ .EndsAt.{method} }}}}{{{{ end }}}}")
    });
    let others = [
        r#"{{ reReplaceAll "(.)(.)" "${2}x$1x$$" .Status }}{{ reReplaceAll "x*" "-" .Status }}{{ reReplaceAll "\\d" "N" "a1٣" }}"#,
        r#"{{ match "{" "a{" }}{{ match "\\Qa.b\\E" "a.b" }}{{ match "[]a]" "]" }}{{ match "\\p{Greek}" "α" }}"#,
        r#"{{ title "aa bb CC foo-bar it's x_y a.b c:d" }}{{ toUpper "straße ı" }}{{ toLower "İSTANBUL" }}"#,
        r#"{{ range $i, $a := .Alerts }}{{ $i }}{{ if $i }}{{ break }}{{ end }}{{ end }}{{ .CommonLabels.SortedPairs.Names }}"#,
        "a {{-1}} b {{- 1 -}} c {{- /* d */ -}} e {{/* f */}} }}",
        r#"{{ '\n' }} {{ '\x41' }} {{ 1_000 }} {{ 0b11 }} {{ 017 }} {{ 0x1p4 }} {{ .5 }} {{ 1. }} {{ -0.0 }}"#,
        r#"{{ slice .Status 1 3 }}{{ index .Status 0 }}{{ index .GroupLabels "x" }}{{ eq 1 2 1 }}{{ lt "a" "b" }}"#,
    ];
    piped.chain(times).chain(methods).chain(others.map(str::to_owned)).collect()
}

fn html_cases() -> Vec<String> {
    let values = [
        ".Status",
        "\"a b\"",
        "\"é<>&\\\"'+\"",
        "1",
        "2.5",
        "(index .Alerts 0).GeneratorURL",
        "(index .Alerts 1).GeneratorURL",
        "`</script>`",
    ];
    let places = [
        "<p>%</p>",
        "<a href=\"%\">x</a>",
        "<a href='/x?q=%'>x</a>",
        "<a href=\"/%/x\">x</a>",
        "<a title=\"%\">x</a>",
        "<a title=%>x</a>",
        "<script>var x = %;</script>",
        "<script>var x = '%';</script>",
        "<textarea>%</textarea>",
        "<p onclick=\"f(%)\">x</p>",
        "<!-- % -->",
        "<p %=\"1\">x</p>",
        "<p style=\"color: %\">x</p>",
    ];
    let placed = places.iter().flat_map(|place| values.map(|value| place.replace('%', &format!("{{{{ {value} }}}}"))));
    let others = [
        "<a href=\"{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}\">x</a>",
        "<!DOCTYPE html><p>1 < 2</p><!-- gone --><style>/* gone */ a > b { c: d }</style>",
        "<p>{{ \"<b>\" | safeHtml }}{{ \"<b>\" | html }}</p><p title='{{ \"<b>&amp;\" | safeHtml }}'>x</p>",
        "<script>/* gone */ f(\"//\"); // gone\n</script><br />",
        "<a href=\"{{ \"JavaScript:alert(1)\" }}\">x</a><a href=\"{{ \"//x/y\" }}\">x</a><a href=\"#{{ \"a=b&c\" }}\">x</a>",
    ];
    placed.chain(others.map(str::to_owned)).collect()
}

#[test]
fn both_write_the_same() {
    const SEPARATOR: &str = "\n§\n";
    for (kind, cases) in [("text", text_cases()), ("html", html_cases())] {
        let text = cases.join(SEPARATOR);
        let Some(theirs) = amtool(&text, kind) else {
            println!("skipped: amtool is not installed");
            return;
        };
        let (theirs, ours) = (theirs.unwrap(), ours(&text, kind).unwrap());
        let pairs = theirs.split(SEPARATOR).zip(ours.split(SEPARATOR)).zip(&cases);
        let wrong: Vec<_> = pairs.filter(|((theirs, ours), _)| theirs != ours).collect();
        assert!(wrong.is_empty(), "{kind}: {wrong:#?}");
        assert_eq!(theirs.split(SEPARATOR).count(), cases.len(), "{kind}");
        println!("{kind}: {} texts agree", cases.len());
    }
}

#[test]
fn both_refuse_the_same() {
    for text in [
        "{{",
        "{{ }}",
        "{{ | . }}",
        "{{ 12 | false }}",
        "{{ true.any }}",
        "{{ \"a\"\"b\" }}",
        "{{ end }}",
        "{{ if . }}",
        "{{ ., . }}",
        "{{ “a” }}",
        "{{ x }}",
        "{{ $x }}",
        "{{break}}",
        "{{ template \"nope\" }}",
        "{{/*c*/ }}",
        "{{ nil }}",
        "{{ .Nope }}",
        "{{ .Status.x }}",
        "{{ .Status 1 }}",
        "{{ index .Alerts 5 }}",
        "{{ eq 1 1.0 }}",
        "{{ lt true false }}",
        "{{ not }}",
        "{{ toUpper 1 }}",
        "{{ match \"(\" \"\" }}",
        "{{ .Status | default \"x\" }}",
        "{{ print 1|print(2)(3) }}",
        "{{ (1).x }}",
        "{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}",
        "{{ 9223372036854775808 }}",
        "{{ 08 }}",
        "{{ 'ab' }}",
    ] {
        let Some(theirs) = amtool(text, "text") else {
            println!("skipped: amtool is not installed");
            return;
        };
        assert!(theirs.is_err(), "{text}: the peer gives {theirs:?}");
        assert!(ours(text, "text").is_err(), "{text}: ours gives {:?}", ours(text, "text"));
    }
}
