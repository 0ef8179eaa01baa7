//! One evaluation of a group: its rules in order, all at the same time stamp, and what they give written and told.
//!
//! Samples are written together, since each write waits for the disk. Before a rule that may read what an earlier one
//! of its group gave, everything so far is written, so that it sees it, as in a sequential evaluation.

mod dependency;
mod pending;
mod relabelled;
mod rule;
mod shared;
mod state;

pub(crate) use dependency::{Outputs, may_read, reads_with_query};
pub(crate) use state::{GroupState, RuleState};

use crate::alert::ActiveAlert;
use crate::query::Reader;
use crate::rule::Rule;
use crate::text::Surroundings;
use lgtm_flow::SampleSink;
use lgtm_model::TimestampMs;
use lgtm_promql::Engine;
use pending::Pending;
use shared::SharedSource;
use std::sync::Arc;
use std::time::Duration;

/// What evaluation works with.
pub(crate) struct Tools<'a> {
    pub engine: &'a Engine,
    pub metrics: &'a Arc<dyn lgtm_promql::Source>,
    pub logs: &'a dyn lgtm_logql::Source,
    pub samples: &'a dyn SampleSink,
    pub surroundings: Surroundings<'a>,
    pub resend_delay_ms: i64,
    /// Time since some fixed point, to measure by.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// Takes the alerts of a rule that must be told now.
    pub tell: &'a dyn Fn(&Rule, Vec<ActiveAlert>),
    /// Told about every rule: how long it took, and whether it failed.
    pub count: &'a dyn Fn(Duration, bool),
}

/// Evaluates a group once, on a thread for computing. `is_stopped` is asked before each rule.
pub(crate) fn evaluate(state: &mut GroupState, at: TimestampMs, tools: &Tools<'_>, is_stopped: &dyn Fn() -> bool) {
    let begun = (tools.elapsed)();
    let read_at = at.add_ms(-state.query_offset_ms);
    let shareable = Arc::clone(&state.shareable);
    let shared = SharedSource::new(&**tools.metrics, &shareable);
    let reader = Reader { engine: tools.engine, metrics: &shared, logs: tools.logs };
    let mut pending = Pending::default();
    for index in 0..state.rules.len() {
        if is_stopped() {
            break;
        }
        if state.waits[index] && pending.holds_rows() {
            pending.write(state, tools.samples);
        }
        let started = (tools.elapsed)();
        let limit = state.group.limit;
        let one = &mut state.rules[index];
        let result = rule::evaluate(one, at, read_at, limit, &reader, tools);
        let took = (tools.elapsed)().saturating_sub(started);
        one.status.duration = took;
        one.status.last_evaluation = Some(at);
        (tools.count)(took, result.is_err());
        match result {
            Ok(rows) => {
                one.status.last_error = None;
                one.status.is_evaluated = true;
                one.status.samples = rows.len();
                pending.add(index, rows, &one.previous, read_at);
            }
            Err(error) => one.fail(error),
        }
    }
    pending.end(std::mem::take(&mut state.stale), read_at);
    pending.write(state, tools.samples);
    state.last_evaluation = Some(at);
    state.duration = (tools.elapsed)().saturating_sub(begun);
}
