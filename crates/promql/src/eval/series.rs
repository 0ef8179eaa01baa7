//! What evaluation hands from node to node: series-major columns, one cell a step.
//!
//! A cell without a value holds the staleness marker. The marker can stand for absence because no reader of samples
//! lets it through: instant selectors end the series there, range selectors skip it. So a column is a plain `Vec<f64>`,
//! half the size of options, and a presence test is one comparison of bits.

use lgtm_model::{Labels, is_stale_nan, stale_nan};

/// One value a step; see the module for how absence is written. Native histograms will become a second kind of cell.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    floats: Vec<f64>,
}

impl Column {
    /// A column without any value.
    pub fn absent(steps: usize) -> Self {
        Self { floats: vec![stale_nan(); steps] }
    }

    /// The same value at each step.
    pub fn constant(value: f64, steps: usize) -> Self {
        Self { floats: vec![value; steps] }
    }

    /// How many steps it spans.
    pub fn steps(&self) -> usize {
        self.floats.len()
    }

    /// The value at a step.
    pub fn get(&self, step: usize) -> Option<f64> {
        let value = self.floats[step];
        if is_stale_nan(value) { None } else { Some(value) }
    }

    /// Whether there is a value at a step.
    pub fn has(&self, step: usize) -> bool {
        !is_stale_nan(self.floats[step])
    }

    /// Writes the value of a step.
    pub fn set(&mut self, step: usize, value: f64) {
        self.floats[step] = value;
    }

    /// Removes the value of a step.
    pub fn remove(&mut self, step: usize) {
        self.floats[step] = stale_nan();
    }

    /// Whether no step has a value.
    pub fn is_absent(&self) -> bool {
        self.floats.iter().all(|value| is_stale_nan(*value))
    }

    /// Steps that have a value, with it.
    pub fn present(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.floats.iter().copied().enumerate().filter(|(_, value)| !is_stale_nan(*value))
    }

    /// How many steps have a value.
    pub fn count(&self) -> usize {
        self.present().count()
    }

    /// Replaces every value there is.
    pub fn map(&mut self, mut change: impl FnMut(usize, f64) -> f64) {
        for (step, value) in self.floats.iter_mut().enumerate() {
            if !is_stale_nan(*value) {
                *value = change(step, *value);
            }
        }
    }

    /// Replaces or removes every value there is.
    pub fn filter_map(&mut self, mut change: impl FnMut(usize, f64) -> Option<f64>) {
        for (step, value) in self.floats.iter_mut().enumerate() {
            if !is_stale_nan(*value) {
                *value = change(step, *value).unwrap_or_else(stale_nan);
            }
        }
    }

    /// The first step's cell, value or not, at each of `steps` steps.
    pub fn repeat_first(&self, steps: usize) -> Self {
        Self::constant(self.floats.first().copied().unwrap_or_else(stale_nan), steps)
    }
}

/// A series in the middle of an evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Its labels; the name stays until the very end, so that outer functions may still use it.
    pub labels: Labels,
    /// Remove the name (and type and unit) at the very end.
    pub drop_name: bool,
    /// Its values.
    pub column: Column,
}

/// A series of samples that is the result itself: `up[5m]`.
#[derive(Clone, Debug)]
pub(crate) struct SampleRow {
    /// Its labels.
    pub labels: Labels,
    /// See [`Series::drop_name`].
    pub drop_name: bool,
    /// Times, ascending, with their values.
    pub points: Vec<(i64, f64)>,
}

/// What a node evaluates to over a grid.
#[derive(Clone, Debug)]
pub(crate) enum Evaluated {
    /// One number a step.
    Scalar(Vec<f64>),
    /// Series with a column each.
    Vector(Vec<Series>),
    /// Samples; only ever the whole result of an instant query.
    Matrix(Vec<SampleRow>),
    /// A text.
    Text(String),
}

impl Evaluated {
    /// Cells held in memory, for the limit on samples.
    pub fn cells(&self) -> usize {
        match self {
            Self::Scalar(values) => values.len(),
            Self::Vector(series) => series.iter().map(|series| series.column.steps()).sum(),
            Self::Matrix(rows) => rows.iter().map(|row| row.points.len()).sum(),
            Self::Text(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_is_a_value_and_the_marker_is_none() {
        let mut column = Column::absent(3);
        column.set(1, f64::NAN);
        assert_eq!((column.get(0), column.has(1), column.count()), (None, true, 1));
        column.map(|_, value| -value);
        assert!(!column.has(0) && column.get(1).unwrap().is_nan());
        column.filter_map(|_, _| None);
        assert!(column.is_absent());
    }
}
