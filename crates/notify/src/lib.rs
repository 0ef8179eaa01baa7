//! Alertmanager's job: takes alerts, routes, groups, inhibits and silences them, and tells people once.

mod integration;
mod notification;

pub use integration::{Integration, NotifyError, Receipt};
pub use notification::{AlertStatus, Notification, NotificationReason, NotifiedAlert};
