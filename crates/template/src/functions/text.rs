//! Functions on texts that both dialects have or could have.

use super::{Call, Functions, Param, escape};
use crate::value::{Safe, Strings, Value};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

const TEXT: Param = Param::Text;

/// What both dialects have.
pub fn add_shared(functions: &mut Functions) {
    functions.add(&[
        ("toUpper", &[TEXT], |call| Ok(call.text(0).chars().map(upper).collect::<String>().into())),
        ("toLower", &[TEXT], |call| Ok(call.text(0).chars().map(lower).collect::<String>().into())),
        ("match", &[TEXT, TEXT], |call| {
            let (pattern, text) = (call.text(0), call.text(1));
            Ok(call.regexes.get(&pattern)?.is_match(&text).into())
        }),
        ("reReplaceAll", &[TEXT, TEXT, TEXT], re_replace_all),
        ("safeHtml", &[TEXT], |call| Ok(Value::Trusted(Safe::Html, call.text(0).into()))),
    ]);
}

/// What only Alertmanager has.
pub fn add_alertmanager(functions: &mut Functions) {
    functions.add(&[
        ("title", &[TEXT], |call| Ok(title(&call.text(0), true).into())),
        ("trimSpace", &[TEXT], |call| Ok(call.text(0).trim().into())),
        ("join", &[TEXT, Param::Texts], |call| {
            Ok(Strings::join(&call.list(1), &call.text(0)).unwrap_or_default().into())
        }),
        ("safeUrl", &[TEXT], |call| Ok(Value::Trusted(Safe::Url, call.text(0).into()))),
        ("urlUnescape", &[TEXT], |call| escape::query_unescape(&call.text(0)).map(Into::into)),
        ("base64encode", &[TEXT], |call| Ok(URL_SAFE.encode(call.text(0)).into())),
        ("base64decode", &[TEXT], |call| {
            let bytes = URL_SAFE.decode(call.text(0)).map_err(|error| format!("illegal base64 data: {error}"))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned().into())
        }),
    ]);
    functions.add_variadic(&[("stringSlice", &[], TEXT, |call| {
        let texts = call.args.iter().filter_map(|value| value.as_str().map(Into::into));
        Ok(Value::object(Strings::new(texts)))
    })]);
}

/// What only Prometheus has.
pub fn add_prometheus(functions: &mut Functions) {
    functions.add(&[
        ("title", &[TEXT], |call| Ok(title(&call.text(0), false).into())),
        ("urlQueryEscape", &[TEXT], |call| Ok(escape::query_escape(&call.text(0)).into())),
    ]);
}

/// Letter by letter, as in Go: `ß`, whose capital would be two letters, stays.
fn upper(c: char) -> char {
    let mut letters = c.to_uppercase();
    match (letters.next(), letters.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Every match of the pattern is replaced; `$1` and `${name}` stand for its groups.
fn re_replace_all(call: &mut Call<'_>) -> Result<Value, String> {
    let (pattern, replacement, text) = (call.text(0), call.text(1), call.text(2));
    let limit = call.limit_bytes;
    let regex = call.regexes.get(&pattern)?;
    // Counted before it is made: a short pattern may multiply a long replacement.
    let mut length = text.len();
    let mut replaced = String::with_capacity(text.len());
    let mut end = 0;
    for captures in regex.captures_iter(&text) {
        let Some(whole) = captures.get(0) else { continue };
        replaced.push_str(text.get(end..whole.start()).unwrap_or_default());
        captures.expand(&replacement, &mut replaced);
        end = whole.end();
        length = length.max(replaced.len());
        if length > limit {
            return Err(format!("the text exceeds output_bytes_max ({limit})"));
        }
    }
    replaced.push_str(text.get(end..).unwrap_or_default());
    Ok(replaced.into())
}

/// The first letter of each word becomes a capital one. A word is letters, digits and `_`; a single `'`, `.` or `:`
/// between letters does not end it, as Unicode's rules for words have it.
fn title(text: &str, lower_rest: bool) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut titled = String::with_capacity(text.len());
    let mut inside = false;
    for (index, c) in letters.iter().enumerate() {
        let neighbour =
            |offset: Option<usize>| offset.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
        let joins =
            matches!(c, '\'' | '’' | '.' | ':' | '·') && neighbour(index.checked_sub(1)) && neighbour(Some(index + 1));
        if !c.is_alphanumeric() && *c != '_' && !joins {
            inside = false;
            titled.push(*c);
        } else if !inside && c.is_alphabetic() {
            inside = true;
            titled.extend(c.to_uppercase());
        } else if lower_rest {
            titled.extend(c.to_lowercase());
        } else {
            titled.push(*c);
        }
    }
    titled
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn titles() {
        for (text, lowered, kept) in [
            ("aa bb CC", "Aa Bb Cc", "Aa Bb CC"),
            ("it's foo-bar foo_bar", "It's Foo-Bar Foo_bar", "It's Foo-Bar Foo_bar"),
            ("", "", ""),
            ("élan", "Élan", "Élan"),
        ] {
            assert_eq!((title(text, true).as_str(), title(text, false).as_str()), (lowered, kept));
        }
    }
}
