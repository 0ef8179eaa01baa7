//! Prometheus text, 0.0.4 and 1.0.0: one entry a line, blanks wherever one likes.

use super::entry::{Entry, ExpositionError, Series};
use super::labels::series_text;
use super::scan::{self, Cursor};
use super::{Format, float};
use lgtm_model::{MetricType, TimestampMs};

/// The next entry; `None` at the end.
pub(super) fn entry<'a>(
    cursor: &mut Cursor<'a>,
    metric_type: MetricType,
) -> Result<Option<Entry<'a>>, ExpositionError> {
    loop {
        cursor.skip_blanks();
        if !cursor.take('\n') {
            break;
        }
    }
    if cursor.is_at_end() {
        return Ok(None);
    }
    let entry = match cursor.peek() {
        Some(b'#') => comment(cursor)?,
        _ => Entry::Series(series(cursor, metric_type)?),
    };
    Ok(Some(entry))
}

fn comment<'a>(cursor: &mut Cursor<'a>) -> Result<Entry<'a>, ExpositionError> {
    let start = cursor.position();
    cursor.take('#');
    let blank = cursor.skip_blanks();
    let keyword = ["HELP", "TYPE"]
        .into_iter()
        .find(|word| cursor.rest().strip_prefix(word).is_some_and(|behind| behind.starts_with([' ', '\t'])));
    let Some(keyword) = keyword.filter(|_| blank) else {
        cursor.line_rest();
        return Ok(Entry::Comment(cursor.since(start)));
    };
    cursor.advance(keyword.len());
    cursor.skip_blanks();
    let name = cursor.quoted(true).or_else(|| cursor.metric_name());
    let name = scan::unquote(name.ok_or_else(|| cursor.expected(&format!("a metric name after {keyword}")))?);
    let line = cursor.line();
    let text = cursor.line_rest();
    match text.as_bytes().first() {
        None | Some(b' ' | b'\t') => {}
        Some(_) => return Err(ExpositionError::new(line, format!("expected a blank after the name {name:?}"))),
    }
    if keyword == "HELP" {
        let text = scan::replace_escapes(text.get(1..).unwrap_or_default(), false);
        return Ok(Entry::Help { name, text });
    }
    let metric_type = match text.trim() {
        "counter" => MetricType::Counter,
        "gauge" => MetricType::Gauge,
        "histogram" => MetricType::Histogram,
        "summary" => MetricType::Summary,
        "untyped" => MetricType::Unknown,
        other => return Err(ExpositionError::new(line, format!("invalid metric type {other:?}"))),
    };
    Ok(Entry::Type { name, metric_type })
}

fn series<'a>(cursor: &mut Cursor<'a>, metric_type: MetricType) -> Result<Series<'a>, ExpositionError> {
    let format = Format::PrometheusText;
    let line = cursor.line();
    let text = series_text(cursor, format)?;
    cursor.skip_blanks();
    let at = cursor.clone();
    let value = float::parse(cursor.take_while(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'{')));
    let value = value.ok_or_else(|| at.expected("a number"))?;
    cursor.skip_blanks();
    let at = cursor.clone();
    let digits = cursor.take_while(|byte| byte.is_ascii_digit() || byte == b'-');
    let timestamp = match digits {
        "" => None,
        digits => Some(TimestampMs(digits.parse().map_err(|_| at.expected("a timestamp in milliseconds"))?)),
    };
    cursor.skip_blanks();
    if !cursor.take_line_end() {
        let what = if timestamp.is_some() { "the end of the line" } else { "a timestamp in milliseconds" };
        return Err(cursor.expected(what));
    }
    Ok(Series { text, metric_type, value, timestamp, exemplar: None, start: None, format, line })
}
