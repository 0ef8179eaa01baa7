//! The JSON of query results, written directly: a result may have millions of points.

use lgtm_model::{Labels, TimestampMs};
use lgtm_promql::{Value, format_number};
use std::fmt::Write as _;

/// `"resultType":...,"result":...`
pub(super) fn write_result(value: &Value, time: TimestampMs, out: &mut String) {
    match value {
        Value::Scalar(number) => {
            out.push_str("\"resultType\":\"scalar\",\"result\":");
            write_point(time.0, *number, out);
        }
        Value::String(text) => {
            out.push_str("\"resultType\":\"string\",\"result\":[");
            write_time(time.0, out);
            out.push(',');
            write_text(text, out);
            out.push(']');
        }
        Value::Vector(samples) => {
            out.push_str("\"resultType\":\"vector\",\"result\":");
            write_list(samples, out, |sample, out| {
                out.push_str("{\"metric\":");
                write_labels(&sample.labels, out);
                out.push_str(",\"value\":");
                write_point(time.0, sample.value, out);
                out.push('}');
            });
        }
        Value::Matrix(series) => {
            out.push_str("\"resultType\":\"matrix\",\"result\":");
            write_list(series, out, |series, out| {
                out.push_str("{\"metric\":");
                write_labels(&series.labels, out);
                out.push_str(",\"values\":");
                write_list(&series.points, out, |(time_ms, value), out| write_point(*time_ms, *value, out));
                out.push('}');
            });
        }
    }
}

pub(super) fn write_list<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

pub(super) fn write_labels(labels: &Labels, out: &mut String) {
    out.push('{');
    for (index, (name, value)) in labels.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write_text(value, out);
    }
    out.push('}');
}

/// A text in quotes, escaped.
pub(super) fn write_text(text: &str, out: &mut String) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// `[time,"value"]`
fn write_point(time_ms: i64, value: f64, out: &mut String) {
    out.push('[');
    write_time(time_ms, out);
    out.push_str(",\"");
    write_number(value, out);
    out.push_str("\"]");
}

/// Seconds with three digits of fraction, or none where it is zero.
fn write_time(time_ms: i64, out: &mut String) {
    let (sign, magnitude) = (if time_ms < 0 { "-" } else { "" }, time_ms.unsigned_abs());
    // Writing to a text cannot fail.
    let _ = match magnitude % 1000 {
        0 => write!(out, "{sign}{}", magnitude / 1000),
        fraction => write!(out, "{sign}{}.{fraction:03}", magnitude / 1000),
    };
}

/// The shortest text that reads back as the value; an exponent below 0.000001 and from 1e21 on.
fn write_number(value: f64, out: &mut String) {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        out.push_str(&format_number(value));
        return;
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    let _ = write!(out, "{mantissa}e{sign}{digits:0>2}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_promql::{InstantSample, RangeSeries};

    fn point(time_ms: i64, value: f64) -> String {
        let mut out = String::new();
        write_point(time_ms, value, &mut out);
        out
    }

    #[test]
    fn points_are_written_as_upstream_writes_them() {
        for (time_ms, value, want) in [
            (0, 0.0, "[0,\"0\"]"),
            (1, 20.0, "[0.001,\"20\"]"),
            (1_010, 20.0, "[1.010,\"20\"]"),
            (12_345_678_123_456_555, 20.0, "[12345678123456.555,\"20\"]"),
            (-1, 20.0, "[-0.001,\"20\"]"),
            (0, f64::NAN, "[0,\"NaN\"]"),
            (0, f64::INFINITY, "[0,\"+Inf\"]"),
            (0, f64::NEG_INFINITY, "[0,\"-Inf\"]"),
            (0, 1.2345678e-6, "[0,\"0.0000012345678\"]"),
            (0, 1.2345678e-67, "[0,\"1.2345678e-67\"]"),
            (0, 1e21, "[0,\"1e+21\"]"),
            (0, 1e-7, "[0,\"1e-07\"]"),
        ] {
            assert_eq!(point(time_ms, value), want);
        }
    }

    #[test]
    fn results_of_all_types_are_valid_json() {
        let labels = Labels::from_pairs([("__name__", "x"), ("a\"b", "c\nd")]);
        let sample = InstantSample { labels: labels.clone(), value: 1.5 };
        let series = RangeSeries { labels, points: vec![(1_000, 1.0), (2_500, 2.0)] };
        for (value, want) in [
            (Value::Scalar(1.0), "[1,\"1\"]"),
            (Value::String("a\"b".to_owned()), "[1,\"a\\\"b\"]"),
            (Value::Vector(vec![sample]), "\"value\":[1,\"1.5\"]"),
            (Value::Matrix(vec![series]), "\"values\":[[1,\"1\"],[2.500,\"2\"]]"),
            (Value::Vector(Vec::new()), "\"result\":[]"),
        ] {
            let mut out = String::from("{");
            write_result(&value, TimestampMs(1_000), &mut out);
            out.push('}');
            assert!(out.contains(want), "{out}");
            assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{out}");
        }
    }
}
