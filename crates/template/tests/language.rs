//! The language, case by case: what a text gives, or with which words it is refused.

use lgtm_model::{Labels, TimestampNs};
use lgtm_template::{AlertData, Environment, Kv, Limits, Map, NotificationData, RuleData, Templates, Time, Value};

fn data() -> Value {
    let labels = Map::of_strings([("job", "node"), ("instance", "db1:9100")]);
    let list = vec![Value::from("a"), "b".into(), "c".into()];
    Map::new([
        ("S", Value::from("text")),
        ("Empty", "".into()),
        ("I", 17_i64.into()),
        ("F", 0.75.into()),
        ("T", true.into()),
        ("L", list.into()),
        ("None", Vec::new().into()),
        ("M", labels.into()),
        ("Any", Map::new([("x", Value::Int(1))]).into()),
        ("Kv", Kv::new([("severity", "page"), ("alertname", "Down"), ("job", "node")]).into()),
        ("At", TimestampNs(1_435_065_584_128_000_000).into()),
    ])
    .into()
}

fn render(text: &str) -> Result<String, String> {
    let environment = Environment::at(TimestampNs(1_435_065_600_000_000_000));
    Templates::for_notifications().render_text(text, &data(), &environment).map_err(|errors| errors.one_line())
}

/// Checks what texts give.
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(render(text).as_deref(), Ok(*expected), "{text}");
    }
}

/// Checks that texts are refused, and with which words.
fn refuse(cases: &[(&str, &str)]) {
    for (text, words) in cases {
        let error = render(text).expect_err(text);
        assert!(error.contains(words), "{text}\n  expected {words}\n  got      {error}");
    }
}

