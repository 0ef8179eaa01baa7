//! Checking rule files before anyone runs them.

use crate::config::matching_files;
use crate::file::{Format, read_rule_file};
use crate::rule::{Group, Rule, RuleKind};
use lgtm_settings::{Problem, Problems};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// The files that can be used, each with its numbers of groups and rules.
    pub files: Vec<(String, usize, usize)>,
    /// What prevents files from being used.
    pub problems: Problems,
    /// What has no effect or is not advisable: rules that are there twice, for example.
    pub warnings: Problems,
}

impl CheckReport {
    /// Whether all files can be used.
    pub fn is_success(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, groups, rules) in &self.files {
            writeln!(f, "{file}: {rules} rules in {groups} groups")?;
        }
        for problems in [&self.warnings, &self.problems].into_iter().filter(|problems| !problems.is_empty()) {
            writeln!(f, "{problems}")?;
        }
        Ok(())
    }
}

/// Checks rule files; paths may hold `*`.
pub fn check(patterns: &[PathBuf], format: Format) -> CheckReport {
    let mut report = CheckReport::default();
    for pattern in patterns {
        let paths = matching_files(pattern);
        if paths.is_empty() {
            let name = pattern.display().to_string();
            report.problems.extend(Problem::of_file(&name, "no file matches the pattern").into());
        }
        for path in paths {
            let name = path.display().to_string();
            match read_rule_file(&path, format) {
                Ok(reading) => {
                    let rules = reading.value.iter().map(|group| group.rules.len()).sum();
                    report.warnings.extend(reading.warnings);
                    report.warnings.list.extend(duplicates(&name, &reading.value));
                    report.files.push((name, reading.value.len(), rules));
                }
                Err(problems) => report.problems.extend(problems),
            }
        }
    }
    report
}

/// Rules that write the same series, or alert under the same name with the same labels.
fn duplicates(file: &str, groups: &[Group]) -> Vec<Problem> {
    let mut seen: BTreeMap<(String, String, bool), Vec<&Rule>> = BTreeMap::new();
    for rule in groups.iter().flat_map(|group| &group.rules) {
        let is_alert = matches!(rule.kind, RuleKind::Alerting(_));
        let key = (rule.name.clone(), rule.written_labels().to_string(), is_alert);
        seen.entry(key).or_default().push(rule);
    }
    let repeated = seen.into_iter().filter(|(_, rules)| rules.len() > 1);
    repeated
        .map(|((name, labels, is_alert), rules)| {
            let kind = if is_alert { "alert" } else { "record" };
            let lines: Vec<String> = rules.iter().map(|rule| rule.line.to_string()).collect();
            let message = format!(
                "warning: {} rules have {kind} {name:?} with labels {labels} (lines {}): they may give the same series \
                 at the same time; tell them apart by labels",
                rules.len(),
                lines.join(", "),
            );
            Problem::of_file(file, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_are_there_twice_are_a_warning() {
        let directory = tempfile::tempdir().unwrap();
        let text = "groups:\n- name: a\n  rules:\n  - {record: x, expr: y}\n- name: b\n  rules:\n  - {record: x, expr: y}\n\
                    \x20 - {record: x, expr: y, labels: {a: b}}\n";
        std::fs::write(directory.path().join("a.yml"), text).unwrap();
        let report = check(&[directory.path().join("*.yml")], Format::default());
        assert!(report.is_success());
        assert_eq!((report.files[0].1, report.files[0].2), (2, 3));
        assert!(
            report.warnings.to_string().contains("2 rules have record \"x\" with labels {} (lines 4, 7)"),
            "{report}"
        );
        assert!(!check(&[directory.path().join("*.yaml")], Format::default()).is_success());
    }
}
