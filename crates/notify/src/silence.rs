//! Silences: what a person does not want to be told for a while.

mod record;
mod store;
mod validate;

pub use store::{SilenceError, Silences};

use crate::matching::Matchers;
use lgtm_model::{Labels, TimestampNs};
use std::collections::BTreeMap;

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Its id; empty for one that is to be created.
    pub id: String,
    /// What it mutes.
    pub matchers: Matchers,
    /// From when on.
    pub starts_at: TimestampNs,
    /// Until when.
    pub ends_at: TimestampNs,
    /// When it was last changed.
    pub updated_at: TimestampNs,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// What else its maker noted.
    pub annotations: BTreeMap<String, String>,
}

/// Where a silence is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilenceState {
    /// It mutes.
    Active,
    /// It will mute.
    Pending,
    /// It is over.
    Expired,
}

impl SilenceState {
    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}

impl Silence {
    /// Where it is in its life at `now`.
    pub fn state_at(&self, now: TimestampNs) -> SilenceState {
        if now < self.starts_at {
            SilenceState::Pending
        } else if now > self.ends_at {
            SilenceState::Expired
        } else {
            SilenceState::Active
        }
    }

    /// Whether it mutes alerts with these labels while it is active.
    pub fn mutes(&self, labels: &Labels) -> bool {
        self.matchers.match_labels(labels)
    }
}
