//! Aggregations: the group of each series is found once; the loops over steps know only its number.

mod count_values;
mod fold;
mod groups;
mod limit;
mod param;
mod top;

use crate::ValueType;
use crate::ast::AggregateOp;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Aggregate;
use crate::eval::run::{Evaluator, text, wrong_type};
use crate::eval::series::Evaluated;

/// Evaluates an aggregation.
pub(crate) fn evaluate(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let param = || aggregation.param.as_ref().ok_or_else(|| wrong_type(ValueType::Scalar));
    let series = match aggregation.op {
        AggregateOp::CountValues => {
            let label = text(param()?)?;
            let input = evaluator.vector(&aggregation.expr, grid)?;
            count_values::count_values(evaluator, aggregation, label, &input, grid)?
        }
        AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk => {
            let limits = evaluator.scalar(param()?, grid)?;
            let input = evaluator.vector(&aggregation.expr, grid)?;
            match param::counts(&limits, input.len())? {
                Some(counts) if aggregation.op == AggregateOp::Limitk => limit::limitk(aggregation, &counts, input),
                Some(counts) => top::top(evaluator, aggregation, &counts, input)?,
                None => Vec::new(),
            }
        }
        AggregateOp::LimitRatio => {
            let node = param()?;
            let ratios = evaluator.scalar(node, grid)?;
            let input = evaluator.vector(&aggregation.expr, grid)?;
            match param::ratios(evaluator, &ratios, node.span)? {
                Some(ratios) => limit::limit_ratio(&ratios, input),
                None => Vec::new(),
            }
        }
        AggregateOp::Quantile => {
            let node = param()?;
            let quantiles = evaluator.scalar(node, grid)?;
            let input = evaluator.vector(&aggregation.expr, grid)?;
            param::check_quantiles(evaluator, &quantiles, node.span);
            fold::quantile(evaluator, aggregation, &quantiles, &input)?
        }
        _ => {
            let input = evaluator.vector(&aggregation.expr, grid)?;
            fold::fold(evaluator, aggregation, &input, grid)?
        }
    };
    Ok(Evaluated::Vector(series))
}
