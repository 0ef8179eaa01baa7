//! The bounds of the notifier, each with the reason for its value.

use std::time::Duration;

/// Alerts known at once; new ones beyond it are refused and counted. About 1 KiB each.
pub const ALERTS_MAX: usize = 500_000;
/// Bytes of labels and annotations of one alert.
pub const ALERT_SIZE_BYTES_MAX: usize = 256 << 10;
/// Groups at once; alerts that would need a new one beyond it are not told, and counted.
pub const GROUPS_MAX: usize = 100_000;
/// Silences kept at once, expired ones included.
pub const SILENCES_MAX: usize = 20_000;
/// Bytes of one silence.
pub const SILENCE_SIZE_BYTES_MAX: usize = 64 << 10;
/// How long expired silences and the log of notifications are kept: five days, as Alertmanager does.
pub const RETENTION_NS: i64 = 120 * 3_600 * 1_000_000_000;
/// How long an alert's document outlives its end, should no one be there to delete it.
pub(crate) const ALERT_KEPT_NS: i64 = 24 * 3_600 * 1_000_000_000;
/// Groups that are told about at once; others wait for a place.
pub(crate) const FLUSHES_MAX: usize = 64;
/// The least time that a group's notifications are tried for, however short its interval.
pub(crate) const FLUSH_TIMEOUT_MIN_NS: i64 = 10 * 1_000_000_000;
/// How long a claim on a notification holds: longer than one attempt, short enough that another notifier takes over soon.
pub(crate) const LEASE_NS: i64 = 30 * 1_000_000_000;
/// One attempt to tell.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(25);
/// Waits between attempts: from half a second, half as long again each time, at most a minute.
pub(crate) const BACKOFF_MIN_MS: f64 = 500.0;
pub(crate) const BACKOFF_FACTOR: f64 = 1.5;
pub(crate) const BACKOFF_MAX_MS: f64 = 60_000.0;
/// How often what other notifiers wrote is looked at.
pub(crate) const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// How often alerts that are over are forgotten, groups that are empty removed and gauges set.
pub(crate) const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(15);
/// How long notifications that are under way may take when the program ends.
pub const DRAIN_GRACE: Duration = Duration::from_secs(10);
