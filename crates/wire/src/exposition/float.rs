//! Numbers as the formats write them.

use std::borrow::Cow;

/// Reads a number: decimal, `Inf` or `NaN` in any case; neither hexadecimal nor underscores, and nothing that only
/// fits as infinity. Every NaN comes back as the ordinary one.
pub fn parse(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    if number.is_nan() {
        return text.eq_ignore_ascii_case("nan").then_some(f64::from_bits(NORMAL_NAN_BITS));
    }
    let overflowed = number.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    (!overflowed).then_some(number)
}

/// Prometheus' `value.NormalNaN`.
const NORMAL_NAN_BITS: u64 = 0x7ff8_0000_0000_0001;

/// Seconds to milliseconds, as upstream: cut off, not rounded. `None` for what is no time.
pub(super) fn seconds_to_ms(seconds: f64) -> Option<i64> {
    seconds.is_finite().then_some((seconds * 1000.0) as i64)
}

/// The one way to write a bucket's bound or a quantile: `1` and `1.0` are both `1.0`. What is no number stays.
pub(super) fn canonical_bound<'a>(text: &Cow<'a, str>) -> Cow<'a, str> {
    match parse(text) {
        Some(number) => {
            let canonical = format(number);
            if canonical.contains(['.', 'e', 'N', 'I']) { canonical.into() } else { format!("{canonical}.0").into() }
        }
        None => text.clone(),
    }
}

/// The shortest text that reads back as the same number, as Go's `%g` would have it.
pub fn format(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..21).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_as_upstream_does() {
        for (text, want) in [("1", "1"), ("-Inf", "-Inf"), ("inf", "+Inf"), ("NaN", "NaN"), ("1e300", "1e+300")] {
            assert_eq!(parse(text).map(format).as_deref(), Some(want), "{text}");
        }
        for (text, want) in [("1e-5", "1e-05"), ("1.5e20", "150000000000000000000"), ("0.0001", "0.0001"), ("-0", "-0")]
        {
            assert_eq!(parse(text).map(format).as_deref(), Some(want), "{text}");
        }
        for text in ["", "1_2", "0x1p-3", "true", "1e400", "+nan", "1 "] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(canonical_bound(&"10".into()), "10.0");
        assert_eq!(canonical_bound(&"+Inf".into()), "+Inf");
        assert_eq!(canonical_bound(&"x".into()), "x");
    }
}
