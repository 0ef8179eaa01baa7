//! How rules are evaluated and alerts told, whatever the files say; each with upstream's flag and default.

/// The settings that Prometheus has as flags.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How long the program may be away and pending alerts still go on (`--rules.alert.for-outage-tolerance`).
    /// Default: an hour.
    pub outage_tolerance_ms: i64,
    /// The least time between a restart and an alert that was pending before (`--rules.alert.for-grace-period`).
    /// Default: ten minutes.
    pub for_grace_period_ms: i64,
    /// How often an alert that lasts is told again (`--rules.alert.resend-delay`). Default: a minute.
    pub resend_delay_ms: i64,
    /// Groups that are evaluated at once; others wait. Default: 8.
    pub groups_at_once_max: usize,
    /// Alerts that wait for one notifier; the oldest are dropped (`--alertmanager.notification-queue-capacity`).
    /// Default: 10,000.
    pub queued_alerts_max: usize,
    /// Alerts in one message (`--alertmanager.notification-batch-size`). Default: 256.
    pub batch_alerts_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            outage_tolerance_ms: 3_600_000,
            for_grace_period_ms: 600_000,
            resend_delay_ms: 60_000,
            groups_at_once_max: 8,
            queued_alerts_max: 10_000,
            batch_alerts_max: 256,
        }
    }
}
