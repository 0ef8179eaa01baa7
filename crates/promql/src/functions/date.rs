//! Parts of a date, in UTC: of each value taken as seconds since the epoch, or of the evaluation time.

use super::Body;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Evaluated, Series};
use lgtm_model::Labels;

/// A moment of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
    /// Days since the epoch.
    days: i64,
    /// Seconds since midnight.
    seconds: i64,
}

impl Date {
    /// The days of 400 years repeat exactly; counting from March puts the leap day at the end of a year.
    fn new(unix_seconds: i64) -> Self {
        let (days, seconds) = (unix_seconds.div_euclid(86_400), unix_seconds.rem_euclid(86_400));
        // 719,468 days lie between 0000-03-01 and the epoch; 146,097 days are 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day, days, seconds }
    }

    fn is_leap_year(&self) -> bool {
        self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0)
    }

    fn days_in_month(&self) -> i64 {
        match self.month {
            2 => 28 + i64::from(self.is_leap_year()),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn day_of_year(&self) -> i64 {
        const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let leap_day = i64::from(self.month > 2 && self.is_leap_year());
        BEFORE[(self.month - 1).clamp(0, 11) as usize] + self.day + leap_day
    }

    /// The epoch was a Thursday; Sunday is 0.
    fn day_of_week(&self) -> i64 {
        (self.days + 4).rem_euclid(7)
    }
}

/// `2006-01-02T15:04:05Z`
pub(crate) fn rfc3339(unix_seconds: i64) -> String {
    let date = Date::new(unix_seconds);
    let (hour, minute, second) = (date.seconds / 3600, date.seconds / 60 % 60, date.seconds % 60);
    format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", date.year, date.month, date.day)
}

/// The body of a date function.
pub(crate) fn body(name: &str) -> Option<Body> {
    Some(match name {
        "day_of_month" => |e, c, g| part(e, c, g, |date| date.day),
        "day_of_week" => |e, c, g| part(e, c, g, |date| date.day_of_week()),
        "day_of_year" => |e, c, g| part(e, c, g, |date| date.day_of_year()),
        "days_in_month" => |e, c, g| part(e, c, g, |date| date.days_in_month()),
        "hour" => |e, c, g| part(e, c, g, |date| date.seconds / 3600),
        "minute" => |e, c, g| part(e, c, g, |date| date.seconds / 60 % 60),
        "month" => |e, c, g| part(e, c, g, |date| date.month),
        "year" => |e, c, g| part(e, c, g, |date| date.year),
        _ => return None,
    })
}

fn part(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    part: fn(&Date) -> i64,
) -> Result<Evaluated, EvalError> {
    let Some(node) = call.args.first() else {
        let mut column = Column::absent(grid.steps);
        for (step, time_ms) in grid.times_ms().enumerate() {
            column.set(step, part(&Date::new(time_ms / 1000)) as f64);
        }
        return Ok(Evaluated::Vector(vec![Series { labels: Labels::empty(), drop_name: false, column }]));
    };
    let mut series = evaluator.vector(node, grid)?;
    for series in &mut series {
        series.drop_name = true;
        series.column.map(|_, value| of_seconds(value, part));
    }
    Ok(Evaluated::Vector(series))
}

/// What is no moment, or one further away than any calendar reaches, has no date.
fn of_seconds(seconds: f64, part: fn(&Date) -> i64) -> f64 {
    const SECONDS_MAX: f64 = 1e17;
    if seconds.abs() <= SECONDS_MAX { part(&Date::new(seconds as i64)) as f64 } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (1_136_239_445, "2006-01-02T22:04:05Z"),
        ] {
            assert_eq!(rfc3339(seconds), want);
        }
        let leap = Date::new(1_709_164_800); // 2024-02-29
        assert_eq!((leap.days_in_month(), leap.day_of_year(), leap.day_of_week()), (29, 60, 4));
        assert!(of_seconds(f64::NAN, |date| date.year).is_nan());
    }
}
