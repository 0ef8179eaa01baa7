//! `time_intervals` and, as it was called before, `mute_time_intervals`.

use crate::interval::{NamedIntervals, Span, TimeInterval};
use chrono_tz::Tz;
use lgtm_settings::Node;

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads one item of the list.
pub(super) fn named(node: Node<'_>) -> Option<NamedIntervals> {
    node.map(|fields| {
        let name = fields.optional("name", |node| node.string()).filter(|name| !name.is_empty());
        if name.is_none() {
            fields.problem_at("name", "missing name in time interval");
        }
        let intervals = fields.or_default("time_intervals", |node| node.list(interval));
        Some(NamedIntervals { name: name?, intervals })
    })
}

/// Reads one interval.
pub(crate) fn interval(node: Node<'_>) -> Option<TimeInterval> {
    node.map(|fields| {
        let times = fields.optional("times", |node| node.list(time_range));
        let weekdays = fields.optional("weekdays", |node| ranges(node, weekday, weekday_range));
        let days_of_month = fields.optional("days_of_month", |node| ranges(node, number, day_range));
        let months = fields.optional("months", |node| ranges(node, month, month_range));
        let years = fields.optional("years", |node| ranges(node, number, year_range));
        let location = fields.optional("location", |node| {
            node.parse("a time zone such as Europe/Berlin", |text| match text {
                "" => Ok(Tz::UTC),
                // The machine's own zone would make one file mean different things in different places.
                "Local" => Err("\"Local\" depends on the machine; name the zone".to_owned()),
                text => text.parse::<Tz>().map_err(|error| error.to_string()),
            })
        });
        Some(TimeInterval { times, weekdays, days_of_month, months, years, location })
    })
}

fn time_range(node: Node<'_>) -> Option<Span> {
    node.map(|fields| {
        let start = fields.optional("start_time", |node| node.parse("a time of day such as 09:30", minute_of_day));
        let end = fields.optional("end_time", |node| node.parse("a time of day such as 17:00", minute_of_day));
        if !(fields.has("start_time") && fields.has("end_time")) {
            fields.node().problem("both start and end times must be provided");
        }
        let span = Span { begin: start?, end: end? };
        if span.begin >= span.end {
            fields.problem_at("start_time", "start time cannot be equal or greater than end time");
        }
        Some(span)
    })
}

fn minute_of_day(text: &str) -> Result<i32, &'static str> {
    let error = "write hours and minutes with two digits each, at most 24:00";
    let (hours, minutes) = text.split_once(':').ok_or(error)?;
    let two = |digits: &str| match digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse::<i32>().map_err(|_| error),
        false => Err(error),
    };
    match (two(hours)?, two(minutes)?) {
        (hours @ 0..=23, minutes @ 0..=59) => Ok(hours * 60 + minutes),
        (24, 0) => Ok(24 * 60),
        _ => Err(error),
    }
}

type Member = fn(&str) -> Result<i32, String>;
type Check = fn(Span) -> Result<(), String>;

fn ranges(node: Node<'_>, member: Member, check: Check) -> Option<Vec<Span>> {
    node.list(|item| {
        item.parse("a range such as begin:end", |text| {
            let text = text.to_lowercase();
            let span = match text.split_once(':') {
                Some((_, end)) if end.contains(':') => return Err("there is more than one colon".to_owned()),
                Some((begin, end)) => Span { begin: member(begin)?, end: member(end)? },
                None => Span { begin: member(&text)?, end: member(&text)? },
            };
            check(span).map(|()| span)
        })
    })
}

fn number(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

fn weekday(text: &str) -> Result<i32, String> {
    let index = WEEKDAYS.iter().position(|name| *name == text);
    index.map(|index| index as i32).ok_or_else(|| format!("{text} is not a valid weekday"))
}

fn month(text: &str) -> Result<i32, String> {
    match MONTHS.iter().position(|name| *name == text) {
        Some(index) => Ok(index as i32 + 1),
        None => text.parse().map_err(|_| format!("{text} is not a valid month")),
    }
}

fn weekday_range(span: Span) -> Result<(), String> {
    if span.begin > span.end {
        return Err("the end day is before the start day; weeks begin on Sunday".to_owned());
    }
    Ok(())
}

fn month_range(span: Span) -> Result<(), String> {
    if span.begin > span.end {
        return Err("the end month is before the start month".to_owned());
    }
    match [span.begin, span.end].iter().all(|month| (1..=12).contains(month)) {
        true => Ok(()),
        false => Err("months go from 1 to 12".to_owned()),
    }
}

fn year_range(span: Span) -> Result<(), String> {
    if span.begin > span.end {
        return Err(format!("end year {} is before start year {}", span.end, span.begin));
    }
    Ok(())
}

fn day_range(span: Span) -> Result<(), String> {
    for day in [span.begin, span.end] {
        if day == 0 || !(-31..=31).contains(&day) {
            return Err(format!("{day} is not a valid day of the month: out of range"));
        }
    }
    if span.begin < 0 && span.end > 0 {
        return Err("end day must be negative if start day is negative".to_owned());
    }
    // Months differ; what holds in the shortest one cannot be wrong in any.
    let in_shortest = |day: i32| if day < 0 { 28 + day } else { day };
    if in_shortest(span.begin) > in_shortest(span.end) {
        return Err(format!("end day {} is always before start day {}", span.end, span.begin));
    }
    Ok(())
}
