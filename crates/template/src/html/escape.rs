//! Escaping for each place. What cannot be made harmless becomes `ZgotmplZ`, a word that is easy to search for.

use super::state::Quote;
use std::fmt::Write;

const HARMLESS: &str = "ZgotmplZ";

/// For text and attributes in quotes. `+` is escaped against a guess at UTF-7.
pub fn html(text: &str) -> String {
    replaced(text, |c| entity(c, true))
}

/// As [`html`], but what is an entity already stays one.
pub fn normalised(text: &str) -> String {
    replaced(text, |c| entity(c, false))
}

fn replaced(text: &str, entity: impl Fn(char) -> Option<&'static str>) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match entity(c) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(c),
        }
    }
    escaped
}

fn entity(c: char, ampersand: bool) -> Option<&'static str> {
    Some(match c {
        '\0' => "\u{fffd}",
        '"' => "&#34;",
        '&' if ampersand => "&amp;",
        '\'' => "&#39;",
        '+' => "&#43;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => return None,
    })
}

/// An attribute's value; without quotes, spaces and signs that would end it are escaped too.
pub fn attribute(text: &str, quote: Quote) -> String {
    match quote {
        Quote::None if text.is_empty() => HARMLESS.to_owned(),
        Quote::None => replaced(text, |c| unquoted(c).or_else(|| entity(c, true))),
        _ => html(text),
    }
}

/// Trusted markup in an attribute: its tags go, its entities stay.
pub fn trusted_attribute(text: &str, quote: Quote) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    match quote {
        Quote::None if plain.is_empty() => HARMLESS.to_owned(),
        Quote::None => replaced(&plain, |c| unquoted(c).or_else(|| entity(c, false))),
        _ => normalised(&plain),
    }
}

fn unquoted(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' => "&#9;",
        '\n' => "&#10;",
        '\u{b}' => "&#11;",
        '\x0c' => "&#12;",
        '\r' => "&#13;",
        ' ' => "&#32;",
        '=' => "&#61;",
        '`' => "&#96;",
        _ => return None,
    })
}

/// An attribute's name that does no harm.
pub fn name(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let plain = !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let harmful = lower.starts_with("on")
        || lower == "style"
        || super::state::Attribute::of(&lower, Quote::None).kind != super::state::Kind::Plain;
    if plain && !harmful { lower } else { HARMLESS.to_owned() }
}

/// The beginning of an address: only relative ones, http, https and mailto.
pub fn url_filtered(text: &str) -> &str {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| !scheme.contains('/'));
    match scheme {
        Some(scheme) if !["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            "#ZgotmplZ"
        }
        _ => text,
    }
}

/// An address: what may not stand in one is escaped, escapes stay.
pub fn url_normalised(text: &str) -> String {
    url(text, true)
}

/// A part of a query: everything but letters, digits and `-._~` is escaped.
pub fn url_component(text: &str) -> String {
    url(text, false)
}

fn url(text: &str, keep: bool) -> String {
    let bytes = text.as_bytes();
    let mut escaped = String::with_capacity(text.len() + 8);
    for (index, byte) in bytes.iter().enumerate() {
        let is_hex = |offset: usize| bytes.get(index + offset).is_some_and(u8::is_ascii_hexdigit);
        let stays = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => true,
            b'%' => keep && is_hex(1) && is_hex(2),
            _ => keep && b"!#$&*+,/:;=?@[]".contains(byte),
        };
        if stays {
            escaped.push(char::from(*byte));
        } else {
            let _ = write!(escaped, "%{byte:02x}");
        }
    }
    escaped
}

/// A value in a style: one word or number without anything that could end the declaration.
pub fn css(text: &str) -> String {
    let harmful = |c: char| {
        matches!(c, '\0' | '"' | '\'' | '(' | ')' | '/' | ';' | '@' | '[' | '\\' | ']' | '`' | '{' | '}' | '<' | '>')
    };
    let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let runs = ["expression", "mozbinding"].iter().any(|word_part| word.contains(word_part));
    if text.contains(harmful) || text.contains("--") || runs { HARMLESS.to_owned() } else { text.trim().to_owned() }
}

/// A part of a text in quotes in a script.
pub fn script_string(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        let _ = match c {
            '\\' => escaped.write_str("\\\\"),
            '/' => escaped.write_str("\\/"),
            '\n' => escaped.write_str("\\n"),
            '\r' => escaped.write_str("\\r"),
            '\t' => escaped.write_str("\\t"),
            '\'' | '"' | '<' | '>' | '&' | '+' | '`' | '$' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(escaped, "\\u{:04x}", u32::from(c))
            }
            c => escaped.write_char(c),
        };
    }
    escaped
}
