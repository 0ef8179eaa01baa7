//! Holding an answer against what the module expects.

use super::{names, record};
use crate::config::{DnsProbe, Pattern, RecordRules};
use crate::run::Run;
use hickory_proto::op::Message;

/// The code of an answer without complaint.
const NOERROR: u16 = 0;

pub(super) fn judge(run: &mut Run, probe: &DnsProbe, answer: &Message) -> bool {
    let code = u16::from(answer.metadata.response_code);
    let valid = if probe.valid_rcodes.is_empty() { &[NOERROR][..] } else { &probe.valid_rcodes };
    if !valid.contains(&code) {
        let wanted: Vec<String> = valid.iter().map(|code| names::rcode_name(*code)).collect();
        let found = names::rcode_name(code);
        run.log.fail("the answer's code is not a valid one", &[("code", &found), ("wanted", &wanted.join(", "))]);
        return false;
    }
    let edns = answer.edns.as_ref().map(record::edns);
    let sections = [
        ("answer", &probe.answer, record::lines(&answer.answers)),
        ("authority", &probe.authority, record::lines(&answer.authorities)),
        ("additional", &probe.additional, record::lines(&answer.additionals).into_iter().chain(edns).collect()),
    ];
    sections.into_iter().all(|(section, rules, lines)| match complaint(rules, &lines) {
        Some(reason) => {
            run.log.fail(&format!("the {section} records are not as expected"), &[("error", &reason)]);
            false
        }
        None => {
            run.log.note("The records are as expected", &[("section", &section), ("records", &lines.len())]);
            true
        }
    })
}

/// What is wrong with the records of one section.
fn complaint(rules: &RecordRules, lines: &[String]) -> Option<String> {
    let matching = |pattern: &Pattern, line: &String| pattern.is_match(line.as_bytes());
    let some = |patterns: &[Pattern], line: &String| patterns.iter().any(|pattern| matching(pattern, line));
    if lines.is_empty() && !(rules.fail_if_not_matches.is_empty() && rules.fail_if_none_matches.is_empty()) {
        return Some("there is none, though some must match".to_owned());
    }
    for line in lines {
        if let Some(pattern) = rules.fail_if_matches.iter().find(|pattern| matching(pattern, line)) {
            return Some(format!("{line:?} matches {:?}", pattern.to_string()));
        }
        if let Some(pattern) = rules.fail_if_not_matches.iter().find(|pattern| !matching(pattern, line)) {
            return Some(format!("{line:?} does not match {:?}", pattern.to_string()));
        }
    }
    let all = |line: &String| rules.fail_if_all_match.iter().all(|pattern| matching(pattern, line));
    if let Some(line) = lines.iter().find(|line| !all(line)) {
        return Some(format!("{line:?} does not match every pattern of fail_if_all_match_regexp"));
    }
    let nobody = !lines.iter().any(|line| some(&rules.fail_if_none_matches, line));
    (nobody && !rules.fail_if_none_matches.is_empty()).then(|| "none matches".to_owned())
}
