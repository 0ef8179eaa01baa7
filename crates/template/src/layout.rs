//! Go's time layouts: a date that is written out is the pattern. `Mon Jan 2 15:04:05 MST 2006`.

mod parse;

pub use parse::parse;

use crate::value::Wall;
use chrono::{Datelike, Timelike};
use std::fmt::Write;

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// One element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    LongMonth,
    Month,
    NumberMonth { padded: bool },
    LongWeekday,
    Weekday,
    Day { pad: Pad },
    YearDay { pad: Pad },
    Hour24,
    Hour12 { padded: bool },
    Minute { padded: bool },
    Second { padded: bool },
    LongYear,
    Year,
    HalfDay { upper: bool },
    ZoneName,
    Offset(OffsetForm),
    Fraction { digits: usize, trimmed: bool, comma: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pad {
    None,
    Zero,
    Space,
}

/// `Z07:00`, `-0700` and their relatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OffsetForm {
    z: bool,
    colon: bool,
    minutes: bool,
    seconds: bool,
}

/// The elements that are plain words, longest first among those with one beginning.
const WORDS: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Monday", Element::LongWeekday),
    ("MST", Element::ZoneName),
    ("002", Element::YearDay { pad: Pad::Zero }),
    ("01", Element::NumberMonth { padded: true }),
    ("02", Element::Day { pad: Pad::Zero }),
    ("03", Element::Hour12 { padded: true }),
    ("04", Element::Minute { padded: true }),
    ("05", Element::Second { padded: true }),
    ("06", Element::Year),
    ("15", Element::Hour24),
    ("1", Element::NumberMonth { padded: false }),
    ("2006", Element::LongYear),
    ("2", Element::Day { pad: Pad::None }),
    ("__2", Element::YearDay { pad: Pad::Space }),
    ("_2", Element::Day { pad: Pad::Space }),
    ("3", Element::Hour12 { padded: false }),
    ("4", Element::Minute { padded: false }),
    ("5", Element::Second { padded: false }),
    ("PM", Element::HalfDay { upper: true }),
    ("pm", Element::HalfDay { upper: false }),
];

const fn offset(z: bool, colon: bool, minutes: bool, seconds: bool) -> Element {
    Element::Offset(OffsetForm { z, colon, minutes, seconds })
}

