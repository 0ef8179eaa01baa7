//! What the templates in a rule's labels and annotations see.

use crate::value::{Member, Object, Value};
use lgtm_model::Labels;
use std::sync::Arc;

/// The data of one alert of a rule: `.Labels`, `.ExternalLabels`, `.ExternalURL`, `.Value`, and as variables
/// `$labels`, `$externalLabels`, `$externalURL`, `$value`.
#[derive(Clone, Debug)]
pub struct RuleData {
    labels: Value,
    external_labels: Value,
    external_url: Arc<str>,
    value: Value,
}

/// The variables that rule templates may use, and the fields that they stand for.
pub(crate) const VARIABLES: [(&str, &str); 4] =
    [("labels", "Labels"), ("externalLabels", "ExternalLabels"), ("externalURL", "ExternalURL"), ("value", "Value")];

impl RuleData {
    /// The data of an alert with these labels and this value: a number, or an object for what is none, such as a
    /// histogram.
    pub fn new(labels: &Labels, value: impl Into<Value>, external_labels: &Labels, external_url: &str) -> Self {
        Self {
            labels: labels.into(),
            external_labels: external_labels.into(),
            external_url: external_url.into(),
            value: value.into(),
        }
    }
}

impl From<RuleData> for Value {
    fn from(data: RuleData) -> Self {
        Self::object(data)
    }
}

impl Object for RuleData {
    fn type_name(&self) -> &str {
        "template.AlertData"
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "Labels" => self.labels.clone(),
            "ExternalLabels" => self.external_labels.clone(),
            "ExternalURL" => self.external_url.clone().into(),
            "Value" => self.value.clone(),
            _ => return None,
        })
    }

    fn members(&self) -> Vec<Member> {
        let member = |name| Some(Member { name, json: name, value: self.field(name)? });
        ["Labels", "ExternalLabels", "ExternalURL", "Value"].into_iter().filter_map(member).collect()
    }
}
