//! The way in: a file or a text, a closure that reads it, and all problems together at the end.

use crate::limit::{FILE_SIZE_BYTES_MAX, PROBLEMS_MAX};
use crate::node::Node;
use crate::problem::{Problem, Problems, Severity, Span};
use crate::tree;
use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Settings that can be used, and what a person should know about them all the same.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The settings.
    pub value: T,
    /// What has no effect or is not advisable.
    pub warnings: Problems,
}

/// The file that is being read, and what was found wrong with it so far.
pub(crate) struct Report {
    file: Arc<str>,
    pub(crate) text: String,
    pub(crate) directory: PathBuf,
    found: RefCell<Vec<Problem>>,
    imported: RefCell<Vec<Problem>>,
}

impl Report {
    pub(crate) fn note(&self, span: Span, severity: Severity, message: String) {
        let problem = Problem::new(severity, Arc::clone(&self.file), &self.text, span, message);
        let mut found = self.found.borrow_mut();
        // An aliased value is read as often as it is used; its problem is told once.
        if found.len() <= PROBLEMS_MAX && !found.contains(&problem) {
            found.push(problem);
        }
    }

    pub(crate) fn import(&self, problems: Problems) {
        self.imported.borrow_mut().extend(problems.list);
    }

    /// In the order of the file, those of other files behind; cut at the limit, with a word about it.
    fn into_problems(self) -> Vec<Problem> {
        let mut all = self.found.into_inner();
        all.sort_by_key(|problem| (problem.line, problem.column));
        all.extend(self.imported.into_inner());
        if all.len() > PROBLEMS_MAX {
            all.truncate(PROBLEMS_MAX);
            all.push(Problem::of_file(&self.file, format!("more than {PROBLEMS_MAX} problems; the rest is left out")));
        }
        all
    }
}

/// Reads a settings file. Relative paths in it are relative to its directory.
pub fn read_file<T>(path: &Path, read: impl FnOnce(Node<'_>) -> Option<T>) -> Result<Reading<T>, Problems> {
    let name = path.display().to_string();
    let text = file_text(path).map_err(|message| Problems::from(Problem::of_file(&name, message)))?;
    read_from(&name, path.parent().unwrap_or(Path::new("")), text, read)
}

/// Reads settings from a text; `name` stands for the file in problems. Relative paths in it stay as they are.
pub fn read_text<T>(name: &str, text: &str, read: impl FnOnce(Node<'_>) -> Option<T>) -> Result<Reading<T>, Problems> {
    read_from(name, Path::new(""), text.to_owned(), read)
}

fn read_from<T>(
    name: &str,
    directory: &Path,
    text: String,
    read: impl FnOnce(Node<'_>) -> Option<T>,
) -> Result<Reading<T>, Problems> {
    let report = Report {
        file: Arc::from(name),
        text,
        directory: directory.to_owned(),
        found: RefCell::default(),
        imported: RefCell::default(),
    };
    let value = match tree::parse(&report.text) {
        Err((span, message)) => {
            report.note(span, Severity::Error, message);
            None
        }
        Ok((tree, faults)) => {
            for (span, message) in faults {
                report.note(span, Severity::Error, message);
            }
            read(Node { tree: &tree, report: &report })
        }
    };
    let mut problems = Problems { list: report.into_problems() };
    let failed = problems.list.iter().any(|problem| problem.severity == Severity::Error);
    match value {
        Some(value) if !failed => Ok(Reading { value, warnings: problems }),
        _ => {
            if !failed {
                problems.list.push(Problem::of_file(name, "the settings cannot be used"));
            }
            Err(problems)
        }
    }
}

fn file_text(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut bytes = Vec::new();
    let limited = file.take(FILE_SIZE_BYTES_MAX + 1).read_to_end(&mut bytes);
    limited.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > FILE_SIZE_BYTES_MAX {
        return Err(format!("is larger than {FILE_SIZE_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not valid UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        read_text("prometheus.yml", text, |root| {
            root.map(|fields| {
                fields.required("job", |node| node.non_empty_string());
                fields.or("scrape_interval", 0, |node| node.duration_ms());
                fields.or("port", 0, |node| node.integer(1..=65535));
                fields.or("on", false, |node| node.bool());
                fields.or("scheme", 0, |node| node.one_of(&[("http", 1), ("https", 2)]));
                fields.or_default("targets", |node| node.string_or_list());
                fields.accept(&["rules"], "is read by another component");
                Some(())
            })
        })
        .map_or_else(|problems| problems.to_string(), |reading| format!("ok\n{}", reading.warnings))
    }

    #[test]
    fn an_unknown_field_shows_its_line_a_caret_and_what_was_meant() {
        let want = "prometheus.yml:3:1: unknown field \"scrap_interval\"; did you mean \"scrape_interval\"?\n    \
                    3 | scrap_interval: 15s\n      | ^^^^^^^^^^^^^^";
        assert_eq!(problems("job: a\n# comment\nscrap_interval: 15s\n"), want);
    }

    #[test]
    fn all_problems_are_told_at_once_and_in_order() {
        let found = problems("scrape_interval: 15\nport: 70000\non: maybe\nscheme: htps\ntargets: {a: b}\njob: ''\n");
        let heads: Vec<_> = found.lines().filter(|line| line.starts_with("prometheus.yml")).collect();
        let want = [
            r#"prometheus.yml:1:18: expected a duration such as 30s, 5m or 1h30m, found "15""#,
            r#"prometheus.yml:2:7: expected a whole number from 1 to 65535, found "70000""#,
            r#"prometheus.yml:3:5: expected true or false, found "maybe""#,
            r#"prometheus.yml:4:9: expected one of "http", "https", found "htps"; did you mean "https"?"#,
            r#"prometheus.yml:5:10: expected a text or a list of texts, found a map"#,
            r#"prometheus.yml:6:6: expected a text that is not empty"#,
        ];
        assert_eq!(heads, want);
    }

    #[test]
    fn broken_yaml_names_file_line_and_column() {
        let tab = problems("job: a\n\tport: 1\n");
        assert!(tab.starts_with("prometheus.yml:2:1: not valid YAML"), "{tab}");
        assert!(problems("- a\n").starts_with("prometheus.yml:1:1: expected a map of names and values, found a list"));
        assert_eq!(problems(""), "prometheus.yml:1:1: \"job\" is missing");
        assert!(problems("job: a\nrules: []\n").starts_with("ok\nprometheus.yml:2:1: warning: \"rules\" is read"));
    }

    #[test]
    fn binary_values_are_bytes() {
        let read =
            |text: &str| read_text("a.yml", text, |root| root.map(|fields| fields.required("a", |node| node.bytes())));
        assert_eq!(read("a: !!binary AAAACATSFi8=\n").unwrap().value, [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
        assert_eq!(read("a: text\n").unwrap().value, b"text");
        assert!(read("a: !!binary '?'\n").unwrap_err().to_string().starts_with("a.yml:1:4: !!binary is not base64"));
        let problems = read_text("a.yml", "a: !!binary /w==\n", |root| {
            root.map(|fields| fields.required("a", |node| node.string()))
        });
        assert!(problems.unwrap_err().to_string().contains("expected a text, found bytes that are no text"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let problems = read_file(Path::new("/nowhere/a.yml"), |_| Some(())).unwrap_err();
        assert!(problems.to_string().starts_with("/nowhere/a.yml: cannot be opened: "), "{problems}");
    }
}
