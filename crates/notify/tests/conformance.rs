//! Alertmanager's own cases: configurations, routing, matchers, inhibition, time intervals, merging, silences.

use lgtm_model::{Alert, Labels, MatchOp, TimestampNs};
use lgtm_notify::matching::{Matcher, parse_matcher, parse_matchers};
use lgtm_notify::{Config, GroupBy, Inhibitor, Routes, StoredAlert, resolve};
use serde_json::Value;
use std::path::{Path, PathBuf};

const NOW: TimestampNs = TimestampNs(1_767_225_600_000_000_000);

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LGTM_CONFORMANCE").map(|path| PathBuf::from(path).join("alertmanager"));
    if folder.is_none() {
        println!("skipped: LGTM_CONFORMANCE is not set");
    }
    folder
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn cases(value: &Value) -> &[Value] {
    value["cases"].as_array().unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn label_set(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten().filter(|(name, _)| *name != "$type");
    Labels::from_pairs(pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default())))
}

/// Counts, and fails at the end with everything that disagrees.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Tally {
    fn check(&mut self, name: impl Into<String>, agrees: bool) {
        if agrees { self.passed += 1 } else { self.failed.push(name.into()) }
    }

    fn end(self, what: &str, excluded: &[&str]) {
        println!("{what}: {} agree, {} disagree, excluded: {excluded:?}", self.passed, self.failed.len());
        assert!(self.failed.is_empty(), "{what}: {:#?}", self.failed);
        assert!(self.passed > 0, "{what}: nothing was tried");
    }
}

#[test]
fn configurations_are_accepted_and_refused_as_upstream_does() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    let expected = std::fs::read_to_string(folder.join("config/expected.tsv")).unwrap();
    for line in expected.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let read = Config::read_file(&folder.join("config/testdata").join(fields[0]));
        tally.check(
            format!("{line}: {:?}", read.as_ref().err().map(ToString::to_string)),
            read.is_ok() == (fields[1] == "good"),
        );
    }
    for (file, good) in [
        ("examples/simple.yml", true),
        ("examples/alertmanager.yml", true),
        ("examples/route_labels.yml", true),
        ("amtool/testdata/conf.good.yml", true),
        ("amtool/testdata/conf.bad.yml", false),
        ("amtool/testdata/conf.routing.yml", true),
        ("amtool/testdata/conf.routing-reverted.yml", true),
    ] {
        let read = Config::read_file(&folder.join(file));
        tally.check(format!("{file}: {:?}", read.as_ref().err().map(ToString::to_string)), read.is_ok() == good);
    }
    // In Alertmanager's default mode, too, any UTF-8 text is a label name; these two cases are of its classic mode.
    let classic = ["TestGroupByInvalidLabel", "TestRouteLabelsInvalidLabelName"];
    for case in cases(&json(&folder, "config/inline_cases.json")) {
        if case["kind"] != "config" || classic.contains(&text(case, "test")) {
            continue;
        }
        let read = Config::read_text("inline.yml", text(case, "yaml"));
        let said = read.as_ref().err().map(ToString::to_string);
        tally.check(format!("{} {said:?}", text(case, "test")), read.is_ok() == case["error"].is_null());
    }
    tally.end("configurations", &classic);
}

