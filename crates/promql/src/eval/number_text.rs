//! Numbers as upstream writes them in label values and messages: Go's `%f`, `%g` and their kin.

/// The shortest text that reads back as the value, without an exponent: the label of `count_values`.
pub(crate) fn plain(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        (if value > 0.0 { "+Inf" } else { "-Inf" }).to_owned()
    } else {
        value.to_string()
    }
}

/// The shortest text, with an exponent when that is below -4 or above 20: Go's `%g`.
pub(crate) fn general(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return plain(value);
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..21).contains(&exponent) => with_exponent(digits, exponent),
        _ => plain(value),
    }
}

/// At most this many significant digits: Go's `%.2g`.
pub(crate) fn rounded(value: f64, digits: usize) -> String {
    if !value.is_finite() || value == 0.0 {
        return plain(value);
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let mantissa = trim_zeros(mantissa);
    match exponent.parse::<i32>() {
        Ok(exponent) if exponent < -4 || exponent >= digits as i32 => with_exponent(mantissa, exponent),
        _ => plain(scientific.parse().unwrap_or(value)),
    }
}

/// As OpenMetrics writes a float: always with a point or an exponent.
pub(crate) fn open_metrics(value: f64) -> String {
    let text = general(value);
    if !value.is_finite() || text.contains(['e', '.']) { text } else { text + ".0" }
}

fn trim_zeros(mantissa: &str) -> &str {
    if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa }
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_upstream_writes_them() {
        assert_eq!(["NaN", "+Inf", "0.5"].map(str::to_owned), [f64::NAN, f64::INFINITY, 0.5].map(plain));
        assert_eq!([1e21, 1e-5, 123456.0, -1.5].map(general), ["1e+21", "1e-05", "123456", "-1.5"]);
        assert_eq!([0.1234, 12.0, 1234.0, 2.0].map(|v| rounded(v, 2)), ["0.12", "12", "1.2e+03", "2"]);
        assert_eq!([1.0, 0.99, 1e21].map(open_metrics), ["1.0", "0.99", "1e+21"]);
    }
}
