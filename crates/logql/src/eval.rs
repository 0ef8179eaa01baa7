//! Runs a plan against a source: windows are counted by the source, aggregations combined here.
//!
//! A `sum` directly above a window is handed down as the labels to keep, so that the source never builds the series
//! that would only be added up again.

use crate::ast::Grouping;
use crate::error::QueryError;
use crate::plan::{MetricPlan, Plan};
use crate::source::{Direction, Keep, LogSelect, LogStream, RangeSelect, RangeSeries, Source, steps};
use lgtm_model::{Labels, TimestampNs};
use std::collections::BTreeMap;

/// Most points of one series in an answer, as in Prometheus and Loki.
const POINTS_PER_SERIES_MAX: usize = 11_000;

/// The times at which a query is evaluated; start and end are equal for an instant query.
#[derive(Clone, Copy, Debug)]
pub struct TimeRange {
    /// The first.
    pub start: TimestampNs,
    /// The last, inclusive for numbers, exclusive for lines.
    pub end: TimestampNs,
    /// Between two; positive.
    pub step_ns: i64,
    /// How many lines at most.
    pub limit: usize,
    /// From which end lines are taken.
    pub direction: Direction,
}

/// One series of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSeries {
    /// Its labels.
    pub labels: Labels,
    /// Its points, in the order of time.
    pub points: Vec<(TimestampNs, f64)>,
}

/// A query's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Log lines by stream.
    Streams(Vec<LogStream>),
    /// Numbers by series.
    Matrix(Vec<MatrixSeries>),
}

/// Runs a plan.
///
/// # Errors
/// Limits that were reached (points a series, and those of the source), and failures of the source.
pub async fn evaluate(plan: &Plan, range: TimeRange, source: &dyn Source) -> Result<Output, QueryError> {
    match plan {
        Plan::Logs(pipeline) => {
            let TimeRange { start, end, limit, direction, .. } = range;
            let select = LogSelect { pipeline: pipeline.clone(), start, end, limit, direction };
            source.select_logs(&select).await.map(Output::Streams)
        }
        Plan::Metric(plan) => {
            if steps(range.start, range.end, range.step_ns) > POINTS_PER_SERIES_MAX {
                return Err(QueryError::Limit(format!(
                    "exceeded maximum resolution of {POINTS_PER_SERIES_MAX} points per series; increase the step"
                )));
            }
            let series = metric(plan, range, Keep::All, source).await?;
            Ok(Output::Matrix(series.into_iter().filter_map(|series| with_times(series, range)).collect()))
        }
    }
}

fn with_times(series: RangeSeries, range: TimeRange) -> Option<MatrixSeries> {
    let time = |step: usize| range.start.add_ns(range.step_ns.saturating_mul(step as i64));
    let points: Vec<_> =
        series.values.iter().enumerate().filter_map(|(step, value)| Some((time(step), (*value)?))).collect();
    (!points.is_empty()).then_some(MatrixSeries { labels: series.labels, points })
}

async fn metric(
    plan: &MetricPlan,
    range: TimeRange,
    keep: Keep,
    source: &dyn Source,
) -> Result<Vec<RangeSeries>, QueryError> {
    match plan {
        MetricPlan::Range { pipeline, measure, per_second, range_ns, offset_ns } => {
            let select = RangeSelect {
                pipeline: pipeline.clone(),
                measure: *measure,
                start: range.start.add_ns(-offset_ns),
                end: range.end.add_ns(-offset_ns),
                step_ns: range.step_ns,
                range_ns: *range_ns,
                keep,
            };
            let mut series = source.select_range(&select).await?;
            if *per_second {
                let seconds = *range_ns as f64 / 1e9;
                series.iter_mut().flat_map(|one| one.values.iter_mut().flatten()).for_each(|value| *value /= seconds);
            }
            Ok(series)
        }
        MetricPlan::Scalar { operation, inner } => {
            Ok(operation.apply(Box::pin(metric(inner, range, keep, source)).await?))
        }
        MetricPlan::Aggregate { op, parameter, grouping, inner } => {
            let sums_windows = *op == "sum" && !grouping.without && matches!(**inner, MetricPlan::Range { .. });
            let keep = if sums_windows { Keep::Only(grouping.labels.clone()) } else { Keep::All };
            let series = Box::pin(metric(inner, range, keep, source)).await?;
            Ok(match *op {
                "topk" => pick(series, grouping, *parameter, true),
                "bottomk" => pick(series, grouping, *parameter, false),
                op => combine(op, series, grouping),
            })
        }
    }
}

fn group_of(labels: &Labels, grouping: &Grouping) -> Labels {
    labels.filter(|name| grouping.labels.iter().any(|label| label == name) != grouping.without)
}

