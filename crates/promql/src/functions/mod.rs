//! The functions, one behaviour a file. [`body`] finds what computes a function.

pub(crate) mod absent;
pub(crate) mod average_over_time;
pub(crate) mod changes;
pub(crate) mod clamp;
pub(crate) mod classic_buckets;
pub(crate) mod date;
pub(crate) mod deriv;
pub(crate) mod double_exponential_smoothing;
pub(crate) mod elementwise;
pub(crate) mod extended_rate;
pub(crate) mod extreme_over_time;
pub(crate) mod histogram_fraction;
pub(crate) mod histogram_quantile;
pub(crate) mod info;
pub(crate) mod irate;
pub(crate) mod label_join;
pub(crate) mod label_replace;
pub(crate) mod mad_over_time;
pub(crate) mod native_histogram;
pub(crate) mod natural_order;
pub(crate) mod quantile_over_time;
pub(crate) mod rate;
pub(crate) mod round;
pub(crate) mod scalar;
pub(crate) mod select_over_time;
pub(crate) mod sort;
pub(crate) mod sum_over_time;
pub(crate) mod timestamp;
pub(crate) mod variance_over_time;

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;

/// Computes a call at all steps.
pub(crate) type Body = fn(&mut Evaluator<'_>, &Call, &Grid) -> Result<Evaluated, EvalError>;

/// What computes the function of a name. `start`, `end`, `range` and `step` are numbers before it comes to this.
pub(crate) fn body(name: &str) -> Option<Body> {
    elementwise::body(name).or_else(|| date::body(name)).or_else(|| over_time(name)).or_else(|| other(name))
}

fn over_time(name: &str) -> Option<Body> {
    Some(match name {
        "absent_over_time" => absent::absent_over_time,
        "avg_over_time" => average_over_time::avg_over_time,
        "changes" => changes::changes,
        "count_over_time" => select_over_time::count_over_time,
        "delta" => rate::delta,
        "deriv" => deriv::deriv,
        "double_exponential_smoothing" => double_exponential_smoothing::double_exponential_smoothing,
        "first_over_time" => select_over_time::first_over_time,
        "idelta" => irate::idelta,
        "increase" => rate::increase,
        "irate" => irate::irate,
        "last_over_time" => select_over_time::last_over_time,
        "mad_over_time" => mad_over_time::mad_over_time,
        "max_over_time" => extreme_over_time::max_over_time,
        "min_over_time" => extreme_over_time::min_over_time,
        "predict_linear" => deriv::predict_linear,
        "present_over_time" => select_over_time::present_over_time,
        "quantile_over_time" => quantile_over_time::quantile_over_time,
        "rate" => rate::rate,
        "resets" => changes::resets,
        "stddev_over_time" => variance_over_time::stddev_over_time,
        "stdvar_over_time" => variance_over_time::stdvar_over_time,
        "sum_over_time" => sum_over_time::sum_over_time,
        "ts_of_first_over_time" => select_over_time::ts_of_first_over_time,
        "ts_of_last_over_time" => select_over_time::ts_of_last_over_time,
        "ts_of_max_over_time" => extreme_over_time::ts_of_max_over_time,
        "ts_of_min_over_time" => extreme_over_time::ts_of_min_over_time,
        _ => return None,
    })
}

fn other(name: &str) -> Option<Body> {
    Some(match name {
        "absent" => absent::absent,
        "clamp" => clamp::clamp,
        "clamp_max" => clamp::clamp_max,
        "clamp_min" => clamp::clamp_min,
        "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar" | "histogram_sum" => {
            native_histogram::of_floats
        }
        "histogram_fraction" => histogram_fraction::histogram_fraction,
        "histogram_quantile" => histogram_quantile::histogram_quantile,
        "histogram_quantiles" => histogram_quantile::histogram_quantiles,
        "info" => info::info,
        "label_join" => label_join::label_join,
        "label_replace" => label_replace::label_replace,
        "max_of" => scalar::max_of,
        "min_of" => scalar::min_of,
        "pi" => scalar::pi,
        "round" => round::round,
        "scalar" => scalar::scalar,
        "sort" => sort::sort,
        "sort_by_label" => sort::sort_by_label,
        "sort_by_label_desc" => sort::sort_by_label_desc,
        "sort_desc" => sort::sort_desc,
        "start_timestamp" => native_histogram::of_floats,
        "time" => scalar::time,
        "timestamp" => timestamp::timestamp,
        "vector" => scalar::vector,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_function_of_the_language_has_a_body() {
        for signature in crate::signature::signatures() {
            let folded = ["start", "end", "range", "step"].contains(&signature.name);
            assert_eq!(super::body(signature.name).is_none(), folded, "{}", signature.name);
        }
    }
}
