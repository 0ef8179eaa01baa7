//! A group step by step, with the code that runs groups for real.

use super::report::{Mode, RuleReport};
use super::track::Track;
use super::{History, Steps};
use crate::alert::ActiveAlert;
use crate::eval::{GroupState, Tools, evaluate};
use crate::rule::{Group, Rule};
use crate::text::Surroundings;
use lgtm_model::TimestampMs;
use lgtm_promql::Source;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn run(group: &Group, history: &History<'_>, reason: &str) -> Vec<RuleReport> {
    let steps: Steps = history.steps(group);
    let offset_ms = group.query_offset_ms.unwrap_or(0);
    let mut state = GroupState::new(Arc::new(group.clone()), steps.interval_ms, offset_ms, true);
    let mode = Mode::StepByStep(reason.to_owned());
    let mut tracks: Vec<Option<Track>> = group
        .rules
        .iter()
        .map(|rule| rule.alerting().map(|_| Track::new(group, rule, steps.interval_ms, mode.clone())))
        .collect();
    let source: Arc<dyn Source> = Arc::clone(&history.memory) as _;
    let options = history.options;
    let tools = Tools {
        engine: &history.sources.engine,
        metrics: &source,
        logs: &*history.sources.logs,
        samples: &*history.memory,
        surroundings: Surroundings { external_labels: &options.external_labels, external_url: &options.external_url },
        resend_delay_ms: i64::MAX,
        elapsed: &|| Duration::ZERO,
        tell: &|_: &Rule, _: Vec<ActiveAlert>| {},
        count: &|_, _| {},
    };
    for step in 0..steps.count {
        let at = TimestampMs(steps.at(step));
        evaluate(&mut state, at, &tools, &|| false);
        for (rule, track) in state.rules.iter().zip(&mut tracks) {
            let Some(track) = track else { continue };
            if let Some(error) = &rule.status.last_error {
                track.fail(error.clone());
            }
            track.observe(rule.alerts.iter(), at);
        }
    }
    tracks.into_iter().flatten().map(|track| track.finish(options.flap_ms)).collect()
}
