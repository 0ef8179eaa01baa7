//! `printf`: Go's verbs, flags, widths and precisions, and its way to complain inside of the text.

use super::print::{Sink, quote, write_value};
use super::{exponential, fixed, general, shortest};
use crate::value::{Safe, Shape, Value};
use std::fmt::{self, Write};
use std::iter::Peekable;
use std::str::Chars;

/// Widths and precisions beyond this are no formatting but a mistake; Go draws the line there too.
const WIDTH_MAX: usize = 1_000_000;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Debug, Default)]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// The arguments, and which is next.
struct Args<'a> {
    values: &'a [Value],
    next: usize,
    reordered: bool,
    bad_index: bool,
}

/// Writes `values` by `format`.
pub fn printf(sink: &mut Sink, format: &str, values: &[Value]) -> fmt::Result {
    let mut args = Args { values, next: 0, reordered: false, bad_index: false };
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '%' {
            directive(sink, &mut letters, &mut args)?;
        } else {
            sink.write_char(letter)?;
        }
    }
    if !args.reordered && args.next < values.len() {
        sink.push("%!(EXTRA ")?;
        for (index, value) in values.iter().enumerate().skip(args.next) {
            sink.push(if index == args.next { "" } else { ", " })?;
            match value {
                Value::Nil => sink.push("<nil>")?,
                _ => {
                    write!(sink, "{}=", value.type_name())?;
                    write_value(sink, value)?;
                }
            }
        }
        sink.push(")")?;
    }
    Ok(())
}

fn directive(sink: &mut Sink, letters: &mut Peekable<Chars<'_>>, args: &mut Args<'_>) -> fmt::Result {
    let mut spec = Spec::default();
    while let Some(flag) = letters.peek() {
        match flag {
            '+' => spec.plus = true,
            '-' => spec.minus = true,
            '#' => spec.sharp = true,
            ' ' => spec.space = true,
            '0' => spec.zero = true,
            _ => break,
        }
        letters.next();
    }
    args.index(letters);
    spec.width = match args.star(letters) {
        Some(Ok(width)) => {
            spec.minus |= width < 0;
            Some(usize::try_from(width.unsigned_abs()).unwrap_or(WIDTH_MAX))
        }
        Some(Err(())) => {
            sink.push("%!(BADWIDTH)")?;
            None
        }
        None => number(letters),
    };
    if letters.next_if_eq(&'.').is_some() {
        args.index(letters);
        spec.precision = match args.star(letters) {
            Some(Ok(precision)) if precision >= 0 => usize::try_from(precision).ok(),
            Some(_) => {
                sink.push("%!(BADPREC)")?;
                None
            }
            None => Some(number(letters).unwrap_or_default()),
        };
    }
    args.index(letters);
    if spec.width.is_some_and(|width| width > WIDTH_MAX) || spec.precision.is_some_and(|digits| digits > WIDTH_MAX) {
        sink.push("%!(BADWIDTH)")?;
        (spec.width, spec.precision) = (None, None);
    }
    match letters.next() {
        None => sink.push("%!(NOVERB)"),
        Some('%') => sink.push("%"),
        Some(verb) if args.bad_index => {
            args.bad_index = false;
            write!(sink, "%!{verb}(BADINDEX)")
        }
        Some(verb) => match args.take() {
            None => write!(sink, "%!{verb}(MISSING)"),
            Some(value) => write_verb(sink, verb, spec, &value, 0),
        },
    }
}

/// A decimal number, if one stands here.
fn number(letters: &mut Peekable<Chars<'_>>) -> Option<usize> {
    let mut value: Option<usize> = None;
    while let Some(digit) = letters.next_if(char::is_ascii_digit) {
        let digit = digit.to_digit(10).unwrap_or_default() as usize;
        value = Some(value.unwrap_or_default().saturating_mul(10).saturating_add(digit));
    }
    value
}

