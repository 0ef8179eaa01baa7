//! Alertmanager's own template cases, read from outside the repository.

use lgtm_model::TimestampNs;
use lgtm_template::{
    AlertData, Environment, Functions, Kv, Map, NotificationData, Param, Strings, Templates, Time, Value,
};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// When the cases that ask for the time are rendered.
const NOW_NS: i64 = 1_700_000_000_000_000_000;

fn conformance() -> Option<PathBuf> {
    let root = std::env::var("LGTM_CONFORMANCE").ok().map(PathBuf::from);
    if root.is_none() {
        println!("skipped: LGTM_CONFORMANCE is not set");
    }
    root
}

fn read(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text(json: &Json) -> Arc<str> {
    json.as_str().unwrap_or_default().into()
}

fn kv(json: &Json) -> Kv {
    match json.as_object() {
        Some(pairs) => {
            let pairs = pairs.iter().filter(|(name, _)| *name != "$type");
            Kv::new(pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap())))
        }
        None => Kv::null(),
    }
}

/// A time: symbolic calls of Go's, reckoned here.
fn time(json: &Json) -> Time {
    match json["$call"].as_str() {
        Some("time.Date") => {
            let part = |index: usize| json["args"][index].as_i64().unwrap();
            assert_eq!((part(0), part(1), part(2)), (2024, 1, 1));
            Time::from_unix(1_704_067_200 + part(3) * 3600 + part(4) * 60 + part(5), 0)
        }
        Some(".Add") => {
            let base = match json["recv"]["$call"].as_str() {
                Some("time.Now") => Time::from(TimestampNs(NOW_NS)),
                _ => time(&json["recv"]),
            };
            let added = lgtm_template::Duration::from_ns(json["args"][0].as_i64().unwrap());
            match render(
                &Templates::for_notifications(),
                "{{ (.t.Add .d).UnixNano }}",
                &Map::new([("t", Value::from(base.clone())), ("d", added.into())]).into(),
            ) {
                Ok(text) if base != Time::zero() => Time::from(TimestampNs(text.parse().unwrap())),
                _ => Time::from_unix(-62_135_596_800 + added.nanoseconds() / 1_000_000_000, 0),
            }
        }
        _ => Time::zero(),
    }
}

fn alert(json: &Json) -> AlertData {
    AlertData {
        status: text(&json["Status"]),
        labels: kv(&json["Labels"]),
        annotations: kv(&json["Annotations"]),
        starts_at: time(&json["StartsAt"]),
        ends_at: time(&json["EndsAt"]),
        generator_url: text(&json["GeneratorURL"]),
        fingerprint: text(&json["Fingerprint"]),
    }
}

fn notification(json: &Json) -> NotificationData {
    let alerts = json["Alerts"].as_array().into_iter().flatten().map(alert).map(Arc::new);
    NotificationData {
        receiver: text(&json["Receiver"]),
        status: text(&json["Status"]),
        alerts: alerts.collect(),
        notification_reason: text(&json["NotificationReason"]),
        group_labels: kv(&json["GroupLabels"]),
        common_labels: kv(&json["CommonLabels"]),
        common_annotations: kv(&json["CommonAnnotations"]),
        route_labels: kv(&json["RouteLabels"]),
        external_url: text(&json["ExternalURL"]),
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => number.as_i64().map_or_else(|| number.as_f64().unwrap().into(), Into::into),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) if items.iter().all(Json::is_string) => Value::object(Strings::new(items.iter().map(text))),
        Json::Array(items) => items.iter().map(value).collect::<Vec<_>>().into(),
        Json::Object(entries) if entries.contains_key("$call") => time(json).into(),
        Json::Object(entries) if entries.get("$type") == Some(&"Data".into()) => notification(json).into(),
        Json::Object(entries) => Map::new(entries.iter().map(|(name, json)| (name.as_str(), value(json)))).into(),
    }
}

fn environment() -> Environment {
    Environment::at(TimestampNs(NOW_NS))
}

fn render(templates: &Templates, text: &str, data: &Value) -> Result<String, String> {
    templates.render_text(text, data, &environment()).map_err(|errors| errors.one_line())
}

/// The functions of a case: some add one of their own, named in the case.
fn functions(case: &Json) -> Functions {
    let mut functions = Functions::alertmanager();
    let options = case["options"].as_array().into_iter().flatten();
    // The last option that names a function decides what it answers.
    for (index, option) in options.enumerate() {
        let names = option["args"][0].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        for name in names {
            let base = Functions::alertmanager();
            functions = match (name, index) {
                ("printFoo", 0) => base.with("printFoo", &[], None, |_| Ok("foo".into())),
                ("printFoo", _) => base.with("printFoo", &[], None, |_| Ok("bar".into())),
                _ => base.with("toUpper", &[Param::Text], None, |_| Ok("foo".into())),
            };
        }
    }
    functions
}

