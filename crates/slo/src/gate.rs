//! The gate of a pipeline: may anything be deployed?

use crate::status::{SloStatus, rfc3339};
use std::fmt::Write;

/// What the gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether deployments may go on; a pipeline stops when this is false.
    pub open: bool,
    /// The reasons, a line an objective.
    pub text: String,
}

/// Judges the objectives of these services, or all of them when none is named. An objective of which nothing was
/// measured stops nothing, and is named. A service without any objective is a mistake, and closes the gate.
pub fn gate(statuses: &[SloStatus], services: &[String]) -> Verdict {
    let mut verdict = Verdict { open: true, text: String::new() };
    for service in services.iter().filter(|service| !statuses.iter().any(|status| status.service == **service)) {
        verdict.open = false;
        // Writing to a String cannot fail.
        let _ = writeln!(verdict.text, "unknown: no objective belongs to the service {service:?}");
    }
    let concerned = statuses.iter().filter(|status| services.is_empty() || services.contains(&status.service));
    let mut judged = 0;
    for status in concerned {
        judged += 1;
        let Some(consumed) = status.budget_consumed else {
            let _ = writeln!(verdict.text, "unmeasured: {}: nothing is known about its budget", status.name);
            continue;
        };
        let word = if status.state.pauses_deployments() { "paused" } else { "open" };
        let _ = write!(
            verdict.text,
            "{word}: {} ({}): {:.1}% of the error budget is consumed ({})",
            status.name,
            status.service,
            consumed * 100.0,
            status.state.as_str(),
        );
        if status.state.pauses_deployments() {
            verdict.open = false;
            match status.resumes_at {
                Some(until) => {
                    let _ = write!(verdict.text, "; until about {} if nothing more goes wrong", rfc3339(until));
                }
                None => verdict.text.push_str("; until the window has moved on"),
            }
        }
        verdict.text.push('\n');
    }
    if judged == 0 && services.is_empty() {
        verdict.text.push_str("open: no objectives\n");
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::parse_statuses;

    fn statuses(consumed: &str, state: &str) -> Vec<SloStatus> {
        let text = format!(
            r#"{{"status":"success","data":{{"scale":1,"slos":[{{"name":"a","service":"shop","objective":0.995,
            "windowSeconds":2592000,"effectiveWindowSeconds":2592000,"budgetConsumed":{consumed},"state":"{state}",
            "resumesAt":"2026-11-25T00:00:00Z"}}]}}}}"#
        );
        parse_statuses(&text).unwrap()
    }

    #[test]
    fn deployments_are_paused_from_three_quarters() {
        let open = gate(&statuses("0.5", "review"), &[]);
        assert!(open.open);
        assert_eq!(open.text, "open: a (shop): 50.0% of the error budget is consumed (review)\n");
        let paused = gate(&statuses("0.8", "pause"), &["shop".to_owned()]);
        assert!(!paused.open);
        assert_eq!(
            paused.text,
            "paused: a (shop): 80.0% of the error budget is consumed (pause); until about 2026-11-25T00:00:00Z if \
             nothing more goes wrong\n"
        );
        assert!(!gate(&statuses("1.5", "freeze"), &[]).open);
    }

    #[test]
    fn what_is_not_measured_stops_nothing_but_a_wrong_name_does() {
        let unmeasured = gate(&statuses("null", "unknown"), &[]);
        assert!(unmeasured.open && unmeasured.text.starts_with("unmeasured: a"));
        assert!(!gate(&statuses("0.1", "normal"), &["shopp".to_owned()]).open);
        assert!(gate(&[], &[]).open);
    }
}
