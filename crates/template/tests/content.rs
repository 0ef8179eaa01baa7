//! The templates that a new install is given: all parse, call nothing that is not there, and give what they should.

use lgtm_model::{Labels, TimestampNs};
use lgtm_template::{AlertData, Environment, Kv, NotificationData, RuleData, Templates, Time, Value};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// The texts in quotes of a rule file that have an action in them.
fn rule_texts(file: &str) -> impl Iterator<Item = &str> {
    let quoted = file.lines().filter_map(|line| line.split_once(": \"")?.1.strip_suffix('"'));
    quoted.filter(|text| text.contains("{{"))
}

#[test]
fn rules() {
    let templates = Templates::for_rules();
    let labels = Labels::from_pairs([("instance", "db1"), ("mountpoint", "/")]);
    let data = Value::from(RuleData::new(&labels, 0.5, &Labels::empty(), "http://lgtm"));
    let mut count = 0;
    for path in files("rules", "yml") {
        for text in rule_texts(&fs::read_to_string(&path).unwrap()) {
            let rendered = templates.render_text(text, &data, &Environment::default());
            let rendered = rendered.unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
            assert!(!rendered.contains("<no value>"), "{text}: {rendered}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

fn alert(status: &str, ends_at: Time) -> AlertData {
    AlertData {
        status: status.into(),
        labels: Kv::new([("alertname", "CPUHigh"), ("instance", "db1"), ("severity", "warning")]),
        annotations: Kv::new([
            ("summary", "CPU of db1 is busy"),
            ("value", "93%"),
            ("dashboard_url", "http://lgtm/#hosts"),
            ("runbook_url", "http://lgtm/runbooks/CPUHigh"),
        ]),
        starts_at: Time::from(TimestampNs(1_700_000_000_000_000_000)),
        ends_at,
        ..AlertData::default()
    }
}

#[test]
fn slack() {
    let mut templates = Templates::for_notifications();
    for path in files("templates", "tmpl") {
        templates.parse("lgtm.tmpl", &fs::read_to_string(&path).unwrap()).unwrap_or_else(|errors| panic!("{errors}"));
    }
    assert_eq!(templates.undefined(), []);
    let ended = Time::from(TimestampNs(1_700_000_090_400_000_000));
    let data = NotificationData { group_labels: Kv::new([("alertname", "CPUHigh")]), ..NotificationData::default() };
    let data = Value::from(data.with_alerts(vec![alert("firing", Time::zero()), alert("resolved", ended)]));
    let render = |name: &str| templates.render(name, &data, &Environment::default()).unwrap();
    assert_eq!(render("lgtm.slack.color"), "warning");
    assert_eq!(render("lgtm.slack.title"), "[WARNING] CPUHigh");
    let text = render("lgtm.slack.text");
    for part in [
        "*CPUHigh* (warning): CPU of db1 is busy",
        "Host: db1",
        "Value at fire time: 93%",
        "Since: 2023-11-14 22:13:20 UTC",
        "Lasted: 1m30s, from 2023-11-14 22:13:20 UTC on",
        "<http://lgtm/?from=1699999100000&to=1700000900000#hosts|Panel>",
        "<http://lgtm/?from=1699999100000&to=1700000990400#hosts|Panel>",
        "<http://lgtm/runbooks/CPUHigh|Runbook>",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}