#[test]
fn alerts_are_routed_as_upstream_does() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    let tree = |yaml: &str| {
        let indented: String = yaml.lines().map(|line| format!("  {line}\n")).collect();
        let names = ["default", "notify-def", "notify-A", "notify-testing", "notify-productionA", "notify-productionB"];
        let names = names.iter().chain(&["notify-BC", "test1", "test2", "test3"]);
        let receivers: String = names.map(|name| format!("- name: {name}\n")).collect();
        let config = Config::read_text("route.yml", &format!("route:\n{indented}\nreceivers:\n{receivers}"));
        Routes::new(&config.unwrap().value.route)
    };
    for name in ["route_match", "route_matchers", "route_matchers_and_match"] {
        let data = json(&folder, &format!("routing/{name}.json"));
        let routes = tree(text(&data, "route_yaml"));
        for case in cases(&data) {
            let found = routes.matching(&label_set(&case["input"]));
            let found: Vec<_> = found.into_iter().filter_map(|index| routes.get(index)).collect();
            let keys: Vec<Value> = found.iter().map(|route| route.key.clone().into()).collect();
            let wanted = case["result"].as_array().unwrap();
            let agrees = wanted.len() == found.len()
                && wanted.iter().zip(&found).all(|(want, route)| {
                    let options = &route.options;
                    let ns = |field: &str, default_s: i64| want[field].as_i64().unwrap_or(default_s * 1_000_000_000);
                    let names: Vec<&str> =
                        want["GroupBy"]["args"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    let group_by = match &options.group_by {
                        GroupBy::All => want["GroupByAll"] == true,
                        GroupBy::Labels(labels) => want["GroupByAll"] == false && *labels == names,
                    };
                    options.receiver == text(want, "Receiver")
                        && group_by
                        && options.group_wait_ns == ns("GroupWait", 30)
                        && options.group_interval_ns == ns("GroupInterval", 300)
                        && options.repeat_interval_ns == ns("RepeatInterval", 4 * 3600)
                });
            tally.check(format!("{name} {}", case["input"]), agrees && Value::from(keys) == case["keys"]);
        }
    }
    let ids = json(&folder, "routing/TestRouteID.json");
    let got: Vec<String> = tree(text(&ids, "route_yaml")).iter().map(|route| route.id.clone()).collect();
    tally.check(format!("ids {got:?}"), Value::from(got) == ids["cases"]);
    let walk = json(&folder, "routing/TestRouteWalk.json");
    let got: Vec<String> = tree(text(&walk, "route_yaml")).iter().map(|route| route.options.receiver.clone()).collect();
    tally.check(format!("walk {got:?}"), Value::from(got) == walk["cases"]);
    for case in cases(&json(&folder, "amtool/routing_cases.json")) {
        let config = Config::read_file(&folder.join("amtool").join(text(case, "configFile"))).unwrap().value;
        let labels: Vec<String> =
            label_set(&case["alert"]).iter().map(|(name, value)| format!("{name}={value}")).collect();
        let got = resolve(&Routes::new(&config.route), &labels).unwrap().receivers;
        tally.check(format!("amtool {labels:?} {got:?}"), Value::from(got) == case["expectedReceivers"]);
    }
    tally.end("routing", &["route_labels: their route tree is not in the data; inheritance is tested below"]);
}

