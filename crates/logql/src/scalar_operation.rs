//! An operation between a vector and a number: arithmetic, and the comparisons that alerts are made of.

use crate::ast::{Matching, SampleExpr};
use crate::source::RangeSeries;

/// A binary operator with a number on one side.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarOperation {
    /// The operator as it is written.
    pub op: &'static str,
    /// The number.
    pub number: f64,
    /// Whether the number stands on the left.
    pub number_first: bool,
    /// Whether a comparison gives 0 or 1 instead of leaving out what does not satisfy it.
    pub returns_bool: bool,
}

impl ScalarOperation {
    /// What an operation between `left` and `right` is, with the side that is a vector; `None` when neither side or
    /// both are numbers, or when the operator needs two vectors.
    pub(crate) fn of<'a>(
        op: &'static str,
        matching: Option<&Matching>,
        left: &'a SampleExpr,
        right: &'a SampleExpr,
    ) -> Option<(Self, &'a SampleExpr)> {
        if matches!(op, "and" | "or" | "unless") {
            return None;
        }
        let returns_bool = matching.is_some_and(|matching| matching.returns_bool);
        let operation = |number, number_first| Self { op, number, number_first, returns_bool };
        match (left, right) {
            (SampleExpr::Number(..), SampleExpr::Number(..)) => None,
            (SampleExpr::Number(number, _), vector) => Some((operation(*number, true), vector)),
            (vector, SampleExpr::Number(number, _)) => Some((operation(*number, false), vector)),
            _ => None,
        }
    }

    /// Applies it to every value; series that keep none are left out.
    pub(crate) fn apply(&self, mut series: Vec<RangeSeries>) -> Vec<RangeSeries> {
        for one in &mut series {
            for value in &mut one.values {
                *value = value.and_then(|value| self.value(value));
            }
        }
        series.retain(|one| one.values.iter().any(Option::is_some));
        series
    }

    fn value(&self, value: f64) -> Option<f64> {
        let (left, right) = if self.number_first { (self.number, value) } else { (value, self.number) };
        let holds = match self.op {
            "+" => return Some(left + right),
            "-" => return Some(left - right),
            "*" => return Some(left * right),
            "/" => return Some(left / right),
            "%" => return Some(left % right),
            "^" => return Some(left.powf(right)),
            "==" => left == right,
            "!=" => left != right,
            ">" => left > right,
            ">=" => left >= right,
            "<" => left < right,
            "<=" => left <= right,
            _ => return None,
        };
        match self.returns_bool {
            true => Some(f64::from(u8::from(holds))),
            false => holds.then_some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::Labels;

    #[test]
    fn comparisons_filter_and_arithmetic_changes() {
        let operation =
            |op, number_first, returns_bool| ScalarOperation { op, number: 2.0, number_first, returns_bool };
        let apply = |operation: ScalarOperation| {
            let values = vec![Some(1.0), None, Some(3.0)];
            let series = operation.apply(vec![RangeSeries { labels: Labels::empty(), values }]);
            series.first().map(|one| one.values.clone())
        };
        assert_eq!(apply(operation(">", false, false)), Some(vec![None, None, Some(3.0)]));
        assert_eq!(apply(operation(">", true, false)), Some(vec![Some(1.0), None, None]));
        assert_eq!(apply(operation(">", false, true)), Some(vec![Some(0.0), None, Some(1.0)]));
        assert_eq!(apply(operation("-", true, false)), Some(vec![Some(1.0), None, Some(-1.0)]));
        assert_eq!(apply(operation("==", false, false)), None);
    }
}
