//! What stands between braces: `{"name", label="value", …}`.
//!
//! The Prometheus format allows blanks everywhere and does without commas; OpenMetrics allows neither. Both allow one
//! trailing comma, and a metric's name in quotes among the labels.

use super::Format;
use super::entry::ExpositionError;
use super::scan::Cursor;

/// One thing between braces.
pub(super) enum Part<'a> {
    /// The metric's name, in quotes.
    Name(&'a str),
    /// A label's name, in quotes or not, and its value in quotes.
    Pair(&'a str, &'a str),
}

/// Walks from behind the opening brace to behind the closing one.
pub(super) fn walk<'a>(
    cursor: &mut Cursor<'a>,
    format: Format,
    visit: &mut dyn FnMut(Part<'a>),
) -> Result<(), ExpositionError> {
    let blanks_allowed = format == Format::PrometheusText;
    let skip = |cursor: &mut Cursor<'a>| {
        if blanks_allowed {
            cursor.skip_blanks();
        }
    };
    loop {
        skip(cursor);
        if cursor.take('}') {
            return Ok(());
        }
        let quoted = cursor.quoted(true);
        let name = quoted.or_else(|| cursor.label_name()).ok_or_else(|| cursor.expected("a label name"))?;
        skip(cursor);
        if quoted.is_some() && matches!(cursor.peek(), Some(b',' | b'}')) {
            visit(Part::Name(name));
            cursor.take(',');
            continue;
        }
        if !cursor.take('=') {
            return Err(cursor.expected("="));
        }
        skip(cursor);
        let value = cursor.quoted(blanks_allowed).ok_or_else(|| cursor.expected("a label value in double quotes"))?;
        visit(Part::Pair(name, value));
        skip(cursor);
        if !cursor.take(',') && !blanks_allowed && cursor.peek() != Some(b'}') {
            return Err(cursor.expected("a comma or a closing brace"));
        }
    }
}

/// Goes past a series' name and labels, and gives back their text. The name may stand before the braces or in them.
pub(super) fn series_text<'a>(cursor: &mut Cursor<'a>, format: Format) -> Result<&'a str, ExpositionError> {
    let start = cursor.position();
    let line = cursor.line();
    let mut names = usize::from(cursor.metric_name().is_some());
    let mut text = cursor.since(start);
    if names == 0 && cursor.peek() != Some(b'{') {
        return Err(cursor.expected("a metric name, a comment or a line feed"));
    }
    if format == Format::PrometheusText {
        cursor.skip_blanks();
    }
    if cursor.take('{') {
        walk(cursor, format, &mut |part| names += usize::from(matches!(part, Part::Name(_))))?;
        text = cursor.since(start);
    }
    match names {
        1 => Ok(text),
        0 => Err(ExpositionError::new(line, "the metric has no name")),
        _ => Err(ExpositionError::new(line, "the metric has more than one name")),
    }
}
