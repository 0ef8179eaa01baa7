//! Points in time, printed and asked as Go's `time.Time`.

use super::object::no_args;
use super::{Duration, Object, Shape, Value};
use crate::layout;
use chrono::{DateTime, Datelike, Months, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, Tz};
use lgtm_model::TimestampNs;
use std::fmt;
use std::sync::Arc;

/// Seconds from the epoch back to the year one, Go's zero time.
const ZERO_SECONDS: i64 = -62_135_596_800;

/// Where the clock on the wall hangs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Zone {
    /// Universal time.
    #[default]
    Utc,
    /// A zone of the IANA database.
    Named(Tz),
    /// A fixed distance from universal time.
    Fixed {
        /// Seconds east.
        offset_s: i32,
        /// Its abbreviation; empty when it has none.
        name: Arc<str>,
    },
}

/// A point in time, seen in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    at: DateTime<Utc>,
    zone: Zone,
}

/// A point in time as the clock on the wall shows it.
#[derive(Clone, Debug)]
pub(crate) struct Wall {
    pub at: NaiveDateTime,
    pub offset_s: i32,
    pub zone: String,
}

impl Default for Time {
    fn default() -> Self {
        Self::from_unix(ZERO_SECONDS, 0)
    }
}

impl From<TimestampNs> for Time {
    fn from(at: TimestampNs) -> Self {
        Self { at: DateTime::from_timestamp_nanos(at.0), zone: Zone::Utc }
    }
}

impl Time {
    /// So many seconds and nanoseconds after the epoch, in universal time.
    pub fn from_unix(seconds: i64, nanoseconds: u32) -> Self {
        let at = DateTime::from_timestamp(seconds, nanoseconds).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { at, zone: Zone::Utc }
    }

    /// Go's zero time, midnight of the first of January of the year one: a time that was never set.
    pub fn zero() -> Self {
        Self::default()
    }

    /// The same point in another zone.
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self { at: self.at, zone }
    }

    /// The same point in a zone of the IANA database; `None` when there is none of that name.
    pub fn in_named_zone(&self, name: &str) -> Option<Self> {
        match name {
            "" | "UTC" | "Local" => Some(self.in_zone(Zone::Utc)),
            _ => name.parse().ok().map(|zone| self.in_zone(Zone::Named(zone))),
        }
    }

    /// How long after `earlier` this is.
    pub fn since(&self, earlier: &Self) -> Duration {
        let between = self.at.signed_duration_since(earlier.at);
        let limit = if between.num_seconds() < 0 { i64::MIN } else { i64::MAX };
        Duration::from_ns(between.num_nanoseconds().unwrap_or(limit))
    }

    fn add(&self, duration: Duration) -> Self {
        let at = self.at.checked_add_signed(chrono::TimeDelta::nanoseconds(duration.nanoseconds()));
        Self { at: at.unwrap_or(self.at), zone: self.zone.clone() }
    }

    pub(crate) fn wall(&self) -> Wall {
        match &self.zone {
            Zone::Utc => Wall { at: self.at.naive_utc(), offset_s: 0, zone: "UTC".to_owned() },
            Zone::Named(zone) => {
                let offset = zone.offset_from_utc_datetime(&self.at.naive_utc());
                let offset_s = offset.fix().local_minus_utc();
                let zone = offset.abbreviation().map_or_else(|| layout::numeric_zone(offset_s), str::to_owned);
                self.shifted(offset_s, zone)
            }
            Zone::Fixed { offset_s, name } if name.is_empty() => {
                self.shifted(*offset_s, layout::numeric_zone(*offset_s))
            }
            Zone::Fixed { offset_s, name } => self.shifted(*offset_s, name.to_string()),
        }
    }

    fn shifted(&self, offset_s: i32, zone: String) -> Wall {
        let at = self.at.naive_utc();
        let shifted = at.checked_add_signed(chrono::TimeDelta::seconds(i64::from(offset_s)));
        Wall { at: shifted.unwrap_or(at), offset_s, zone }
    }

    /// Writes the time by one of Go's layouts, such as `2006-01-02 15:04:05`.
    pub fn format(&self, layout: &str) -> String {
        layout::format(layout, &self.wall())
    }

    /// Calls one of Go's methods.
    pub(crate) fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        if let Some(answer) = self.call_with(method, args) {
            return Some(answer);
        }
        let wall = self.wall().at;
        let answer: Value = match method {
            "String" => self.to_string().into(),
            "UTC" | "Local" => self.in_zone(Zone::Utc).into(),
            "Unix" => self.at.timestamp().into(),
            "UnixMilli" => self.at.timestamp_millis().into(),
            "UnixMicro" => self.at.timestamp_micros().into(),
            "UnixNano" => self.unix_ns().into(),
            "IsZero" => (self.at == Self::zero().at).into(),
            "Year" => i64::from(wall.year()).into(),
            "Month" => Value::object(Calendar::Month(wall.month())),
            "Day" => i64::from(wall.day()).into(),
            "Hour" => i64::from(wall.hour()).into(),
            "Minute" => i64::from(wall.minute()).into(),
            "Second" => i64::from(wall.second()).into(),
            "Nanosecond" => i64::from(wall.nanosecond()).into(),
            "YearDay" => i64::from(wall.ordinal()).into(),
            "Weekday" => Value::object(Calendar::Weekday(wall.weekday().num_days_from_sunday())),
            _ => return None,
        };
        Some(no_args(method, args).map(|()| answer))
    }

    fn call_with(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        let wants = match (method, args) {
            ("Format", [layout]) if layout.as_str().is_some() => {
                return Some(Ok(self.format(layout.as_str().unwrap_or_default()).into()));
            }
            // A number that stands in the template is a duration in nanoseconds, as in Go.
            ("Add", [Value::Int(nanoseconds)]) => return Some(Ok(self.add(Duration::from_ns(*nanoseconds)).into())),
            ("Add", [Value::Duration(duration)]) => return Some(Ok(self.add(*duration).into())),
            ("Truncate" | "Round", [unit @ (Value::Duration(_) | Value::Int(_))]) => {
                let unit = match unit {
                    Value::Duration(unit) => *unit,
                    Value::Int(nanoseconds) => Duration::from_ns(*nanoseconds),
                    _ => Duration::default(),
                };
                return Some(Ok(self.to_unit(unit, method == "Round").into()));
            }
            ("Sub", [Value::Time(other)]) => return Some(Ok(self.since(other).into())),
            ("After", [Value::Time(other)]) => return Some(Ok((self.at > other.at).into())),
            ("Before", [Value::Time(other)]) => return Some(Ok((self.at < other.at).into())),
            ("Equal", [Value::Time(other)]) => return Some(Ok((self.at == other.at).into())),
            ("AddDate", [Value::Int(years), Value::Int(months), Value::Int(days)]) => {
                return Some(Ok(self.add_date(*years, *months, *days).into()));
            }
            ("Format", _) => "a layout such as \"2006-01-02\"",
            ("Add" | "Truncate" | "Round", _) => "a duration",
            ("Sub" | "After" | "Before" | "Equal", _) => "a time",
            ("AddDate", _) => "years, months and days",
            _ => return None,
        };
        let given: Vec<&str> = args.iter().map(Value::type_name).collect();
        Some(Err(format!(
            "{method} wants {wants}; got {}",
            if given.is_empty() { "nothing".to_owned() } else { given.join(", ") }
        )))
    }

    /// Nanoseconds after the epoch; like Go's, this turns over for years before 1678 and after 2262.
    fn unix_ns(&self) -> i64 {
        let seconds = self.at.timestamp().wrapping_mul(1_000_000_000);
        seconds.wrapping_add(i64::from(self.at.timestamp_subsec_nanos()))
    }

    /// A multiple of `unit` since the year one: the last one, or the next one where it is not further.
    fn to_unit(&self, unit: Duration, rounds: bool) -> Self {
        let unit = i128::from(unit.nanoseconds());
        if unit <= 0 {
            return self.clone();
        }
        let seconds = i128::from(self.at.timestamp() - ZERO_SECONDS);
        let rest = (seconds * 1_000_000_000 + i128::from(self.at.timestamp_subsec_nanos())).rem_euclid(unit);
        let moved = if rounds && rest * 2 >= unit { unit - rest } else { -rest };
        self.add(Duration::from_ns(i64::try_from(moved).unwrap_or_default()))
    }

    /// Days are added after months. What leaves the calendar stays where it is.
    fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let months = years.saturating_mul(12).saturating_add(months);
        let count = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
        let moved = if months < 0 { self.at.checked_sub_months(count) } else { self.at.checked_add_months(count) };
        let days = chrono::TimeDelta::try_days(days);
        let at = moved.and_then(|at| at.checked_add_signed(days?)).unwrap_or(self.at);
        Self { at, zone: self.zone.clone() }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

