//! Operands of operators, and their matching.

use super::Checker;
use crate::ast::{Binary, Cardinality, Span, ValueType};
use crate::quote::quote;

impl Checker {
    pub(super) fn binary(&mut self, binary: &mut Binary) {
        let left = self.expression(&mut binary.left);
        let right = self.expression(&mut binary.right);
        let (op, span, op_span) = (binary.op, binary.span(), binary.op_span);
        if binary.return_bool && !op.is_comparison() {
            self.note(op_span, "bool modifier can only be used on comparison operators".to_owned());
        }
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        if op.is_comparison() && !binary.return_bool && scalars {
            let message = "comparisons between scalars must use BOOL modifier".to_owned();
            self.note(op_span, message).hint = Some(format!("write {} bool", op.as_str()));
        }
        for (operand, value_type) in [(binary.left.span(), left), (binary.right.span(), right)] {
            if !matches!(value_type, ValueType::Scalar | ValueType::Vector) {
                let message = "binary expression must contain only scalar and instant vector types";
                self.note(operand, message.to_owned());
            }
        }
        self.matching(binary, left == ValueType::Vector && right == ValueType::Vector, span);
        if op.is_set() && (left == ValueType::Scalar || right == ValueType::Scalar) {
            let message = format!("set operator {} not allowed in binary scalar expression", quote(op.as_str()));
            self.note(span, message);
        }
    }

    fn matching(&mut self, binary: &mut Binary, vectors: bool, span: Span) {
        let Some(mut matching) = binary.matching.take() else { return };
        if matching.on {
            for label in matching.labels.iter().filter(|label| matching.include.contains(label)) {
                let message = format!("label {} must not occur in ON and GROUP clause at once", quote(label));
                self.note(binary.op_span, message);
            }
        }
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        if !vectors {
            if !matching.labels.is_empty() {
                self.note(span, "vector matching only allowed between instant vectors".to_owned());
            }
            if fills {
                self.note(span, "filling in missing series only allowed between instant vectors".to_owned());
            }
            return;
        }
        if binary.op.is_set() {
            if matching.cardinality == Cardinality::OneToOne {
                matching.cardinality = Cardinality::ManyToMany;
            } else {
                let op = quote(binary.op.as_str());
                self.note(span, format!("no grouping allowed for {op} operation"));
                self.note(span, "set operations must always be many-to-many".to_owned());
            }
            if fills {
                self.note(span, "filling in missing series not allowed for set operators".to_owned());
            }
        }
        binary.matching = Some(matching);
    }
}

#[cfg(test)]
mod tests {
    use crate::ast::Cardinality;
    use crate::{Expr, parse};

    fn matching(query: &str) -> Option<crate::ast::VectorMatching> {
        let Expr::Binary(binary) = parse(query).unwrap() else { panic!("{query}") };
        binary.matching
    }

    #[test]
    fn only_vectors_are_matched() {
        assert_eq!(matching("a + 1"), None);
        assert_eq!(matching("a + b").unwrap().cardinality, Cardinality::OneToOne);
        assert_eq!(matching("a and b").unwrap().cardinality, Cardinality::ManyToMany);
        assert!(parse("a + on (x) 1").is_err());
        assert!(parse("a and on (x) group_left b").is_err());
        assert!(parse("a + on (x) group_left (x) b").is_err());
        assert!(parse("a or fill (0) b").is_err());
    }

    #[test]
    fn comparing_numbers_needs_bool() {
        let error = parse("1 == 1").unwrap_err().errors.remove(0);
        assert_eq!(error.hint.as_deref(), Some("write == bool"));
    }
}
