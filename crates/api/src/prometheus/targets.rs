//! `/targets`: what is scraped, and how it goes.

use super::Surface;
use super::answer::{self, Answer};
use super::params::Params;
use super::time::format_rfc3339;
use axum::extract::State;
use lgtm_model::{Labels, TimestampMs, format_duration_ms};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether a target answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetHealth {
    /// Not scraped yet.
    #[default]
    Unknown,
    /// The last scrape succeeded.
    Up,
    /// The last scrape failed.
    Down,
}

impl TargetHealth {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A target that is scraped.
#[derive(Clone, Debug, Default)]
pub struct ActiveTarget {
    /// Labels as discovered, before relabelling.
    pub discovered_labels: Labels,
    /// Labels that its series get.
    pub labels: Labels,
    /// The job of the configuration it comes from.
    pub pool: String,
    /// What is fetched, parameters included.
    pub scrape_url: String,
    /// What is wrong; empty if nothing is.
    pub last_error: String,
    /// When the last scrape began, if there was one.
    pub last_scrape: Option<TimestampMs>,
    /// How long the last scrape took, in seconds.
    pub last_scrape_duration_s: f64,
    /// Whether it answers.
    pub health: TargetHealth,
    /// How often it is scraped.
    pub scrape_interval_ms: i64,
    /// How long a scrape may take.
    pub scrape_timeout_ms: i64,
}

/// A target that relabelling has dropped.
#[derive(Clone, Debug, Default)]
pub struct DroppedTarget {
    /// Labels as discovered.
    pub discovered_labels: Labels,
    /// The job of the configuration it comes from.
    pub pool: String,
}

/// Knows what is scraped. Called from many tasks at once; it answers from memory, without waiting.
pub trait TargetsSource: Send + Sync {
    /// The targets that are scraped.
    fn active(&self) -> Vec<ActiveTarget>;

    /// The targets that were dropped, as far as they are remembered.
    fn dropped(&self) -> Vec<DroppedTarget>;

    /// How many were dropped, by pool; pools without any have a zero.
    fn dropped_counts(&self) -> BTreeMap<String, usize>;
}

pub(super) async fn targets(State(surface): State<Surface>, params: Params) -> Answer {
    let pool = params.get("scrapePool");
    let wanted = |name: &str| pool.is_empty() || pool == name;
    let state = params.get("state").to_ascii_lowercase();
    let shows = |kind: &str| matches!(state.as_str(), "" | "any") || state == kind;
    let (mut active, mut dropped, mut counts) = (Vec::new(), Vec::new(), Value::Null);
    if shows("active") {
        let mut found = surface.deps.targets.active();
        found.sort_by(|a, b| a.pool.cmp(&b.pool));
        active = found.iter().filter(|target| wanted(&target.pool)).map(active_target).collect();
    }
    if shows("dropped") {
        let mut found = surface.deps.targets.dropped();
        found.sort_by(|a, b| a.pool.cmp(&b.pool));
        let shown = |target: &DroppedTarget| json!({ "discoveredLabels": labels(&target.discovered_labels), "scrapePool": target.pool });
        dropped = found.iter().filter(|target| wanted(&target.pool)).map(shown).collect();
        counts = json!(surface.deps.targets.dropped_counts());
    }
    answer::data(&json!({ "activeTargets": active, "droppedTargets": dropped, "droppedTargetCounts": counts }))
}

fn active_target(target: &ActiveTarget) -> Value {
    // Go's zero time stands for never.
    let last_scrape = target.last_scrape.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), format_rfc3339);
    json!({
        "discoveredLabels": labels(&target.discovered_labels),
        "labels": labels(&target.labels),
        "scrapePool": target.pool,
        "scrapeUrl": target.scrape_url,
        "globalUrl": target.scrape_url,
        "lastError": target.last_error,
        "lastScrape": last_scrape,
        "lastScrapeDuration": target.last_scrape_duration_s,
        "health": target.health.as_str(),
        "scrapeInterval": format_duration_ms(target.scrape_interval_ms),
        "scrapeTimeout": format_duration_ms(target.scrape_timeout_ms),
    })
}

fn labels(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>())
}
