//! From what was written to what can be answered today. Whatever is not supported is refused here by name, with its
//! place, and never left out in silence.

use crate::ast::{
    Aggregation, Expr, FilterValue, Grouping, LabelFilter, LineFilter, LinePattern, LogExpr, RangeExpr, SampleExpr,
    StageKind,
};
use crate::error::{ParseError, Problem};
use crate::scalar_operation::ScalarOperation;
use crate::source::Measure;
use lgtm_model::Matcher;

/// Which lines: all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    /// On the stream's labels.
    pub matchers: Vec<Matcher>,
    /// On the line.
    pub line_filters: Vec<LineFilter>,
    /// On labels and structured metadata together.
    pub label_filters: Vec<LabelFilter>,
}

/// A query ready to run.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Log lines.
    Logs(Pipeline),
    /// Numbers.
    Metric(MetricPlan),
}

/// Numbers over log lines.
#[derive(Clone, Debug)]
pub enum MetricPlan {
    /// Lines or bytes in a window, possibly by second.
    Range {
        /// Which lines.
        pipeline: Pipeline,
        /// What is counted.
        measure: Measure,
        /// Whether the result is divided by the window's seconds.
        per_second: bool,
        /// The window's length.
        range_ns: i64,
        /// How far the window lies back.
        offset_ns: i64,
    },
    /// Series combined into fewer.
    Aggregate {
        /// How: one of [`AGGREGATIONS`].
        op: &'static str,
        /// The count of `topk`.
        parameter: usize,
        /// Over which labels.
        grouping: Grouping,
        /// What is combined.
        inner: Box<MetricPlan>,
    },
    /// Values combined with a number.
    Scalar {
        /// How, and with which number.
        operation: ScalarOperation,
        /// What is combined.
        inner: Box<MetricPlan>,
    },
}

/// The aggregations that can be evaluated.
pub const AGGREGATIONS: [&str; 7] = ["sum", "count", "min", "max", "avg", "topk", "bottomk"];

const STAGES: &str = "stages that work today: line filters (|= != |~ !~) and label filters on stream labels and structured metadata (| name=\"value\")";
const FUNCTIONS: &str = "functions that work today: count_over_time, rate, bytes_over_time, bytes_rate";
const OPERATORS: &str = "aggregations that work today: sum, count, min, max, avg, topk, bottomk";

/// Lowers a parsed query.
///
/// # Errors
/// The first construct that is understood but cannot be evaluated yet, with a hint that says what can.
pub fn plan(expr: &Expr, query: &str) -> Result<Plan, ParseError> {
    let lowered = match expr {
        Expr::Log(log) => pipeline(log, query).map(Plan::Logs),
        Expr::Sample(expr) => sample(expr, query).map(Plan::Metric),
    };
    lowered.map_err(|problem| problem.in_query(query))
}

fn pipeline(log: &LogExpr, query: &str) -> Result<Pipeline, Problem> {
    let mut pipeline = Pipeline { matchers: log.matchers.clone(), ..Pipeline::default() };
    for stage in &log.stages {
        let written = query.get(stage.span.start..stage.span.end).unwrap_or_default();
        let refused = || Problem::new(stage.span, format!("not supported yet: `{written}`")).hint(STAGES);
        match &stage.kind {
            StageKind::LineFilter(filter) if invalid_regex(filter).is_some() => {
                return Err(Problem::new(stage.span, invalid_regex(filter).unwrap_or_default()));
            }
            StageKind::LineFilter(filter) if is_plain(filter) => pipeline.line_filters.push(filter.clone()),
            StageKind::LabelFilter(filter) if !names_ip(filter) => pipeline.label_filters.push(filter.clone()),
            _ => return Err(refused()),
        }
    }
    Ok(pipeline)
}

fn invalid_regex(filter: &LineFilter) -> Option<&str> {
    filter.alternatives.iter().find_map(|pattern| match pattern {
        LinePattern::InvalidRegex(reason) => Some(reason.as_str()),
        _ => None,
    })
}

