//! Lengths of time, printed and asked as Go's `time.Duration`.

use super::Value;
use super::object::no_args;
use std::fmt;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration(i64);

impl Duration {
    /// So many nanoseconds.
    pub fn from_ns(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// So many seconds; too long ones are cut to about 292 years.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e9) as i64)
    }

    /// In nanoseconds.
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        (self.0 / SECOND) as f64 + (self.0 % SECOND) as f64 / 1e9
    }

    /// Calls one of Go's methods.
    pub(crate) fn call(self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        let answer: Value = match method {
            "Round" => return Some(unit_arg(method, args).map(|unit| self.round(unit).into())),
            "Truncate" => return Some(unit_arg(method, args).map(|unit| self.truncate(unit).into())),
            "String" => self.to_string().into(),
            "Seconds" => self.seconds().into(),
            "Minutes" => ((self.0 / MINUTE) as f64 + (self.0 % MINUTE) as f64 / MINUTE as f64).into(),
            "Hours" => ((self.0 / HOUR) as f64 + (self.0 % HOUR) as f64 / HOUR as f64).into(),
            "Milliseconds" => (self.0 / 1_000_000).into(),
            "Microseconds" => (self.0 / 1_000).into(),
            "Nanoseconds" => self.0.into(),
            "Abs" => Self(self.0.saturating_abs()).into(),
            _ => return None,
        };
        Some(no_args(method, args).map(|()| answer))
    }

    fn truncate(self, unit: i64) -> Self {
        if unit <= 0 { self } else { Self(self.0 - self.0 % unit) }
    }

    /// Halves go away from zero.
    fn round(self, unit: i64) -> Self {
        if unit <= 0 {
            return self;
        }
        let rest = self.0 % unit;
        let away = if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) { unit * rest.signum() } else { 0 };
        Self((self.0 - rest).saturating_add(away))
    }
}

fn unit_arg(method: &str, args: &[Value]) -> Result<i64, String> {
    match args {
        [Value::Duration(unit)] => Ok(unit.0),
        [Value::Int(nanoseconds)] => Ok(*nanoseconds),
        [other] => Err(format!("{method} wants a duration; got {}", other.type_name())),
        _ => Err(format!("wrong number of args for {method}: want 1 got {}", args.len())),
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let fraction = |whole: u64, rest: u64, digits: usize| match rest {
            0 => whole.to_string(),
            _ => format!("{whole}.{}", format!("{rest:0digits$}").trim_end_matches('0')),
        };
        match total {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{total}ns"),
            1_000..1_000_000 => write!(f, "{}µs", fraction(total / 1_000, total % 1_000, 3)),
            1_000_000..1_000_000_000 => write!(f, "{}ms", fraction(total / 1_000_000, total % 1_000_000, 6)),
            _ => {
                let seconds = total / 1_000_000_000;
                if seconds >= 3600 {
                    write!(f, "{}h", seconds / 3600)?;
                }
                if seconds >= 60 {
                    write!(f, "{}m", seconds / 60 % 60)?;
                }
                write!(f, "{}s", fraction(seconds % 60, total % 1_000_000_000, 9))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_go_does() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (1_800_000_000_000, "30m0s"),
            (-90_000_000_000, "-1m30s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(Duration::from_ns(nanoseconds).to_string(), text);
        }
    }

    #[test]
    fn rounds_halves_away_from_zero() {
        let round = |ns, unit| Duration::from_ns(ns).round(unit).nanoseconds();
        assert_eq!((round(149, 100), round(150, 100), round(-150, 100), round(5, 0)), (100, 200, -200, 5));
        assert_eq!(round(i64::MAX, HOUR), i64::MAX);
    }
}
