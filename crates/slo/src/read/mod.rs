//! OpenSLO documents, version 1, and the short form.

mod alert_policy;
mod document;
mod indicator;
mod metadata;
mod objective;
mod query;
mod short;
mod slo;

pub(crate) use document::{Document, documents};

use crate::slo::{Slo, Tier};
use indicator::Indicator;
use std::collections::BTreeMap;

/// What documents define and others refer to.
#[derive(Default)]
pub(crate) struct Registry {
    /// The objectives so far.
    pub slos: Vec<Slo>,
    /// `kind: SLI`
    indicators: BTreeMap<String, Indicator>,
    /// `kind: AlertCondition`
    conditions: BTreeMap<String, Tier>,
    /// `kind: AlertPolicy`: its tiers.
    policies: BTreeMap<String, Vec<Tier>>,
    /// `kind: DataSource`
    data_sources: Vec<String>,
    /// `kind: AlertNotificationTarget`
    notification_targets: Vec<String>,
}
