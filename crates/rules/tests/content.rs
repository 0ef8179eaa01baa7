//! What a new install is given: our own rules, their tests, and their runbooks.

use lgtm_host::{Config as HostConfig, Host};
use lgtm_rules::content::{self, Content, metric_names};
use lgtm_rules::unit_test::{TestOptions, run};
use lgtm_rules::{Format, check};
use lgtm_runtime::SystemClock;
use lgtm_settings::Severity;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Every text behind `before` and up to the next quote.
fn between<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn rule_tests() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("content/rules/tests")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn our_own_content_keeps_its_promises() {
    let (app, signals) = (read("ui/src/App.tsx"), read("ui/src/pages/golden/signals.ts"));
    let pages = between(&app, "<Route path=\"");
    let panels: Vec<String> = between(&signals, "    id: \"").iter().map(|id| format!("title-{id}")).collect();
    let anchors: Vec<&str> = panels.iter().map(String::as_str).collect();
    let folder = root().join("content");
    let problems = content::check(&Content { pages: &pages, anchors: &anchors, ..Content::new(&folder) });
    let errors: Vec<String> = problems
        .list
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.to_string())
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    // Runbooks of alerts that are made of other files (`content/slo`) are named by none of these rules.
    let unnamed = problems.list.iter().filter(|problem| !problem.file.contains("SLO")).count();
    assert_eq!(unnamed, 0, "{problems}");
}

#[test]
fn every_listed_metric_is_in_the_code() {
    let mut code = String::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                code.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let host = Host::new(&HostConfig::default(), SystemClock::shared());
    let families: BTreeSet<String> = host.families().into_iter().map(|family| family.name).collect();
    let stem = |name: &str| {
        let suffixes = ["_bucket", "_count", "_sum"];
        suffixes.into_iter().find_map(|suffix| name.strip_suffix(suffix)).map(str::to_owned)
    };
    let is_there = |name: &str| families.contains(name) || code.contains(&format!("\"{name}\""));
    let names = metric_names(&read("content/metrics.txt"));
    let missing: Vec<&String> =
        names.iter().filter(|name| !is_there(name) && !stem(name).is_some_and(|stem| is_there(&stem))).collect();
    assert!(missing.is_empty(), "content/metrics.txt lists what no code exports: {missing:#?}");
}

#[test]
fn every_rule_file_is_good_and_says_nothing_twice() {
    let report = check(&[root().join("content/rules/*.yml")], Format::default());
    assert!(report.is_success() && report.warnings.is_empty(), "{report}");
    assert!(report.files.len() >= 3, "{report}");
}

#[test]
fn the_rules_pass_their_tests() {
    let report = run(&rule_tests(), &TestOptions::default());
    assert!(report.is_success(), "{report}");
    assert!(report.passed() >= 30, "{report}");
}

#[test]
fn promtool_agrees() {
    let mut paths = rule_tests();
    paths.insert(0, PathBuf::from("rules"));
    paths.insert(0, PathBuf::from("test"));
    match Command::new("promtool").args(paths).output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => println!("skipped: promtool cannot be started: {error}"),
    }
}
