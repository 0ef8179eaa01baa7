//! Runbooks: Markdown that answers six questions.

use super::links::Site;
use super::{at_line, warning};
use lgtm_settings::{Problem, Problems};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The questions, as headings of the second level.
const QUESTIONS: [&str; 6] = [
    "What is this alert?",
    "What is the likely cause?",
    STEPS,
    "How do I resolve it?",
    "Should I roll back, and when?",
    "Who do I escalate to and when?",
];

/// The question that is answered by a numbered list.
const STEPS: &str = "What are the first four investigation steps?";

/// How many steps it has.
const STEPS_COUNT: usize = 4;

/// One runbook.
#[derive(Debug, Default)]
pub(super) struct Runbook {
    file: String,
    text: String,
}

/// A heading of the second level and what stands below it.
struct Section<'a> {
    heading: &'a str,
    line: usize,
    /// Line numbers and lines.
    body: Vec<(usize, &'a str)>,
}

/// Reads the files, by their names without the extension.
pub(super) fn read(paths: Vec<PathBuf>, problems: &mut Problems) -> BTreeMap<String, Runbook> {
    let mut runbooks = BTreeMap::new();
    for path in paths {
        let file = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                runbooks.insert(name, Runbook { file, text });
            }
            Err(error) => problems.list.push(Problem::of_file(&file, format!("cannot be read: {error}"))),
        }
    }
    runbooks
}

/// Checks that each answers all questions, that its links lead somewhere, and that some alert names it.
pub(super) fn check(
    runbooks: &BTreeMap<String, Runbook>,
    site: &Site<'_>,
    named: &BTreeSet<String>,
    problems: &mut Problems,
) {
    for (name, runbook) in runbooks {
        let sections = sections(&runbook.text);
        for question in QUESTIONS {
            let answer = sections.iter().find(|section| section.heading == question);
            problems.list.extend(answer.map_or_else(
                || Some(at_line(&runbook.file, 1, format!("the question \"## {question}\" is missing"))),
                |section| fault_of(&runbook.file, section),
            ));
        }
        for (line, link) in links(&runbook.text) {
            let fault = match link.strip_suffix(".md") {
                Some(other) if !link.contains('/') => {
                    (!runbooks.contains_key(other)).then(|| format!("there is no {link} beside it"))
                }
                _ => site.follow(link).err(),
            };
            let told = fault.map(|fault| at_line(&runbook.file, line, format!("a link points nowhere: {fault}")));
            problems.list.extend(told);
        }
        if !named.contains(name) {
            problems.list.push(warning(at_line(&runbook.file, 1, "no alert names this runbook")));
        }
    }
}

fn fault_of(file: &str, section: &Section<'_>) -> Option<Problem> {
    let question = section.heading;
    let is_empty = section.body.iter().all(|(_, line)| line.trim().is_empty() || line.trim().starts_with("<!--"));
    if is_empty {
        return Some(at_line(file, section.line, format!("the question \"## {question}\" has no answer")));
    }
    let steps = section.body.iter().filter_map(|(_, line)| number_of(line)).collect::<Vec<_>>();
    let wanted: Vec<usize> = (1..=STEPS_COUNT).collect();
    (question == STEPS && steps != wanted)
        .then(|| at_line(file, section.line, format!("expected {STEPS_COUNT} steps, numbered 1 to 4, found {steps:?}")))
}

/// The number of an item of a numbered list that has a text.
fn number_of(line: &str) -> Option<usize> {
    let (number, text) = line.split_once(". ")?;
    number.parse().ok().filter(|_| !text.trim().is_empty())
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        match line.strip_prefix("## ") {
            Some(heading) if !in_code => {
                sections.push(Section { heading: heading.trim(), line: index + 1, body: Vec::new() });
            }
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.body.push((index + 1, line));
                }
            }
        }
    }
    sections
}

/// The targets of links, `[text](target)`, with their lines; what stands in code is no link.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        // Every other piece between backticks is code.
        for plain in line.split('`').step_by(2) {
            let mut rest = plain;
            while let Some((_, behind)) = rest.split_once("](") {
                let Some((target, tail)) = behind.split_once(')') else { break };
                if !target.starts_with('#') {
                    found.push((index + 1, target.split_whitespace().next().unwrap_or_default()));
                }
                rest = tail;
            }
        }
    }
    found
}
