//! Aggregations that fold a group into one value: `sum`, `avg`, `count`, `min`, `max`, `group`, `stddev`, `stdvar`,
//! `quantile`. Series after series, each cell goes into the state of its group and step.

use super::groups::Groups;
use crate::ValueType;
use crate::ast::AggregateOp;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::{KahanSum, RunningMean};
use crate::eval::node::Aggregate;
use crate::eval::quantile;
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::{Column, Series};

/// What a group and step has taken in.
trait State: Clone {
    /// The state after the first value.
    fn first(value: f64) -> Self;
    /// Takes in a further value.
    fn add(&mut self, value: f64);
    /// The result.
    fn value(&self) -> f64;
}

impl State for KahanSum {
    fn first(value: f64) -> Self {
        Self::of(value)
    }
    fn add(&mut self, value: f64) {
        *self = self.plus(value);
    }
    fn value(&self) -> f64 {
        self.total()
    }
}

impl State for RunningMean {
    fn first(value: f64) -> Self {
        Self::of(value)
    }
    fn add(&mut self, value: f64) {
        self.add(value);
    }
    fn value(&self) -> f64 {
        self.mean()
    }
}

#[derive(Clone)]
struct Count(f64);

impl State for Count {
    fn first(_: f64) -> Self {
        Self(1.0)
    }
    fn add(&mut self, _: f64) {
        self.0 += 1.0;
    }
    fn value(&self) -> f64 {
        self.0
    }
}

#[derive(Clone)]
struct Present;

impl State for Present {
    fn first(_: f64) -> Self {
        Self
    }
    fn add(&mut self, _: f64) {}
    fn value(&self) -> f64 {
        1.0
    }
}

/// Any number is larger than NaN.
#[derive(Clone)]
struct Largest(f64);

impl State for Largest {
    fn first(value: f64) -> Self {
        Self(value)
    }
    fn add(&mut self, value: f64) {
        if self.0 < value || self.0.is_nan() {
            self.0 = value;
        }
    }
    fn value(&self) -> f64 {
        self.0
    }
}

/// Any number is smaller than NaN.
#[derive(Clone)]
struct Smallest(f64);

impl State for Smallest {
    fn first(value: f64) -> Self {
        Self(value)
    }
    fn add(&mut self, value: f64) {
        if self.0 > value || self.0.is_nan() {
            self.0 = value;
        }
    }
    fn value(&self) -> f64 {
        self.0
    }
}

/// Welford's method.
#[derive(Clone)]
struct Variance {
    count: f64,
    mean: f64,
    squares: f64,
}

impl State for Variance {
    fn first(value: f64) -> Self {
        Self { count: 1.0, mean: value, squares: if value.is_finite() { 0.0 } else { f64::NAN } }
    }
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }
    fn value(&self) -> f64 {
        self.squares / self.count
    }
}

#[derive(Clone)]
struct Deviation(Variance);

impl State for Deviation {
    fn first(value: f64) -> Self {
        Self(Variance::first(value))
    }
    fn add(&mut self, value: f64) {
        self.0.add(value);
    }
    fn value(&self) -> f64 {
        self.0.value().sqrt()
    }
}

/// Folds each group.
pub(crate) fn fold(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    input: &[Series],
    grid: &Grid,
) -> Result<Vec<Series>, EvalError> {
    match aggregation.op {
        AggregateOp::Sum => with::<KahanSum>(evaluator, aggregation, input, grid),
        AggregateOp::Avg => with::<RunningMean>(evaluator, aggregation, input, grid),
        AggregateOp::Count => with::<Count>(evaluator, aggregation, input, grid),
        AggregateOp::Group => with::<Present>(evaluator, aggregation, input, grid),
        AggregateOp::Max => with::<Largest>(evaluator, aggregation, input, grid),
        AggregateOp::Min => with::<Smallest>(evaluator, aggregation, input, grid),
        AggregateOp::Stdvar => with::<Variance>(evaluator, aggregation, input, grid),
        AggregateOp::Stddev => with::<Deviation>(evaluator, aggregation, input, grid),
        _ => Err(wrong_type(ValueType::Vector)),
    }
}

fn with<S: State>(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    input: &[Series],
    grid: &Grid,
) -> Result<Vec<Series>, EvalError> {
    let groups = Groups::new(aggregation, input);
    // The states, and the columns they become.
    evaluator.reserve(groups.labels.len().saturating_mul(grid.steps).saturating_mul(2))?;
    let mut states: Vec<Option<S>> = vec![None; groups.labels.len() * grid.steps];
    for (series, group) in input.iter().zip(&groups.of_series) {
        evaluator.check_canceled()?;
        let states = &mut states[group * grid.steps..][..grid.steps];
        for (step, value) in series.column.present() {
            match &mut states[step] {
                Some(state) => state.add(value),
                none => *none = Some(S::first(value)),
            }
        }
    }
    let result = |(group, (labels, drop_name))| {
        let mut column = Column::absent(grid.steps);
        let states: &[Option<S>] = &states[group * grid.steps..][..grid.steps];
        for (step, state) in states.iter().enumerate() {
            if let Some(state) = state {
                column.set(step, state.value());
            }
        }
        Series { labels, drop_name, column }
    };
    let series = groups.labels.into_iter().zip(groups.drop_name).enumerate().map(result);
    Ok(series.filter(|series| !series.column.is_absent()).collect())
}

/// `quantile(φ, v)`: all values of a group and step are needed at once, so that steps come outside.
pub(crate) fn quantile(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    quantiles: &[f64],
    input: &[Series],
) -> Result<Vec<Series>, EvalError> {
    let groups = Groups::new(aggregation, input);
    evaluator.reserve(groups.labels.len().saturating_mul(quantiles.len()))?;
    let mut columns = vec![Column::absent(quantiles.len()); groups.labels.len()];
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); groups.labels.len()];
    for (step, wanted) in quantiles.iter().enumerate() {
        evaluator.check_canceled()?;
        for (series, group) in input.iter().zip(&groups.of_series) {
            values[*group].extend(series.column.get(step));
        }
        for (values, column) in values.iter_mut().zip(&mut columns) {
            if !values.is_empty() {
                column.set(step, quantile::quantile(*wanted, values));
                values.clear();
            }
        }
    }
    let labelled = groups.labels.into_iter().zip(groups.drop_name).zip(columns);
    let series = labelled.map(|((labels, drop_name), column)| Series { labels, drop_name, column });
    Ok(series.filter(|series| !series.column.is_absent()).collect())
}
