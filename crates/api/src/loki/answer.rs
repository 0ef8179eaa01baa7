//! Answers in Loki's JSON.

use lgtm_logql::{Entry, LogStream, MatrixSeries};
use lgtm_model::{Labels, TimestampNs};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The flag of a client that wants structured metadata apart from the stream's labels.
pub(super) const CATEGORIZE_LABELS: &str = "categorize-labels";

/// Labels as an object.
pub(super) fn labels(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<Map<_, _>>())
}

/// Streams; structured metadata joins the labels, or stands with its line when `categorize` says so.
pub(super) fn streams(streams: &[LogStream], categorize: bool, took: Duration) -> Value {
    let lines = streams.iter().map(|stream| stream.entries.len()).sum();
    let result: Vec<Value> = if categorize {
        streams.iter().map(|stream| stream_of(&stream.labels, stream.entries.iter().map(categorized))).collect()
    } else {
        merged(streams)
            .into_iter()
            .map(|(labels, entries)| stream_of(&labels, entries.into_iter().map(plain)))
            .collect()
    };
    let mut data = json!({ "resultType": "streams", "result": result, "stats": statistics(lines, took) });
    if categorize {
        data["encodingFlags"] = json!([CATEGORIZE_LABELS]);
    }
    json!({ "status": "success", "data": data })
}

fn stream_of(stream: &Labels, values: impl Iterator<Item = Value>) -> Value {
    json!({ "stream": labels(stream), "values": values.collect::<Vec<_>>() })
}

fn plain(entry: &Entry) -> Value {
    json!([entry.timestamp.0.to_string(), entry.line])
}

fn categorized(entry: &Entry) -> Value {
    let details =
        if entry.metadata.is_empty() { json!({}) } else { json!({ "structuredMetadata": labels(&entry.metadata) }) };
    json!([entry.timestamp.0.to_string(), entry.line, details])
}

/// Entries by stream labels and structured metadata together; of two with one name the stream's wins.
fn merged(streams: &[LogStream]) -> BTreeMap<Labels, Vec<&Entry>> {
    let mut merged: BTreeMap<Labels, Vec<&Entry>> = BTreeMap::new();
    for stream in streams {
        for entry in &stream.entries {
            let mut builder = entry.metadata.to_builder();
            for (name, value) in &stream.labels {
                builder.set(name, value);
            }
            merged.entry(builder.build()).or_default().push(entry);
        }
    }
    merged
}

/// Series with their points over time.
pub(super) fn matrix(series: &[MatrixSeries], took: Duration) -> Value {
    let result: Vec<Value> = series
        .iter()
        .map(|series| {
            let values: Vec<Value> = series.points.iter().map(|(time, value)| point(*time, *value)).collect();
            json!({ "metric": labels(&series.labels), "values": values })
        })
        .collect();
    let data = json!({ "resultType": "matrix", "result": result, "stats": statistics(result.len(), took) });
    json!({ "status": "success", "data": data })
}

/// Series with their point at one time.
pub(super) fn vector(series: &[MatrixSeries], took: Duration) -> Value {
    let sample = |series: &MatrixSeries| {
        let (time, value) = series.points.last()?;
        Some(json!({ "metric": labels(&series.labels), "value": point(*time, *value) }))
    };
    let result: Vec<Value> = series.iter().filter_map(sample).collect();
    let data = json!({ "resultType": "vector", "result": result, "stats": statistics(result.len(), took) });
    json!({ "status": "success", "data": data })
}

/// Seconds, to the millisecond, and the number as text.
fn point(time: TimestampNs, value: f64) -> Value {
    let millis = time.to_ms().0;
    let seconds = if millis % 1_000 == 0 {
        Value::from(millis / 1_000)
    } else {
        Number::from_f64(millis as f64 / 1_000.0).map_or(Value::Null, Value::Number)
    };
    let text = if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    };
    json!([seconds, text])
}

/// What clients look up in it; the store counts otherwise, so that parts it has no equal of stay zero.
fn statistics(entries: usize, took: Duration) -> Value {
    json!({
        "summary": {
            "bytesProcessedPerSecond": 0, "linesProcessedPerSecond": 0, "totalBytesProcessed": 0,
            "totalLinesProcessed": 0, "execTime": took.as_secs_f64(), "queueTime": 0, "subqueries": 0,
            "totalEntriesReturned": entries, "splits": 0, "shards": 0, "totalPostFilterLines": 0,
            "totalStructuredMetadataBytesProcessed": 0,
        },
        "querier": { "store": { "totalChunksRef": 0, "totalChunksDownloaded": 0, "chunksDownloadTime": 0 } },
        "ingester": { "totalReached": 0, "totalChunksMatched": 0, "totalBatches": 0, "totalLinesSent": 0 },
        "cache": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Vec<LogStream> {
        let entry = |time, metadata: &[(&str, &str)]| Entry {
            timestamp: TimestampNs(time),
            line: "super line".to_owned(),
            metadata: Labels::from_pairs(metadata.iter().copied()),
        };
        let entries = vec![entry(123_456_789_012_345, &[]), entry(123_456_789_012_346, &[("foo", "a")])];
        vec![LogStream { labels: Labels::from_pairs([("test", "test")]), entries }]
    }

    #[test]
    fn structured_metadata_joins_the_labels_or_stands_apart() {
        let joined = streams(&example(), false, Duration::ZERO);
        assert_eq!(
            joined["data"]["result"],
            json!([
                { "stream": { "foo": "a", "test": "test" }, "values": [["123456789012346", "super line"]] },
                { "stream": { "test": "test" }, "values": [["123456789012345", "super line"]] },
            ])
        );
        let apart = streams(&example(), true, Duration::ZERO);
        assert_eq!(apart["data"]["encodingFlags"], json!(["categorize-labels"]));
        assert_eq!(
            apart["data"]["result"],
            json!([{ "stream": { "test": "test" }, "values": [
                ["123456789012345", "super line", {}],
                ["123456789012346", "super line", { "structuredMetadata": { "foo": "a" } }],
            ] }])
        );
    }

    #[test]
    fn points_are_seconds_and_texts() {
        let time = |millis: i64| TimestampNs(millis * 1_000_000);
        assert_eq!(point(time(1_568_404_331_324), 0.013_333), json!([1_568_404_331.324, "0.013333"]));
        assert_eq!(point(time(2_000), 3.0), json!([2, "3"]));
        assert_eq!(point(time(2_000), f64::INFINITY), json!([2, "+Inf"]));
    }
}
