//! `count_values("label", v)`: how many series have each value, the value becoming a label.

use super::groups::group_labels;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::names::is_label_name;
use crate::eval::node::Aggregate;
use crate::eval::number_text::plain;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Series};
use lgtm_model::Labels;
use std::collections::HashMap;

/// Counts the values. Which groups there are depends on the values, so that they are found as the values come.
pub(crate) fn count_values(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    label: &str,
    input: &[Series],
    grid: &Grid,
) -> Result<Vec<Series>, EvalError> {
    if !is_label_name(label) {
        return Err(EvalError::Execution(format!("invalid label name {label:?}")));
    }
    let mut output: Vec<Series> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for series in input {
        evaluator.check_canceled()?;
        // A series often keeps its value; the last place is remembered.
        let mut last: Option<(u64, usize)> = None;
        for (step, value) in series.column.present() {
            let place = match last {
                Some((bits, place)) if bits == value.to_bits() => place,
                _ => {
                    let labels = result_labels(aggregation, &series.labels, label, value);
                    let place = *places.entry(labels.clone()).or_insert(output.len());
                    if place == output.len() {
                        evaluator.reserve(grid.steps)?;
                        output.push(Series { labels, drop_name: false, column: Column::absent(grid.steps) });
                    }
                    last = Some((value.to_bits(), place));
                    place
                }
            };
            let column = &mut output[place].column;
            let count = column.get(step).unwrap_or(0.0);
            column.set(step, count + 1.0);
        }
    }
    Ok(output)
}

/// The labels of the group that the series falls into once it has the value as a label.
fn result_labels(aggregation: &Aggregate, labels: &Labels, label: &str, value: f64) -> Labels {
    let mut builder = labels.to_builder();
    builder.set(label, plain(value));
    let labelled = builder.build();
    if aggregation.without {
        return group_labels(aggregation, &labelled);
    }
    labelled.filter(|name| name == label || aggregation.grouping.iter().any(|grouped| grouped == name))
}