#[test]
fn expansion() {
    let Some(root) = conformance() else { return };
    let cases = read(&root.join("alertmanager/templates/expansion.json"));
    let (mut passed, mut wrong) = (0, Vec::new());
    for case in cases["cases"].as_array().unwrap() {
        let templates = Templates::new(functions(case));
        let (source, data) = (case["in"].as_str().unwrap(), value(&case["data"]));
        let answer = match case["html"].as_bool() {
            Some(true) => templates.render_html(source, &data, &environment()).map_err(|errors| errors.one_line()),
            _ => render(&templates, source, &data),
        };
        let fails = case["fail"].as_bool() == Some(true) || case["expErr"].is_string();
        let expected = if fails { None } else { case["exp"].as_str() };
        if answer.as_deref().ok() == expected {
            passed += 1;
        } else {
            wrong.push(format!("{}: {source}\n  expected {expected:?}\n  got      {answer:?}", case["title"]));
        }
    }
    println!("expansion: {passed} pass");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(passed, 72);
}

/// What follows from the alerts of a notification: status, common labels and annotations.
#[test]
fn data() {
    let Some(root) = conformance() else { return };
    let cases = read(&root.join("alertmanager/templates/data.json"));
    let mut passed = 0;
    for case in cases["cases"].as_array().unwrap() {
        let expected = &case["exp"];
        let alerts: Vec<AlertData> = expected["Alerts"].as_array().into_iter().flatten().map(alert).collect();
        let given = case["alerts"].as_array().map_or(0, Vec::len);
        assert_eq!(alerts.len(), given, "{case}");
        let made = NotificationData {
            receiver: text(&case["receiver"]),
            group_labels: kv(&case["groupLabels"]),
            ..NotificationData::default()
        }
        .with_alerts(alerts);
        let pairs = |kv: &Kv| kv.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>();
        assert_eq!(made.status, text(&expected["Status"]), "{case}");
        assert_eq!(pairs(&made.common_labels), pairs(&kv(&expected["CommonLabels"])), "{case}");
        assert_eq!(pairs(&made.common_annotations), pairs(&kv(&expected["CommonAnnotations"])), "{case}");
        assert_eq!(pairs(&made.group_labels), pairs(&kv(&expected["GroupLabels"])), "{case}");
        passed += 1;
    }
    println!("data: {passed} pass");
    assert_eq!(passed, 4);
}

#[test]
fn the_email_template_renders() {
    let Some(root) = conformance() else { return };
    let email = std::fs::read_to_string(root.join("alertmanager/templates/email.html")).unwrap();
    let mut templates = Templates::for_notifications();
    let helpers = r#"{{ define "__alertmanager" }}Notifier{{ end }}{{ define "__subject" }}[{{ .Status | toUpper }}]{{ end }}
        {{ define "__alertmanagerURL" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end }}"#;
    templates.parse("", helpers).unwrap();
    let template = templates.compile("email.html", &email).unwrap();
    assert_eq!(templates.undefined_in(&template), []);
    let firing = AlertData {
        status: "firing".into(),
        labels: Kv::new([("alertname", "Down"), ("instance", "<script>alert(1)</script>")]),
        annotations: Kv::new([("summary", "it's \"down\" & out")]),
        generator_url: "javascript:alert(1)".into(),
        ..AlertData::default()
    };
    let resolved = AlertData {
        status: "resolved".into(),
        labels: Kv::new([("alertname", "Down"), ("instance", "b")]),
        generator_url: "http://p/graph?g0.expr=a b".into(),
        ..AlertData::default()
    };
    let data = NotificationData {
        receiver: "ops & co".into(),
        group_labels: Kv::new([("alertname", "Down")]),
        external_url: "http://am:9093".into(),
        ..NotificationData::default()
    }
    .with_alerts(vec![firing, resolved]);
    let html = templates.render_template_html(&template, &data.into(), &environment()).unwrap();
    for part in [
        "<title>[FIRING]</title>",
        "instance = &lt;script&gt;alert(1)&lt;/script&gt;<br />",
        "summary = it&#39;s &#34;down&#34; &amp; out<br />",
        "<a href=\"#ZgotmplZ\">Source</a>",
        "<a href=\"http://p/graph?g0.expr=a%20b\">Source</a>",
        "<a href='http://am:9093/#/alerts?receiver=ops&#43;%26&#43;co' class=\"btn-primary\">View in Notifier</a>",
        "<strong>[1] Resolved</strong>",
        "2 alerts for",
        "@media only screen and (max-width: 640px) {",
    ] {
        assert!(html.contains(part), "{part} is missing in\n{html}");
    }
    assert!(!html.contains("<script>") && !html.contains("MIT License") && !html.contains("A very basic CSS reset"));
}
