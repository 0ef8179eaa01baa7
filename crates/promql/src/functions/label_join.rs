//! `label_join`: a label set to the values of others, joined.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::names::{is_label_name, merge_same_labels};
use crate::eval::node::Call;
use crate::eval::run::{Evaluator, text};
use crate::eval::series::Evaluated;
use lgtm_model::METRIC_NAME;

/// `label_join(v, dst, separator, src, …)`
pub(crate) fn label_join(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let (target, separator) = (text(&call.args[1])?, text(&call.args[2])?);
    let sources = call.args[3..].iter().map(text).collect::<Result<Vec<_>, _>>()?;
    for (role, name) in sources.iter().map(|name| ("source", *name)).chain([("destination", target)]) {
        if !is_label_name(name) {
            return Err(EvalError::Execution(format!("invalid {role} label name in label_join(): {name}")));
        }
    }
    let mut series = evaluator.vector(&call.args[0], grid)?;
    for series in &mut series {
        let values: Vec<&str> = sources.iter().map(|name| series.labels.get(name).unwrap_or_default()).collect();
        let joined = values.join(separator);
        let mut builder = series.labels.to_builder();
        builder.set(target, joined);
        series.labels = builder.build();
        if target == METRIC_NAME {
            series.drop_name = false;
        }
    }
    merge_same_labels(series).map(Evaluated::Vector)
}
