//! Bytes and nanoseconds a sample of the chunk codec, on a capture of a real exporter.
//!
//! `cargo bench -p lgtm-metrics --bench codec -- FOLDER`, where FOLDER holds one scrape a file, named
//! `<milliseconds>.prom`. Without a folder it measures made-up counters and gauges. Prints a line of JSON per figure.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures with the machine's clock")]

use lgtm_metrics::codec::{bits::Reader, integers, values, xor};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

type Columns = BTreeMap<String, (Vec<i64>, Vec<f64>)>;

fn capture(folder: &str) -> Columns {
    let mut columns = Columns::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return columns };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        let timestamp = file.file_stem().and_then(|stem| stem.to_str()?.parse::<i64>().ok());
        let (Some(timestamp), Ok(text)) = (timestamp, std::fs::read_to_string(&file)) else { continue };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            let (timestamps, values) = columns.entry(series.to_owned()).or_default();
            timestamps.push(timestamp);
            values.push(value);
        }
    }
    columns
}

fn made_up() -> Columns {
    let mut columns = Columns::new();
    for series in 0..500_u32 {
        let (mut value, mut state) = (f64::from(series) * 1_000.0, u64::from(series) + 1);
        let column = columns.entry(format!("series_{series:03}")).or_default();
        for index in 0..240 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let chance = (state >> 40) as f64;
            value = match series % 5 {
                0 => value,
                1 => value + (chance % 7.0),
                2 => (value * 100.0 + chance % 300.0).round() / 100.0,
                3 => (chance % 4_000.0) * 4_096.0,
                _ => chance / 16_777_216.0,
            };
            column.0.push(1_700_000_000_000 + index * 15_000 + (index * 7_919) % 5);
            column.1.push(value);
        }
    }
    columns
}

fn report(name: &str, value: f64, unit: &str) {
    println!(r#"{{"benchmark":"metrics codec","figure":"{name}","value":{value:.3},"unit":"{unit}"}}"#);
}

/// Bits of one column of timestamps in Gorilla's scheme with Prometheus' bucket widths.
fn gorilla_timestamp_bits(timestamps: &[i64]) -> usize {
    let deltas: Vec<i64> = timestamps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let seconds = deltas.windows(2).map(|pair| match pair[1] - pair[0] {
        0 => 1,
        -8_191..=8_192 => 16,
        -65_535..=65_536 => 20,
        -524_287..=524_288 => 24,
        _ => 68,
    });
    64 + 24 + seconds.sum::<usize>()
}

fn nanoseconds_a_sample(samples: usize, rounds: usize, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    for _ in 0..rounds {
        work();
    }
    begin.elapsed().as_nanos() as f64 / (samples * rounds) as f64
}

fn measure(columns: &Columns, chunk: usize) {
    let samples: usize = columns.values().map(|column| column.0.len()).sum();
    let chunks: Vec<(&[i64], &[f64])> =
        columns.values().flat_map(|(timestamps, values)| timestamps.chunks(chunk).zip(values.chunks(chunk))).collect();
    let mut scratch = values::Scratch::default();
    let (mut value_bytes, mut xor_bytes, mut gorilla_timestamp_bytes) = (0, 0, 0);
    let (mut shared, mut timestamp_bytes) = (std::collections::BTreeSet::new(), 0);
    let (mut encoded, mut xored) = (Vec::new(), Vec::new());
    for (timestamps, values) in &chunks {
        let mut out = Vec::new();
        values::encode(values, &mut scratch, &mut out);
        value_bytes += out.len();
        encoded.push((out, values.len()));
        let mut out = Vec::new();
        xor::encode(values, usize::MAX, &mut out);
        xor_bytes += out.len();
        xored.push((out, values.len()));
        gorilla_timestamp_bytes += gorilla_timestamp_bits(timestamps).div_ceil(8);
        if shared.insert(*timestamps) {
            let mut out = Vec::new();
            integers::encode(timestamps, &mut integers::Scratch::default(), &mut out);
            timestamp_bytes += out.len();
        }
    }
    let each = |bytes: usize| bytes as f64 / samples as f64;
    report(&format!("values, chunks of {chunk}"), each(value_bytes), "bytes/sample");
    report(&format!("shared timestamps, chunks of {chunk}"), each(timestamp_bytes), "bytes/sample");
    report(&format!("total, chunks of {chunk}"), each(value_bytes + timestamp_bytes), "bytes/sample");
    report(&format!("Gorilla values, chunks of {chunk}"), each(xor_bytes), "bytes/sample");
    report(&format!("Gorilla total, chunks of {chunk}"), each(xor_bytes + gorilla_timestamp_bytes), "bytes/sample");
    let rounds = (40_000_000 / samples.max(1)).clamp(1, 2_000);
    let mut out = Vec::new();
    let encode = nanoseconds_a_sample(samples, rounds, || {
        for (_, values) in &chunks {
            out.clear();
            values::encode(black_box(values), &mut scratch, &mut out);
        }
    });
    report(&format!("encode, chunks of {chunk}"), encode, "ns/sample");
    let mut into = Vec::new();
    let decode = nanoseconds_a_sample(samples, rounds, || {
        for (bytes, count) in &encoded {
            into.clear();
            if values::decode(black_box(bytes), *count, &mut scratch, &mut into).is_err() {
                std::process::exit(1);
            }
        }
    });
    report(&format!("decode, chunks of {chunk}"), decode, "ns/sample");
    let encode = nanoseconds_a_sample(samples, rounds, || {
        for (_, values) in &chunks {
            out.clear();
            xor::encode(black_box(values), usize::MAX, &mut out);
        }
    });
    report(&format!("Gorilla encode, chunks of {chunk}"), encode, "ns/sample");
    let decode = nanoseconds_a_sample(samples, rounds, || {
        for (bytes, count) in &xored {
            if xor::decode(black_box(bytes), *count, &mut into).is_err() {
                std::process::exit(1);
            }
        }
    });
    report(&format!("Gorilla decode, chunks of {chunk}"), decode, "ns/sample");
    if std::env::args().any(|argument| argument == "--worst") {
        let mut sizes: Vec<_> = columns
            .iter()
            .map(|(name, column)| {
                let mut out = Vec::new();
                values::encode(&column.1, &mut scratch, &mut out);
                (out.len(), name, out[0])
            })
            .collect();
        sizes.sort();
        for (size, name, kind) in sizes.iter().rev().take(70) {
            println!("{size} {kind:x} {name} {:?}", &columns[*name].1[..6]);
        }
    }
}

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let columns = folder.as_deref().map_or_else(made_up, capture);
    report("series", columns.len() as f64, "series");
    for chunk in [120, 1_200] {
        measure(&columns, chunk);
    }
    let mut back = Vec::new();
    for (timestamps, _) in columns.values() {
        let mut out = Vec::new();
        integers::encode(timestamps, &mut integers::Scratch::default(), &mut out);
        let mut scratch = integers::Scratch::default();
        if integers::decode(&mut Reader::new(&out), timestamps.len(), &mut scratch, &mut back).is_err() {
            std::process::exit(1);
        }
        assert_eq!(&back, timestamps);
    }
}
