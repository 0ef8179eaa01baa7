//! How long alerts were pending before the program stopped, from what `ALERTS_FOR_STATE` says.
//!
//! An alert that fired already fires again at its next evaluation. One that was about to fire gets the grace period, so
//! that data has time to arrive; one with longer to go is moved on by the time that the program was away. No alert waits
//! longer than if it had begun anew.
//!
//! Upstream leaves out rules whose `for` is shorter than the grace period. Here they are restored too: an alert with a
//! `for` of five minutes that fires would otherwise be pending after a restart for longer than its notifier believes
//! the last word about it, and people would be told of an end that never was.

use crate::alert::Alerts;
use crate::options::Options;
use lgtm_model::{Labels, METRIC_NAME, Matcher, TimestampMs, is_stale_nan};
use lgtm_promql::{Select, SeriesColumns, Source, SourceError};
use std::collections::HashMap;

/// Samples that the look back may load.
const SAMPLES_MAX: usize = 10_000_000;

/// What the rule `name` wrote before `now`.
pub(crate) async fn past(
    source: &dyn Source,
    name: &str,
    now: TimestampMs,
    options: &Options,
) -> Result<HashMap<Labels, (TimestampMs, f64)>, SourceError> {
    let select = Select {
        matchers: vec![Matcher::equal(METRIC_NAME, "ALERTS_FOR_STATE"), Matcher::equal("alertname", name)],
        start: now.add_ms(-options.outage_tolerance_ms),
        end: now,
        samples_max: SAMPLES_MAX,
    };
    Ok(source.select(&select).await?.into_iter().filter_map(last_sample).collect())
}

fn last_sample(series: SeriesColumns) -> Option<(Labels, (TimestampMs, f64))> {
    let (at, value) = (*series.timestamps_ms.last()?, *series.values.last()?);
    (!is_stale_nan(value)).then(|| (series.labels.without_metric_name(), (TimestampMs(at), value)))
}

/// Moves the alerts' beginnings to where they would be without the outage.
pub(crate) fn restore(
    alerts: &mut Alerts,
    past: &HashMap<Labels, (TimestampMs, f64)>,
    for_ms: i64,
    now: TimestampMs,
    options: &Options,
) {
    for alert in alerts.iter_mut() {
        let Some((down_at, since_s)) = past.get(&alert.labels) else { continue };
        let active_at = TimestampMs((*since_s as i64).saturating_mul(1_000));
        let remaining_ms = for_ms - (down_at.0 - active_at.0);
        let restored = if remaining_ms <= 0 {
            active_at
        } else if remaining_ms < options.for_grace_period_ms && for_ms >= options.for_grace_period_ms {
            now.add_ms(options.for_grace_period_ms - for_ms)
        } else {
            active_at.add_ms(now.0 - down_at.0)
        };
        alert.active_at = alert.active_at.min(restored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Durations, Found};

    const MINUTE: i64 = 60_000;

    /// When an alert that began at 0 counts as begun, after an outage from `down` to `now`.
    fn restored(hold: i64, down: i64, now: i64) -> i64 {
        let labels = Labels::from_pairs([("alertname", "a")]);
        let mut alerts = Alerts::default();
        let found = Found { labels: labels.clone(), annotations: Labels::empty(), value: 1.0 };
        let durations = Durations { for_ms: hold * MINUTE, keep_firing_for_ms: 0 };
        alerts.update(vec![found], TimestampMs(now * MINUTE), durations, 0).unwrap();
        let past = HashMap::from([(labels, (TimestampMs(down * MINUTE), 0.0))]);
        restore(&mut alerts, &past, hold * MINUTE, TimestampMs(now * MINUTE), &Options::default());
        alerts.active()[0].active_at.0 / MINUTE
    }

    #[test]
    fn an_outage_neither_counts_nor_starts_the_clock_anew() {
        assert_eq!(restored(60, 20, 30), 10, "ten minutes away, forty to go");
        assert_eq!(restored(60, 55, 60), 10, "about to fire: the grace period of ten minutes");
        assert_eq!(restored(60, 70, 75), 0, "it fired before");
        assert_eq!(restored(5, 9, 11), 0, "it fired before, with a short hold");
        assert_eq!(restored(5, 3, 5), 2, "three of five minutes were over");
    }
}
