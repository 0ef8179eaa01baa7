//! Functions over ranges: two indices a series, the first and one past the last sample of the window, both only moving
//! forward, so that a series of n samples costs O(n) beside what the function itself does with each window.

use crate::ast::VectorEdges;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Call, Lookup, Node, NodeKind, RangeSelector, Subquery};
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::{Column, Series};
use crate::{SeriesColumns, Span, ValueType};
use lgtm_model::{Labels, is_stale_nan};
use std::borrow::Cow;

/// A series' samples without staleness markers.
pub(crate) struct InputRow<'a> {
    /// Its labels.
    pub labels: Labels,
    /// The inner expression of a subquery wants the name gone.
    pub drop_name: bool,
    /// Times, strictly ascending.
    pub times: Cow<'a, [i64]>,
    /// One value a time.
    pub values: Cow<'a, [f64]>,
}

/// What a function over ranges reads, and how its windows lie.
pub(crate) struct RangeInput<'a> {
    /// The series.
    pub rows: Vec<InputRow<'a>>,
    /// When a window ends.
    pub lookup: Lookup,
    /// How long a window is.
    pub range_ms: i64,
    /// How boundaries are treated.
    pub edges: VectorEdges,
}

impl RangeInput<'_> {
    /// The samples a window takes in, left end excluded: the range itself, and the lookback around it when the
    /// function needs the samples beside the boundaries.
    fn reach(&self, end_ms: i64, lookback_ms: i64) -> (i64, i64) {
        let start_ms = end_ms.saturating_sub(self.range_ms);
        match self.edges {
            VectorEdges::Samples => (start_ms, end_ms),
            VectorEdges::Anchored => (start_ms.saturating_sub(lookback_ms), end_ms),
            VectorEdges::Smoothed => (start_ms.saturating_sub(lookback_ms), end_ms.saturating_add(lookback_ms)),
        }
    }
}

/// The samples of one step, at least one.
pub(crate) struct Window<'a> {
    /// Their times.
    pub times: &'a [i64],
    /// Their values.
    pub values: &'a [f64],
    /// The position of the first of them in the series.
    pub first: usize,
    /// Where the range begins, exclusive.
    pub start_ms: i64,
    /// Where the range ends, inclusive.
    pub end_ms: i64,
    /// The evaluation time.
    pub eval_ms: i64,
    /// The number of the step.
    pub step: usize,
}

impl Window<'_> {
    /// The range's length in seconds.
    pub fn seconds(&self) -> f64 {
        (self.end_ms - self.start_ms) as f64 / 1000.0
    }
}

/// A function over ranges. It sees the windows of one series in order, then those of the next.
pub(crate) trait Kernel {
    /// A new series begins.
    fn begin(&mut self, _times: &[i64], _values: &[f64]) {}
    /// The value of a window; none leaves the step without one.
    fn window(&mut self, window: &Window<'_>) -> Option<f64>;
}

/// A kernel without memory.
pub(crate) struct Each<F>(pub F);

impl<F: FnMut(&Window<'_>) -> Option<f64>> Kernel for Each<F> {
    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        (self.0)(window)
    }
}

/// Reads the range argument of a function.
pub(crate) fn range_input<'a>(
    evaluator: &mut Evaluator<'a>,
    node: &Node,
    grid: &Grid,
) -> Result<RangeInput<'a>, EvalError> {
    match &node.kind {
        NodeKind::Range(selector) => Ok(selected(evaluator.fetched, selector)),
        NodeKind::Subquery(subquery) => {
            let total_before = evaluator.samples_total;
            let input = computed(evaluator, subquery, grid)?;
            // The windows over the subquery's points are counted instead.
            evaluator.samples_total = total_before;
            Ok(input)
        }
        _ => Err(wrong_type(ValueType::Matrix)),
    }
}

fn selected<'a>(fetched: &'a [Vec<SeriesColumns>], selector: &RangeSelector) -> RangeInput<'a> {
    let rows = fetched[selector.slot].iter().map(input_row).collect();
    RangeInput { rows, lookup: selector.lookup, range_ms: selector.range_ms, edges: selector.edges }
}

