//! The data that rules and notifications hand to their templates.

mod notification;
mod rule;

pub use notification::{AlertData, NotificationData};
pub use rule::RuleData;
pub(crate) use rule::VARIABLES as RULE_VARIABLES;
