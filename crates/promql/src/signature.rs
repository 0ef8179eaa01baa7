//! The functions of PromQL: names, argument types and results, as the documentation lists them.

use crate::ast::ValueType;

/// Whether the last argument may be left out or repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variadic {
    /// Exactly the listed arguments.
    No,
    /// The last listed argument may be left out, or repeated up to this many times in all.
    UpTo(usize),
    /// The last listed argument may be left out or repeated without limit.
    Unlimited,
}

/// What a function takes and gives.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments, the optional one included.
    pub args: &'static [ValueType],
    /// Whether the last argument is optional or repeats.
    pub variadic: Variadic,
    /// The type of its result.
    pub returns: ValueType,
    /// Upstream asks for a flag to enable it; we do not.
    pub experimental: bool,
}

impl Signature {
    /// The type of the argument at a position; a repeated argument has the last type.
    pub fn arg_type(&self, index: usize) -> Option<ValueType> {
        match self.variadic {
            Variadic::No => self.args.get(index).copied(),
            Variadic::UpTo(_) | Variadic::Unlimited => self.args.get(index).or(self.args.last()).copied(),
        }
    }

    /// The fewest arguments of a call.
    pub fn args_min(&self) -> usize {
        match self.variadic {
            Variadic::No => self.args.len(),
            Variadic::UpTo(_) | Variadic::Unlimited => self.args.len().saturating_sub(1),
        }
    }

    /// The most arguments of a call, if there is a limit.
    pub fn args_max(&self) -> Option<usize> {
        match self.variadic {
            Variadic::No => Some(self.args.len()),
            Variadic::UpTo(more) => Some(self.args_min() + more),
            Variadic::Unlimited => None,
        }
    }
}

/// The function of a name.
pub fn signature(name: &str) -> Option<&'static Signature> {
    let index = SIGNATURES.binary_search_by(|signature| signature.name.cmp(name)).ok()?;
    Some(&SIGNATURES[index])
}

/// Every function, sorted by name.
pub fn signatures() -> &'static [Signature] {
    &SIGNATURES
}

const V: ValueType = ValueType::Vector;
const M: ValueType = ValueType::Matrix;
const S: ValueType = ValueType::Scalar;
const T: ValueType = ValueType::String;

const fn f(
    name: &'static str,
    args: &'static [ValueType],
    variadic: Variadic,
    returns: ValueType,
    experimental: bool,
) -> Signature {
    Signature { name, args, variadic, returns, experimental }
}

