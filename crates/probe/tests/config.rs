//! The Blackbox Exporter's own config files: which are accepted and which refused.

use lgtm_probe::{Config, is_acceptable};
use std::path::Path;

fn root() -> Option<String> {
    let root = std::env::var("LGTM_CONFORMANCE").ok();
    if root.is_none() {
        eprintln!("skipped: the Blackbox Exporter's config files (LGTM_CONFORMANCE is not set)");
    }
    root.map(|root| format!("{root}/blackbox"))
}

#[test]
fn good_files_load_and_bad_ones_are_refused_with_a_place() {
    let Some(root) = root() else { return };
    let bad = std::fs::read_to_string(format!("{root}/config/bad_expected_errors.tsv")).unwrap();
    let bad: Vec<&str> = bad.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut files: Vec<_> =
        std::fs::read_dir(format!("{root}/config/testdata")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.extend(["example.yml", "blackbox.yml"].map(|name| Path::new(&root).join(name)));
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        match (Config::read_file(&file), bad.contains(&name.as_str())) {
            (Ok(_), false) => accepted += 1,
            (Err(problems), true) if problems.list.iter().any(|problem| problem.line > 0) => refused += 1,
            (Ok(_), true) => wrong.push(format!("{name} is accepted")),
            (Err(problems), _) => wrong.push(format!("{name}: {problems}")),
        }
    }
    eprintln!("blackbox.yml: {accepted} accepted, {refused} refused, as upstream");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted >= 3 && refused == bad.len(), "{accepted} {refused}");
}

#[test]
fn compressions_are_acceptable_as_upstream_has_it() {
    let Some(root) = root() else { return };
    let text = std::fs::read_to_string(format!("{root}/prober/accept_encoding.json")).unwrap();
    let table: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = table["cases"].as_array().unwrap();
    for case in cases {
        let got = is_acceptable(case["input"].as_str().unwrap(), case["acceptEncoding"].as_str().unwrap());
        assert_eq!(got, case["expected"].as_bool().unwrap(), "{case}");
    }
    eprintln!("accept_encoding.json: {} of {}", cases.len(), cases.len());
}
