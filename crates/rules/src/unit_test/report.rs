//! What came of unit tests, for people and for programs.

use lgtm_settings::Problems;
use serde_json::{Value, json};
use std::fmt;

/// All files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each file, in the order in which they were named.
    pub files: Vec<FileReport>,
}

/// One file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// Its path.
    pub file: String,
    /// Why nothing could be run: mistakes in the file or in the rule files that it names.
    pub problems: Problems,
    /// What has no effect or is not advisable.
    pub warnings: Problems,
    /// The tests that were run.
    pub tests: Vec<TestReport>,
}

/// One test of a file.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// Its name, or the line on which it begins.
    pub name: String,
    /// The line on which it begins.
    pub line: usize,
    /// Cases that passed.
    pub passed: usize,
    /// What failed, each with what was expected and what came.
    pub failures: Vec<String>,
    /// Cases that cannot be judged, each with the reason.
    pub unsupported: Vec<String>,
    /// What else a person should know.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether everything passed, and nothing was left unjudged.
    pub fn is_success(&self) -> bool {
        self.has_no_failures() && self.unsupported().next().is_none()
    }

    /// Whether nothing failed; cases that cannot be judged do not count.
    pub fn has_no_failures(&self) -> bool {
        self.files.iter().all(|file| file.problems.is_empty() && file.tests.iter().all(|test| test.failures.is_empty()))
    }

    /// Cases that passed.
    pub fn passed(&self) -> usize {
        self.files.iter().flat_map(|file| &file.tests).map(|test| test.passed).sum()
    }

    /// Cases that cannot be judged.
    pub fn unsupported(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|file| &file.tests).flat_map(|test| &test.unsupported).map(String::as_str)
    }

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let files = self.files.iter().map(|file| {
            let tests = file.tests.iter().map(|test| {
                json!({
                    "name": test.name, "line": test.line, "passed": test.passed,
                    "failures": test.failures, "unsupported": test.unsupported,
                    "notes": test.notes,
                })
            });
            let texts = |problems: &Problems| problems.list.iter().map(ToString::to_string).collect::<Vec<_>>();
            json!({
                "file": file.file, "problems": texts(&file.problems), "warnings": texts(&file.warnings),
                "tests": tests.collect::<Vec<_>>(),
            })
        });
        json!({ "success": self.is_success(), "files": files.collect::<Vec<_>>() })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{}", file.file)?;
            for problems in [&file.warnings, &file.problems].into_iter().filter(|problems| !problems.is_empty()) {
                writeln!(f, "{problems}")?;
            }
            for test in &file.tests {
                let verdict = match (test.failures.is_empty(), test.unsupported.is_empty()) {
                    (false, _) => "FAILED",
                    (true, false) => "not judged in full",
                    (true, true) => "ok",
                };
                writeln!(f, "  {verdict}: {} ({} passed)", test.name, test.passed)?;
                for failure in &test.failures {
                    writeln!(f, "    {failure}")?;
                }
                for case in &test.unsupported {
                    writeln!(f, "    not judged: {case}")?;
                }
                for note in &test.notes {
                    writeln!(f, "    note: {note}")?;
                }
            }
        }
        Ok(())
    }
}