impl Args<'_> {
    fn take(&mut self) -> Option<Value> {
        let value = self.values.get(self.next).cloned();
        self.next += usize::from(value.is_some());
        value
    }

    /// `[3]` makes the third argument the next one.
    fn index(&mut self, letters: &mut Peekable<Chars<'_>>) {
        if letters.next_if_eq(&'[').is_none() {
            return;
        }
        self.reordered = true;
        let index = number(letters).and_then(|number| number.checked_sub(1));
        let closed = letters.next_if_eq(&']').is_some();
        match index.filter(|index| closed && *index < self.values.len()) {
            Some(index) => self.next = index,
            None => self.bad_index = true,
        }
    }

    /// `*` takes a width or a precision from the arguments.
    fn star(&mut self, letters: &mut Peekable<Chars<'_>>) -> Option<Result<i64, ()>> {
        letters.next_if_eq(&'*')?;
        Some(match self.take() {
            Some(Value::Int(number)) if number.unsigned_abs() <= WIDTH_MAX as u64 => Ok(number),
            _ => Err(()),
        })
    }
}

fn write_verb(sink: &mut Sink, verb: char, spec: Spec, value: &Value, depth: usize) -> fmt::Result {
    match verb {
        'T' => return pad(sink, value.type_name(), spec),
        'v' | 's' | 'q' | 'x' | 'X' => {
            if let Some(text) = text_of(value) {
                return match text_verb(verb, spec, &text) {
                    Some(text) => pad(sink, &text, spec),
                    None => bad(sink, verb, spec, value),
                };
            }
        }
        _ => {}
    }
    // `%+v` names the fields of structs; it is no sign.
    let spec = if verb == 'v' && depth == 0 && !matches!(value, Value::Object(_)) {
        Spec { plus: false, ..spec }
    } else {
        spec
    };
    match value.scalar() {
        Value::Nil if verb == 'v' => pad(sink, "<nil>", spec),
        Value::Bool(truth) if matches!(verb, 'v' | 't') => pad(sink, &truth.to_string(), spec),
        Value::Int(number) => match integer(verb, spec, number) {
            Some(text) => pad_number(sink, &text, spec),
            None => bad(sink, verb, spec, value),
        },
        Value::Duration(duration) => match integer(verb, spec, duration.nanoseconds()) {
            Some(text) => pad_number(sink, &text, spec),
            None => bad(sink, verb, spec, value),
        },
        Value::Float(number) => match float(verb, spec, number) {
            Some(text) if number.is_finite() => pad_number(sink, &text, spec),
            Some(text) => pad(sink, &text, spec),
            None => bad(sink, verb, spec, value),
        },
        other => compound(sink, verb, spec, &other, depth),
    }
}

/// Lists and maps apply the verb to each of their items; structs to their fields.
fn compound(sink: &mut Sink, verb: char, spec: Spec, value: &Value, depth: usize) -> fmt::Result {
    let object = match value {
        Value::Object(object) => Some(object),
        _ => None,
    };
    let shape = match value {
        Value::List(list) => Shape::List(list.clone()),
        Value::Map(map) => Shape::Map(map.clone()),
        _ => match object {
            Some(object) => object.shape(),
            None => return bad(sink, verb, spec, value),
        },
    };
    if depth > crate::limits::VALUE_DEPTH_MAX {
        return Err(fmt::Error);
    }
    match shape {
        Shape::List(list) => {
            sink.push("[")?;
            for (index, item) in list.iter().enumerate() {
                sink.push(if index == 0 { "" } else { " " })?;
                write_verb(sink, verb, spec, item, depth + 1)?;
            }
            sink.push("]")
        }
        Shape::Map(map) => {
            sink.push("map[")?;
            for (index, (name, item)) in map.iter().enumerate() {
                sink.push(if index == 0 { "" } else { " " })?;
                write_verb(sink, verb, spec, &name.clone().into(), depth + 1)?;
                sink.push(":")?;
                write_verb(sink, verb, spec, item, depth + 1)?;
            }
            sink.push("]")
        }
        Shape::Struct => {
            sink.push("{")?;
            let members = object.map(|object| object.members()).unwrap_or_default();
            for (index, member) in members.iter().enumerate() {
                sink.push(if index == 0 { "" } else { " " })?;
                if spec.plus && verb == 'v' {
                    write!(sink, "{}:", member.name)?;
                }
                write_verb(sink, verb, spec, &member.value, depth + 1)?;
            }
            sink.push("}")
        }
        Shape::Scalar(_) => bad(sink, verb, spec, value),
    }
}

