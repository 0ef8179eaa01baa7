//! Checking a content folder: that whoever is woken by an alert finds all that was promised.
//!
//! Each alert of `rules/*.yml` must have a severity, a summary, a description, its value, a link to a panel and a link to
//! a runbook that is there; each runbook of `runbooks/*.md` answers the six questions; no link points nowhere; no rule
//! reads a metric that nobody exports or records; no two alerts have one name. `metrics.txt` in the folder lists what is
//! exported (see [`metric_names`]).
//!
//! ```no_run
//! use lgtm_rules::content::{Content, check};
//! let problems = check(&Content { pages: &["/", "/runbooks/:name"], ..Content::new("content".as_ref()) });
//! println!("{problems}");                      // `content/rules/hosts.yml:14:1: …`, one below the other
//! let failed = problems.list.iter().any(|problem| problem.severity == lgtm_settings::Severity::Error);
//! ```

mod alerts;
mod links;
mod metrics;
mod runbooks;

use crate::file::{Format, read_rule_file};
use crate::rule::Group;
use lgtm_settings::{Problem, Problems, Severity};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use metrics::metric_names;

/// Rule files and runbooks that are looked at, at most.
const FILES_MAX: usize = 1_000;

/// What is checked, and against what.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    /// The folder with `rules`, `runbooks` and `metrics.txt`.
    pub folder: &'a Path,
    /// Groups that are made of other files, such as SLOs; their alerts are held to the same.
    pub generated: &'a [Group],
    /// Metrics that are exported beside those of `metrics.txt`.
    pub exported: BTreeSet<String>,
    /// The pages of the web app, as its router writes them: `/trace/:id`.
    pub pages: &'a [&'a str],
    /// The places on pages that a link may name behind `#`; any, when empty.
    pub anchors: &'a [&'a str],
}

impl<'a> Content<'a> {
    /// A folder, with nothing beside it.
    pub fn new(folder: &'a Path) -> Self {
        Self { folder, generated: &[], exported: BTreeSet::new(), pages: &[], anchors: &[] }
    }
}

/// Checks a content folder; all problems, each with its file and line. Warnings are among them: a runbook that no alert
/// names.
pub fn check(content: &Content<'_>) -> Problems {
    let mut problems = Problems::default();
    let mut sources = Vec::new();
    for path in files(&content.folder.join("rules"), "yml", &mut problems) {
        match read_rule_file(&path, Format::default()) {
            Ok(reading) => {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                sources.push(Source { file: path.display().to_string(), text, groups: reading.value });
            }
            Err(found) => problems.extend(found),
        }
    }
    for group in content.generated {
        sources.push(Source { file: group.file.clone(), text: String::new(), groups: vec![group.clone()] });
    }
    let runbooks = runbooks::read(files(&content.folder.join("runbooks"), "md", &mut problems), &mut problems);
    let site = links::Site { pages: content.pages, anchors: content.anchors, runbooks: &runbooks };
    let named = alerts::check(&sources, &site, &mut problems);
    runbooks::check(&runbooks, &site, &named, &mut problems);
    let mut known = content.exported.clone();
    match std::fs::read_to_string(content.folder.join("metrics.txt")) {
        Ok(text) => known.extend(metric_names(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => problems.list.push(Problem::of_file("metrics.txt", error.to_string())),
    }
    metrics::check(&sources, known, &mut problems);
    problems
}

/// The groups of one file.
struct Source {
    file: String,
    /// Empty for generated groups.
    text: String,
    groups: Vec<Group>,
}

impl Source {
    /// A problem of a rule: at the first line from the rule's on that holds `near`, or at the rule's own.
    fn problem(&self, rule_line: usize, near: &str, message: String) -> Problem {
        let lines = self.text.lines().enumerate().skip(rule_line.saturating_sub(1));
        let found = lines.filter(|(_, line)| line.contains(near)).map(|(index, _)| index + 1).next();
        at_line(&self.file, found.unwrap_or(rule_line), message)
    }
}

fn at_line(file: &str, line: usize, message: impl Into<String>) -> Problem {
    let mut problem = Problem::of_file(file, message);
    (problem.line, problem.column) = (line, 1);
    problem
}

fn warning(mut problem: Problem) -> Problem {
    problem.severity = Severity::Warning;
    problem
}

/// The files of one kind in a folder, in the order of their names.
fn files(folder: &Path, extension: &str, problems: &mut Problems) -> Vec<PathBuf> {
    let name = folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.list.push(Problem::of_file(&name, format!("cannot be read: {error}")));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort_unstable();
    if paths.len() > FILES_MAX {
        problems.list.push(Problem::of_file(&name, format!("has {} files; {FILES_MAX} are looked at", paths.len())));
        paths.truncate(FILES_MAX);
    }
    paths
}

#[cfg(test)]
mod tests;
