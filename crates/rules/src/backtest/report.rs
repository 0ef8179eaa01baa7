//! What came of a backtest, for people and for programs.

use chrono::{DateTime, SecondsFormat};
use lgtm_model::{Labels, TimestampMs, format_duration_ms};
use serde_json::{Value, json};
use std::fmt;

/// How a rule was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With one range query.
    OneQuery,
    /// At each step anew, and why.
    StepByStep(String),
}

/// One time that an alert would have fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The alert.
    pub labels: Labels,
    /// Since when its condition held.
    pub pending_since: TimestampMs,
    /// When it began to fire.
    pub start: TimestampMs,
    /// When it ended; `None` while it lasts.
    pub end: Option<TimestampMs>,
    /// The value with which it began.
    pub value: f64,
}

/// One alerting rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleReport {
    /// The file it stands in.
    pub file: String,
    /// Its group.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Between two evaluations.
    pub interval_ms: i64,
    /// How long its condition must hold.
    pub for_ms: i64,
    /// How it was evaluated.
    pub mode: Mode,
    /// How often it was evaluated.
    pub evaluations: usize,
    /// When it would have fired, in the order of time.
    pub firings: Vec<Firing>,
    /// Firings that are not listed because there are too many.
    pub firings_left_out: usize,
    /// How often its condition held, but not long enough.
    pub pending_only: usize,
    /// How often an alert fired again soon after its end.
    pub flaps: usize,
    /// Evaluations that failed.
    pub errors: usize,
    /// Why the first of them did.
    pub first_error: Option<String>,
}

/// All alerting rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The first time.
    pub since: TimestampMs,
    /// The last time.
    pub until: TimestampMs,
    /// The rules, in the order in which they were evaluated.
    pub rules: Vec<RuleReport>,
    /// What could not be done as it would be for real.
    pub notes: Vec<String>,
}

impl RuleReport {
    /// How long its alerts fired, added up; what still lasts counts until `until`.
    pub fn total_ms(&self, until: TimestampMs) -> i64 {
        self.firings.iter().map(|firing| firing.duration_ms(until)).sum()
    }
}

impl Firing {
    /// How long it fired; until `until` if it still lasts.
    pub fn duration_ms(&self, until: TimestampMs) -> i64 {
        self.end.unwrap_or(until).0 - self.start.0
    }
}

fn time(at: TimestampMs) -> String {
    DateTime::from_timestamp_millis(at.0)
        .map_or_else(|| at.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

impl Report {
    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let rules = self.rules.iter().map(|rule| {
            let firings = rule.firings.iter().map(|firing| {
                let labels = firing.labels.iter().map(|(name, value)| (name.to_owned(), value.into()));
                json!({
                    "labels": Value::Object(labels.collect()),
                    "pendingSince": time(firing.pending_since),
                    "start": time(firing.start),
                    "end": firing.end.map(time),
                    "durationSeconds": firing.duration_ms(self.until) as f64 / 1_000.0,
                    "value": firing.value.to_string(),
                })
            });
            let (mode, reason) = match &rule.mode {
                Mode::OneQuery => ("range", None),
                Mode::StepByStep(reason) => ("steps", Some(reason)),
            };
            json!({
                "file": rule.file, "group": rule.group, "name": rule.name,
                "intervalSeconds": rule.interval_ms as f64 / 1_000.0, "forSeconds": rule.for_ms as f64 / 1_000.0,
                "mode": mode, "modeReason": reason, "evaluations": rule.evaluations,
                "firings": firings.collect::<Vec<_>>(), "firingsLeftOut": rule.firings_left_out,
                "pendingWithoutFiring": rule.pending_only, "flaps": rule.flaps,
                "errors": rule.errors, "firstError": rule.first_error,
            })
        });
        json!({
            "since": time(self.since), "until": time(self.until),
            "rules": rules.collect::<Vec<_>>(), "notes": self.notes,
        })
    }
}

/// A table of all rules, then each firing.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} to {}", time(self.since), time(self.until))?;
        let width = self.rules.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0).max(5);
        writeln!(f, "{:width$}  fired  in all        pending only  flapped  errors", "alert")?;
        for rule in &self.rules {
            let fired = rule.firings.len() + rule.firings_left_out;
            let total = format_duration_ms(rule.total_ms(self.until));
            writeln!(
                f,
                "{:width$}  {fired:5}  {total:12}  {:12}  {:7}  {:6}",
                rule.name, rule.pending_only, rule.flaps, rule.errors
            )?;
        }
        for rule in self.rules.iter().filter(|rule| !rule.firings.is_empty()) {
            writeln!(f, "\n{} (for {})", rule.name, format_duration_ms(rule.for_ms))?;
            for firing in &rule.firings {
                let end = firing.end.map_or_else(|| "still fires".to_owned(), time);
                let lasted = format_duration_ms(firing.duration_ms(self.until));
                writeln!(f, "  {}  {end:20}  {lasted:10}  {}", time(firing.start), firing.labels)?;
            }
        }
        for rule in &self.rules {
            if let Mode::StepByStep(reason) = &rule.mode {
                writeln!(f, "\n{}: evaluated step by step: {reason}", rule.name)?;
            }
            if let Some(error) = &rule.first_error {
                writeln!(f, "\n{}: {} evaluations failed, the first with: {error}", rule.name, rule.errors)?;
            }
        }
        for note in &self.notes {
            writeln!(f, "\nnote: {note}")?;
        }
        Ok(())
    }
}
