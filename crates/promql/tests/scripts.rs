//! Upstream's PromQL scripts: everything that needs neither native histograms nor start timestamps must pass.

mod script;

use script::run::{Case, Outcome, run};
use std::path::PathBuf;

fn testdata() -> Option<PathBuf> {
    let Some(root) = std::env::var_os("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: upstream's PromQL scripts (LGTM_CONFORMANCE is not set)");
        return None;
    };
    Some(PathBuf::from(root).join("promql/testdata"))
}

#[test]
fn upstream_scripts_pass() {
    let Some(folder) = testdata() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "test"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let (mut failures, mut totals) = (Vec::new(), [0; 4]);
    println!("{:<26} {:>6} {:>6} {:>8} {:>12}", "script", "passed", "failed", "excluded", "experimental");
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let cases = run(&std::fs::read_to_string(&path).unwrap());
        let counts = count(&cases);
        println!("{name:<26} {:>6} {:>6} {:>8} {:>12}", counts[0], counts[1], counts[2], counts[3]);
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        for case in cases {
            let place = format!("{name}:{}: {}", case.line, case.query);
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Excluded(reason) => println!("excluded ({reason}): {place}"),
                Outcome::Failed(problem) => failures.push(format!("{place}\n    {problem}")),
            }
        }
    }
    println!("{:<26} {:>6} {:>6} {:>8} {:>12}", "total", totals[0], totals[1], totals[2], totals[3]);
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

/// Passed, failed, excluded, and among the passed those with experimental syntax.
fn count(cases: &[Case]) -> [usize; 4] {
    let mut counts = [0; 4];
    for case in cases {
        match case.outcome {
            Outcome::Passed => counts[0] += 1,
            Outcome::Failed(_) => counts[1] += 1,
            Outcome::Excluded(_) => counts[2] += 1,
        }
        if matches!(case.outcome, Outcome::Passed) && !case.experimental.is_empty() {
            counts[3] += 1;
        }
    }
    counts
}
