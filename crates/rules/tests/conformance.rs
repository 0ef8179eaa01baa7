//! Prometheus' own rule files, unit tests of rules, and the parts of its config files that concern rules.

use lgtm_rules::unit_test::{self, TestOptions};
use lgtm_rules::{Config, Format, read_rule_file, read_rules};
use regex::Regex;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root(what: &str) -> Option<PathBuf> {
    match std::env::var("LGTM_CONFORMANCE") {
        Ok(root) => Some(Path::new(&root).to_owned()),
        Err(_) => {
            eprintln!("skipped: {what} (LGTM_CONFORMANCE is not set)");
            None
        }
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn legacy() -> Format {
    Format { names: lgtm_model::NameRules::Legacy, ..Format::default() }
}

#[test]
fn rule_files_are_judged_as_upstream_does() {
    let Some(root) = root("rule files") else { return };
    let root = root.join("prom-config/rulefmt");
    let table = std::fs::read_to_string(root.join("bad_expected_errors.tsv")).unwrap();
    let mut refused = 0;
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let format = if columns[2] == "legacy" { legacy() } else { Format::default() };
        let problems = read_rule_file(&root.join("testdata").join(columns[0]), format).unwrap_err().to_string();
        let wanted = columns[1].replace("field annotation not found", "unknown field \"annotation\"");
        assert!(problems.contains(&wanted), "{}: {wanted}\n{problems}", columns[0]);
        refused += 1;
    }
    let mut accepted = 0;
    for entry in std::fs::read_dir(root.join("testdata")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".bad.") {
            continue;
        }
        let format = if name.starts_with("legacy") { legacy() } else { Format::default() };
        if let Err(problems) = read_rule_file(&path, format) {
            panic!("{problems}");
        }
        accepted += 1;
    }
    eprintln!("rulefmt: {refused} refused, {accepted} accepted");
    assert!(refused >= 11 && accepted >= 5);
}

#[test]
fn templates_in_rules_are_judged_as_upstream_does() {
    let Some(root) = root("template validation") else { return };
    let cases = json(&root.join("prom-config/rulefmt/template_validation.json"));
    let cases = cases["cases"].as_array().unwrap();
    for case in cases {
        let verdict = read_rules("rules.yml", case["ruleString"].as_str().unwrap(), Format::default());
        assert_eq!(verdict.is_ok(), case["shouldPass"].as_bool().unwrap(), "{case}: {verdict:?}");
    }
    assert_eq!(cases.len(), 5);
}

#[test]
fn fixtures_of_evaluation_are_read() {
    let Some(root) = root("fixtures of rules") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(root.join("prom-config/rules-fixtures")).unwrap() {
        let path = entry.unwrap().path();
        let is_good = !path.to_string_lossy().contains("invalid");
        let reading = read_rule_file(&path, Format::default());
        assert_eq!(reading.is_ok(), is_good, "{path:?}");
        count += 1;
    }
    assert!(count >= 14, "{count}");
}

/// Features that upstream's test switches off; nobody can switch them off here, nor in upstream's server.
const SWITCHED_OFF: [&str; 2] = ["Disabled feature (@ modifier)", "Disabled feature (negative offset)"];

#[test]
fn unit_tests_have_upstreams_verdicts() {
    let Some(root) = root("unit tests of rules") else { return };
    let root = root.join("prom-config/promtool");
    let table = json(&root.join("unittest_expectations.json"));
    let (mut agreed, mut excluded, mut unjudged) = (0, 0, 0);
    for case in table["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if SWITCHED_OFF.contains(&name) {
            eprintln!("excluded: {name}: cannot be switched off");
            excluded += 1;
            continue;
        }
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let files: Vec<PathBuf> = texts(&case["args"]["files"]).iter().map(|file| root.join(file)).collect();
        let run = texts(&case["args"]["run"]).iter().map(|text| Regex::new(text).unwrap()).collect();
        let ignores_unknown_fields = case["ignoreUnknownFields"] == true;
        let options = TestOptions { run, format: Format { ignores_unknown_fields, ..Format::default() } };
        let report = unit_test::run(&files, &options);
        for text in report.unsupported() {
            eprintln!("not judged: {name}: {text}");
            unjudged += 1;
        }
        let wants_success = case["want"] == 0;
        assert_eq!(report.has_no_failures(), wants_success, "{name}\n{report}");
        agreed += 1;
    }
    eprintln!("promtool test rules: {agreed} agree, {excluded} excluded, {unjudged} cases need native histograms");
    assert_eq!((agreed, excluded, unjudged), (19, 2, 3));
}

