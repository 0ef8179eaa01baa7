//! Which series are aggregated together.

use crate::eval::names::is_metadata_label;
use crate::eval::node::Aggregate;
use crate::eval::series::Series;
use lgtm_model::{Labels, METRIC_NAME};
use std::collections::HashMap;

/// The groups of an aggregation's input.
pub(crate) struct Groups {
    /// The labels of each group.
    pub labels: Vec<Labels>,
    /// Whether any series of the group wants its name gone.
    pub drop_name: Vec<bool>,
    /// The group of each series.
    pub of_series: Vec<usize>,
}

impl Groups {
    /// Numbers the groups in the order in which the series first need them.
    pub fn new(aggregation: &Aggregate, input: &[Series]) -> Self {
        let mut numbers: HashMap<Labels, usize> = HashMap::new();
        let (mut labels, mut drop_name) = (Vec::new(), Vec::new());
        let mut of_series = Vec::with_capacity(input.len());
        for series in input {
            let group = group_labels(aggregation, &series.labels);
            let number = *numbers.entry(group.clone()).or_insert(labels.len());
            if number == labels.len() {
                labels.push(group);
                drop_name.push(false);
            }
            drop_name[number] |= series.drop_name && names_metadata(&labels[number]);
            of_series.push(number);
        }
        Self { labels, drop_name, of_series }
    }
}

/// Only a group that kept a name can lose it.
fn names_metadata(labels: &Labels) -> bool {
    labels.iter().any(|(name, _)| is_metadata_label(name))
}

/// The labels that a series' group has.
pub(crate) fn group_labels(aggregation: &Aggregate, labels: &Labels) -> Labels {
    let listed = |name: &str| aggregation.grouping.iter().any(|label| label == name);
    if aggregation.without {
        labels.filter(|name| name != METRIC_NAME && !listed(name))
    } else if aggregation.grouping.is_empty() {
        Labels::empty()
    } else {
        labels.filter(listed)
    }
}
