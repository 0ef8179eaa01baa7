//! Floating-point numbers as Go's `%e`, `%f` and `%g` write them.

/// What is no number or no finite one, as Go writes it.
fn special(value: f64) -> Option<String> {
    match value {
        _ if value.is_nan() => Some("NaN".to_owned()),
        f64::INFINITY => Some("+Inf".to_owned()),
        f64::NEG_INFINITY => Some("-Inf".to_owned()),
        _ => None,
    }
}

/// The significant digits without trailing zeros, and the decimal exponent of the first. Rounded to `digits`, if given.
fn scientific(value: f64, digits: Option<usize>) -> (String, i32) {
    let text = match digits {
        Some(digits) => format!("{:.*e}", digits.saturating_sub(1), value.abs()),
        None => format!("{:e}", value.abs()),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    (digits.to_owned(), exponent.parse().unwrap_or_default())
}

fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

fn minus(value: f64) -> &'static str {
    if value.is_sign_negative() { "-" } else { "" }
}

/// `%g` and `%.Ng`: as many digits as needed, or at most N.
pub fn general(value: f64, precision: Option<usize>) -> String {
    if let Some(text) = special(value) {
        return text;
    }
    let precision = precision.map(|precision| precision.max(1));
    let (digits, exponent) = scientific(value, precision);
    // The shortest form changes to an exponent where six digits would; so Go prints 1e+06.
    let limit = i32::try_from(precision.unwrap_or(SHORTEST_DIGITS)).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let point = if digits.len() > 1 { "." } else { "" };
        let mantissa = format!("{}{}{point}{}", minus(value), &digits[..1], &digits[1..]);
        return with_exponent(&mantissa, exponent);
    }
    let decimals = digits.len().saturating_sub(1);
    let decimals = i32::try_from(decimals).unwrap_or(i32::MAX).saturating_sub(exponent).max(0);
    format!("{:.*}", usize::try_from(decimals).unwrap_or_default(), value)
}

/// Go decides by this many digits whether the shortest form has an exponent.
const SHORTEST_DIGITS: usize = 6;

/// `%v`: the shortest text that reads back as the same number, with an exponent below 1e-4 and from 1e6 on.
pub fn shortest(value: f64) -> String {
    general(value, None)
}

/// `%.Ne`
pub fn exponential(value: f64, precision: Option<usize>) -> String {
    special(value).unwrap_or_else(|| {
        let text = match precision {
            Some(precision) => format!("{value:.precision$e}"),
            None => format!("{value:e}"),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        with_exponent(mantissa, exponent.parse().unwrap_or_default())
    })
}

/// `%.Nf`
pub fn fixed(value: f64, precision: Option<usize>) -> String {
    special(value).unwrap_or_else(|| match precision {
        Some(precision) => format!("{value:.precision$}"),
        None => format!("{value}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (100_000.0, "100000"),
            (1e6, "1e+06"),
            (1_353_755_652.0, "1.353755652e+09"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(shortest(value), text);
        }
    }

    #[test]
    fn a_number_of_digits() {
        for (value, text) in [
            (1.2345, "1.234"),
            (12.345, "12.35"),
            (123_456.0, "1.235e+05"),
            (1000.0, "1000"),
            (0.00012, "0.00012"),
            (18.446744, "18.45"),
            (-2.5e-7, "-2.5e-07"),
        ] {
            assert_eq!(general(value, Some(4)), text);
        }
        assert_eq!(exponential(1234.5, Some(2)), "1.23e+03");
        assert_eq!(exponential(0.0, Some(6)), "0.000000e+00");
        assert_eq!(fixed(2.5, Some(0)), "2");
        assert_eq!(fixed(3720.01, Some(2)), "3720.01");
    }
}