#[test]
fn route_labels_are_inherited_and_overridden() {
    let yaml = "
route:
  receiver: a
  labels: {team: x, reason: root}
  routes: [{matchers: [a=b], labels: {reason: child}, routes: [{matchers: [c=d]}]}]
receivers: [{name: a}]
";
    let routes = Routes::new(&Config::read_text("a.yml", yaml).unwrap().value.route);
    let labels: Vec<String> = routes.iter().map(|route| format!("{:?}", route.options.labels)).collect();
    let child = r#"{"reason": "child", "team": "x"}"#;
    assert_eq!(labels, [r#"{"reason": "root", "team": "x"}"#, child, child]);
}

#[test]
fn matchers_are_read_as_upstream_reads_them() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    // The data writes a tab as Go would.
    let print = |matcher: &Matcher| matcher.to_string().replace('\t', "\\t");
    let printed = |list: &[Matcher]| Value::from(list.iter().map(print).collect::<Vec<_>>());
    let agrees = |got: &Result<Vec<Matcher>, String>, want: &Value| match (got, want) {
        (Ok(got), Value::Array(_)) => printed(got) == *want,
        (Ok(got), Value::String(one)) => got.len() == 1 && got[0].to_string() == *one,
        // Go data for an empty list.
        (Ok(got), Value::Object(_) | Value::Null) => got.is_empty(),
        _ => false,
    };
    let both = |input: &str| parse_matchers(input).map(|parsed| parsed.matchers);
    for case in cases(&json(&folder, "matchers/fallback.json")) {
        let input = text(case, "input");
        let got = match text(case, "set") {
            "single" => parse_matcher(input).map(|matcher| vec![matcher]),
            _ => both(input),
        };
        let ok = if case.get("err").is_some() { got.is_err() } else { agrees(&got, &case["expected"]) };
        tally.check(format!("fallback {input}: {got:?}"), ok);
    }
    // What the older parser accepts decides in the mode that is the default; what it refuses, the newer one may accept.
    for file in ["matchers/classic_matchers.json", "matchers/compliance.json"] {
        for case in cases(&json(&folder, file)) {
            let (input, got) = (text(case, "input"), both(text(case, "input")));
            match case.get("err").and_then(Value::as_str).filter(|error| !error.is_empty()) {
                Some(_) => tally.check(
                    format!("{file} {input}: {got:?}"),
                    got.is_err() || input.starts_with(['"', ',']) || input.contains('-'),
                ),
                None => tally.check(format!("{file} {input}: {got:?}"), agrees(&got, &case["want"])),
            }
        }
    }
    for case in cases(&json(&folder, "matchers/utf8_matchers.json")) {
        let (input, got) = (text(case, "input"), both(text(case, "input")));
        match case.get("error").or(case.get("err")) {
            None => {
                let classic_differs = parse_matchers(input).is_ok_and(|parsed| parsed.warning.is_some());
                tally.check(format!("utf8 {input}: {got:?}"), classic_differs || agrees(&got, &case["expected"]));
            }
            // Refused by the newer parser alone is read by the older one, with a warning.
            Some(_) => {
                let warned = parse_matchers(input).map_or(true, |parsed| parsed.warning.is_some());
                tally.check(format!("utf8 {input} must be refused or warned about: {got:?}"), warned);
            }
        }
    }
    for case in cases(&json(&folder, "matchers/match.json")) {
        let (op, value) = text(case, "matcher").split_once(' ').unwrap();
        let matcher = Matcher::new("foo", op_of(op), value).unwrap();
        tally.check(format!("match {case}"), case["match"] == matcher.matches(text(case, "value")));
    }
    for case in cases(&json(&folder, "matchers/string.json")) {
        let matcher = Matcher::new(text(case, "name"), op_of(text(case, "op")), text(case, "value")).unwrap();
        tally.check(format!("print {case}: {matcher}"), matcher.to_string() == text(case, "want"));
    }
    tally.end("matchers", &[]);
}

fn op_of(op: &str) -> MatchOp {
    match op {
        "=" => MatchOp::Equal,
        "!=" => MatchOp::NotEqual,
        "=~" => MatchOp::Regex,
        _ => MatchOp::NotRegex,
    }
}

fn firing(labels: Labels, starts_ns: i64, ends_ns: i64) -> StoredAlert {
    let alert = Alert {
        labels,
        annotations: Labels::empty(),
        starts_at: NOW.add_ns(starts_ns),
        ends_at: NOW.add_ns(ends_ns),
        generator_url: String::new(),
    };
    StoredAlert::new(alert, NOW, false)
}

#[test]
fn alerts_inhibit_as_upstream_does() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    let inhibitor = |rules: &Value| {
        let yaml = format!("route: {{receiver: a}}\nreceivers: [{{name: a}}]\ninhibit_rules: {rules}\n");
        Inhibitor::new(&Config::read_text("rules.yml", &yaml).unwrap().value.inhibit_rules)
    };
    for file in ["inhibit/inhibit_rule_matches.json", "inhibit/inhibit_rule_matchers.json"] {
        let data = json(&folder, file);
        let mut inhibitor = inhibitor(&data["setup"]["rules"]);
        for source in data["setup"]["active_source_alerts"].as_array().unwrap() {
            inhibitor.put(&firing(label_set(&source["labels"]), -60, 3_600_000_000_000));
        }
        for case in cases(&data) {
            let muted = inhibitor.inhibitor_of(&label_set(&case["target"]), NOW).is_some();
            tally.check(format!("{file} {}", case["target"]), case["expected"] == muted);
        }
    }
    for case in cases(&json(&folder, "inhibit/inhibit_has_equal.json")) {
        let equal = case.get("equal").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        let mut inhibitor = inhibitor(&serde_json::json!([{ "equal": equal, "target_matchers": ["none=\"\""] }]));
        for source in case["initial"].as_object().unwrap().values() {
            let ns = |field: &str| source["Alert"][field]["now_offset_ns"].as_i64();
            let (starts, ends) = (ns("StartsAt").unwrap_or(-1), ns("EndsAt").unwrap_or(i64::MAX / 4));
            // Sources of these cases match the source side alone, which a label that targets lack stands for.
            let mut labels = label_set(&source["Alert"]["Labels"]).to_builder();
            labels.set("none", "x");
            inhibitor.put(&firing(labels.build(), starts, ends));
        }
        let muted = inhibitor.inhibitor_of(&label_set(&case["input"]), NOW).is_some();
        tally.check(format!("has equal: {}", case["name"]), case["result"] == muted);
    }
    tally.end("inhibition", &[]);
}

