//! Numbers for people: metric prefixes, durations, percentages, timestamps.

use super::{Call, Functions, Param};
use crate::format::general;
use crate::value::{Duration, Time, Value};

pub fn add(functions: &mut Functions) {
    const ANY: Param = Param::Any;
    functions.add(&[
        ("humanize", &[ANY], |call| Ok(humanize(number(call)?).into())),
        ("humanize1024", &[ANY], |call| Ok(humanize_1024(number(call)?).into())),
        ("humanizePercentage", &[ANY], |call| Ok(format!("{}%", digits(number(call)? * 100.0)).into())),
        ("humanizeTimestamp", &[ANY], |call| match number(call)? {
            value if !value.is_finite() => Ok(digits(value).into()),
            value => Ok(to_time(value)?.to_string().into()),
        }),
        ("toTime", &[ANY], |call| Ok(to_time(number(call)?)?.into())),
        ("toDuration", &[ANY], |call| Ok(Duration::from_seconds(number(call)?).into())),
    ]);
    add_duration(functions);
}

/// The one of these that Alertmanager has, too.
pub fn add_duration(functions: &mut Functions) {
    functions.add(&[("humanizeDuration", &[Param::Any], |call| Ok(humanize_duration(number(call)?).into()))]);
}

/// A number, a text that says one, or a duration in seconds.
fn number(call: &Call<'_>) -> Result<f64, String> {
    match call.value(0).scalar() {
        Value::Int(number) => Ok(number as f64),
        Value::Float(number) => Ok(number),
        Value::Duration(duration) => Ok(duration.seconds()),
        Value::Nil => Err("can't convert <nil> to float64".to_owned()),
        value => match value.as_str() {
            Some(text) => {
                let parsed = text.parse::<f64>();
                parsed.map_err(|_| format!("strconv.ParseFloat: parsing {text:?}: invalid syntax"))
            }
            None => Err(format!("can't convert {} to float64", value.type_name())),
        },
    }
}

fn digits(value: f64) -> String {
    general(value, Some(4))
}

/// Multiplies by a thousand until something stands before the point.
fn small(mut value: f64) -> (f64, &'static str) {
    let mut prefix = "";
    for next in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if value.abs() >= 1.0 {
            break;
        }
        prefix = next;
        value *= 1000.0;
    }
    (value, prefix)
}

fn large(mut value: f64, base: f64, prefixes: [&'static str; 8]) -> (f64, &'static str) {
    let mut prefix = "";
    for next in prefixes {
        if value.abs() < base {
            break;
        }
        prefix = next;
        value /= base;
    }
    (value, prefix)
}

fn humanize(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return digits(value);
    }
    let (value, prefix) = match value.abs() >= 1.0 {
        true => large(value, 1000.0, ["k", "M", "G", "T", "P", "E", "Z", "Y"]),
        false => small(value),
    };
    format!("{}{prefix}", digits(value))
}

fn humanize_1024(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return digits(value);
    }
    let (value, prefix) = large(value, 1024.0, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
    format!("{}{prefix}", digits(value))
}

fn humanize_duration(value: f64) -> String {
    if !value.is_finite() {
        return digits(value);
    }
    if value == 0.0 {
        return format!("{}s", digits(value));
    }
    if value.abs() < 1.0 {
        let (value, prefix) = small(value);
        return format!("{}{prefix}s", digits(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as i64;
    let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", digits(value.abs())),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, _, _) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

/// Seconds after the epoch, cut to milliseconds.
fn to_time(seconds: f64) -> Result<Time, String> {
    if !seconds.is_finite() {
        return Err("value is NaN or Inf".to_owned());
    }
    let nanoseconds = seconds * 1e9;
    // 2⁶³ itself is no i64, although it is the float next to the largest one; Go's test lets it pass and overflows.
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&nanoseconds) {
        let shown = general(seconds, None);
        return Err(format!("{shown} cannot be represented as a nanoseconds timestamp since it overflows int64"));
    }
    let milliseconds = nanoseconds as i64 / 1_000_000;
    let fraction = u32::try_from(milliseconds.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    Ok(Time::from_unix(milliseconds.div_euclid(1000), fraction))
}
