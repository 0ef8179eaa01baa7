//! The way of a group to those who are told: inhibition, active and mute times, silences, then each way to tell by itself.

mod decide;
mod deliver;
mod retry;

pub(crate) use deliver::Delivery;

use crate::group::{Flush, Flushed};
use crate::interval::containing;
use crate::limit::FLUSH_TIMEOUT_MIN_NS;
use crate::notifier::{Notifier, Setup};
use crate::{AlertStatus, NotifiedAlert};
use deliver::Outcome;
use std::collections::HashSet;
use std::sync::Arc;

/// Tells about one group, as far as it needs to be told.
pub(crate) async fn flush(notifier: &Arc<Notifier>, setup: &Setup, flush: &Flush) -> Flushed {
    let Some(route) = setup.routes.get(flush.id.0) else { return Flushed { success: true, ..Flushed::default() } };
    let options = &route.options;
    let mut suppressed = HashSet::new();
    let mut left = flush.alerts.clone();
    notifier.drop_inhibited(&mut left, &mut suppressed);
    let muted_by = muted_by(setup, flush, options, notifier, left.len());
    if !muted_by.is_empty() {
        return Flushed { success: true, muted_by, suppressed, again_at: None };
    }
    notifier.drop_silenced(&mut left, &mut suppressed);
    let mut flushed = Flushed { success: true, muted_by, suppressed, again_at: None };
    let integrations = setup.integrations.get(&options.receiver).map(Vec::as_slice).unwrap_or_default();
    if left.is_empty() || integrations.is_empty() {
        return flushed;
    }
    let alerts = left.into_iter().map(|stored| NotifiedAlert {
        status: match stored.alert.is_resolved_at(flush.at) {
            true => AlertStatus::Resolved,
            false => AlertStatus::Firing,
        },
        fingerprint: stored.fingerprint,
        alert: Arc::clone(&stored.alert),
    });
    let alerts: Vec<NotifiedAlert> = alerts.collect();
    let timeout_ns = options.group_interval_ns.max(FLUSH_TIMEOUT_MIN_NS);
    let deliveries = integrations.iter().enumerate().map(|(index, integration)| {
        let delivery = Delivery { notifier, flush, options, alerts: &alerts, index, integration: integration.as_ref() };
        async move { delivery.run(flush.at.add_ns(timeout_ns)).await }
    });
    for outcome in futures::future::join_all(deliveries).await {
        match outcome {
            Outcome::Done => {}
            Outcome::Failed => flushed.success = false,
            Outcome::Claimed(until) => {
                // Another notifier is at it: if it dies, this one takes over when the lease ends.
                flushed.success = false;
                flushed.again_at = Some(flushed.again_at.map_or(until, |at| at.min(until)));
            }
        }
    }
    flushed
}

/// The names of the intervals that keep a route quiet now.
fn muted_by(
    setup: &Setup,
    flush: &Flush,
    options: &crate::route::RouteOptions,
    notifier: &Notifier,
    alerts: usize,
) -> Vec<String> {
    let intervals = &setup.config.intervals;
    let active = &options.active_time_intervals;
    if !active.is_empty() && containing(intervals, active, flush.at).is_empty() {
        notifier.metrics.suppressed("active_time_interval", alerts);
        return active.clone();
    }
    let muted_by = containing(intervals, &options.mute_time_intervals, flush.at);
    if !muted_by.is_empty() {
        notifier.metrics.suppressed("mute_time_interval", alerts);
    }
    muted_by.into_iter().map(str::to_owned).collect()
}
