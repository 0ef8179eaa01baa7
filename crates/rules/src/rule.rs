//! What a rule file says: groups of rules, checked and ready to be evaluated.

use crate::query::Query;
use crate::text::Text;
use lgtm_model::Labels;
use std::fmt;

/// A group: rules that are evaluated one after the other, all at the same time stamp.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The file it stands in, as `rule_files` named it; a name of the program's own for generated groups.
    pub file: String,
    /// Its name, unique in its file.
    pub name: String,
    /// How often it is evaluated; `None` for the global interval.
    pub interval_ms: Option<i64>,
    /// How far back expressions are evaluated; `None` for the global offset.
    pub query_offset_ms: Option<i64>,
    /// How many alerts or series one rule may give; zero for any number.
    pub limit: usize,
    /// The rules, in the order of evaluation.
    pub rules: Vec<Rule>,
}

/// Which language a group's expressions are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// PromQL over metrics.
    #[default]
    Metrics,
    /// LogQL over logs.
    Logs,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The metric that is recorded, or the alert's name.
    pub name: String,
    /// What is evaluated.
    pub query: Query,
    /// What it adds to each result; those of its group are among them. Templates in alerts, plain in recordings.
    pub labels: Vec<(String, Text)>,
    /// What becomes of the result.
    pub kind: RuleKind,
    /// The line of the file on which the rule begins; zero when that is not known.
    pub line: usize,
}

/// What becomes of a rule's result.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// It is stored as a metric.
    Recording,
    /// Each of its series is an alert.
    Alerting(Alerting),
}

/// What an alerting rule says beside its expression and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Alerting {
    /// How long a series must be there before the alert fires.
    pub for_ms: i64,
    /// How long an alert goes on firing after its series is gone.
    pub keep_firing_for_ms: i64,
    /// What is told about each alert.
    pub annotations: Vec<(String, Text)>,
}

impl Rule {
    /// The alerting part, if it is an alerting rule.
    pub fn alerting(&self) -> Option<&Alerting> {
        match &self.kind {
            RuleKind::Alerting(alerting) => Some(alerting),
            RuleKind::Recording => None,
        }
    }

    /// The labels as they are written, templates unexpanded.
    pub fn written_labels(&self) -> Labels {
        written(&self.labels)
    }

    /// The annotations as they are written, templates unexpanded; none for recording rules.
    pub fn written_annotations(&self) -> Labels {
        self.alerting().map(|alerting| written(&alerting.annotations)).unwrap_or_default()
    }

    /// Whether two rules stand for the same series or alerts, so that state can pass from one to the other.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.labels == other.labels
            && matches!(self.kind, RuleKind::Recording) == matches!(other.kind, RuleKind::Recording)
    }
}

fn written(texts: &[(String, Text)]) -> Labels {
    Labels::from_pairs(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

impl Group {
    /// What tells it from all others: file and name.
    pub fn key(&self) -> String {
        format!("{};{}", self.file, self.name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
