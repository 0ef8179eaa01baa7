//! What a service level objective is, once it was read.

/// One objective: what share of which events must be good over which time.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The value of the label `slo`; unique.
    pub name: String,
    /// How people call it.
    pub display_name: String,
    /// Whose promise it is; the value of the label `service`.
    pub service: String,
    /// What it is about.
    pub description: String,
    /// The share of good events, above 0 and below 1.
    pub objective: f64,
    /// The rolling window of the budget.
    pub window_ms: i64,
    /// What is counted.
    pub sli: Sli,
    /// When to alert.
    pub tiers: Vec<Tier>,
    /// Whether each target alerts by itself, so that the healthy ones cannot average a dead one away.
    pub each_target: bool,
    /// The labels that tell one target from another.
    pub target_labels: Vec<String>,
    /// Further labels of its alerts.
    pub labels: Vec<(String, String)>,
}

impl Slo {
    /// The share of bad events that is allowed. Rounded, so that 1 − 0.995 is 0.005.
    pub fn allowance(&self) -> f64 {
        ((1.0 - self.objective) * 1e12).round() / 1e12
    }

    /// The whole error budget as time: 99.5% over 30 days are 216 minutes.
    pub fn budget_ms(&self) -> i64 {
        (self.allowance() * self.window_ms as f64).round() as i64
    }
}

/// What is counted: all events, and either the good or the bad ones among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sli {
    /// All events.
    pub total: Events,
    /// The good or the bad ones.
    pub part: Events,
    /// Which of the two `part` is.
    pub part_is: Part,
}

/// Which share of the events is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those that keep the promise.
    Good,
    /// Those that break it.
    Bad,
}

/// Where a count of events comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Events {
    /// By how much these counters grew.
    Increase(String),
    /// The sum of the samples of these gauges: of a 0/1 gauge, how many were 1.
    Sum(String),
    /// How many samples these gauges have.
    Samples(String),
    /// An instant vector, read once a slice; each value is one event.
    Read(String),
    /// The same, counting the values that keep the comparison.
    Holds {
        /// The instant vector.
        expr: String,
        /// `<`, `<=`, `>` or `>=`
        op: &'static str,
        /// What it is compared with.
        value: f64,
    },
}

/// An alert on the burn rate over a long window that ends soon because of a short one.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// The alert's `severity`.
    pub severity: String,
    /// How many times faster than allowed the budget must burn.
    pub threshold: f64,
    /// The window that proves that it matters.
    pub long_ms: i64,
    /// How long both windows must agree.
    pub for_ms: i64,
}

/// The SRE workbook's proportion between the long and the short window.
const SHORT_PART: i64 = 12;

/// Up to this window an alert is a fast one. It decides the alert's name, and with it the runbook.
const FAST_WINDOW_MS_MAX: i64 = 2 * 3_600_000;

impl Tier {
    /// The window that proves that it still goes on.
    pub fn short_ms(&self) -> i64 {
        self.long_ms / SHORT_PART
    }

    /// The alert's name.
    pub fn alert(&self) -> &'static str {
        if self.long_ms <= FAST_WINDOW_MS_MAX { "SLOFastBurn" } else { "SLOSlowBurn" }
    }

    /// Whether anything can burn that fast: when all events are bad, the rate is 1 / `allowance`.
    pub fn is_reachable(&self, allowance: f64) -> bool {
        self.threshold * allowance < 1.0
    }
}

/// The two alerts that are compiled unless a file names others: 2% of a 30-day budget gone within the hour, critical;
/// 4% within six hours, a warning.
pub fn default_tiers() -> Vec<Tier> {
    let tier = |severity: &str, threshold, hours: i64, minutes: i64| Tier {
        severity: severity.to_owned(),
        threshold,
        long_ms: hours * 3_600_000,
        for_ms: minutes * 60_000,
    };
    vec![tier("critical", 14.4, 1, 2), tier("warning", 5.0, 6, 15)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_burns_faster_than_everything_failing() {
        let tiers = default_tiers();
        assert!(tiers[0].is_reachable(0.005));
        assert!(!tiers[0].is_reachable(0.1), "90% burns at 10 at most");
        assert!(tiers[1].is_reachable(0.1));
        assert!(!tiers[1].is_reachable(0.2), "the rate would have to be above 5, and is 5 at most");
    }

    #[test]
    fn the_short_window_is_a_twelfth() {
        let tiers = default_tiers();
        assert_eq!((tiers[0].short_ms(), tiers[1].short_ms()), (300_000, 1_800_000));
    }
}
