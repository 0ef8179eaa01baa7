//! Rules that a grammar cannot say: which functions need `unwrap`, which take a grouping or a parameter, and that a
//! selector narrows something down.

use crate::ast::{Aggregation, Expr, LogExpr, RangeExpr, SampleExpr, StageKind};
use crate::error::Problem;

/// Functions that read the line itself, and therefore no unwrapped number.
const OF_LINES: [&str; 3] = ["count_over_time", "bytes_over_time", "bytes_rate"];
/// Functions that work with and without an unwrapped number.
const OF_BOTH: [&str; 2] = ["rate", "absent_over_time"];
/// Functions that may be followed by `by` or `without`.
const GROUPED: [&str; 8] = [
    "avg_over_time",
    "first_over_time",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "quantile_over_time",
    "stddev_over_time",
    "stdvar_over_time",
];

pub(crate) fn expr(expr: &Expr) -> Result<(), Problem> {
    match expr {
        Expr::Log(log) => {
            if let Some(stage) = log.stages.iter().find(|stage| matches!(stage.kind, StageKind::Unwrap(_))) {
                return Err(Problem::new(stage.span, "unwrap stands only within a function over a range"));
            }
            selector(log)
        }
        Expr::Sample(inner) => sample(inner),
    }
}

fn sample(expr: &SampleExpr) -> Result<(), Problem> {
    match expr {
        SampleExpr::Range(inner) => range(inner),
        SampleExpr::Aggregate(inner) => aggregation(inner),
        SampleExpr::LabelReplace { inner, .. } => sample(inner),
        SampleExpr::Number(..) | SampleExpr::Vector(..) => Ok(()),
        SampleExpr::Binary { op, left, right, .. } => {
            if ["or", "and", "unless"].contains(&op.0) {
                for (leg, side) in [("left", left), ("right", right)] {
                    if is_literal(side) {
                        let message =
                            format!("unexpected literal for {leg} leg of logical/set binary operation ({})", op.0);
                        return Err(Problem::new(side.span(), message).hint("write vector(…) around the number"));
                    }
                }
            }
            sample(left)?;
            sample(right)
        }
    }
}

/// A number, or arithmetic between numbers, which is a number again.
fn is_literal(expr: &SampleExpr) -> bool {
    match expr {
        SampleExpr::Number(..) => true,
        SampleExpr::Binary { left, right, .. } => is_literal(left) && is_literal(right),
        _ => false,
    }
}

fn selector(log: &LogExpr) -> Result<(), Problem> {
    if log.matchers.iter().all(lgtm_model::Matcher::matches_empty) {
        let message =
            "queries require at least one regexp or equality matcher that does not have an empty-compatible value";
        return Err(Problem::new(log.span, message)
            .hint("for instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will"));
    }
    Ok(())
}

fn range(range: &RangeExpr) -> Result<(), Problem> {
    let name = range.op.0;
    let unwraps = range.log.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Unwrap(_))).count();
    if unwraps > 0 && OF_LINES.contains(&name) {
        return Err(Problem::new(range.op_span, format!("invalid aggregation {name} with unwrap")));
    }
    if unwraps == 0 && !OF_LINES.contains(&name) && !OF_BOTH.contains(&name) {
        return Err(Problem::new(range.op_span, format!("invalid aggregation {name} without unwrap"))
            .hint("add for example | unwrap duration_ms before the range"));
    }
    if unwraps > 1 {
        return Err(Problem::new(range.log.span, "more than one unwrap"));
    }
    if range.grouping.is_some() && !GROUPED.contains(&name) {
        return Err(Problem::new(range.op_span, format!("grouping not allowed for {name} aggregation"))
            .hint("put sum by (…) around it"));
    }
    match (name == "quantile_over_time", range.parameter) {
        (true, None) => Err(Problem::new(range.op_span, format!("parameter required for operation {name}"))),
        (false, Some(parameter)) => {
            Err(Problem::new(range.op_span, format!("parameter {parameter} not supported for operation {name}")))
        }
        _ => selector(&range.log),
    }
}

fn aggregation(aggregation: &Aggregation) -> Result<(), Problem> {
    let name = aggregation.op.0;
    let takes_count = ["topk", "bottomk", "approx_topk"].contains(&name);
    match (takes_count, aggregation.parameter) {
        (true, None) => {
            return Err(Problem::new(aggregation.op_span, format!("parameter required for operation {name}"))
                .hint(format!("for example {name}(5, …)")));
        }
        (false, Some(parameter)) => {
            let message = format!("unsupported parameter for operation {name}({parameter},");
            return Err(Problem::new(aggregation.op_span, message));
        }
        _ => {}
    }
    if aggregation.grouping.is_some() && name.starts_with("sort") {
        return Err(Problem::new(aggregation.op_span, "sort and sort_desc doesn't allow grouping by"));
    }
    if aggregation.grouping.is_some() && name == "approx_topk" {
        return Err(Problem::new(aggregation.op_span, "grouping not allowed for approx_topk aggregation"));
    }
    sample(&aggregation.inner)
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn broken_rules_are_named() {
        for (query, want) in [
            (r#"sum_over_time({a="b"}[5m])"#, "without unwrap"),
            (r#"count_over_time({a="b"} | unwrap x [5m])"#, "with unwrap"),
            (r#"rate({a="b"}[5m]) by (x)"#, "grouping not allowed"),
            (r#"topk(rate({a="b"}[5m]))"#, "parameter required"),
            (r#"{a=~".*"}"#, "empty-compatible"),
            (r#"rate({a="b"}[5m]) or 1"#, "unexpected literal"),
        ] {
            let error = parse(query).unwrap_err();
            assert!(error.message.contains(want), "{query}: {error}");
        }
    }
}
