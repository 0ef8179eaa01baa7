//! Arguments of functions.

use super::Checker;
use crate::ast::{Call, Expr, ValueType};
use crate::quote::quote;

impl Checker {
    pub(super) fn call(&mut self, call: &mut Call) {
        let function = call.function;
        let (name, given) = (quote(function.name), call.args.len());
        let (min, max) = (function.args_min(), function.args_max());
        let wanted = match max {
            Some(max) if max == min && given != min => Some(format!("{min}")),
            _ if given < min => Some(format!("at least {min}")),
            Some(max) if given > max => Some(format!("at most {max}")),
            _ => None,
        };
        if let Some(wanted) = wanted {
            self.note(call.span, format!("expected {wanted} argument(s) in call to {name}, got {given}"));
        }
        let is_info = function.name == "info";
        if is_info && given > 1 {
            self.info_argument(call);
        }
        for (index, arg) in call.args.iter_mut().enumerate() {
            let Some(want) = function.arg_type(index) else { break };
            if is_info && index == 1 && matches!(arg, Expr::Vector(_)) {
                // It may match the empty text, as it selects only among the series that info metrics have.
                continue;
            }
            self.expect_type(arg, want, &format!("call to function {name}"));
        }
    }

    fn info_argument(&mut self, call: &Call) {
        let arg = &call.args[1];
        if arg.value_type() != ValueType::Vector {
            let got = arg.value_type().documented();
            self.note(call.span, format!("expected type instant vector in call to function \"info\", got {got}"));
        }
        match arg {
            Expr::Vector(selector) if selector.name.is_none() => {}
            Expr::Vector(selector) => {
                self.note(selector.span, "expected label selectors only, got vector selector instead".to_owned())
                    .hint = Some("write the name inside the braces: {__name__=\"target_info\"}".to_owned());
            }
            other => {
                self.note(other.span(), "expected label selectors only".to_owned());
            }
        }
    }
}

/// What to change in an argument of the wrong type.
pub(super) fn hint_for_type(expr: &Expr, want: ValueType, got: ValueType) -> Option<String> {
    let hint = match (want, got) {
        (ValueType::Matrix, ValueType::Vector) if matches!(expr, Expr::Vector(_)) => "add a range such as [5m]",
        (ValueType::Matrix, ValueType::Vector) => "add a range with a colon, such as [5m:]",
        (ValueType::Vector, ValueType::Matrix) => "remove the range, or use a function over time such as rate(x[5m])",
        (ValueType::Vector, ValueType::Scalar) => "vector(...) makes a vector of a number",
        (ValueType::Scalar, ValueType::Vector) => "scalar(...) makes a number of a vector with one series",
        (ValueType::String, _) => "write a text in quotes",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn a_missing_range_is_suggested() {
        let error = parse("rate(x)").unwrap_err().errors.remove(0);
        assert_eq!(error.message, "expected type range vector in call to function \"rate\", got instant vector");
        assert_eq!(error.hint.as_deref(), Some("add a range such as [5m]"));
    }

    #[test]
    fn arguments_are_counted() {
        for (query, message) in [
            ("floor()", "expected 1 argument(s) in call to \"floor\", got 0"),
            ("label_join(x, 'a')", "expected at least 3 argument(s) in call to \"label_join\", got 2"),
            ("hour(x, x, x)", "expected at most 1 argument(s) in call to \"hour\", got 3"),
        ] {
            assert_eq!(parse(query).unwrap_err().errors[0].message, message);
        }
        assert!(parse("info(x, {})").is_ok());
    }
}
