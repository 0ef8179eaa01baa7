//! Reads a time by a layout.

use super::{Element, MONTHS, OffsetForm, WEEKDAYS, element};
use crate::value::{Time, Zone};
use chrono::{NaiveDate, NaiveTime};

/// What has been read so far.
#[derive(Default)]
struct Read {
    year: i32,
    month: u32,
    day: u32,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    afternoon: Option<bool>,
    offset_s: Option<i32>,
    zone: Option<String>,
}

/// The time that `text` says, read by `layout`; without a zone in universal time. The error is worded as Go's.
pub fn parse(layout: &str, text: &str) -> Result<Time, String> {
    let mut read = Read { year: 0, month: 1, day: 1, ..Read::default() };
    let (mut layout_rest, mut rest) = (layout, text);
    let fail = |element: &str, rest: &str| {
        Err(format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {element:?}"))
    };
    while let Some(first) = layout_rest.chars().next() {
        match element(layout_rest) {
            Some((element, length)) => {
                let after = read.element(element, rest);
                let Some(after) = after else { return fail(&layout_rest[..length], rest) };
                layout_rest = &layout_rest[length..];
                // A fraction may follow the seconds even where the layout has none.
                let fraction_follows = matches!(super::element(layout_rest), Some((Element::Fraction { .. }, _)));
                rest = match element {
                    Element::Second { .. } if !fraction_follows => read.unasked_fraction(after),
                    _ => after,
                };
            }
            None => {
                let Some(after) = rest.strip_prefix(first) else { return fail(layout_rest, rest) };
                rest = after;
                layout_rest = &layout_rest[first.len_utf8()..];
            }
        }
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {text:?}: extra text: {rest:?}"));
    }
    read.time().ok_or_else(|| format!("parsing time {text:?}: day or time out of range"))
}

impl Read {
    fn element<'t>(&mut self, element: Element, text: &'t str) -> Option<&'t str> {
        let (number, rest) = match element {
            Element::LongMonth | Element::Month => {
                let (index, rest) = name(text, &MONTHS, element == Element::LongMonth)?;
                self.month = index + 1;
                return Some(rest);
            }
            Element::LongWeekday | Element::Weekday => {
                return name(text, &WEEKDAYS, element == Element::LongWeekday).map(|(_, rest)| rest);
            }
            Element::HalfDay { upper } => {
                let (half, rest) = text.split_at_checked(2)?;
                let (morning, afternoon) = if upper { ("AM", "PM") } else { ("am", "pm") };
                self.afternoon = Some(half == afternoon);
                return (half == morning || half == afternoon).then_some(rest);
            }
            Element::ZoneName => {
                let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
                self.zone = Some(text[..length].to_owned());
                return (3..=5).contains(&length).then_some(&text[length..]);
            }
            Element::Offset(form) => return self.offset(text, form),
            Element::Fraction { .. } => {
                let after = self.unasked_fraction(text);
                // Only a fraction of nines may be absent.
                let optional = matches!(element, Element::Fraction { trimmed: true, .. });
                return (optional || after.len() < text.len()).then_some(after);
            }
            Element::LongYear => digits(text, 4, 4)?,
            Element::YearDay { .. } => digits(text.trim_start(), 1, 3)?,
            Element::NumberMonth { padded: true }
            | Element::Hour12 { padded: true }
            | Element::Minute { padded: true }
            | Element::Second { padded: true }
            | Element::Day { pad: super::Pad::Zero }
            | Element::Year => digits(text, 2, 2)?,
            _ => digits(text.strip_prefix(' ').unwrap_or(text), 1, 2)?,
        };
        self.number(element, number).then_some(rest)
    }

    /// Keeps a number; says whether it is in range.
    fn number(&mut self, element: Element, number: u32) -> bool {
        let (field, range) = match element {
            Element::LongYear => {
                self.year = i32::try_from(number).unwrap_or_default();
                return true;
            }
            Element::Year => {
                self.year = i32::try_from(number).unwrap_or_default() + if number >= 69 { 1900 } else { 2000 };
                return true;
            }
            Element::YearDay { .. } => {
                self.year_day = Some(number);
                return true;
            }
            Element::NumberMonth { .. } => (&mut self.month, 1..=12),
            Element::Day { .. } => (&mut self.day, 1..=31),
            Element::Hour24 => (&mut self.hour, 0..=23),
            Element::Hour12 { .. } => (&mut self.hour, 0..=12),
            Element::Minute { .. } => (&mut self.minute, 0..=59),
            _ => (&mut self.second, 0..=59),
        };
        *field = number;
        range.contains(&number)
    }

    fn offset<'t>(&mut self, text: &'t str, form: OffsetForm) -> Option<&'t str> {
        if form.z
            && let Some(rest) = text.strip_prefix('Z')
        {
            self.offset_s = Some(0);
            self.zone = Some("UTC".to_owned());
            return Some(rest);
        }
        let sign = match text.bytes().next()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, mut rest) = digits(&text[1..], 2, 2)?;
        let mut seconds = hours.checked_mul(3600)?;
        for (wanted, unit) in [(form.minutes, 60), (form.seconds, 1)] {
            if wanted {
                let (number, after) = digits(if form.colon { rest.strip_prefix(':')? } else { rest }, 2, 2)?;
                seconds += number * unit;
                rest = after;
            }
        }
        self.offset_s = Some(sign * i32::try_from(seconds).ok()?);
        (hours <= 24).then_some(rest)
    }

    fn unasked_fraction<'t>(&mut self, text: &'t str) -> &'t str {
        let Some(after) = text.strip_prefix(['.', ',']) else { return text };
        let length = after.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return text;
        }
        let nine: String = after[..length].chars().chain(std::iter::repeat('0')).take(9).collect();
        self.nanosecond = nine.parse().unwrap_or_default();
        &after[length..]
    }

    fn time(self) -> Option<Time> {
        let date = match self.year_day {
            Some(day) => NaiveDate::from_yo_opt(self.year, day)?,
            None => NaiveDate::from_ymd_opt(self.year, self.month, self.day)?,
        };
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let time = NaiveTime::from_hms_nano_opt(hour, self.minute, self.second, self.nanosecond)?;
        let wall = date.and_time(time).and_utc();
        let offset_s = self.offset_s.unwrap_or_default();
        let at = Time::from_unix(wall.timestamp().checked_sub(i64::from(offset_s))?, wall.timestamp_subsec_nanos());
        Some(match (offset_s, self.zone.as_deref()) {
            (0, None | Some("UTC")) => at,
            (_, zone) => at.in_zone(Zone::Fixed { offset_s, name: zone.unwrap_or_default().into() }),
        })
    }
}

