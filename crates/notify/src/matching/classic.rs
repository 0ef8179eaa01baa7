//! The older syntax of matchers: names are plain, values may stand without quotes and then hold nearly anything.

use super::Matcher;
use lgtm_model::MatchOp;

/// Reads `{a="b",c=~d}`; the braces are optional.
pub(super) fn parse(input: &str) -> Result<Vec<Matcher>, String> {
    let inner = input.strip_prefix('{').unwrap_or(input);
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    split(inner).iter().map(|part| parse_one(part)).collect()
}

/// Splits at commas outside of quotes; what is blank after the last one does not count.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            ',' if !quoted => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            '"' if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
        part.push(c);
    }
    if !part.trim().is_empty() {
        parts.push(part.trim().to_owned());
    }
    parts
}

/// Reads one matcher.
pub(super) fn parse_one(text: &str) -> Result<Matcher, String> {
    let bad = || format!("bad matcher format: {text}");
    let trimmed = text.trim();
    let name_length = trimmed
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .filter(|length| *length > 0 && !trimmed.starts_with(|c: char| c.is_ascii_digit()))
        .ok_or_else(bad)?;
    let (name, rest) = trimmed.split_at(name_length);
    let rest = rest.trim_start();
    let (op, value) =
        [("=~", MatchOp::Regex), ("=", MatchOp::Equal), ("!=", MatchOp::NotEqual), ("!~", MatchOp::NotRegex)]
            .into_iter()
            .find_map(|(sign, op)| Some((op, rest.strip_prefix(sign)?)))
            .ok_or_else(bad)?;
    Matcher::new(name, op, unescape(value.trim())?)
}

fn unescape(raw: &str) -> Result<String, String> {
    let unescaped_quote = || format!("matcher value contains unescaped double quote: {raw}");
    let (inner, mut closing_expected) = match raw.strip_prefix('"') {
        Some(inner) => (inner, true),
        None => (raw, false),
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (index, c) in inner.char_indices() {
        let last = index + c.len_utf8() == inner.len();
        match c {
            'n' if escaped => value.push('\n'),
            '"' | '\\' if escaped => value.push(c),
            // A stray backslash is a backslash.
            _ if escaped => value.extend(['\\', c]),
            '\\' if !last => {
                escaped = true;
                continue;
            }
            '"' if closing_expected && last => closing_expected = false,
            '"' => return Err(unescaped_quote()),
            _ => value.push(c),
        }
        escaped = false;
    }
    if closing_expected {
        return Err(unescaped_quote());
    }
    Ok(value)
}
