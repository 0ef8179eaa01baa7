//! `label_replace`: a label set from what a regular expression finds in another.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::names::{is_label_name, merge_same_labels};
use crate::eval::node::Call;
use crate::eval::run::{Evaluator, text};
use crate::eval::series::Evaluated;
use lgtm_model::METRIC_NAME;
use regex::RegexBuilder;

/// Compiled size of the expression, in bytes.
const REGEX_SIZE_BYTES_MAX: usize = 4 << 20;

/// `label_replace(v, dst, replacement, src, regex)`. The expression must match the whole value.
pub(crate) fn label_replace(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let [target, replacement, source, pattern] = [1, 2, 3, 4].map(|index| text(&call.args[index]));
    let (target, replacement, source, pattern) = (target?, replacement?, source?, pattern?);
    let anchored = format!("^(?s:{pattern})$");
    let regex = RegexBuilder::new(&anchored)
        .size_limit(REGEX_SIZE_BYTES_MAX)
        .build()
        .map_err(|_| EvalError::Execution(format!("invalid regular expression in label_replace(): {pattern}")))?;
    if !is_label_name(target) {
        let text = format!("invalid destination label name in label_replace(): {target}");
        return Err(EvalError::Execution(text));
    }
    let mut series = evaluator.vector(&call.args[0], grid)?;
    for series in &mut series {
        let value = series.labels.get(source).unwrap_or_default();
        let Some(captures) = regex.captures(value) else { continue };
        let mut replaced = String::new();
        captures.expand(replacement, &mut replaced);
        let mut builder = series.labels.to_builder();
        builder.set(target, replaced);
        series.labels = builder.build();
        if target == METRIC_NAME {
            series.drop_name = false;
        }
    }
    merge_same_labels(series).map(Evaluated::Vector)
}