/// The text of what is a text or decides itself how it prints.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) | Value::Trusted(Safe::Html | Safe::Url, text) => Some(text.to_string()),
        Value::Time(time) => Some(time.to_string()),
        Value::Duration(duration) => Some(duration.to_string()),
        Value::Object(object) => object.print(),
        _ => None,
    }
}

fn text_verb(verb: char, spec: Spec, text: &str) -> Option<String> {
    let cut: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let hex = |upper: bool| {
        let bytes = text.bytes().take(spec.precision.unwrap_or(usize::MAX));
        bytes.map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect::<String>()
    };
    Some(match verb {
        'v' if spec.sharp => quote(&cut),
        'v' | 's' => cut,
        'q' if spec.sharp && !text.contains('`') => format!("`{cut}`"),
        'q' => quote(&cut),
        'x' if spec.sharp && !text.is_empty() => format!("0x{}", hex(false)),
        'X' if spec.sharp && !text.is_empty() => format!("0X{}", hex(true)),
        'x' => hex(false),
        'X' => hex(true),
        _ => return None,
    })
}

fn integer(verb: char, spec: Spec, number: i64) -> Option<String> {
    let magnitude = number.unsigned_abs();
    let digits = match verb {
        'v' | 'd' => magnitude.to_string(),
        'b' => format!("{magnitude:b}"),
        'o' | 'O' => format!("{magnitude:o}"),
        'x' => format!("{magnitude:x}"),
        'X' => format!("{magnitude:X}"),
        'c' => return Some(character(number).to_string()),
        'q' => return Some(quoted_character(number)),
        'U' => return Some(format!("U+{magnitude:04X}")),
        _ => return None,
    };
    let prefix = match verb {
        'O' => "0o",
        'o' if spec.sharp => "0",
        'b' if spec.sharp => "0b",
        'x' if spec.sharp => "0x",
        'X' if spec.sharp => "0X",
        _ => "",
    };
    let digits = match spec.precision {
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits,
    };
    Some(format!("{}{prefix}{digits}", sign(number < 0, spec)))
}

fn character(number: i64) -> char {
    u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// In single quotes, in which double ones need no escape and single ones do.
fn quoted_character(number: i64) -> String {
    let c = character(number);
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        _ => format!("'{}'", quote(&c.to_string()).trim_matches('"')),
    }
}

fn sign(negative: bool, spec: Spec) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn float(verb: char, spec: Spec, number: f64) -> Option<String> {
    let text = match verb {
        'v' if spec.precision.is_none() => shortest(number),
        'v' | 'g' => general(number, spec.precision),
        'G' => general(number, spec.precision).replace('e', "E"),
        'f' | 'F' => fixed(number, Some(spec.precision.unwrap_or(6))),
        'e' => exponential(number, Some(spec.precision.unwrap_or(6))),
        'E' => exponential(number, Some(spec.precision.unwrap_or(6))).replace('e', "E"),
        _ => return None,
    };
    Some(match text.strip_prefix(['-', '+']) {
        Some(_) if !text.starts_with('+') || spec.plus || !number.is_finite() => text,
        Some(rest) => rest.to_owned(),
        None => format!("{}{text}", sign(false, spec)),
    })
}

/// A number is filled with zeros behind its sign, if the flag says so.
fn pad_number(sink: &mut Sink, text: &str, spec: Spec) -> fmt::Result {
    let missing = spec.width.unwrap_or_default().saturating_sub(text.chars().count());
    if !spec.zero || spec.minus || missing == 0 || (spec.precision.is_some() && !text.contains('.')) {
        return pad(sink, text, spec);
    }
    let digits = text.trim_start_matches(['-', '+', ' ']);
    sink.push(&text[..text.len() - digits.len()])?;
    sink.push(&"0".repeat(missing))?;
    sink.push(digits)
}

fn pad(sink: &mut Sink, text: &str, spec: Spec) -> fmt::Result {
    let missing = spec.width.unwrap_or_default().saturating_sub(text.chars().count());
    if missing > sink.limit_bytes() {
        return Err(fmt::Error);
    }
    let space = " ".repeat(missing);
    if spec.minus {
        sink.push(text)?;
        sink.push(&space)
    } else {
        sink.push(&space)?;
        sink.push(text)
    }
}

