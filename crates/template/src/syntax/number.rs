//! Numbers: decimal, hexadecimal, octal, binary, with `_` between digits, with fraction and exponent.

use super::token::Kind;

/// The message and the hint for a word that is no number.
type NumberError = (String, Option<String>);

/// The number that `word` says.
pub fn parse(word: &str) -> Result<Kind, NumberError> {
    let bad = || (format!("bad number syntax: {word:?}"), None);
    if word.ends_with('i') {
        return Err((format!("complex numbers are not supported: {word:?}"), None));
    }
    let (negative, digits) = match word.as_bytes().first() {
        Some(b'-') => (true, &word[1..]),
        Some(b'+') => (false, &word[1..]),
        _ => (false, word),
    };
    let plain = without_underscores(digits).ok_or_else(bad)?;
    let lower = plain.to_ascii_lowercase();
    let (radix, whole) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') && lower.bytes().all(|b| b.is_ascii_digit()) => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let is_float = if radix == 16 { whole.contains(['.', 'p']) } else { whole.contains(['.', 'e']) };
    let sign = if negative { -1.0 } else { 1.0 };
    if is_float {
        let value = if radix == 16 { hex_float(whole) } else { decimal_float(&lower) };
        return value.map(|value| Kind::Float(sign * value)).ok_or_else(bad);
    }
    if whole.is_empty() || !whole.chars().all(|c| c.is_digit(radix)) {
        return Err(bad());
    }
    let magnitude = i128::from_str_radix(whole, radix).unwrap_or(i128::MAX);
    let value = i64::try_from(if negative { -magnitude } else { magnitude });
    let hint = Some("write it with a fraction to get a floating-point number".to_owned());
    value.map(Kind::Int).map_err(|_| (format!("{word} overflows int"), hint))
}

/// Underscores are allowed between digits and behind a base prefix.
fn without_underscores(digits: &str) -> Option<String> {
    let bytes = digits.as_bytes();
    let fine = bytes.iter().enumerate().all(|(index, byte)| {
        let before = index.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(index + 1);
        *byte != b'_' || (before.is_some_and(u8::is_ascii_alphanumeric) && after.is_some_and(u8::is_ascii_hexdigit))
    });
    fine.then(|| digits.replace('_', ""))
}

fn decimal_float(text: &str) -> Option<f64> {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let value: f64 = text.parse().ok()?;
    (digits && value.is_finite() && text.bytes().all(|b| b.is_ascii_digit() || b".e+-".contains(&b))).then_some(value)
}

/// `1.8p3` is 1.5 × 2³; Go demands the exponent.
fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 13 {
        return None;
    }
    let number = u64::from_str_radix(&digits, 16).ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len() * 4).ok()?)?;
    let value = number as f64 * 2_f64.powi(shift);
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_bases() {
        for (word, number) in [
            ("0", 0),
            ("-7", -7),
            ("+7", 7),
            ("0x1F", 31),
            ("0o17", 15),
            ("017", 15),
            ("0b101", 5),
            ("1_000_000", 1_000_000),
            ("0x_ff", 255),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse(word), Ok(Kind::Int(number)), "{word}");
        }
        for (word, number) in
            [("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-2e3", -2000.0), ("0x1.8p3", 12.0), ("0x1p-2", 0.25)]
        {
            assert_eq!(parse(word), Ok(Kind::Float(number)), "{word}");
        }
        for wrong in [
            "1i",
            "1+2i",
            "0x",
            "089",
            "0x1.8",
            "1__0",
            "1_",
            "_1",
            "1e",
            "1.2.3",
            "9223372036854775808",
            "-",
            "1k",
            "1e999",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