static SIGNATURES: [Signature; 90] = [
    f("abs", &[V], Variadic::No, V, false),
    f("absent", &[V], Variadic::No, V, false),
    f("absent_over_time", &[M], Variadic::No, V, false),
    f("acos", &[V], Variadic::No, V, false),
    f("acosh", &[V], Variadic::No, V, false),
    f("asin", &[V], Variadic::No, V, false),
    f("asinh", &[V], Variadic::No, V, false),
    f("atan", &[V], Variadic::No, V, false),
    f("atanh", &[V], Variadic::No, V, false),
    f("avg_over_time", &[M], Variadic::No, V, false),
    f("ceil", &[V], Variadic::No, V, false),
    f("changes", &[M], Variadic::No, V, false),
    f("clamp", &[V, S, S], Variadic::No, V, false),
    f("clamp_max", &[V, S], Variadic::No, V, false),
    f("clamp_min", &[V, S], Variadic::No, V, false),
    f("cos", &[V], Variadic::No, V, false),
    f("cosh", &[V], Variadic::No, V, false),
    f("count_over_time", &[M], Variadic::No, V, false),
    f("day_of_month", &[V], Variadic::UpTo(1), V, false),
    f("day_of_week", &[V], Variadic::UpTo(1), V, false),
    f("day_of_year", &[V], Variadic::UpTo(1), V, false),
    f("days_in_month", &[V], Variadic::UpTo(1), V, false),
    f("deg", &[V], Variadic::No, V, false),
    f("delta", &[M], Variadic::No, V, false),
    f("deriv", &[M], Variadic::No, V, false),
    f("double_exponential_smoothing", &[M, S, S], Variadic::No, V, true),
    f("end", &[], Variadic::No, S, true),
    f("exp", &[V], Variadic::No, V, false),
    f("first_over_time", &[M], Variadic::No, V, false),
    f("floor", &[V], Variadic::No, V, false),
    f("histogram_avg", &[V], Variadic::No, V, false),
    f("histogram_count", &[V], Variadic::No, V, false),
    f("histogram_fraction", &[S, S, V], Variadic::No, V, false),
    f("histogram_quantile", &[S, V], Variadic::No, V, false),
    f("histogram_quantiles", &[V, T, S, S], Variadic::UpTo(9), V, true),
    f("histogram_stddev", &[V], Variadic::No, V, false),
    f("histogram_stdvar", &[V], Variadic::No, V, false),
    f("histogram_sum", &[V], Variadic::No, V, false),
    f("hour", &[V], Variadic::UpTo(1), V, false),
    f("idelta", &[M], Variadic::No, V, false),
    f("increase", &[M], Variadic::No, V, false),
    f("info", &[V, V], Variadic::UpTo(1), V, true),
    f("irate", &[M], Variadic::No, V, false),
    f("label_join", &[V, T, T, T], Variadic::Unlimited, V, false),
    f("label_replace", &[V, T, T, T, T], Variadic::No, V, false),
    f("last_over_time", &[M], Variadic::No, V, false),
    f("ln", &[V], Variadic::No, V, false),
    f("log10", &[V], Variadic::No, V, false),
    f("log2", &[V], Variadic::No, V, false),
    f("mad_over_time", &[M], Variadic::No, V, true),
    f("max_of", &[S, S], Variadic::No, S, true),
    f("max_over_time", &[M], Variadic::No, V, false),
    f("min_of", &[S, S], Variadic::No, S, true),
    f("min_over_time", &[M], Variadic::No, V, false),
    f("minute", &[V], Variadic::UpTo(1), V, false),
    f("month", &[V], Variadic::UpTo(1), V, false),
    f("pi", &[], Variadic::No, S, false),
    f("predict_linear", &[M, S], Variadic::No, V, false),
    f("present_over_time", &[M], Variadic::No, V, false),
    f("quantile_over_time", &[S, M], Variadic::No, V, false),
    f("rad", &[V], Variadic::No, V, false),
    f("range", &[], Variadic::No, S, true),
    f("rate", &[M], Variadic::No, V, false),
    f("resets", &[M], Variadic::No, V, false),
    f("round", &[V, S], Variadic::UpTo(1), V, false),
    f("scalar", &[V], Variadic::No, S, false),
    f("sgn", &[V], Variadic::No, V, false),
    f("sin", &[V], Variadic::No, V, false),
    f("sinh", &[V], Variadic::No, V, false),
    f("sort", &[V], Variadic::No, V, false),
    f("sort_by_label", &[V, T], Variadic::Unlimited, V, true),
    f("sort_by_label_desc", &[V, T], Variadic::Unlimited, V, true),
    f("sort_desc", &[V], Variadic::No, V, false),
    f("sqrt", &[V], Variadic::No, V, false),
    f("start", &[], Variadic::No, S, true),
    f("start_timestamp", &[V], Variadic::No, V, true),
    f("stddev_over_time", &[M], Variadic::No, V, false),
    f("stdvar_over_time", &[M], Variadic::No, V, false),
    f("step", &[], Variadic::No, S, true),
    f("sum_over_time", &[M], Variadic::No, V, false),
    f("tan", &[V], Variadic::No, V, false),
    f("tanh", &[V], Variadic::No, V, false),
    f("time", &[], Variadic::No, S, false),
    f("timestamp", &[V], Variadic::No, V, false),
    f("ts_of_first_over_time", &[M], Variadic::No, V, true),
    f("ts_of_last_over_time", &[M], Variadic::No, V, true),
    f("ts_of_max_over_time", &[M], Variadic::No, V, true),
    f("ts_of_min_over_time", &[M], Variadic::No, V, true),
    f("vector", &[S], Variadic::No, V, false),
    f("year", &[V], Variadic::UpTo(1), V, false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name() {
        assert!(signatures().is_sorted_by(|a, b| a.name < b.name));
        for known in signatures() {
            assert!(std::ptr::eq(signature(known.name).unwrap(), known));
        }
        assert_eq!(signature("rat"), None);
    }

    #[test]
    fn optional_and_repeated_arguments_are_counted() {
        let round = signature("round").unwrap();
        assert_eq!((round.args_min(), round.args_max()), (1, Some(2)));
        let join = signature("label_join").unwrap();
        assert_eq!((join.args_min(), join.args_max()), (3, None));
        assert_eq!(join.arg_type(17), Some(ValueType::String));
    }
}
