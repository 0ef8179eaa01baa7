//! Places inside a text: where a part of a scalar's value stands in the file.
//!
//! The value is not what is written: quotes and escapes are gone, lines are folded, indentation is cut. The written
//! text and the value are walked side by side. Blanks may differ, everything else must be the same character, or an
//! escape for it; where that fails (an alias: its value is written elsewhere) there is no place.

use crate::problem::Span;
use std::ops::Range;

/// The place of `range` (bytes of `value`) in `text`, whose scalar begins at `scalar`.
pub(crate) fn locate(text: &str, scalar: Span, value: &str, range: Range<usize>) -> Option<Span> {
    let start = offset_of(text, scalar)?;
    // Behind the last word means right behind it, not on the line after.
    let end = value.trim_end().len();
    let range = if range.start >= end { end..end } else { range };
    let written = &text[start..];
    let first = position(written, value, range.start)?;
    let last = match value.get(range.clone()).and_then(|part| part.char_indices().next_back()) {
        Some((index, _)) => position(written, value, range.start + index)?,
        None => first,
    };
    let before = &text[..start + first];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let marked = written.get(first..last).unwrap_or_default();
    let width = marked.split('\n').next().unwrap_or_default().chars().count();
    let width = if marked.contains('\n') { width } else { width + 1 };
    Some(Span { line, column, width: width.max(1) })
}

fn offset_of(text: &str, span: Span) -> Option<usize> {
    let line = text.split_inclusive('\n').nth(span.line.checked_sub(1)?)?;
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let column = span.column.checked_sub(1)?;
    line.char_indices().map(|(index, _)| index).chain([line.len()]).nth(column).map(|index| start + index)
}

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

/// Where in `written` the byte `offset` of `value` stands; the end of the value stands behind its last character.
fn position(written: &str, value: &str, offset: usize) -> Option<usize> {
    let (style, mut at) = match written.chars().next()? {
        '\'' => (Style::Single, 1),
        '"' => (Style::Double, 1),
        '|' | '>' => (Style::Plain, written.find('\n')? + 1),
        _ => (Style::Plain, 0),
    };
    for (index, wanted) in value.char_indices() {
        if index >= offset && !wanted.is_whitespace() {
            return Some(skip_blanks(written, at, style));
        }
        if wanted.is_whitespace() {
            if index >= offset {
                return Some(at);
            }
            // A blank may be folded from line breaks and indentation: it is passed over with what follows it.
            if written[at..].starts_with(wanted) {
                at += wanted.len_utf8();
            }
            continue;
        }
        at = skip_blanks(written, at, style);
        at += length_of(&written[at..], wanted, style)?;
    }
    Some(at)
}

fn skip_blanks(written: &str, mut at: usize, style: Style) -> usize {
    loop {
        let rest = &written[at..];
        at += rest.len() - rest.trim_start().len();
        // A backslash at the end of a line joins it with the next one; escaped blanks stand for themselves.
        let rest = &written[at..];
        let joined = ["\\\n", "\\\r\n", "\\n", "\\t", "\\r", "\\ "].iter().find(|escape| rest.starts_with(**escape));
        match joined {
            Some(escape) if style == Style::Double => at += escape.len(),
            _ => return at,
        }
    }
}

/// How many bytes stand for one character of the value.
fn length_of(rest: &str, wanted: char, style: Style) -> Option<usize> {
    let first = rest.chars().next()?;
    match style {
        Style::Single if first == '\'' => (wanted == '\'' && rest.starts_with("''")).then_some(2),
        Style::Double if first == '\\' => {
            let kind = rest[1..].chars().next()?;
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => return Some(1 + kind.len_utf8()),
            };
            (rest.len() >= 2 + digits).then_some(2 + digits)
        }
        _ => (first == wanted).then_some(first.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use crate::read_text;

    /// The line, column and carets of a problem at the first `@` of the value, and of one at its end.
    fn places(text: &str) -> Vec<String> {
        let problems = read_text("a.yml", text, |root| {
            root.map(|fields| {
                let node = fields.required("a", Some)?;
                let value = node.string()?;
                let start = value.find('@').unwrap_or_default();
                node.problem_within(start..start + 2, "here");
                node.problem_within(value.len()..value.len(), "end");
                fields.get("b");
                Some(())
            })
        })
        .unwrap_err();
        problems.to_string().lines().filter(|line| !line.contains(" | a")).map(str::to_owned).collect()
    }

    #[test]
    fn a_place_inside_a_text_is_found_however_it_is_written() {
        for (text, first, last) in [
            ("a: x @y z", "a.yml:1:6: here", "a.yml:1:10: end"),
            ("a: 'it''s @y'", "a.yml:1:11: here", "a.yml:1:13: end"),
            ("a: \"\\\"q\\\" \\u00e9 @y\"", "a.yml:1:18: here", "a.yml:1:20: end"),
            ("a: |\n  one\n  two @y\n", "a.yml:3:7: here", "a.yml:3:9: end"),
            ("a: >-\n  one\n\n  two\n  “ @y\nb: 1", "a.yml:5:5: here", "a.yml:5:7: end"),
            ("a: one\n  two\n  @y\n", "a.yml:3:3: here", "a.yml:3:5: end"),
            ("b: &b x @y\na: *b", "a.yml:2:4: here", "a.yml:2:4: end"),
        ] {
            let places = places(text);
            assert!(places.iter().any(|line| line == first), "{text:?}: {places:?}");
            assert!(places.iter().any(|line| line == last), "{text:?}: {places:?}");
        }
    }
}
