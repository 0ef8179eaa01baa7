//! The house rules. There is no allow-list: what breaks a rule is mended, or the rule is changed here, with its reason.

use lgtm_tidy::{House, floor, percentile};

const FILE_LINES_MEDIAN: usize = 150;
const FILE_LINES_P95: usize = 500;
const FILE_LINES_MAX: usize = 1_000;
const FUNCTION_LINES_P95: usize = 40;
const FUNCTION_LINES_MAX: usize = 100;
const EDGES_PER_CRATE_MAX: f64 = 4.5;
/// Names that say nothing about what lives there.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "core", "misc", "helper", "helpers", "infra"];
/// Test crates may know everything and are known by no one.
const TEST_CRATES: [&str; 2] = ["tidy", "simulate"];
/// The only rooms in which the query engine may be named.
const DATAFUSION_ROOMS: [&str; 4] = ["store", "metrics", "logs", "traces"];

fn house() -> House {
    House::read().expect("the checkout can be read")
}

#[track_caller]
fn assert_none(rule: &str, offenders: Vec<String>) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn every_crate_knows_only_lower_floors() {
    let mut offenders = Vec::new();
    for manifest in house().manifests {
        if TEST_CRATES.contains(&manifest.name.as_str()) {
            continue;
        }
        let Some(own) = floor(&manifest.name) else {
            offenders.push(format!("{} has no floor; give it one in crates/tidy/src/manifest.rs", manifest.name));
            continue;
        };
        for known in &manifest.knows {
            if floor(known).is_none_or(|other| other >= own) {
                offenders.push(format!("{} must not know {known}", manifest.name));
            }
        }
    }
    assert_none("a crate imports lower floors only, never its own and never a higher one", offenders);
}

#[test]
fn the_house_stays_loosely_coupled() {
    let manifests = house().manifests;
    // The roof knows everyone by its trade; the rule is about the rooms.
    let rooms: Vec<_> = manifests.iter().filter(|manifest| manifest.name != "lgtm").collect();
    let edges: usize = rooms.iter().map(|manifest| manifest.knows.len()).sum();
    let mean = edges as f64 / rooms.len() as f64;
    assert!(mean <= EDGES_PER_CRATE_MAX, "{mean:.2} workspace edges a crate, at most {EDGES_PER_CRATE_MAX}");
}

#[test]
fn versions_are_the_workspaces() {
    let offenders = house()
        .manifests
        .iter()
        .flat_map(|manifest| manifest.own_versions.iter().map(|library| format!("{}: {library}", manifest.name)))
        .collect();
    assert_none("dependencies take their version from the root Cargo.toml", offenders);
}

#[test]
fn the_query_engine_is_named_only_in_the_cellar_and_the_signals() {
    let offenders = house()
        .manifests
        .iter()
        .filter(|manifest| manifest.libraries.iter().any(|library| library == "datafusion"))
        .filter(|manifest| !DATAFUSION_ROOMS.contains(&manifest.name.as_str()))
        .map(|manifest| manifest.name.clone())
        .collect();
    assert_none("DataFusion is named in the store and the signals only", offenders);
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let sources = house().sources;
    let long = sources.iter().filter(|source| source.lines.len() > FILE_LINES_MAX);
    assert_none("no file is longer than 1,000 lines", long.map(|source| source.path.clone()).collect());
    let lengths = || sources.iter().map(|source| source.lines.len());
    let (median, p95) = (percentile(lengths(), 50), percentile(lengths(), 95));
    println!("{} files, median {median} lines, p95 {p95}", sources.len());
    assert!(median <= FILE_LINES_MEDIAN, "the median file has {median} lines, at most {FILE_LINES_MEDIAN}");
    assert!(p95 <= FILE_LINES_P95, "95% of files stay below {p95} lines, at most {FILE_LINES_P95}");
}

#[test]
fn functions_fit_on_a_screen() {
    let house = house();
    let functions = || house.sources.iter().flat_map(|source| &source.functions);
    let long = functions().filter(|function| function.lines > FUNCTION_LINES_MAX);
    let long = long.map(|function| format!("{} ({} lines)", function.place, function.lines)).collect();
    assert_none("no function is longer than 100 lines", long);
    let p95 = percentile(functions().map(|function| function.lines), 95);
    println!("{} functions, p95 {p95} lines", functions().count());
    assert!(p95 <= FUNCTION_LINES_P95, "95% of functions stay below {p95} lines, at most {FUNCTION_LINES_P95}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let house = house();
    let silent = house.sources.iter().filter(|source| source.path.ends_with(".rs"));
    let silent = silent.filter(|source| !source.lines.first().is_some_and(|line| line.starts_with("//!")));
    assert_none("a Rust file begins with its module header (//!)", silent.map(|source| source.path.clone()).collect());
}

#[test]
fn names_say_what_lives_there() {
    let house = house();
    let empty = house.sources.iter().filter(|source| {
        EMPTY_NAMES.contains(&source.stem()) || source.path.split('/').any(|folder| EMPTY_NAMES.contains(&folder))
    });
    assert_none("no utils, common, core, misc, helpers, infra", empty.map(|source| source.path.clone()).collect());
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here so that this file does not find itself.
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let mut offenders = Vec::new();
    for source in house().sources {
        for (number, line) in source.lines.iter().enumerate() {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
            if marks.iter().any(|mark| words.contains(&mark.as_str())) {
                offenders.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    assert_none("what is not done is an issue, not a comment", offenders);
}