fn input_row(series: &SeriesColumns) -> InputRow<'_> {
    let (mut times, mut values) = (Cow::Borrowed(&*series.timestamps_ms), Cow::Borrowed(&*series.values));
    if series.values.iter().any(|value| is_stale_nan(*value)) {
        let kept = |index: &usize| !is_stale_nan(series.values[*index]);
        let indices: Vec<usize> = (0..series.values.len()).filter(kept).collect();
        times = indices.iter().map(|index| series.timestamps_ms[*index]).collect();
        values = indices.iter().map(|index| series.values[*index]).collect();
    }
    InputRow { labels: series.labels.clone(), drop_name: false, times, values }
}

fn computed<'a>(evaluator: &mut Evaluator<'a>, subquery: &Subquery, grid: &Grid) -> Result<RangeInput<'a>, EvalError> {
    let inner = subquery.grid(grid);
    let rows = evaluator.vector(&subquery.expr, &inner)?.into_iter().map(|series| InputRow {
        times: series.column.present().map(|(step, _)| inner.time_ms(step)).collect(),
        values: series.column.present().map(|(_, value)| value).collect(),
        labels: series.labels,
        drop_name: series.drop_name,
    });
    let (lookup, range_ms) = (subquery.lookup, subquery.range_ms);
    Ok(RangeInput { rows: rows.collect(), lookup, range_ms, edges: VectorEdges::Samples })
}

/// Applies a kernel to the argument `arg` of a call. The result loses its name unless `keep_name`.
pub(crate) fn over_time(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    arg: usize,
    grid: &Grid,
    keep_name: bool,
    kernel: &mut impl Kernel,
) -> Result<Vec<Series>, EvalError> {
    let node = call.args.get(arg).ok_or_else(|| wrong_type(ValueType::Matrix))?;
    let input = range_input(evaluator, node, grid)?;
    check_edges(input.edges, call.name)?;
    let mut output = Vec::with_capacity(input.rows.len());
    for row in &input.rows {
        evaluator.check_canceled()?;
        let Some(column) = slide(evaluator, &input, row, grid, kernel) else { continue };
        evaluator.reserve(grid.steps)?;
        output.push(Series { labels: row.labels.clone(), drop_name: row.drop_name || !keep_name, column });
    }
    Ok(output)
}

/// Runs a kernel over one series; none if no step has a value.
fn slide(
    evaluator: &mut Evaluator<'_>,
    input: &RangeInput<'_>,
    row: &InputRow<'_>,
    grid: &Grid,
    kernel: &mut impl Kernel,
) -> Option<Column> {
    let (times, values) = (&*row.times, &*row.values);
    kernel.begin(times, values);
    let (mut column, mut found) = (Column::absent(grid.steps), false);
    let (mut first, mut after) = (0, 0);
    for step in 0..grid.steps {
        let eval_ms = grid.time_ms(step);
        let end_ms = input.lookup.reference_ms(eval_ms);
        let (reach_start_ms, reach_end_ms) = input.reach(end_ms, evaluator.options.lookback_ms);
        while after < times.len() && times[after] <= reach_end_ms {
            after += 1;
        }
        while first < after && times[first] <= reach_start_ms {
            first += 1;
        }
        if first == after {
            continue;
        }
        evaluator.samples_total += after - first;
        let start_ms = end_ms.saturating_sub(input.range_ms);
        let (times, values) = (&times[first..after], &values[first..after]);
        if let Some(value) = kernel.window(&Window { times, values, first, start_ms, end_ms, eval_ms, step }) {
            column.set(step, value);
            found = true;
        }
    }
    found.then_some(column)
}

fn check_edges(edges: VectorEdges, function: &str) -> Result<(), EvalError> {
    let (modifier, allowed): (&str, &[&str]) = match edges {
        VectorEdges::Samples => return Ok(()),
        VectorEdges::Anchored => ("anchored", &["changes", "delta", "increase", "rate", "resets"]),
        VectorEdges::Smoothed => ("smoothed", &["delta", "increase", "rate"]),
    };
    if allowed.contains(&function) {
        return Ok(());
    }
    let allowed = allowed.join(", ");
    Err(EvalError::Execution(format!("{modifier} modifier can only be used with: {allowed} - not with {function}")))
}

/// The place of a call's first argument, which is where upstream points.
pub(crate) fn first_arg_span(call: &Call) -> Span {
    call.args.first().map_or(call.span, |arg| arg.span)
}