/// A month or a day of the week: a number that prints as its name.
#[derive(Clone, Copy, Debug)]
enum Calendar {
    Month(u32),
    Weekday(u32),
}

impl Object for Calendar {
    fn type_name(&self) -> &str {
        match self {
            Self::Month(_) => "time.Month",
            Self::Weekday(_) => "time.Weekday",
        }
    }

    fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        (method == "String").then(|| no_args(method, args).map(|()| self.print().unwrap_or_default().into()))
    }

    fn shape(&self) -> Shape {
        let (Self::Month(number) | Self::Weekday(number)) = *self;
        Shape::Scalar(i64::from(number).into())
    }

    fn print(&self) -> Option<String> {
        let name = match self {
            Self::Month(number) => layout::MONTHS.get(number.saturating_sub(1) as usize),
            Self::Weekday(number) => layout::WEEKDAYS.get(*number as usize),
        };
        name.map(|name| (*name).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Time {
        Time::from_unix(1_435_065_584, 128_000_000)
    }

    #[test]
    fn prints_as_go_does() {
        assert_eq!(at().to_string(), "2015-06-23 13:19:44.128 +0000 UTC");
        assert_eq!(Time::zero().to_string(), "0001-01-01 00:00:00 +0000 UTC");
        assert_eq!(at().in_named_zone("Europe/Paris").unwrap().to_string(), "2015-06-23 15:19:44.128 +0200 CEST");
        assert!(at().in_named_zone("Invalid/Timezone").is_none());
    }

    #[test]
    fn methods_answer() {
        let call = |method: &str, args: &[Value]| crate::format::print(&at().call(method, args).unwrap().unwrap());
        assert_eq!(call("Month", &[]), "June");
        assert_eq!(call("Weekday", &[]), "Tuesday");
        assert_eq!(call("UnixMilli", &[]), "1435065584128");
        assert_eq!(call("Add", &[Duration::from_seconds(60.0).into()]), "2015-06-23 13:20:44.128 +0000 UTC");
        assert_eq!(call("Sub", &[Time::from_unix(1_435_065_580, 0).into()]), "4.128s");
        assert_eq!(
            call("AddDate", &[Value::Int(0), Value::Int(-1), Value::Int(2)]),
            "2015-05-25 13:19:44.128 +0000 UTC"
        );
        assert_eq!(call("Truncate", &[Duration::from_seconds(3600.0).into()]), "2015-06-23 13:00:00 +0000 UTC");
        assert!(at().call("Add", &["1h".into()]).unwrap().unwrap_err().contains("a duration"));
        assert!(at().call("Banana", &[]).is_none());
    }
}