/// Go complains in the text itself: `%!d(string=hi)`. The value in there keeps flags and width.
fn bad(sink: &mut Sink, verb: char, spec: Spec, value: &Value) -> fmt::Result {
    if matches!(value, Value::Nil) {
        return write!(sink, "%!{verb}(<nil>)");
    }
    write!(sink, "%!{verb}({}=", value.type_name())?;
    match value {
        Value::Duration(duration) => pad_number(sink, &duration.nanoseconds().to_string(), spec)?,
        _ => write_verb(sink, 'v', spec, value, crate::limits::VALUE_DEPTH_MAX)?,
    }
    sink.push(")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Duration;

    fn format(format: &str, values: &[Value]) -> String {
        let mut sink = Sink::new(1000);
        printf(&mut sink, format, values).unwrap();
        sink.into_text()
    }

    #[test]
    fn verbs_flags_widths() {
        let int = |number: i64| Value::Int(number);
        for (text, values, expected) in [
            ("%v %s", vec!["a".into(), "b".into()], "a b"),
            ("%d|%5d|%-5d|%05d|%+d|% d", (0..6).map(|_| int(42)).collect(), "42|   42|42   |00042|+42| 42"),
            ("%x %X %#x %o %b %c %q %U", (0..8).map(|_| int(65)).collect(), "41 41 0x41 101 1000001 A 'A' U+0041"),
            (
                "%f %.2f %8.3f %e %g %G",
                (0..6).map(|_| 1234.5.into()).collect(),
                "1234.500000 1234.50 1234.500 1.234500e+03 1234.5 1234.5",
            ),
            ("%08.3f|%+.1f|%-8.1f|", vec![(-1.5).into(), 2.0.into(), 3.0.into()], "-001.500|+2.0|3.0     |"),
            (
                "%q %x %.2s %5s %-5s|",
                vec!["a\"".into(), "hi".into(), "héllo".into(), "ab".into(), "cd".into()],
                "\"a\\\"\" 6869 hé    ab cd   |",
            ),
            ("%t %v", vec![true.into(), false.into()], "true false"),
            ("%+v %+v %q %q", vec![int(1), 2.5.into(), int(39), int(1)], "1 2.5 '\\'' '\\x01'"),
            ("%T %T %T %T", vec![int(1), 1.0.into(), "".into(), Value::Nil], "int float64 string <nil>"),
            ("%v %d", vec![Duration::from_ns(1500).into(), Duration::from_ns(1500).into()], "1.5µs 1500"),
            ("%d %q", vec![vec![int(1), int(2)].into(), vec!["a".into(), "b".into()].into()], "[1 2] [\"a\" \"b\"]"),
            ("100%%", vec![], "100%"),
            ("%[2]d %[1]d", vec![int(1), int(2)], "2 1"),
            ("%*d|%.*f", vec![int(5), int(42), int(1), 2.55.into()], "   42|2.5"),
        ] {
            assert_eq!(format(text, &values), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_show_in_the_text() {
        for (text, values, expected) in [
            ("%d", vec!["hi".into()], "%!d(string=hi)"),
            ("%d", vec![1.5.into()], "%!d(float64=1.5)"),
            ("%d", vec![], "%!d(MISSING)"),
            ("%z", vec![Value::Int(3)], "%!z(int=3)"),
            ("%", vec![], "%!(NOVERB)"),
            ("a", vec![Value::Int(1), "b".into()], "a%!(EXTRA int=1, string=b)"),
            ("%[5]d", vec![Value::Int(1)], "%!d(BADINDEX)"),
            ("%s", vec![Value::Nil], "%!s(<nil>)"),
            ("%s", vec![Value::Int(1)], "%!s(int=1)"),
        ] {
            assert_eq!(format(text, &values), expected, "{text}");
        }
    }

    #[test]
    fn huge_widths_end_at_the_limit() {
        let mut sink = Sink::new(1000);
        assert!(printf(&mut sink, "%999999d", &[Value::Int(1)]).is_err());
        let mut sink = Sink::new(1000);
        assert!(printf(&mut sink, "%99999999999999999999d", &[Value::Int(1)]).is_ok());
    }
}
