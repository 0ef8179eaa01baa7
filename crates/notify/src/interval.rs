//! Time intervals: when a route is muted or active, in the terms of a calendar.

use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use lgtm_model::TimestampNs;

/// An inclusive range of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub begin: i32,
    /// The last.
    pub end: i32,
}

impl Span {
    fn has(self, number: i32) -> bool {
        (self.begin..=self.end).contains(&number)
    }
}

/// One interval: every field that is given must contain the time, by any of its ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeInterval {
    /// Minutes of the day, the end excluded.
    pub times: Option<Vec<Span>>,
    /// Days of the week, Sunday being 0.
    pub weekdays: Option<Vec<Span>>,
    /// Days of the month from 1; negative ones count from its end.
    pub days_of_month: Option<Vec<Span>>,
    /// Months, January being 1.
    pub months: Option<Vec<Span>>,
    /// Years.
    pub years: Option<Vec<Span>>,
    /// Whose clock counts; UTC when nothing is said.
    pub location: Option<Tz>,
}

impl TimeInterval {
    /// Whether a time lies within.
    pub fn contains(&self, at: TimestampNs) -> bool {
        let utc: DateTime<Utc> = Utc.timestamp_nanos(at.0);
        let local = utc.with_timezone(&self.location.unwrap_or(Tz::UTC));
        let minute = local.hour() as i32 * 60 + local.minute() as i32;
        let weekday = local.weekday().num_days_from_sunday() as i32;
        let within = |spans: &Option<Vec<Span>>, has: &dyn Fn(Span) -> bool| {
            spans.as_ref().is_none_or(|spans| spans.iter().any(|span| has(*span)))
        };
        within(&self.times, &|span| span.begin <= minute && minute < span.end)
            && within(&self.days_of_month, &|span| day_within(&local, span))
            && within(&self.months, &|span| span.has(local.month() as i32))
            && within(&self.weekdays, &|span| span.has(weekday))
            && within(&self.years, &|span| span.has(local.year()))
    }
}

fn day_within(local: &DateTime<Tz>, span: Span) -> bool {
    let days = days_in_month(local.year(), local.month());
    let resolve = |day: i32| if day < 0 { days + day + 1 } else { day };
    let (begin, end) = (resolve(span.begin), resolve(span.end));
    // A range that begins after this month's end is not in this month at all.
    begin <= days && (begin..=end.min(days)).contains(&(local.day() as i32))
}

fn days_in_month(year: i32, month: u32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Intervals under one name; any of them counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedIntervals {
    /// The name by which routes use them.
    pub name: String,
    /// The intervals.
    pub intervals: Vec<TimeInterval>,
}

/// Those of `names` whose intervals contain the time.
pub fn containing<'n>(all: &[NamedIntervals], names: &'n [String], at: TimestampNs) -> Vec<&'n str> {
    let contains = |name: &str| {
        all.iter().any(|named| named.name == name && named.intervals.iter().any(|interval| interval.contains(at)))
    };
    names.iter().map(String::as_str).filter(|name| contains(name)).collect()
}
