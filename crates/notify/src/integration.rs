//! One way to tell people: what every receiver kind (Slack, email, webhook, …) implements.

use crate::Notification;
use async_trait::async_trait;
use std::collections::BTreeMap;
use thiserror::Error;

/// What a receiver wants to remember about a group until its next notification (Slack: the message to update).
///
/// It is kept in the notification log beside what was sent, and so survives a restart. At most a few hundred bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt(pub BTreeMap<String, String>);

/// A notification that was not delivered.
#[derive(Clone, Debug, Error)]
pub enum NotifyError {
    /// Trying again may help: the network failed, the other side is overloaded (429) or broken (5xx).
    #[error("{0}")]
    Temporary(String),
    /// Trying again does not help: the other side refuses what is sent, or a template fails.
    #[error("{0}")]
    Permanent(String),
}

/// Sends notifications in one way to one address.
///
/// Called by one task at a time for a group, and by many tasks for different groups. Dropping the future gives up; the
/// caller must then assume that the notification may have been delivered.
#[async_trait]
pub trait Integration: Send + Sync {
    /// The kind as Alertmanager's metrics name it: `slack`, `email`, `webhook`, ….
    fn kind(&self) -> &'static str;

    /// Whether groups that are over are told too (`send_resolved`).
    fn sends_resolved(&self) -> bool;

    /// Tells it once. `previous` is what this receiver remembered of the group's last notification.
    async fn notify(&self, notification: &Notification, previous: Option<&Receipt>) -> Result<Receipt, NotifyError>;
}
