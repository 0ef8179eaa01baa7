//! Unit tests of rules, in promtool's format: series over time, and what rules and expressions must make of them.
//!
//! [`run`] reads the files and gives a report. Each test has a time line of its own, on which all groups are evaluated
//! at every `evaluation_interval`, whatever their own interval is, as promtool does. Tests that need native histograms
//! are neither passed nor failed: they are listed by name.

mod file;
mod play;
mod report;
mod series;

pub use report::{FileReport, Report, TestReport};

use crate::config::matching_files;
use crate::file::{Format, read_rule_file};
use crate::rule::Group;
use file::TestFile;
use lgtm_settings::{Problem, Problems};
use regex::Regex;
use std::path::{Path, PathBuf};

/// What is run, and how strictly.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// Only tests whose name matches one of these; all if there is none.
    pub run: Vec<Regex>,
    /// How the rule files are read.
    pub format: Format,
}

/// Runs the tests of all files.
pub fn run(files: &[PathBuf], options: &TestOptions) -> Report {
    Report { files: files.iter().map(|path| run_file(path, options)).collect() }
}

fn run_file(path: &Path, options: &TestOptions) -> FileReport {
    let mut report = FileReport { file: path.display().to_string(), ..FileReport::default() };
    let test_file = match TestFile::read(path, options.format) {
        Ok(reading) => {
            report.warnings = reading.warnings;
            reading.value
        }
        Err(problems) => {
            report.problems = problems;
            return report;
        }
    };
    let groups = match rules(&test_file, options, &mut report.warnings) {
        Ok(groups) => groups,
        Err(problems) => {
            report.problems = problems;
            return report;
        }
    };
    for test in &test_file.tests {
        if options.run.is_empty() || options.run.iter().any(|regex| regex.is_match(&test.name)) {
            report.tests.push(play::play(test, &test_file, &groups));
        }
    }
    report
}

/// The groups of all rule files, in the order in which they are evaluated.
fn rules(file: &TestFile, options: &TestOptions, warnings: &mut Problems) -> Result<Vec<Group>, Problems> {
    let (mut groups, mut problems) = (Vec::new(), Problems::default());
    for pattern in &file.rule_files {
        let paths = matching_files(pattern);
        if paths.is_empty() {
            let name = pattern.display().to_string();
            warnings.extend(Problem::of_file(&name, "no rule file matches the pattern").into());
        }
        for path in paths {
            match read_rule_file(&path, options.format) {
                Ok(reading) => {
                    warnings.extend(reading.warnings);
                    groups.extend(reading.value);
                }
                Err(found) => problems.extend(found),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let place = |group: &Group| file.group_eval_order.iter().position(|name| *name == group.name).unwrap_or(0);
    groups.sort_by_key(place);
    Ok(groups)
}
