//! Groups, rules and alerts as they are at one moment, for whoever shows them.

use crate::alert::ActiveAlert;
pub use crate::alert::AlertState;
use crate::rule::Rule;
use lgtm_model::TimestampMs;
use std::sync::Arc;
use std::time::Duration;

/// Whether a rule's last evaluation succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It was not evaluated yet.
    #[default]
    Unknown,
    /// It did.
    Good,
    /// It failed.
    Bad,
}

impl Health {
    /// As API answers have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Good => "ok",
            Self::Bad => "err",
        }
    }
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleSnapshot {
    /// The rule itself.
    pub rule: Arc<Rule>,
    /// How its last evaluation went.
    pub health: Health,
    /// Why it failed.
    pub last_error: Option<String>,
    /// The time stamp of its last evaluation.
    pub last_evaluation: Option<TimestampMs>,
    /// How long that took.
    pub evaluation_time: Duration,
    /// Its pending and firing alerts, in the order of their labels.
    pub alerts: Vec<ActiveAlert>,
}

impl RuleSnapshot {
    /// The furthest that any of its alerts has come.
    pub fn state(&self) -> AlertState {
        self.alerts.iter().map(|alert| alert.state).max().unwrap_or(AlertState::Inactive)
    }
}

/// One group.
#[derive(Clone, Debug)]
pub struct GroupSnapshot {
    /// The file it stands in.
    pub file: String,
    /// Its name.
    pub name: String,
    /// How often it is evaluated.
    pub interval_ms: i64,
    /// How many alerts or series a rule may give; zero for any number.
    pub limit: usize,
    /// Its rules, in the order of evaluation.
    pub rules: Vec<RuleSnapshot>,
    /// How long the last evaluation took.
    pub evaluation_time: Duration,
    /// The time stamp of the last evaluation.
    pub last_evaluation: Option<TimestampMs>,
}
