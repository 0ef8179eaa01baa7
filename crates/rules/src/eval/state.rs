//! What a group remembers from one evaluation to the next.

use super::dependency::{Outputs, may_read};
use super::relabelled::Relabelled;
use crate::alert::Alerts;
use crate::rule::{Group, Rule};
use crate::snapshot::{GroupSnapshot, Health, RuleSnapshot};
use lgtm_model::{Labels, Matcher, TimestampMs};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How a rule's last evaluation went.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleStatus {
    pub is_evaluated: bool,
    pub last_error: Option<String>,
    pub last_evaluation: Option<TimestampMs>,
    pub duration: Duration,
    pub samples: usize,
}

/// A rule with its past.
#[derive(Clone, Debug)]
pub(crate) struct RuleState {
    pub rule: Arc<Rule>,
    pub alerts: Alerts,
    /// The series that it gave last time.
    pub previous: HashSet<Labels>,
    /// Whether what was before a restart has been looked up; until then the state of alerts is not stored.
    pub is_restored: bool,
    pub status: RuleStatus,
    pub relabelled: Relabelled,
}

impl RuleState {
    pub fn fail(&mut self, error: String) {
        self.status.last_error = Some(error);
        self.status.is_evaluated = true;
    }

    fn health(&self) -> Health {
        match (&self.status.last_error, self.status.is_evaluated) {
            (Some(_), _) => Health::Bad,
            (None, true) => Health::Good,
            (None, false) => Health::Unknown,
        }
    }

    fn snapshot(&self) -> RuleSnapshot {
        RuleSnapshot {
            rule: Arc::clone(&self.rule),
            health: self.health(),
            last_error: self.status.last_error.clone(),
            last_evaluation: self.status.last_evaluation,
            evaluation_time: self.status.duration,
            alerts: self.alerts.active(),
        }
    }
}

/// A group with its past.
#[derive(Clone, Debug)]
pub(crate) struct GroupState {
    pub group: Arc<Group>,
    pub interval_ms: i64,
    pub query_offset_ms: i64,
    pub rules: Vec<RuleState>,
    /// Which rules may read what earlier ones write.
    pub waits: Vec<bool>,
    /// Selections that are made more than once and that nothing here writes.
    pub shareable: Arc<[Vec<Matcher>]>,
    /// Series of rules that are gone, to be ended.
    pub stale: Vec<Labels>,
    pub last_evaluation: Option<TimestampMs>,
    pub duration: Duration,
}

impl GroupState {
    /// A group without a past.
    pub fn new(group: Arc<Group>, interval_ms: i64, query_offset_ms: i64, is_restored: bool) -> Self {
        let rules = group.rules.iter().map(|rule| RuleState {
            rule: Arc::new(rule.clone()),
            alerts: Alerts::default(),
            previous: HashSet::new(),
            is_restored,
            status: RuleStatus::default(),
            relabelled: Relabelled::default(),
        });
        Self {
            rules: rules.collect(),
            waits: waits(&group.rules),
            shareable: shareable(&group.rules),
            interval_ms,
            query_offset_ms,
            group,
            stale: Vec::new(),
            last_evaluation: None,
            duration: Duration::ZERO,
        }
    }

    /// Takes over the past of the group that this one replaces: of every rule with the same name and labels. What is
    /// left of the old one is ended at the next evaluation.
    pub fn take_over(&mut self, mut old: GroupState) {
        for rule in &mut self.rules {
            let Some(index) = old.rules.iter().position(|known| known.rule.is_same_as(&rule.rule)) else { continue };
            let known = old.rules.remove(index);
            rule.alerts = known.alerts;
            rule.previous = known.previous;
            rule.is_restored = known.is_restored;
            rule.status = known.status;
        }
        self.stale = old.stale;
        self.stale.extend(old.rules.into_iter().flat_map(|rule| rule.previous));
        self.last_evaluation = old.last_evaluation;
        self.duration = old.duration;
    }

    /// All series that are alive here.
    pub fn series(&self) -> impl Iterator<Item = &Labels> {
        self.rules.iter().flat_map(|rule| &rule.previous)
    }

    /// How it is now, for whoever shows it.
    pub fn snapshot(&self) -> GroupSnapshot {
        GroupSnapshot {
            file: self.group.file.clone(),
            name: self.group.name.clone(),
            interval_ms: self.interval_ms,
            limit: self.group.limit,
            rules: self.rules.iter().map(RuleState::snapshot).collect(),
            evaluation_time: self.duration,
            last_evaluation: self.last_evaluation,
        }
    }
}

fn waits(rules: &[Rule]) -> Vec<bool> {
    let mut outputs = Outputs::default();
    let waits = rules.iter().map(|rule| {
        let waits = may_read(rule, &outputs);
        outputs.add(rule);
        waits
    });
    waits.collect()
}

/// Selections that are remembered at most; a group has seldom more than a few that repeat.
const SHAREABLE_MAX: usize = 256;

fn shareable(rules: &[Rule]) -> Arc<[Vec<Matcher>]> {
    let outputs = Outputs::of(rules);
    let mut seen: BTreeMap<String, (&[Matcher], usize)> = BTreeMap::new();
    let selectors = rules.iter().filter_map(|rule| rule.query.promql()).flat_map(|expr| expr.selectors());
    for selector in selectors.filter(|selector| !outputs.may_match(&selector.matchers)) {
        let key: Vec<String> = selector.matchers.iter().map(Matcher::to_string).collect();
        seen.entry(key.join(",")).or_insert((&selector.matchers, 0)).1 += 1;
    }
    let repeated = seen.into_values().filter(|(_, count)| *count > 1);
    repeated.map(|(matchers, _)| matchers.to_vec()).take(SHAREABLE_MAX).collect()
}
