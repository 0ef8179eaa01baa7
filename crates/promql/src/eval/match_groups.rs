//! Which series of two vectors belong together: a dense number for each combination of the matched labels.

use crate::ast::VectorMatching;
use crate::eval::series::Series;
use lgtm_model::{Labels, METRIC_NAME};
use std::collections::HashMap;

/// The labels that two series must share: those of `on`, or all but those of `ignoring` and the name.
pub(crate) fn matched_labels(labels: &Labels, matching: &VectorMatching) -> Labels {
    let listed = |name: &str| matching.labels.iter().any(|label| label == name);
    if matching.on { labels.filter(listed) } else { labels.filter(|name| name != METRIC_NAME && !listed(name)) }
}

/// The group of each series of either side.
pub(crate) struct MatchGroups {
    /// One a series of the left vector.
    pub left: Vec<usize>,
    /// One a series of the right vector.
    pub right: Vec<usize>,
    /// How many there are.
    pub count: usize,
}

impl MatchGroups {
    /// Numbers the groups, once for all steps.
    pub fn new(left: &[Series], right: &[Series], matching: &VectorMatching) -> Self {
        let mut numbers: HashMap<Labels, usize> = HashMap::with_capacity(left.len().max(right.len()));
        let mut number = |series: &Series| {
            let next = numbers.len();
            *numbers.entry(matched_labels(&series.labels, matching)).or_insert(next)
        };
        let left = left.iter().map(&mut number).collect();
        let right = right.iter().map(&mut number).collect();
        Self { left, right, count: numbers.len() }
    }
}