/// Between `least` and `most` digits at the beginning.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (length >= least).then(|| Some((text[..length].parse().ok()?, &text[length..])))?
}

/// A name at the beginning, whole or its first three letters, in any case.
fn name<'t>(text: &'t str, names: &[&str], whole: bool) -> Option<(u32, &'t str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let length = if whole { name.len() } else { 3 };
        let begins = text.get(..length)?.eq_ignore_ascii_case(&name[..length]);
        begins.then(|| (u32::try_from(index).unwrap_or_default(), &text[length..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_layouts_write() {
        for (layout, text, printed) in [
            ("2006-01-02", "2024-03-15", "2024-03-15 00:00:00 +0000 UTC"),
            ("2006-01-02T15:04:05Z07:00", "2024-03-15T10:20:30.5Z", "2024-03-15 10:20:30.5 +0000 UTC"),
            ("2006-01-02T15:04:05Z07:00", "2024-03-15T10:20:30+02:00", "2024-03-15 10:20:30 +0200 +02"),
            ("Jan _2, 2006 3:04PM", "Mar  5, 2024 12:07AM", "2024-03-05 00:07:00 +0000 UTC"),
            ("2006 002", "2024 060", "2024-02-29 00:00:00 +0000 UTC"),
            ("15:04:05.000", "01:02:03.25", "0000-01-01 01:02:03.25 +0000 UTC"),
        ] {
            assert_eq!(parse(layout, text).map(|time| time.to_string()).as_deref(), Ok(printed), "{layout} {text}");
        }
    }

    #[test]
    fn refuses_with_gos_words() {
        let error = parse("2006-01-02", "not-a-date").unwrap_err();
        assert_eq!(error, "parsing time \"not-a-date\" as \"2006-01-02\": cannot parse \"not-a-date\" as \"2006\"");
        assert!(parse("2006-01-02", "2024-02-31").unwrap_err().contains("out of range"));
        assert!(parse("2006", "2024x").unwrap_err().contains("extra text"));
        assert!(parse("01é", "01").is_err());
    }
}
