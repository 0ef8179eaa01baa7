//! Times and durations as the API takes and gives them: seconds with a fraction, RFC 3339, Prometheus durations.

use lgtm_model::TimestampMs;

/// How upstream's client libraries write the beginning and the end of time, which no calendar holds.
const BOUNDARIES: [(&str, TimestampMs); 2] = [
    ("-292273086-05-16T16:47:06Z", TimestampMs(i64::MIN + 62_135_596_801_000 + 192)),
    ("+292277025-08-18T07:12:54.999999999Z", TimestampMs(i64::MAX - 62_135_596_801_000)),
];

/// Reads seconds since 1970 or RFC 3339.
pub(super) fn parse(text: &str) -> Result<TimestampMs, String> {
    let failed = || format!("cannot parse {text:?} to a valid timestamp");
    if let Some((_, boundary)) = BOUNDARIES.iter().find(|(known, _)| *known == text) {
        return Ok(*boundary);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        if !seconds.is_finite() {
            return Err(failed());
        }
        // The fraction alone is rounded, so that large times keep their milliseconds.
        let milliseconds = (seconds.fract() * 1000.0).round() as i64;
        return Ok(TimestampMs((seconds.trunc() as i64).saturating_mul(1000).saturating_add(milliseconds)));
    }
    rfc3339(text).ok_or_else(failed)
}

fn rfc3339(text: &str) -> Option<TimestampMs> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let number = |from: usize, to: usize, text: &str| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let separators = date.get(4..5)? == "-" && date.get(7..8)? == "-" && matches!(rest.get(..1)?, "T" | "t");
    let time = rest.get(1..9)?;
    if !separators || time.get(2..3)? != ":" || time.get(5..6)? != ":" {
        return None;
    }
    let (year, month, day) = (number(0, 4, date)?, number(5, 7, date)?, number(8, 10, date)?);
    let (hour, minute, second) = (number(0, 2, time)?, number(3, 5, time)?, number(6, 8, time)?);
    let valid = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    if !valid || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut zone = rest.get(9..)?;
    let mut fraction_ms = 0.0;
    if let Some(fraction) = zone.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        fraction_ms = format!("0.{}", &fraction[..digits]).parse::<f64>().ok()? * 1000.0;
        zone = fraction.get(digits..)?;
    }
    let offset_s = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let well_formed = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.get(3..4)? == ":";
            well_formed.then_some(sign * (number(1, 3, zone)? * 3600 + number(4, 6, zone)? * 60))?
        }
    };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset_s;
    Some(TimestampMs(seconds * 1000 + fraction_ms.floor() as i64))
}

/// Days since 1970 of a date of the Gregorian calendar, with years that begin in March, so that leap days come last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)
}

/// Writes RFC 3339 in UTC, with milliseconds where there are some.
pub(super) fn format_rfc3339(time: TimestampMs) -> String {
    let (days, in_day_ms) = (time.0.div_euclid(86_400_000), time.0.rem_euclid(86_400_000));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (seconds, milliseconds) = (in_day_ms / 1000, in_day_ms % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match milliseconds {
        0 => String::new(),
        _ => format!(".{milliseconds:03}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Reads seconds or a Prometheus duration.
pub(super) fn parse_duration_ms(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        let nanoseconds = seconds * 1e9;
        if !nanoseconds.is_finite() || nanoseconds.abs() > i64::MAX as f64 {
            return Err(format!("cannot parse {text:?} to a valid duration. It overflows int64"));
        }
        return Ok((seconds * 1000.0).round() as i64);
    }
    lgtm_model::parse_duration_ms(text).map_err(|_| format!("cannot parse {text:?} to a valid duration"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        for (text, want_ms) in [
            ("123", 123_000),
            ("123.123", 123_123),
            ("-1.5", -1_500),
            ("1543578564.705", 1_543_578_564_705),
            ("2015-06-03T13:21:58.555Z", 1_433_337_718_555),
            ("2015-06-03T14:21:58.555+01:00", 1_433_337_718_555),
            ("1969-12-31T23:59:59Z", -1_000),
        ] {
            assert_eq!(parse(text), Ok(TimestampMs(want_ms)), "{text}");
        }
        for text in [
            "",
            "abc",
            "30s",
            "2015-13-01T00:00:00Z",
            "2015-02-29T00:00:00Z",
            "2015-06-03",
            "NaN",
            "2015-06-03T13:21:58",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(BOUNDARIES[0].0).is_ok() && parse(BOUNDARIES[1].0).is_ok());
    }

    #[test]
    fn what_is_written_reads_back() {
        for time_ms in [0, -1, 1_433_337_718_555, 951_782_400_000, 4_107_542_399_999] {
            assert_eq!(parse(&format_rfc3339(TimestampMs(time_ms))), Ok(TimestampMs(time_ms)));
        }
        assert_eq!(format_rfc3339(TimestampMs(951_782_400_500)), "2000-02-29T00:00:00.5Z");
    }

    #[test]
    fn durations_are_read_in_both_forms() {
        for (text, want_ms) in [("123", 123_000), ("123.333", 123_333), ("15s", 15_000), ("5m", 300_000)] {
            assert_eq!(parse_duration_ms(text), Ok(want_ms));
        }
        for text in ["", "abc", "-148966367200.372", "148966367200.372", "2015-06-03T13:21:58.555Z"] {
            assert!(parse_duration_ms(text).is_err(), "{text}");
        }
    }
}
