//! Times and durations as Loki's parameters write them.

use lgtm_model::TimestampNs;

const SECOND_NS: i64 = 1_000_000_000;

/// Seconds or nanoseconds since the Unix epoch (told apart by their length), seconds with a fraction, or RFC 3339.
pub(super) fn timestamp(text: &str) -> Option<TimestampNs> {
    if let Some((whole, fraction)) = text.split_once('.') {
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && all_digits(whole) && all_digits(fraction) {
            let seconds: i64 = whole.parse().ok()?;
            return seconds.checked_mul(SECOND_NS)?.checked_add(fraction_ns(fraction)).map(TimestampNs);
        }
    }
    match text.parse::<i64>() {
        Ok(number) if text.len() <= 10 => number.checked_mul(SECOND_NS).map(TimestampNs),
        Ok(number) => Some(TimestampNs(number)),
        Err(_) => rfc3339(text),
    }
}

/// The first nine digits of a fraction, as nanoseconds.
fn fraction_ns(digits: &str) -> i64 {
    let padded = format!("{digits:0<9}");
    padded[..9].parse().unwrap_or(0)
}

/// `2026-11-24T10:00:00.5+01:00`
fn rfc3339(text: &str) -> Option<TimestampNs> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|(at, separator)| bytes.get(*at) != Some(separator)) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return None;
        }
        nanos = fraction_ns(&fraction[..length]);
        rest = &fraction[length..];
    }
    let zone_seconds = zone_seconds(rest)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - zone_seconds;
    seconds.checked_mul(SECOND_NS)?.checked_add(nanos).map(TimestampNs)
}

/// `Z` or `+hh:mm`.
fn zone_seconds(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, clock) = match zone.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    Some(sign * (hours.parse::<u8>().ok()? as i64 * 3_600 + minutes.parse::<u8>().ok()? as i64 * 60))
}

/// Days since the Unix epoch of a date of the Gregorian calendar, counted from a year that begins in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Seconds, with or without a fraction, or a duration such as `5m`; in nanoseconds.
pub(super) fn duration_ns(text: &str) -> Option<i64> {
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => lgtm_logql::duration_seconds(text)?,
    };
    let nanos = seconds * SECOND_NS as f64;
    (nanos.is_finite() && nanos.abs() < i64::MAX as f64).then_some(nanos as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_all_their_shapes() {
        for (text, want_ns) in [
            ("1571332130", 1_571_332_130_000_000_000),
            ("1571334162051000000", 1_571_334_162_051_000_000),
            ("1571332130.934", 1_571_332_130_934_000_000),
            ("2002-10-02T15:00:00Z", 1_033_570_800_000_000_000),
            ("2009-11-10T23:00:00.000000001Z", 1_257_894_000_000_000_001),
            ("2009-11-11T00:00:00+01:00", 1_257_894_000_000_000_000),
        ] {
            assert_eq!(timestamp(text), Some(TimestampNs(want_ns)), "{text}");
        }
        for text in
            ["we", "", "2009-11-10", "2009-13-10T23:00:00Z", "2009-11-10T23:00:00", "99999999999999999999", "1.x"]
        {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_seconds_or_have_units() {
        assert_eq!(duration_ns("5.500"), Some(5_500_000_000));
        assert_eq!(duration_ns("5d"), Some(432_000_000_000_000));
        assert_eq!(duration_ns("x"), None);
        assert_eq!(duration_ns("inf"), None);
    }
}