#[test]
fn large_and_bad_rule_files_of_promtool() {
    let Some(root) = root("promtool's rule files") else { return };
    let testdata = root.join("prom-config/promtool/testdata");
    for (file, is_good) in [
        ("rules.yml", true),
        ("rules_large.yml", true),
        ("rules_duplicates.yml", true),
        ("prometheus-rules.lint.yml", true),
        ("rules-bad.yml", false),
        ("rules_extrafields.yml", false),
        ("bad-rules-syntax.yml", false),
        ("bad-rules-error.yml", true),
    ] {
        assert_eq!(read_rule_file(&testdata.join(file), Format::default()).is_ok(), is_good, "{file}");
    }
}

/// What a recording rule makes of labels, played as a unit test.
#[test]
fn recorded_labels_are_upstreams() {
    let Some(root) = root("recording rules") else { return };
    let table = json(&root.join("api/prometheus/recording_rule_eval.json"));
    let directory = tempfile::tempdir().unwrap();
    let cases = table["cases"].as_array().unwrap();
    for case in cases {
        let expr = case["expr"]["args"][0].as_str().unwrap();
        let labels = &case["ruleLabels"];
        let rules =
            format!("groups: [{{name: g, rules: [{{record: test_rule, expr: '{expr}', labels: {labels}}}]}}]\n");
        std::fs::write(directory.path().join("rules.yml"), rules).unwrap();
        let samples: String = case["expected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| {
                let labels = sample["Metric"].as_object().unwrap().iter();
                let labels =
                    lgtm_model::Labels::from_pairs(labels.map(|(name, value)| (name, value.as_str().unwrap())));
                format!("    - {{labels: '{labels}', value: {}}}\n", sample["F"])
            })
            .collect();
        let test = format!(
            "rule_files: [rules.yml]\ntests:\n- input_series:\n  - {{series: 'metric{{label_a=\"1\",label_b=\"3\"}}', \
             values: 1}}\n  - {{series: 'metric{{label_a=\"2\",label_b=\"4\"}}', values: 10}}\n  promql_expr_test:\n\
             \x20 - expr: test_rule\n    exp_samples:\n{samples}"
        );
        let path = directory.path().join("test.yml");
        std::fs::write(&path, test).unwrap();
        let report = unit_test::run(&[path], &TestOptions::default());
        assert!(report.is_success() && report.passed() == 1, "{}\n{report}", case["name"]);
    }
    assert_eq!(cases.len(), 4);
}

/// Files of upstream's config tests that are refused for what they say about rules or alerting.
const BAD: [&str; 4] = [
    "rules.bad.yml",
    "empty_alert_relabel_config.bad.yml",
    "empty_alertmanager_relabel_config.bad.yml",
    "config_with_deprecated_am_api_config.yml",
];

#[test]
fn config_files_are_judged_by_what_they_say_of_rules() {
    let Some(root) = root("config files") else { return };
    let config = root.join("prom-config/config");
    let table = std::fs::read_to_string(config.join("classification.tsv")).unwrap();
    let mut accepted = 0;
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        let (file, class) = (columns.next().unwrap(), columns.next().unwrap());
        if !file.ends_with(".yml") || file.starts_with("scrape_configs/") || !class.starts_with("good") {
            continue;
        }
        if let Err(problems) = Config::read_file(&config.join("testdata").join(file)) {
            panic!("{problems}");
        }
        accepted += 1;
    }
    for file in BAD {
        assert!(Config::read_file(&config.join("testdata").join(file)).is_err(), "{file}");
    }
    let targets = json(&root.join("prom-config/promtool/check_cases.json"));
    let mut checked = 0;
    for case in targets["cases"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        if case["test"] == "check-target-config" && file.contains("alert") || file == "config_with_rule_files.yml" {
            let is_good = case["err"] == "" && case["syntaxOnly"] != true;
            if case["syntaxOnly"] == true {
                eprintln!("excluded: {}: files are always read", case["name"]);
                continue;
            }
            let verdict = Config::read_file(&root.join("prom-config/promtool/testdata").join(file));
            let is_accepted = verdict.as_ref().is_ok_and(|reading| reading.value.missing_files.is_empty());
            assert_eq!(is_accepted, is_good, "{case}: {verdict:?}");
            checked += 1;
        }
    }
    eprintln!("prometheus.yml: {accepted} accepted, {} refused, {checked} target checks agree", BAD.len());
    assert!(accepted >= 55 && checked == 3, "{accepted} {checked}");
}
