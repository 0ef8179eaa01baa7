//! Walks the compiled tree: each node turns the columns of its children into its own, for all steps at once.

use crate::SeriesColumns;
use crate::aggregate;
use crate::ast::ValueType;
use crate::eval::annotation::Annotations;
use crate::eval::engine::EngineOptions;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Node, NodeKind};
use crate::eval::series::{Evaluated, Series};
use crate::eval::{binary, instant_selector, sample_rows};

/// One evaluation in progress.
pub(crate) struct Evaluator<'a> {
    /// The samples of each selection.
    pub fetched: &'a [Vec<SeriesColumns>],
    /// Limits and defaults.
    pub options: &'a EngineOptions,
    cancel: &'a (dyn Fn() -> bool + Sync),
    /// What the result will say beside its value.
    pub annotations: Annotations,
    /// Samples looked at, summed over steps.
    pub samples_total: usize,
    /// The most cells held at once.
    pub cells_peak: usize,
    cells: usize,
}

impl<'a> Evaluator<'a> {
    /// An evaluation that has not begun.
    pub fn new(
        fetched: &'a [Vec<SeriesColumns>],
        options: &'a EngineOptions,
        cancel: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let annotations = Annotations::default();
        Self { fetched, options, cancel, annotations, samples_total: 0, cells_peak: 0, cells: 0 }
    }

    /// Evaluates a node at all steps of a grid.
    pub fn evaluate(&mut self, node: &Node, grid: &Grid) -> Result<Evaluated, EvalError> {
        self.check_canceled()?;
        // A subquery may ask for far more steps than the query has; even one column of them would be too much.
        let limit = self.options.samples_max;
        if grid.steps > limit {
            return Err(EvalError::TooManySamples { limit });
        }
        let before = self.cells;
        let evaluated = self.dispatch(node, grid)?;
        // The children's results are gone by now, only this one remains.
        self.cells = before;
        self.reserve(evaluated.cells())?;
        Ok(evaluated)
    }

    fn dispatch(&mut self, node: &Node, grid: &Grid) -> Result<Evaluated, EvalError> {
        match &node.kind {
            NodeKind::Number(value) => Ok(Evaluated::Scalar(vec![*value; grid.steps])),
            NodeKind::Text(text) => Ok(Evaluated::Text(text.clone())),
            NodeKind::Instant(selector) => instant_selector::evaluate(self, selector, grid),
            NodeKind::Range(selector) => sample_rows::of_selector(self, selector, grid),
            NodeKind::Subquery(subquery) => sample_rows::of_subquery(self, subquery, grid),
            NodeKind::StepInvariant(inner) => self.step_invariant(inner, grid),
            NodeKind::Negate(inner) => self.negate(inner, grid),
            NodeKind::Binary(operation) => binary::evaluate(self, operation, node.span, grid),
            NodeKind::Aggregate(aggregation) => aggregate::evaluate(self, aggregation, grid),
            NodeKind::Call(call) => (call.body)(self, call, grid),
        }
    }

    fn step_invariant(&mut self, inner: &Node, grid: &Grid) -> Result<Evaluated, EvalError> {
        let total_before = self.samples_total;
        let first = self.evaluate(inner, &grid.first_only())?;
        // Each step is told to have looked at the samples, although only the first did.
        let looked_at = self.samples_total - total_before;
        self.samples_total = total_before + looked_at * grid.steps;
        Ok(match first {
            Evaluated::Scalar(values) => {
                Evaluated::Scalar(vec![values.first().copied().unwrap_or(f64::NAN); grid.steps])
            }
            Evaluated::Vector(mut series) => {
                self.reserve(series.len().saturating_mul(grid.steps))?;
                for series in &mut series {
                    series.column = series.column.repeat_first(grid.steps);
                }
                Evaluated::Vector(series)
            }
            other => other,
        })
    }

    fn negate(&mut self, inner: &Node, grid: &Grid) -> Result<Evaluated, EvalError> {
        Ok(match self.evaluate(inner, grid)? {
            Evaluated::Scalar(values) => Evaluated::Scalar(values.into_iter().map(|value| -value).collect()),
            Evaluated::Vector(mut series) => {
                for series in &mut series {
                    series.drop_name = true;
                    series.column.map(|_, value| -value);
                }
                Evaluated::Vector(series)
            }
            other => other,
        })
    }

    /// Evaluates a node that is a vector.
    pub fn vector(&mut self, node: &Node, grid: &Grid) -> Result<Vec<Series>, EvalError> {
        match self.evaluate(node, grid)? {
            Evaluated::Vector(series) => Ok(series),
            _ => Err(wrong_type(ValueType::Vector)),
        }
    }

    /// Evaluates a node that is a scalar: one number a step.
    pub fn scalar(&mut self, node: &Node, grid: &Grid) -> Result<Vec<f64>, EvalError> {
        match self.evaluate(node, grid)? {
            Evaluated::Scalar(values) => Ok(values),
            _ => Err(wrong_type(ValueType::Scalar)),
        }
    }

    /// Accounts for cells about to be allocated; refuses when there would be too many at once.
    pub fn reserve(&mut self, cells: usize) -> Result<(), EvalError> {
        self.cells = self.cells.saturating_add(cells);
        self.cells_peak = self.cells_peak.max(self.cells);
        let limit = self.options.samples_max;
        if self.cells > limit { Err(EvalError::TooManySamples { limit }) } else { Ok(()) }
    }

    /// Called before anything that takes long.
    pub fn check_canceled(&self) -> Result<(), EvalError> {
        if (self.cancel)() { Err(EvalError::Canceled) } else { Ok(()) }
    }
}

/// The checker lets no expression of another type through; should it, the query fails, not the process.
pub(crate) fn wrong_type(wanted: ValueType) -> EvalError {
    EvalError::Invalid(format!("expected an expression of type {:?}", wanted.documented()))
}

/// A text argument.
pub(crate) fn text(node: &Node) -> Result<&str, EvalError> {
    match &node.kind {
        NodeKind::Text(text) => Ok(text),
        NodeKind::StepInvariant(inner) => text(inner),
        _ => Err(wrong_type(ValueType::String)),
    }
}
