//! What is told: one group of alerts for one receiver at one time.

use lgtm_model::{Alert, Labels, TimestampNs};
use std::sync::Arc;

/// Whether an alert still lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertStatus {
    /// It lasts.
    Firing,
    /// It is over.
    Resolved,
}

/// An alert as it stood when the notification was made.
#[derive(Clone, Debug, PartialEq)]
pub struct NotifiedAlert {
    /// The alert; shared with the store of alerts.
    pub alert: Arc<Alert>,
    /// Firing or resolved.
    pub status: AlertStatus,
    /// Hash of the labels, as Alertmanager prints it.
    pub fingerprint: u64,
}

/// Why a group is told now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotificationReason {
    /// The receiver does not know that anything is wrong.
    FirstNotification,
    /// An alert fires that the receiver does not know.
    NewAlertsInGroup,
    /// Some alerts are over, others last.
    NewResolvedAlerts,
    /// Everything the receiver knows is over.
    AllAlertsResolved,
    /// Nothing changed, but the repeat interval has passed.
    RepeatIntervalElapsed,
    /// Not known, as in a preview.
    #[default]
    Unknown,
}

impl NotificationReason {
    /// As Alertmanager's templates see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstNotification => "first notification",
            Self::NewAlertsInGroup => "new alerts added",
            Self::NewResolvedAlerts => "some alerts resolved",
            Self::AllAlertsResolved => "all alerts resolved",
            Self::RepeatIntervalElapsed => "repeat interval elapsed",
            Self::Unknown => "unknown",
        }
    }
}

/// A group of alerts on its way to one receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The route and group it belongs to, as Alertmanager writes it: `{}/{severity="page"}:{alertname="Down"}`.
    pub group_key: String,
    /// The receiver's name.
    pub receiver: String,
    /// The labels that the group was made by, with their values.
    pub group_labels: Labels,
    /// The route's own labels and those of the routes above it, as configured: values may be templates.
    pub route_labels: Vec<(String, String)>,
    /// Why it is told now.
    pub reason: NotificationReason,
    /// Its alerts, sorted as Alertmanager sorts them; never empty.
    pub alerts: Vec<NotifiedAlert>,
    /// When it was made.
    pub at: TimestampNs,
}

impl Notification {
    /// Firing while any of its alerts fires.
    pub fn status(&self) -> AlertStatus {
        match self.alerts.iter().any(|alert| alert.status == AlertStatus::Firing) {
            true => AlertStatus::Firing,
            false => AlertStatus::Resolved,
        }
    }
}
