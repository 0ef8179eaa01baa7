//! The labels of a point: its attributes under their Prometheus names, and the `job` and `instance` of its resource.

use super::super::name::label_name;
use super::super::proto::common::v1::KeyValue;
use super::super::value::{text_of, to_text};
use lgtm_model::{Labels, LabelsBuilder, METRIC_NAME};

/// The resource attributes that `job` and `instance` are made of.
pub(super) const IDENTIFYING: [&str; 3] = ["service.namespace", "service.name", "service.instance.id"];

/// Who a resource is, in Prometheus' terms; empty where the sender did not say.
pub(super) struct Identity {
    pub job: String,
    pub instance: String,
}

impl Identity {
    pub(super) fn of(resource: &[KeyValue]) -> Self {
        let job = match (text_of(resource, "service.namespace"), text_of(resource, "service.name")) {
            (Some(namespace), Some(name)) => format!("{namespace}/{name}"),
            (None, Some(name)) => name.to_owned(),
            (_, None) => String::new(),
        };
        Self { job, instance: text_of(resource, "service.instance.id").unwrap_or_default().to_owned() }
    }

    /// The attributes as labels, still without a metric's name.
    ///
    /// Attributes that end up under one name have their values joined by semicolons, in the order of the attributes'
    /// names. `job` and `instance` win over attributes of that name.
    pub(super) fn labels(&self, attributes: &[KeyValue]) -> LabelsBuilder {
        let mut sorted: Vec<&KeyValue> = attributes.iter().collect();
        sorted.sort_by(|left, right| left.key.cmp(&right.key));
        let mut labels = LabelsBuilder::default();
        for pair in sorted {
            let Some(name) = label_name(&pair.key) else { continue };
            let value = to_text(pair.value.as_ref());
            match labels.get(&name) {
                Some(existing) => {
                    let joined = format!("{existing};{value}");
                    labels.set(name, joined);
                }
                None => drop(labels.set(name, value)),
            }
        }
        for (name, value) in [("job", &self.job), ("instance", &self.instance)] {
            if !value.is_empty() {
                labels.set(name, value.as_str());
            }
        }
        labels
    }
}

/// The series `name` + `suffix` with `labels` and perhaps one more.
pub(super) fn named(labels: &LabelsBuilder, name: &str, suffix: &str, extra: Option<(&str, &str)>) -> Labels {
    let mut labels = labels.clone();
    labels.set(METRIC_NAME, format!("{name}{suffix}"));
    if let Some((name, value)) = extra {
        labels.set(name, value);
    }
    labels.build()
}

/// A bound or quantile as a label's value: the shortest digits that give the number back, never an exponent.
pub(super) fn number_label(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    }
}
