//! Holding an answer against what the module expects.

use super::body::Body;
use crate::config::{CelError, CelProgram, HeaderRule, HttpProbe};
use crate::run::Run;
use http::header::LAST_MODIFIED;
use http::{HeaderMap, Version};
use std::time::UNIX_EPOCH;

pub(crate) fn status(run: &mut Run, probe: &HttpProbe, status: u16) -> bool {
    let valid = &probe.valid_status_codes;
    let good = if valid.is_empty() { (200..300).contains(&status) } else { valid.contains(&status) };
    if !good {
        let wanted = if valid.is_empty() { "2xx".to_owned() } else { format!("{valid:?}") };
        run.log.fail("the HTTP status is not a valid one", &[("status", &status), ("wanted", &wanted)]);
    }
    good
}

/// Rules for headers, each of which must hold.
pub(crate) fn headers(run: &mut Run, probe: &HttpProbe, headers: &HeaderMap) -> bool {
    if probe.fail_if_header_matches.is_empty() && probe.fail_if_header_not_matches.is_empty() {
        return true;
    }
    let matching = probe.fail_if_header_matches.iter().map(|rule| (rule, true));
    let not_matching = probe.fail_if_header_not_matches.iter().map(|rule| (rule, false));
    let broken = matching.chain(not_matching).find_map(|(rule, fails)| complaint(headers, rule, fails));
    run.sheet.set("probe_failed_due_to_regex", f64::from(u8::from(broken.is_some())));
    if let Some(reason) = &broken {
        run.log.fail(reason, &[]);
    }
    broken.is_none()
}

/// Of several headers of one name it is enough that one matches.
fn complaint(headers: &HeaderMap, rule: &HeaderRule, fails_if_matches: bool) -> Option<String> {
    let mut values = headers.get_all(&rule.header).iter().peekable();
    if values.peek().is_none() {
        return (!rule.allow_missing).then(|| format!("the header {:?} is missing", rule.header));
    }
    let matches = values.any(|value| rule.pattern.is_match(value.as_bytes()));
    let verb = if matches { "matches" } else { "does not match" };
    (matches == fails_if_matches).then(|| format!("the header {:?} {verb} {:?}", rule.header, rule.pattern.to_string()))
}

/// The body's patterns and expressions, unless the answer is bad already, and whether it could be read at all.
pub(crate) fn body(run: &mut Run, probe: &HttpProbe, body: Result<Body, String>, good: bool, was_read: bool) -> bool {
    let (body, unread) = match body {
        Ok(body) => (body, None),
        Err(reason) => (Body::default(), Some(reason)),
    };
    let problem = body.problem.clone().or(unread);
    let mut good = good;
    let has_patterns = !probe.fail_if_body_matches.is_empty() || !probe.fail_if_body_not_matches.is_empty();
    if good && has_patterns {
        let reason = problem.clone().or_else(|| pattern_complaint(probe, &body.bytes));
        good = settle(run, "probe_failed_due_to_regex", reason);
    }
    if good && probe.judges_json() {
        let reason = problem.clone().or_else(|| cel_complaint(probe, &body.bytes));
        good = settle(run, "probe_failed_due_to_cel", reason);
    }
    if let Some(problem) = problem.filter(|_| was_read) {
        run.log.fail("the body cannot be read", &[("error", &problem)]);
        good = false;
    }
    good
}

fn settle(run: &mut Run, metric: &'static str, complaint: Option<String>) -> bool {
    run.sheet.set(metric, f64::from(u8::from(complaint.is_some())));
    if let Some(reason) = &complaint {
        run.log.fail(reason, &[]);
    }
    complaint.is_none()
}

fn pattern_complaint(probe: &HttpProbe, body: &[u8]) -> Option<String> {
    let matching = probe.fail_if_body_matches.iter().find(|pattern| pattern.is_match(body));
    if let Some(pattern) = matching {
        return Some(format!("the body matches {:?}", pattern.to_string()));
    }
    let missing = probe.fail_if_body_not_matches.iter().find(|pattern| !pattern.is_match(body))?;
    Some(format!("the body does not match {:?}", missing.to_string()))
}

fn cel_complaint(probe: &HttpProbe, body: &[u8]) -> Option<String> {
    let json = match serde_json::from_slice(body) {
        Ok(json) => json,
        Err(error) => return Some(format!("the body is no JSON: {error}")),
    };
    let complain = |program: &Option<CelProgram>, fails_if: bool| {
        let program = program.as_ref()?;
        let verb = if fails_if { "holds" } else { "does not hold" };
        match program.holds(&json) {
            Ok(holds) => (holds == fails_if).then(|| format!("{:?} {verb} for the body", program.to_string())),
            Err(error @ (CelError::Invalid(_) | CelError::Failed(_) | CelError::NotBoolean)) => Some(error.to_string()),
        }
    };
    complain(&probe.fail_if_cel, true).or_else(|| complain(&probe.fail_if_not_cel, false))
}

pub(crate) fn version(run: &mut Run, probe: &HttpProbe, version: Version) -> bool {
    let (number, name) = match version {
        Version::HTTP_09 => (0.9, "HTTP/0.9"),
        Version::HTTP_10 => (1.0, "HTTP/1.0"),
        Version::HTTP_11 => (1.1, "HTTP/1.1"),
        Version::HTTP_2 => (2.0, "HTTP/2.0"),
        _ => (3.0, "HTTP/3.0"),
    };
    run.sheet.set("probe_http_version", number);
    let valid = &probe.valid_http_versions;
    let good = valid.is_empty() || valid.iter().any(|known| known == name);
    if !good {
        run.log.fail("the HTTP version is not a valid one", &[("version", &name), ("wanted", &valid.join(", "))]);
    }
    good
}

/// The `Last-Modified` header in seconds since 1970.
pub(crate) fn last_modified(headers: &HeaderMap) -> Option<i64> {
    let time = httpdate::parse_http_date(headers.get(LAST_MODIFIED)?.to_str().ok()?).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