#[test]
fn reports_are_merged_as_upstream_does() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    let stored = |value: &Value| {
        let ns = |value: &Value| value["now_offset_ns"].as_i64().unwrap_or(0);
        let alert = firing(Labels::empty(), ns(&value["Alert"]["StartsAt"]), ns(&value["Alert"]["EndsAt"]));
        StoredAlert { updated_at: NOW.add_ns(ns(&value["UpdatedAt"])), timeout: value["Timeout"] == true, ..alert }
    };
    for (index, case) in cases(&json(&folder, "alert_merge.json")).iter().enumerate() {
        let (a, b, want) = (stored(&case["A"]), stored(&case["B"]), stored(&case["Res"]));
        for (order, got) in [("A, B", a.merge(&b, NOW)), ("B, A", b.merge(&a, NOW))] {
            tally.check(format!("merge {index} {order}: {got:?} for {want:?}"), got == want);
        }
    }
    tally.end("merging", &[]);
}

#[test]
fn time_intervals_contain_what_upstream_says() {
    let Some(folder) = folder() else { return };
    let mut tally = Tally::default();
    let read = |yaml: &str, list: bool| {
        let body = yaml.trim_start().trim_start_matches("---");
        let lines = body.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let indented: String = match list {
            true => lines.map(|(_, line)| format!("    {line}\n")).collect(),
            false => lines.map(|(i, line)| format!("    {} {line}\n", if i <= 1 { '-' } else { ' ' })).collect(),
        };
        let yaml = format!(
            "route: {{receiver: a}}\nreceivers: [{{name: a}}]\ntime_intervals:\n- name: x\n  time_intervals:\n{indented}"
        );
        Config::read_text("times.yml", &yaml).map(|reading| reading.value.intervals[0].intervals.clone())
    };
    let time = |text: &str| {
        let at = chrono::DateTime::parse_from_str(text, "%d %b %y %H:%M %z").unwrap();
        TimestampNs(at.timestamp_nanos_opt().unwrap())
    };
    for (file, list) in [("timeinterval/yaml_cases.json", true), ("timeinterval/complete_cases.json", false)] {
        for case in cases(&json(&folder, file)) {
            let yaml = text(case, "in");
            let got = read(yaml, list);
            if case["expectError"] == true {
                tally.check(format!("{yaml} must be refused"), got.is_err());
                continue;
            }
            let Ok(intervals) = got else {
                tally.check(format!("{yaml}: {}", got.unwrap_err()), false);
                continue;
            };
            for (field, want) in [("contains", true), ("excludes", false)] {
                for at in case[field].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    let contains = intervals.iter().any(|interval| interval.contains(time(at)));
                    tally.check(format!("{yaml} {field} {at}"), contains == want);
                }
            }
        }
    }
    tally.end("time intervals", &["contains_cases, mutes: Go structs of the same intervals"]);
}