const OFFSETS: &[(&str, Element)] = &[
    ("-070000", offset(false, false, true, true)),
    ("-07:00:00", offset(false, true, true, true)),
    ("-0700", offset(false, false, true, false)),
    ("-07:00", offset(false, true, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z07", offset(true, false, false, false)),
];

/// The element that `layout` begins with, and its length.
fn element(layout: &str) -> Option<(Element, usize)> {
    let first = layout.bytes().next()?;
    if first == b'_' && layout.starts_with("_2006") {
        return None;
    }
    if matches!(first, b'.' | b',') {
        return fraction(layout);
    }
    let tables = WORDS.iter().chain(OFFSETS);
    let mut found = tables.filter(|(word, _)| layout.starts_with(word));
    if let Some((word, element)) = found.next() {
        return Some((*element, word.len()));
    }
    // `Jan` and `Mon` are elements only where no longer word follows, as in `Month`.
    let short = [("Jan", Element::Month), ("Mon", Element::Weekday)];
    let (word, element) = short.into_iter().find(|(word, _)| layout.starts_with(word))?;
    let follows = layout.as_bytes().get(word.len());
    (!follows.is_some_and(u8::is_ascii_lowercase)).then_some((element, word.len()))
}

/// `.000` keeps all digits, `.999` drops trailing zeros; neither may be followed by a further digit.
fn fraction(layout: &str) -> Option<(Element, usize)> {
    let bytes = layout.as_bytes();
    let kind = *bytes.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = bytes[1..].iter().take_while(|digit| **digit == kind).count();
    let ends = !bytes.get(1 + digits).is_some_and(u8::is_ascii_digit);
    let element = Element::Fraction { digits, trimmed: kind == b'9', comma: bytes[0] == b',' };
    ends.then_some((element, 1 + digits))
}

/// Writes `at` by `layout`.
pub fn format(layout: &str, at: &Wall) -> String {
    let mut text = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while !rest.is_empty() {
        match element(rest) {
            Some((element, length)) => {
                write_element(&mut text, element, at);
                rest = &rest[length..];
            }
            None => {
                let mut letters = rest.chars();
                text.extend(letters.next());
                rest = letters.as_str();
            }
        }
    }
    text
}

fn write_element(text: &mut String, element: Element, wall: &Wall) {
    let at = wall.at;
    let month = MONTHS[at.month0() as usize % 12];
    let weekday = WEEKDAYS[at.weekday().num_days_from_sunday() as usize % 7];
    let hour12 = at.hour12().1;
    let padded = |text: &mut String, number: u32, padded: bool| {
        let _ = if padded { write!(text, "{number:02}") } else { write!(text, "{number}") };
    };
    let _ = match element {
        Element::LongMonth => write!(text, "{month}"),
        Element::Month => write!(text, "{}", &month[..3]),
        Element::LongWeekday => write!(text, "{weekday}"),
        Element::Weekday => write!(text, "{}", &weekday[..3]),
        Element::Day { pad: Pad::Space } => write!(text, "{:2}", at.day()),
        Element::YearDay { pad: Pad::Space } => write!(text, "{:3}", at.ordinal()),
        Element::YearDay { .. } => write!(text, "{:03}", at.ordinal()),
        Element::Hour24 => write!(text, "{:02}", at.hour()),
        Element::LongYear => write!(text, "{:04}", at.year()),
        Element::Year => write!(text, "{:02}", at.year().rem_euclid(100)),
        Element::HalfDay { upper } => {
            let half = if at.hour() >= 12 { "PM" } else { "AM" };
            write!(text, "{}", if upper { half.to_owned() } else { half.to_lowercase() })
        }
        Element::ZoneName => write!(text, "{}", wall.zone),
        Element::NumberMonth { padded: pad } => return padded(text, at.month(), pad),
        Element::Day { pad } => return padded(text, at.day(), pad == Pad::Zero),
        Element::Hour12 { padded: pad } => return padded(text, hour12, pad),
        Element::Minute { padded: pad } => return padded(text, at.minute(), pad),
        Element::Second { padded: pad } => return padded(text, at.second(), pad),
        Element::Offset(form) => return write_offset(text, wall.offset_s, form),
        Element::Fraction { digits, trimmed, comma } => {
            return write_fraction(text, at.nanosecond(), digits, trimmed, comma);
        }
    };
}

fn write_offset(text: &mut String, offset_s: i32, form: OffsetForm) {
    if form.z && offset_s == 0 {
        text.push('Z');
        return;
    }
    let distance = offset_s.unsigned_abs();
    let colon = if form.colon { ":" } else { "" };
    let _ = write!(text, "{}{:02}", if offset_s < 0 { '-' } else { '+' }, distance / 3600);
    if form.minutes {
        let _ = write!(text, "{colon}{:02}", distance / 60 % 60);
    }
    if form.seconds {
        let _ = write!(text, "{colon}{:02}", distance % 60);
    }
}

fn write_fraction(text: &mut String, nanosecond: u32, digits: usize, trimmed: bool, comma: bool) {
    let all = format!("{:09}", nanosecond % 1_000_000_000);
    let kept: String = all.chars().chain(std::iter::repeat('0')).take(digits.min(9)).collect();
    let kept = if trimmed { kept.trim_end_matches('0') } else { &kept };
    if !(trimmed && kept.is_empty()) {
        let _ = write!(text, "{}{kept}", if comma { ',' } else { '.' });
    }
}

/// `+02` or `+0530`: the name of a zone that has none.
pub fn numeric_zone(offset_s: i32) -> String {
    let mut text = String::new();
    let minutes = offset_s % 3600 != 0;
    write_offset(&mut text, offset_s, OffsetForm { z: false, colon: false, minutes, seconds: false });
    text
}

#[cfg(test)]
mod tests {
    use crate::value::Time;

    #[test]
    fn layouts_write_as_go_does() {
        let at = Time::from_unix(1_136_239_445, 123_400_000);
        for (layout, text) in [
            ("Mon Jan _2 15:04:05 2006", "Mon Jan  2 22:04:05 2006"),
            ("Monday, 02-Jan-06 3:04PM", "Monday, 02-Jan-06 10:04PM"),
            ("2006-01-02T15:04:05Z07:00", "2006-01-02T22:04:05Z"),
            ("Jan 2, 2006 at 3:04pm (MST)", "Jan 2, 2006 at 10:04pm (UTC)"),
            ("15:04:05.000", "22:04:05.123"),
            ("15:04:05.999999999", "22:04:05.1234"),
            ("15:04:05,9", "22:04:05,1"),
            ("Month 1 Janet 002 __2", "Month 1 Janet 002   2"),
            ("-0700 -07:00 -07", "+0000 +00:00 +00"),
            ("no elements", "no elements"),
            ("", ""),
        ] {
            assert_eq!(at.format(layout), text, "{layout}");
        }
        let paris = at.in_named_zone("Europe/Paris").unwrap();
        assert_eq!(paris.format("2006-01-02T15:04:05-07:00 MST"), "2006-01-02T23:04:05+01:00 CET");
    }
}