#[test]
fn values_and_fields() {
    check(&[
        ("", ""),
        ("plain } }} {", "plain } }} {"),
        ("{{ 1 }} {{ -2.5 }} {{ 'a' }} {{ 0x1F }} {{ 1_000 }} {{ 1e6 }} {{ true }}", "1 -2.5 97 31 1000 1e+06 true"),
        (r#"{{ "a\tb" }}{{ `c\d` }}"#, "a\tbc\\d"),
        ("{{ .S }} {{ .I }} {{ .F }} {{ .T }} {{ .L }}", "text 17 0.75 true [a b c]"),
        ("{{ .M.job }}|{{ .M.nope }}|{{ .Nope }}|{{ .Any.y }}", "node||<no value>|<no value>"),
        ("{{ .M }} {{ .Any }}", "map[instance:db1:9100 job:node] map[x:1]"),
        ("{{ $.S }} {{ with .M }}{{ .job }} {{ $.S }}{{ end }}", "text node text"),
        ("{{ (.Kv).job }} {{ (index .L 1) }} {{ .Kv.SortedPairs.Names.Join \"+\" }}", "node b alertname+job+severity"),
        ("{{ .Kv.Remove (stringSlice \"job\") }}", "alertname=Down, severity=page"),
        ("{{ .At.Year }} {{ .At.Month }} {{ .At.Weekday }}", "2015 June Tuesday"),
        ("{{ .At.Format \"15:04\" }} {{ \"15:04\" | .At.Format }}", "13:19 13:19"),
        ("{{ (since .At).Seconds }}", "15.872"),
        ("{{ .Kv }}", "alertname=Down, job=node, severity=page"),
    ]);
    refuse(&[
        ("{{ .S.x }}", "can't evaluate field x in type string"),
        ("{{ .I.x }}", "can't evaluate field x in type int"),
        ("{{ .Any.y.z }}", "nil pointer evaluating interface {}.z"),
        ("{{ .M.job 1 }}", "job is not a method but has arguments"),
        ("{{ .At.Nope }}", "can't evaluate field Nope in type time.Time"),
        ("{{ .At.Format }}", "Format wants a layout"),
        ("{{ nil }}", "nil is not a command"),
        ("{{ .S 1 }}", "S is not a method but has arguments"),
        ("{{ 1 2 }}", "can't give argument to non-function 1"),
        ("{{ (1) 2 }}", "can't give argument to non-function (1)"),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("{{ if .S }}a{{ end }}{{ if .Empty }}b{{ end }}{{ if .None }}c{{ else }}d{{ end }}", "ad"),
        ("{{ if eq .I 1 }}1{{ else if eq .I 17 }}17{{ else }}x{{ end }}", "17"),
        ("{{ if .Nope }}1{{ else if .Empty }}2{{ else if .None }}3{{ else }}4{{ end }}", "4"),
        ("{{ with .Empty }}1{{ else }}{{ .S }}{{ end }}", "text"),
        ("{{ with .Empty }}1{{ else with .M }}{{ .job }}{{ else }}2{{ end }}", "node"),
        ("{{ with $x := .I }}{{ $x }}{{ . }}{{ end }}", "1717"),
        ("{{ if and .S .T }}1{{ end }}{{ if or .Empty .S }}2{{ end }}{{ if not .Empty }}3{{ end }}", "123"),
        ("{{ and .S .Empty .T }}|{{ or .Empty .S .T }}|{{ .S | and .T }}", "|text|text"),
        ("{{ or .S (index .L 99) }}", "text"),
        ("{{ if eq .S \"x\" \"text\" }}1{{ end }}{{ if ne .S \"x\" }}2{{ end }}", "12"),
        ("{{ lt 1 2 }} {{ le 2 2 }} {{ gt 1.5 1.0 }} {{ ge \"b\" \"a\" }}", "true true true true"),
        ("{{ eq .Nope nil }} {{ eq .S nil }} {{ eq (since .At).Hours 0.0 }}", "true false false"),
        ("{{ if gt (len .L) 2 }}{{ len .L }}{{ len .S }}{{ len .Kv }}{{ end }}", "343"),
    ]);
    refuse(&[
        (
            "{{ if gt .F 1 }}{{ end }}",
            "incompatible types for comparison: float64 and int; write the whole number with a fraction: 1.0",
        ),
        ("{{ eq .S 1 }}", "incompatible types"),
        ("{{ lt .T .T }}", "invalid type for comparison"),
        ("{{ eq .L .L }}", "non-comparable"),
        ("{{ eq 1 }}", "missing argument for comparison"),
        ("{{ ne 1 }}", "wrong number of args for ne: want 2 got 1"),
        ("{{ not 1 2 }}", "wrong number of args for not: want 1 got 2"),
        ("{{ and }}", "want at least 1 got 0"),
        ("{{ len 3 }}", "len of type int"),
        ("{{ len .Nope }}", "len of nil pointer"),
    ]);
}

#[test]
fn loops() {
    check(&[
        ("{{ range .L }}{{ . }},{{ end }}", "a,b,c,"),
        ("{{ range $i, $x := .L }}{{ $i }}{{ $x }}{{ end }}", "0a1b2c"),
        ("{{ range $x := .L }}{{ $x }}{{ end }}{{ range .None }}1{{ else }}none{{ end }}", "abcnone"),
        (
            "{{ range .M }}{{ . }} {{ end }}{{ range $k, $v := .M }}{{ $k }}={{ $v }} {{ end }}",
            "db1:9100 node instance=db1:9100 job=node ",
        ),
        ("{{ range .Kv.SortedPairs }}{{ .Name }}:{{ .Value }} {{ end }}", "alertname:Down job:node severity:page "),
        (
            "{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}{{ range 0 }}{{ else }}-{{ end }}",
            "01201-",
        ),
        ("{{ range .L }}{{ if eq . \"b\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "ac"),
        ("{{ range .L }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "a"),
        ("{{ range .L }}{{ range $.L }}{{ break }}{{ end }}{{ . }}{{ end }}", "abc"),
        ("{{ range .Nope }}1{{ else }}2{{ end }}", "2"),
        ("{{ $x := 0 }}{{ range .L }}{{ $x = . }}{{ end }}{{ $x }}", "c"),
        ("{{ $i := 0 }}{{ $v := 0 }}{{ range $i, $v = .L }}{{ end }}{{ $i }}{{ $v }}", "2c"),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
        ("{{ range .L }}{{ $y := . }}{{ $y }}{{ end }}", "abc"),
    ]);
    refuse(&[
        ("{{ range .S }}{{ end }}", "range can't iterate over a value of type string"),
        ("{{ range $i, $x := 3 }}{{ end }}", "one variable"),
        ("{{ break }}", "{{break}} outside {{range}}"),
        ("{{ range .L }}{{ else }}{{ continue }}{{ end }}", "outside {{range}}"),
        ("{{ range .L }}{{ define \"x\" }}{{ end }}{{ end }}", "outside of all other blocks"),
        ("{{ range $a, $b, $c := .L }}{{ end }}", "too many declarations in range"),
        ("{{ $a, $b := .L }}", "too many declarations in command"),
        ("{{ range .L }}{{ $y := . }}{{ end }}{{ $y }}", "undefined variable \"$y\""),
        ("{{ $nope = 1 }}", "declare it with $nope := …"),
        ("{{ $label := 1 }}{{ $lable }}", "did you mean $label?"),
    ]);
}

#[test]
fn templates_and_space() {
    check(&[
        ("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" .S }}{{ template \"x\" }}", "<text><<no value>>"),
        ("{{ template \"x\" 1 }}{{ define \"x\" }}{{ $ }}{{ end }}", "1"),
        ("{{ block \"b\" .L }}{{ len . }}{{ end }}", "3"),
        ("a {{- 1 -}} b {{- /* c */ -}} d {{/* e */}} f", "a1bd  f"),
        ("a\n{{ if true -}}\n  b\n{{- end }}\nc", "a\nb\nc"),
        ("{{\n  .S\n  | toUpper\n}}", "TEXT"),
        ("{{ define `x` }}{{ end }}{{ template `x` . }}ok", "ok"),
    ]);
    refuse(&[
        ("{{ template \"nope\" }}", "template \"nope\" not defined"),
        ("{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", "calls_depth_max (50)"),
        ("{{ define \"x\" }}{{ $y }}{{ end }}", "undefined variable"),
        ("{{ template .S }}", "the template's name is a text in quotes"),
        ("{{ define \"x\" }}", "{{define}} is not closed"),
    ]);
}

#[test]
fn functions() {
    check(&[
        ("{{ print (html \"a\") (urlquery \"b\") }}", "ab"),
        ("{{ print 1 2 \"a\" 3 }} {{ println 1 \"a\" }}", "1 2a3 1 a\n"),
        ("{{ printf \"%s is %.1f%% %v\" .S 12.345 .L }}", "text is 12.3% [a b c]"),
        ("{{ .I | printf \"%d-%d\" 1 }}", "1-17"),
        (
            "{{ html \"<a&'\\\">\" }} {{ js \"it's <\" }} {{ urlquery \"a b&c\" }}",
            "&lt;a&amp;&#39;&#34;&gt; it\\'s \\u003C a+b%26c",
        ),
        ("{{ index .M \"job\" }}{{ index .M \"x\" }}{{ index .L 0 }}{{ index .Any \"x\" }}", "nodea1"),
        ("{{ slice .L 1 }} {{ slice .S 1 3 }} {{ slice .L 0 2 3 }}", "[b c] ex [a b]"),
        ("{{ .L | join \"-\" | toUpper | printf \"%q\" }}", "\"A-B-C\""),
        ("{{ match \"^t.xt$\" .S }} {{ reReplaceAll \"(t)(e)\" \"$2${1}_\" .S }}", "true et_xt"),
        ("{{ title \"hello WORLD\" }}{{ trimSpace \"  x \" }}", "Hello Worldx"),
        ("{{ .At | tz \"Europe/Vienna\" | date \"02.01. 15:04 MST\" }}", "23.06. 15:19 CEST"),
        ("{{ humanizeDuration 90 }} {{ since .At | humanizeDuration }}", "1m 30s 15.87s"),
        ("{{ toJson .Kv }}", "{\"alertname\":\"Down\",\"job\":\"node\",\"severity\":\"page\"}"),
        ("{{ $d := dict \"a\" (list 1 \"x\" nil) }}{{ toJson $d }}{{ index $d \"a\" 1 }}", "{\"a\":[1,\"x\",null]}x"),
        ("{{ routeLabels \"x\" }}", ""),
    ]);
    refuse(&[
        ("{{ toUpper 1 }}", "expected string; found 1"),
        ("{{ toUpper .I }}", "wrong type for value; expected string; got int"),
        ("{{ toUpper .Nope }}", "invalid value; expected string"),
        ("{{ .I | toUpper }}", "got int"),
        ("{{ toUpper }}", "wrong number of args for toUpper: want 1 got 0"),
        ("{{ index .L 3 }}", "index out of range: 3"),
        ("{{ index .L -1 }}", "index out of range: -1"),
        ("{{ index .S 4 }}", "index out of range"),
        ("{{ index .M 1 }}", "value has type int; should be string"),
        ("{{ slice .L 2 1 }}", "invalid slice index"),
        ("{{ slice .L 9 }}", "index out of range: 9"),
        ("{{ call .S }}", "non-function of type string"),
        ("{{ reReplaceAll \"(\" \"\" \"\" }}", "error parsing regexp"),
        ("{{ join .L \",\" }}", "expected string"),
        ("{{ tz \"Mars\" .At }}", "error calling tz: unknown time zone Mars"),
    ]);
}

#[test]
fn what_is_no_template() {
    refuse(&[
        ("{{", "unclosed action"),
        ("{{ }}", "missing value for command"),
        ("{{ .S | }}", "missing command after |"),
        ("{{ | .S }}", "unexpected \"|\""),
        ("{{ ( ) }}", "missing value for parenthesized pipeline"),
        ("{{ 12 | false }}", "non executable command in pipeline stage 2"),
        ("{{ true.any }}", "unexpected . after term"),
        ("{{ \"a\"\"b\" }}", "put a space between"),
        ("{{ if }}{{ end }}", "missing value for if"),
        ("{{ if .S }}", "{{if}} is not closed"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ else }}", "unexpected {{else}}"),
        ("{{ if .S }}{{ else }}{{ else }}{{ end }}", "found {{else}}"),
        ("{{ with .S }}{{ else if .S }}{{ end }}", "unexpected \"if\""),
        ("{{ .S, .S }}", "unexpected \",\""),
        ("{{ 1i }}", "complex numbers are not supported"),
        ("{{ 'ab' }}", "malformed character constant"),
        ("{{ “a” }}", "type straight quotes"),
        ("{{ .Labels.job | default \"x\" }}", "{{ if .Labels.job }}{{ .Labels.job }}{{ else }}x{{ end }}"),
        ("{{ .S | toUper }}", "did you mean toUpper?"),
    ]);
    let errors = Templates::for_notifications().compile("t", "{{ a }}\n{{ $b }}\n {{ c }}").unwrap_err();
    let places: Vec<_> = errors.list.iter().map(|error| (error.line, error.column, error.offending.as_str())).collect();
    assert_eq!(places, [(1, 4, "a"), (2, 4, "$b"), (3, 5, "c")]);
}

#[test]
fn rules_have_their_variables() {
    let labels = Labels::from_pairs([("instance", "db1"), ("job", "node")]);
    let external = Labels::from_pairs([("region", "eu")]);
    let data = Value::from(RuleData::new(&labels, 0.9345, &external, "http://prom"));
    let mut templates = Templates::for_rules();
    let text = "{{ $labels.instance }}{{ $labels.nope }} {{ $value | humanizePercentage }} {{ .Value }} \
                {{ $externalLabels.region }} {{ $externalURL }}{{ define \"x\" }}{{ .Labels.job }}{{ end }} {{ template \"x\" . }}";
    templates.parse("summary", text).unwrap();
    let rendered = templates.render("summary", &data, &Environment::default()).unwrap();
    assert_eq!(rendered, "db1 93.45% 0.9345 eu http://prom node");
    assert!(templates.compile("x", "{{ define \"y\" }}{{ $labels.a }}{{ end }}").is_err());
    let error = templates.render_text("{{ .Lables.a }}", &data, &Environment::default()).unwrap_err();
    assert!(error.one_line().contains("did you mean .Labels?"), "{error}");
    let error = templates.render_text("{{ query \"up\" }}", &data, &Environment::default()).unwrap_err();
    assert!(error.one_line().contains("queries cannot be answered here"), "{error}");
}

#[test]
fn notifications_print_and_convert_whole() {
    let alert = AlertData {
        status: "firing".into(),
        labels: Kv::new([("alertname", "Down")]),
        starts_at: Time::from(TimestampNs(0)),
        ..AlertData::default()
    };
    let data = Value::from(NotificationData::default().with_alerts(vec![alert]));
    let render = |text: &str| Templates::for_notifications().render_text(text, &data, &Environment::default()).unwrap();
    assert_eq!(
        render("{{ .Alerts.Firing | len }}{{ .Alerts.Resolved | len }}{{ (index .Alerts 0).Labels.alertname }}"),
        "10Down"
    );
    assert_eq!(render("{{ range .Alerts }}{{ .StartsAt.Unix }}{{ .EndsAt.IsZero }}{{ end }}"), "0true");
    assert!(
        render("{{ toJson . }}")
            .starts_with("{\"receiver\":\"\",\"status\":\"firing\",\"alerts\":[{\"status\":\"firing\",")
    );
    assert!(render("{{ index .Alerts 0 }}").starts_with("{firing alertname=Down"));
}

#[test]
fn limits_have_names() {
    let limits = Limits { output_bytes_max: 1000, iterations_max: 100, work_bytes_max: 5000, ..Limits::default() };
    let templates = Templates::for_notifications().with_limits(limits);
    for (text, name) in [
        ("{{ range 101 }}{{ end }}", "iterations_max (100)"),
        ("{{ range 10 }}{{ range 10 }}{{ end }}{{ end }}", "iterations_max (100)"),
        ("{{ range 99 }}0123456789abcdef{{ end }}", "output_bytes_max (1000)"),
        ("{{ printf \"%2000d\" 1 }}", "output_bytes_max (1000)"),
        ("{{ $x := \"ab\" }}{{ range 50 }}{{ $x = print $x $x }}{{ end }}", "output_bytes_max (1000)"),
        (
            "{{ $x := \"0123456789\" }}{{ range 99 }}{{ $y := printf \"%s%s%s\" $x $x $x }}{{ end }}",
            "work_bytes_max (5000)",
        ),
        ("{{ $x := list }}{{ range 50 }}{{ $x = list $x }}{{ end }}", "deep inside one another"),
        (
            "{{ reReplaceAll \"x\" \"0123456789012345678901234567890123456789\" \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" }}",
            "output_bytes_max (1000)",
        ),
    ] {
        let error = templates.render_text(text, &Value::Nil, &Environment::default()).unwrap_err();
        assert!(error.one_line().contains(name), "{text}: {error}");
    }
    let templates = Templates::for_notifications().with_limits(Limits { steps_max: 100, ..Limits::default() });
    let error = templates.render_text("{{ range 99 }}a{{ $x := . }}{{ end }}", &Value::Nil, &Environment::default());
    assert!(error.unwrap_err().one_line().contains("steps_max (100)"));
    let many: String = (0..300).map(|index| format!("{{{{ $v{index} := 1 }}}}")).collect();
    assert!(templates.compile("x", &many).unwrap_err().one_line().contains("more than 256 variables"));
    let deep = format!("{}{}", "{{ if true }}".repeat(101), "{{ end }}".repeat(101));
    assert!(templates.compile("x", &deep).unwrap_err().one_line().contains("more than 100 deep"));
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(templates.compile("x", &parens).unwrap_err().one_line().contains("more than 100 deep"));
}

/// The deepest that is allowed runs on the stack of an ordinary thread.
#[test]
fn the_stack_carries_the_deepest_templates() {
    let body = format!("{}{{{{ template \"x\" . }}}}{}", "{{ if true }}".repeat(95), "{{ end }}".repeat(95));
    let text = format!("{{{{ define \"x\" }}}}{body}{{{{ end }}}}{{{{ template \"x\" . }}}}");
    assert!(render(&text).unwrap_err().contains("deep"));
    let parens = format!("{}.{}", "(or ".repeat(95), ")".repeat(95));
    let text = format!(
        "{{{{ define \"x\" }}}}{{{{ if {parens} }}}}{{{{ template \"x\" . }}}}{{{{ end }}}}{{{{ end }}}}{{{{ template \"x\" . }}}}"
    );
    assert!(render(&text).unwrap_err().contains("deep"));
}