fn is_plain(filter: &LineFilter) -> bool {
    filter.alternatives.iter().all(|pattern| matches!(pattern, LinePattern::Text(_) | LinePattern::Regex(_)))
}

fn names_ip(filter: &LabelFilter) -> bool {
    match filter {
        LabelFilter::Matcher(_) => false,
        LabelFilter::Compare { value, .. } => matches!(value, FilterValue::Ip(_)),
        LabelFilter::And(left, right) | LabelFilter::Or(left, right) => names_ip(left) || names_ip(right),
    }
}

fn sample(expr: &SampleExpr, query: &str) -> Result<MetricPlan, Problem> {
    match expr {
        SampleExpr::Range(inner) => range(inner, query),
        SampleExpr::Aggregate(inner) => aggregate(inner, query),
        SampleExpr::Binary { op, span, matching, left, right } => {
            if let Some((operation, vector)) = ScalarOperation::of(op.0, matching.as_ref(), left, right) {
                return Ok(MetricPlan::Scalar { operation, inner: Box::new(sample(vector, query)?) });
            }
            Err(Problem::new(*span, format!("not supported yet: the binary operator `{}` between two vectors", op.0))
                .hint(FUNCTIONS))
        }
        SampleExpr::Number(_, span) => Err(Problem::new(*span, "not supported yet: a number alone").hint(FUNCTIONS)),
        SampleExpr::Vector(_, span) => Err(Problem::new(*span, "not supported yet: `vector`").hint(FUNCTIONS)),
        SampleExpr::LabelReplace { span, .. } => {
            Err(Problem::new(*span, "not supported yet: `label_replace`").hint(FUNCTIONS))
        }
    }
}

fn range(range: &RangeExpr, query: &str) -> Result<MetricPlan, Problem> {
    let (measure, per_second) = match range.op.0 {
        "count_over_time" => (Measure::Lines, false),
        "rate" => (Measure::Lines, true),
        "bytes_over_time" => (Measure::Bytes, false),
        "bytes_rate" => (Measure::Bytes, true),
        name => return Err(Problem::new(range.op_span, format!("not supported yet: `{name}`")).hint(FUNCTIONS)),
    };
    let pipeline = pipeline(&range.log, query)?;
    Ok(MetricPlan::Range { pipeline, measure, per_second, range_ns: range.range_ns, offset_ns: range.offset_ns })
}

fn aggregate(aggregation: &Aggregation, query: &str) -> Result<MetricPlan, Problem> {
    let op = aggregation.op.0;
    if !AGGREGATIONS.contains(&op) {
        return Err(Problem::new(aggregation.op_span, format!("not supported yet: `{op}`")).hint(OPERATORS));
    }
    let grouping = aggregation.grouping.clone().unwrap_or(Grouping { without: false, labels: Vec::new() });
    let inner = Box::new(sample(&aggregation.inner, query)?);
    Ok(MetricPlan::Aggregate { op, parameter: aggregation.parameter.unwrap_or(0), grouping, inner })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn what_cannot_be_evaluated_is_refused_with_its_place() {
        for (query, want) in [
            (r#"{a="b"} |= "x" | json"#, "`| json`"),
            (r#"sum(rate({a="b"}[1m])) / sum(rate({a="c"}[1m]))"#, "operator `/`"),
            (r#"max_over_time({a="b"} | unwrap x [1m])"#, "`max_over_time`"),
            (r#"stddev(rate({a="b"}[1m]))"#, "`stddev`"),
            (r#"{a="b"} |= ip("::1")"#, "`|= ip(\"::1\")`"),
        ] {
            let error = plan(&parse(query).unwrap(), query).unwrap_err();
            assert!(error.message.contains(want) && error.hint.is_some(), "{query}: {error}");
        }
        let error = plan(&parse("{a=\"b\"} | json").unwrap(), "{a=\"b\"} | json").unwrap_err();
        assert_eq!(error.position(), (1, 9));
    }
}
