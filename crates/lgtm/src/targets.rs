//! What scraping knows of its targets, in the shape in which Prometheus' API tells it.

use lgtm_api::prometheus::{ActiveTarget, DroppedTarget, TargetHealth, TargetsSource};
use lgtm_scrape::{Handle, Health};
use std::collections::BTreeMap;

/// The running scraper as a source of targets.
pub struct ScrapeTargets(pub Handle);

impl TargetsSource for ScrapeTargets {
    fn active(&self) -> Vec<ActiveTarget> {
        self.0.targets().active.into_iter().map(active).collect()
    }

    fn dropped(&self) -> Vec<DroppedTarget> {
        let dropped = self.0.targets().dropped.into_iter();
        dropped.map(|target| DroppedTarget { discovered_labels: target.discovered_labels, pool: target.pool }).collect()
    }

    fn dropped_counts(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<String, usize> =
            self.0.config().jobs.iter().map(|job| (job.name.clone(), 0)).collect();
        for target in self.0.targets().dropped {
            *counts.entry(target.pool).or_default() += 1;
        }
        counts
    }
}

fn active(target: lgtm_scrape::ActiveTarget) -> ActiveTarget {
    ActiveTarget {
        discovered_labels: target.discovered_labels,
        labels: target.labels,
        pool: target.pool,
        scrape_url: target.scrape_url,
        last_error: target.last_error,
        last_scrape: target.last_scrape.map(|time| time.to_ms()),
        last_scrape_duration_s: target.last_scrape_duration.as_secs_f64(),
        health: match target.health {
            Health::Unknown => TargetHealth::Unknown,
            Health::Up => TargetHealth::Up,
            Health::Down => TargetHealth::Down,
        },
        scrape_interval_ms: target.interval_ms,
        scrape_timeout_ms: target.timeout_ms,
    }
}