fn combine(op: &str, series: Vec<RangeSeries>, grouping: &Grouping) -> Vec<RangeSeries> {
    let mut groups: BTreeMap<Labels, Vec<RangeSeries>> = BTreeMap::new();
    for one in series {
        groups.entry(group_of(&one.labels, grouping)).or_default().push(one);
    }
    let combined = |(labels, members): (Labels, Vec<RangeSeries>)| {
        let steps = members.first().map_or(0, |member| member.values.len());
        let values = (0..steps)
            .map(|step| {
                let present = || members.iter().filter_map(|member| member.values[step]);
                present().next()?;
                let (count, sum) = (present().count() as f64, present().sum::<f64>());
                Some(match op {
                    "count" => count,
                    "min" => present().fold(f64::INFINITY, f64::min),
                    "max" => present().fold(f64::NEG_INFINITY, f64::max),
                    "avg" => sum / count,
                    _ => sum,
                })
            })
            .collect();
        RangeSeries { labels, values }
    };
    groups.into_iter().map(combined).collect()
}

/// The `count` largest (or smallest) series of each group, step by step; the others have no value there.
fn pick(mut series: Vec<RangeSeries>, grouping: &Grouping, count: usize, largest: bool) -> Vec<RangeSeries> {
    let mut groups: BTreeMap<Labels, Vec<usize>> = BTreeMap::new();
    for (index, one) in series.iter().enumerate() {
        groups.entry(group_of(&one.labels, grouping)).or_default().push(index);
    }
    let steps = series.first().map_or(0, |one| one.values.len());
    for members in groups.values() {
        for step in 0..steps {
            let mut present: Vec<(usize, f64)> =
                members.iter().filter_map(|index| Some((*index, series[*index].values[step]?))).collect();
            // A stable sort: of equals the one with the smaller labels stays.
            present.sort_by(|a, b| if largest { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) });
            for (index, _) in present.into_iter().skip(count) {
                series[index].values[step] = None;
            }
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Measure;
    use crate::{parse, plan};
    use async_trait::async_trait;
    use lgtm_model::Matcher;

    /// Three series whose windows hold one, two and three lines; `keep` is honoured.
    struct Fixed;

    #[async_trait]
    impl Source for Fixed {
        async fn select_logs(&self, _: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
            Ok(Vec::new())
        }

        async fn select_range(&self, select: &RangeSelect) -> Result<Vec<RangeSeries>, QueryError> {
            assert_eq!(select.measure, Measure::Lines);
            let series = (1..=3).map(|number| RangeSeries {
                labels: Labels::from_pairs([("a", if number == 3 { "y" } else { "x" }), ("n", &number.to_string())]),
                values: vec![Some(f64::from(number)); select.steps()],
            });
            Ok(match &select.keep {
                Keep::All => series.collect(),
                Keep::Only(labels) => {
                    combine("sum", series.collect(), &Grouping { without: false, labels: labels.clone() })
                }
            })
        }

        async fn streams(&self, _: &[Vec<Matcher>], _: TimestampNs, _: TimestampNs) -> Result<Vec<Labels>, QueryError> {
            Ok(Vec::new())
        }
    }

    async fn check(query: &str, want: &[(&str, f64)]) {
        let plan = plan(&parse(query).unwrap(), query).unwrap();
        let at = TimestampNs(60_000_000_000);
        let range = TimeRange { start: at, end: at, step_ns: 1, limit: 10, direction: Direction::Backward };
        let Output::Matrix(series) = evaluate(&plan, range, &Fixed).await.unwrap() else { panic!() };
        let got: Vec<_> = series.iter().map(|one| (one.labels.to_string(), one.points[0].1)).collect();
        let want: Vec<_> = want.iter().map(|(labels, value)| ((*labels).to_owned(), *value)).collect();
        assert_eq!(got, want, "{query}");
    }

    #[tokio::test]
    async fn aggregations_combine_series() {
        check(r#"sum by (a) (count_over_time({z="z"}[10s]))"#, &[(r#"{a="x"}"#, 3.0), (r#"{a="y"}"#, 3.0)]).await;
        check(r#"sum(rate({z="z"}[10s]))"#, &[("{}", 0.6)]).await;
        check(r#"max without (n) (count_over_time({z="z"}[10s]))"#, &[(r#"{a="x"}"#, 2.0), (r#"{a="y"}"#, 3.0)]).await;
        check(r#"avg(count_over_time({z="z"}[10s]))"#, &[("{}", 2.0)]).await;
        check(r#"min(count_over_time({z="z"}[10s]))"#, &[("{}", 1.0)]).await;
        check(r#"count by (a) (count_over_time({z="z"}[10s]))"#, &[(r#"{a="x"}"#, 2.0), (r#"{a="y"}"#, 1.0)]).await;
        check(r#"topk(1, count_over_time({z="z"}[10s]))"#, &[(r#"{a="y", n="3"}"#, 3.0)]).await;
        check(
            r#"bottomk by (a) (1, count_over_time({z="z"}[10s]))"#,
            &[(r#"{a="x", n="1"}"#, 1.0), (r#"{a="y", n="3"}"#, 3.0)],
        )
        .await;
    }
}
