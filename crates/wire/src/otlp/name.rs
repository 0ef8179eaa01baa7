//! Names of metrics, labels and units, as Prometheus translates OpenTelemetry's (its default strategy,
//! `UnderscoreEscapingWithSuffixes`).
//!
//! A metric name is split at every character that may not stand in one (an underscore splits too), the unit's words are
//! appended unless they are there, then `total` for counters and `ratio` for gauges of unit `1`, and all is joined by
//! single underscores. Label names keep their underscores; only what may not stand in them is replaced.

use std::borrow::Cow;

/// What decides about the suffix of a metric's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedType {
    /// A monotonic sum: ends in `_total`.
    Counter,
    /// A gauge: of unit `1` it ends in `_ratio`.
    Gauge,
    /// Everything else.
    Other,
}

/// UCUM units that have a Prometheus name; all others keep theirs.
const UNITS: [(&str, &str); 26] = [
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    ("TiBy", "tibibytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("TBy", "terabytes"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("1", ""),
    ("%", "percent"),
];

/// The same for what stands behind the slash.
const UNITS_PER: [(&str, &str); 7] =
    [("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"), ("mo", "month"), ("y", "year")];

/// The Prometheus name of an OpenTelemetry metric; `None` when nothing but underscores would be left of it.
pub fn metric_name(name: &str, unit: &str, named_type: NamedType) -> Option<String> {
    let (main, per) = unit_words(unit);
    let mut tokens: Vec<&str> = name.split(|c: char| !is_name_character(c)).filter(|token| !token.is_empty()).collect();
    if !main.is_empty() && !tokens.contains(&main.as_str()) {
        tokens.push(if per.is_empty() { &main } else { main.trim_end_matches('_') });
    }
    if !per.is_empty() && !tokens.contains(&per.as_str()) {
        tokens.push(&per);
    }
    let suffix = match named_type {
        NamedType::Counter => "total",
        NamedType::Gauge if unit == "1" => "ratio",
        NamedType::Gauge | NamedType::Other => "",
    };
    if !suffix.is_empty() {
        tokens.retain(|token| *token != suffix);
        tokens.push(suffix);
    }
    let joined = tokens.join("_");
    if joined.chars().all(|c| c == '_') {
        return None;
    }
    Some(if joined.starts_with(|c: char| c.is_ascii_digit()) { format!("_{joined}") } else { joined })
}

/// The Prometheus name of an attribute; `None` when nothing but underscores would be left of it.
///
/// A name that begins with a digit gets `key_` in front, one that begins with a single underscore `key`.
pub fn label_name(name: &str) -> Option<Cow<'_, str>> {
    if name.bytes().all(|byte| byte == b'_') {
        return None;
    }
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let clean = if plain {
        Cow::Borrowed(name)
    } else {
        let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if clean.bytes().all(|byte| byte == b'_') {
            return None;
        }
        Cow::Owned(clean)
    };
    Some(if clean.starts_with(|c: char| c.is_ascii_digit()) {
        Cow::Owned(format!("key_{clean}"))
    } else if clean.starts_with('_') && !clean.starts_with("__") {
        Cow::Owned(format!("key{clean}"))
    } else {
        clean
    })
}

/// The Prometheus name of a unit: `By/s` is `bytes_per_second`, `1` and `{request}` are nothing.
pub fn unit_name(unit: &str) -> String {
    let (main, per) = unit_words(unit);
    let joined = match (main.is_empty(), per.is_empty()) {
        (false, false) => format!("{main}_{per}"),
        (_, true) => main,
        (true, false) => per,
    };
    joined.trim_matches('_').to_owned()
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == ':'
}

/// The words before and behind the slash, ready to be appended; empty where there is nothing to append.
fn unit_words(unit: &str) -> (String, String) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let main = clean_unit(&unit_word(main, &UNITS));
    let per = unit_word(per, &UNITS_PER);
    let per = if per.is_empty() { per } else { clean_unit(&format!("per_{per}")) };
    (main, if per == "per_" { String::new() } else { per.trim_end_matches('_').to_owned() })
}

/// Annotations in braces are for people and give no word.
fn unit_word(unit: &str, names: &[(&str, &str)]) -> String {
    let unit = unit.trim();
    if unit.contains(['{', '}']) {
        return String::new();
    }
    let name = names.iter().find(|(ucum, _)| *ucum == unit);
    name.map_or(unit, |(_, name)| name).to_owned()
}

fn clean_unit(unit: &str) -> String {
    let mut clean = String::with_capacity(unit.len());
    for c in unit.chars() {
        let c = if is_name_character(c) { c } else { '_' };
        if c != '_' || !clean.ends_with('_') {
            clean.push(c);
        }
    }
    clean.strip_prefix('_').unwrap_or(&clean).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use NamedType::{Counter, Gauge, Other};

    #[test]
    fn metric_names_get_their_suffixes() {
        let cases = [
            ("http.server.request.duration", "s", Other, "http_server_request_duration_seconds"),
            ("requests.count", "1", Counter, "requests_count_total"),
            ("system.io", "By", Counter, "system_io_bytes_total"),
            ("system_io_bytes_total", "By", Counter, "system_io_bytes_total"),
            ("network.total.bytes", "By", Counter, "network_bytes_total"),
            ("memory.usage", "By", Gauge, "memory_usage_bytes"),
            ("cpu.utilisation", "1", Gauge, "cpu_utilisation_ratio"),
            ("queue.size", "{item}", Gauge, "queue_size"),
            ("disk.speed", "By/s", Gauge, "disk_speed_bytes_per_second"),
            ("km", "km/h", Gauge, "km_per_hour"),
            ("odd..name__here", "", Gauge, "odd_name_here"),
            ("2xx", "", Counter, "_2xx_total"),
            ("a:b", "°C", Gauge, "a:b_C"),
            ("per.only", "/m", Other, "per_only_per_minute"),
        ];
        for (name, unit, named_type, expected) in cases {
            assert_eq!(metric_name(name, unit, named_type).as_deref(), Some(expected), "{name} in {unit}");
        }
        assert_eq!(metric_name("", "", Other), None);
        assert_eq!(metric_name("___", "", Gauge), None);
    }

    #[test]
    fn label_names_are_sanitised() {
        let cases = [
            ("http.method", Some("http_method")),
            ("plain", Some("plain")),
            ("a..b", Some("a__b")),
            ("1st", Some("key_1st")),
            ("_private", Some("key_private")),
            ("__reserved__", Some("__reserved__")),
            ("größe", Some("gr__e")),
            ("", None),
            ("__", None),
            ("..", None),
        ];
        for (name, expected) in cases {
            assert_eq!(label_name(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn units_have_names() {
        for (unit, expected) in [("s", "seconds"), ("By/s", "bytes_per_second"), ("1", ""), ("{x}/h", "per_hour")] {
            assert_eq!(unit_name(unit), expected);
        }
    }
}
