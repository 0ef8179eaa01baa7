//! Numbers as upstream writes them.

use crate::ast::NumberLiteral;
use lgtm_model::format_duration_ms;
use std::fmt;

/// The shortest decimal text that reads back as the same value, without an exponent: the API's form of values.
pub fn format_number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        format!("{value}")
    }
}

/// The same with an exponent for very small and very large values, as Go's `%v` writes them.
pub(super) fn format_shortest(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == 0.0 || (1e-4..1e21).contains(&magnitude) {
        return format_number(value);
    }
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

impl fmt::Display for NumberLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_duration {
            return f.write_str(&format_number(self.value));
        }
        // Upstream rounds to nanoseconds and cuts them; so 1.5 seconds are 1s500ms.
        let duration_ms = (self.value.abs() * 1e9).round() as i64 / 1_000_000;
        let sign = if self.value < 0.0 { "-" } else { "" };
        write!(f, "{sign}{}", format_duration_ms(duration_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_upstream_writes_them() {
        assert_eq!(format_number(0.1), "0.1");
        assert_eq!(format_number(1e21), "1000000000000000000000");
        assert_eq!(format_number(-0.0), "-0");
        assert_eq!(format_number(f64::INFINITY), "+Inf");
        assert_eq!(format_shortest(1e21), "1e+21");
        assert_eq!(format_shortest(0.00001), "1e-05");
        assert_eq!(format_shortest(-23.0), "-23");
    }
}
