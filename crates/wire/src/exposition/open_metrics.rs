//! OpenMetrics text: exactly one blank between things, timestamps in seconds, exemplars, and `# EOF` at the end.

use super::entry::{Entry, ExpositionError, Series};
use super::labels::{Part, series_text, walk};
use super::scan::{self, Cursor};
use super::{Format, float};
use lgtm_model::{Exemplar, LabelsBuilder, MetricType, TimestampMs};

const FORMAT: Format = Format::OpenMetrics;

/// The next entry; `None` behind `# EOF`.
pub(super) fn entry<'a>(
    cursor: &mut Cursor<'a>,
    metric_type: MetricType,
) -> Result<Option<Entry<'a>>, ExpositionError> {
    if cursor.is_at_end() {
        return Err(ExpositionError::new(cursor.line(), "data does not end with # EOF"));
    }
    if cursor.peek() != Some(b'#') {
        return Ok(Some(Entry::Series(series(cursor, metric_type)?)));
    }
    if cursor.take_word("# EOF") {
        cursor.take('\n');
        return match cursor.is_at_end() {
            true => Ok(None),
            false => Err(ExpositionError::new(cursor.line(), "unexpected data after # EOF")),
        };
    }
    declaration(cursor).map(Some)
}

fn declaration<'a>(cursor: &mut Cursor<'a>) -> Result<Entry<'a>, ExpositionError> {
    let keyword = ["HELP", "TYPE", "UNIT"]
        .into_iter()
        .find(|word| cursor.clone().take_word("# ") && cursor.rest()[2..].starts_with(&format!("{word} ")))
        .ok_or_else(|| cursor.expected("# HELP, # TYPE, # UNIT or # EOF"))?;
    cursor.advance("# HELP ".len());
    let name = cursor.quoted(true).or_else(|| cursor.metric_name());
    let name = scan::unquote(name.ok_or_else(|| cursor.expected(&format!("a metric name after {keyword}")))?);
    if !cursor.take(' ') {
        return Err(cursor.expected(&format!("a blank and a text in {keyword}")));
    }
    let line = cursor.line();
    let text = cursor.line_rest();
    if !cursor.take('\n') {
        return Err(cursor.expected("a line feed"));
    }
    match keyword {
        "HELP" => Ok(Entry::Help { name, text: scan::replace_escapes(text, true) }),
        "UNIT" => {
            let is_suffix = name.strip_suffix(text).is_some_and(|stem| stem.ends_with('_'));
            if !text.is_empty() && !is_suffix {
                return Err(ExpositionError::new(line, format!("unit {text:?} is not a suffix of metric {name:?}")));
            }
            Ok(Entry::Unit { name, unit: text })
        }
        _ => {
            let metric_type =
                metric_type(text).ok_or_else(|| ExpositionError::new(line, format!("invalid metric type {text:?}")))?;
            Ok(Entry::Type { name, metric_type })
        }
    }
}

fn metric_type(text: &str) -> Option<MetricType> {
    use MetricType::{Counter, Gauge, GaugeHistogram, Histogram, Info, StateSet, Summary, Unknown};
    let all = [Counter, Gauge, Histogram, GaugeHistogram, Summary, Info, StateSet, Unknown];
    all.into_iter().find(|metric_type| metric_type.as_str() == text)
}

fn series<'a>(cursor: &mut Cursor<'a>, metric_type: MetricType) -> Result<Series<'a>, ExpositionError> {
    let line = cursor.line();
    let text = series_text(cursor, FORMAT)?;
    let value = number(cursor, "a number")?;
    let is_plain = |cursor: &Cursor<'_>| cursor.rest().starts_with(' ') && !cursor.rest().starts_with(" # {");
    let timestamp = if is_plain(cursor) { Some(time(cursor)?) } else { None };
    let exemplar = if cursor.take_word(" # {") { Some(exemplar(cursor)?) } else { None };
    if !cursor.take('\n') {
        // A last line without its end can only be followed by the end of the input, and that is no `# EOF`.
        return Err(cursor.expected("a line feed"));
    }
    Ok(Series { text, metric_type, value, timestamp, exemplar, start: None, format: FORMAT, line })
}

fn exemplar(cursor: &mut Cursor<'_>) -> Result<Exemplar, ExpositionError> {
    let at = cursor.clone();
    let mut labels = LabelsBuilder::default();
    let mut has_name = false;
    walk(cursor, FORMAT, &mut |part| match part {
        Part::Name(_) => has_name = true,
        Part::Pair(name, value) => drop(labels.set(scan::unquote(name), scan::unquote(value))),
    })?;
    if has_name {
        return Err(at.expected("exemplar labels with values"));
    }
    let value = number(cursor, "a number after the exemplar's labels")?;
    let timestamp = if cursor.peek() == Some(b' ') { Some(time(cursor)?) } else { None };
    Ok(Exemplar { labels: labels.build(), value, timestamp })
}

fn number(cursor: &mut Cursor<'_>, what: &str) -> Result<f64, ExpositionError> {
    let at = cursor.clone();
    let number = cursor.take(' ').then(|| cursor.take_while(|byte| !matches!(byte, b' ' | b'\n')));
    number.and_then(float::parse).ok_or_else(|| at.expected(what))
}

fn time(cursor: &mut Cursor<'_>) -> Result<TimestampMs, ExpositionError> {
    let at = cursor.clone();
    let what = "a timestamp in seconds";
    float::seconds_to_ms(number(cursor, what)?).map(TimestampMs).ok_or_else(|| at.expected(what))
}
