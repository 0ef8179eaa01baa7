//! `html`, `js`, `urlquery` and the escaping of addresses.

use super::{Call, Functions, Param};
use crate::format::print_all;
use crate::value::{Safe, Value};
use std::fmt::Write;

pub fn add(functions: &mut Functions) {
    functions.add_variadic(&[
        // What is escaped already is not escaped once more when HTML is rendered.
        ("html", &[], Param::Any, |call| Ok(Value::Trusted(Safe::Html, html(&printed(call)?).into()))),
        ("js", &[], Param::Any, |call| Ok(js(&printed(call)?).into())),
        ("urlquery", &[], Param::Any, |call| Ok(Value::Trusted(Safe::Url, query_escape(&printed(call)?).into()))),
    ]);
}

fn printed(call: &Call<'_>) -> Result<String, String> {
    let shown = |value: &Value| if matches!(value, Value::Nil) { "<no value>".into() } else { value.clone() };
    let values: Vec<Value> = call.args.iter().map(shown).collect();
    call.written(|sink| print_all(sink, &values))
}

/// For text and attributes of HTML.
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => escaped.push('\u{fffd}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// For texts in quotes in JavaScript.
fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        let _ = match c {
            '\\' => escaped.write_str("\\\\"),
            '\'' => escaped.write_str("\\'"),
            '"' => escaped.write_str("\\\""),
            '<' | '>' | '&' | '=' => write!(escaped, "\\u{:04X}", u32::from(c)),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => write!(escaped, "\\u{:04X}", u32::from(c)),
            c => escaped.write_char(c),
        };
    }
    escaped
}

/// For a value in the query of an address; a space becomes `+`.
pub fn query_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(char::from(byte)),
            b' ' => escaped.push('+'),
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

/// Undoes [`query_escape`].
pub fn query_unescape(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                let valid = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let byte = u8::from_str_radix(digits, 16).ok().filter(|_| valid);
                byte.ok_or_else(|| format!("invalid URL escape \"%{digits}\""))?
            }
            other => other,
        });
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
