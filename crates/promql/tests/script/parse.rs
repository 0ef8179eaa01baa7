//! Reads the scripting language of upstream's `promqltest`.

use lgtm_model::{METRIC_NAME, parse_duration_ms};
use lgtm_promql::{SeriesDescription, SeriesPoint, parse_series_description};
use regex::Regex;

/// A line of a script that does something.
pub enum Command {
    /// Forget everything.
    Clear,
    /// Append samples.
    Load(Load),
    /// Evaluate and compare.
    Eval(Box<Eval>),
}

/// What `load` appends.
pub struct Load {
    pub step_ms: i64,
    pub with_nhcb: bool,
    pub series: Vec<SeriesDescription>,
    pub start_timestamps: Vec<SeriesDescription>,
}

/// When `eval` evaluates.
#[derive(Clone, Copy)]
pub enum When {
    Instant(i64),
    Range { start_ms: i64, end_ms: i64, step_ms: i64 },
}

/// What `eval` expects.
#[derive(Default)]
pub struct Expected {
    pub fail: Option<Text>,
    pub warn: Vec<Text>,
    pub info: Vec<Text>,
    pub no_warn: bool,
    pub no_info: bool,
    pub ordered: bool,
    pub string: Option<String>,
    pub range_vector: Option<(i64, i64, i64)>,
    pub scalar: Option<f64>,
    pub series: Vec<SeriesDescription>,
    /// Whether any line speaks of a native histogram.
    pub histogram: bool,
}

/// What a message must be.
pub enum Text {
    Any,
    Exactly(String),
    Regex(Regex),
}

impl Text {
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => wanted == text,
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

pub struct Eval {
    pub line: usize,
    pub query: String,
    pub when: When,
    pub expected: Expected,
}

/// Reads a whole script.
pub fn parse(input: &str) -> Vec<Command> {
    let lines: Vec<&str> =
        input.split('\n').map(str::trim).map(|line| if line.starts_with('#') { "" } else { line }).collect();
    let mut commands = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let body_end = (at + 1..lines.len()).find(|index| lines[*index].is_empty()).unwrap_or(lines.len());
        let word = line.split_whitespace().next().unwrap_or("").to_lowercase();
        if line.is_empty() {
            at += 1;
            continue;
        }
        if word == "clear" {
            commands.push(Command::Clear);
            at += 1;
            continue;
        }
        let body = &lines[at + 1..body_end];
        match word {
            word if word.starts_with("load") => commands.push(Command::Load(load(line, body))),
            word if word.starts_with("eval") => {
                commands.push(Command::Eval(Box::new(eval(at + 1, line, &word, body))));
            }
            word => panic!("line {}: unknown command {word:?}", at + 1),
        }
        at = body_end;
    }
    commands
}

fn duration(text: &str) -> i64 {
    match text.strip_prefix('-') {
        Some(text) => -parse_duration_ms(text).unwrap(),
        None => parse_duration_ms(text).unwrap(),
    }
}

fn load(line: &str, body: &[&str]) -> Load {
    let mut words = line.split_whitespace();
    let with_nhcb = words.next().unwrap().to_lowercase().ends_with("_with_nhcb");
    let step_ms = duration(words.next().unwrap());
    let (mut series, mut start_timestamps) = (Vec::new(), Vec::new());
    for line in body {
        if let Some((labels, _)) = line.split_once("@st") {
            start_timestamps.push(parse_series_description(&format!("{labels} 1")).unwrap());
        } else {
            series.push(parse_series_description(line).unwrap_or_else(|error| panic!("{line}: {error}")));
        }
    }
    Load { step_ms, with_nhcb, series, start_timestamps }
}

fn eval(line_number: usize, line: &str, word: &str, body: &[&str]) -> Eval {
    let instant = Regex::new(r"^\S+\s+instant\s+(?:at\s+(\S+))?\s*(.+)$").unwrap();
    let range = Regex::new(r"^\S+\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?)\s+(.+)$").unwrap();
    let (when, query) = if let Some(found) = range.captures(line) {
        let [start_ms, end_ms, step_ms] = [1, 2, 3].map(|index| duration(&found[index]));
        (When::Range { start_ms, end_ms, step_ms }, found[4].to_owned())
    } else {
        let found = instant.captures(line).unwrap_or_else(|| panic!("line {line_number}: {line}"));
        (When::Instant(found.get(1).map_or(0, |time| duration(time.as_str()))), found[2].to_owned())
    };
    let mut expected = Expected::default();
    match word {
        "eval_fail" => expected.fail = Some(Text::Any),
        "eval_warn" => expected.warn.push(Text::Any),
        "eval_info" => expected.info.push(Text::Any),
        "eval_ordered" => expected.ordered = true,
        _ => {}
    }
    body.iter().for_each(|line| expect(&mut expected, line));
    Eval { line: line_number, query, when, expected }
}

fn expect(expected: &mut Expected, line: &str) {
    expected.histogram |= line.contains("{{");
    if let Some(text) = line.strip_prefix("expected_fail_message") {
        expected.fail = Some(Text::Exactly(text.trim().to_owned()));
    } else if let Some(text) = line.strip_prefix("expected_fail_regexp") {
        expected.fail = Some(Text::Regex(Regex::new(text.trim()).unwrap()));
    } else if let Some(text) = line.strip_prefix("expect string") {
        expected.string = Some(unquote(text.trim()));
    } else if let Some(text) = line.strip_prefix("expect range vector") {
        let words: Vec<&str> = text.split_whitespace().collect();
        expected.range_vector = Some((duration(words[1]), duration(words[3]), duration(words[5])));
    } else if let Some(rest) = line.strip_prefix("expect ") {
        directive(expected, rest.trim());
    } else if let Ok(number) = number(line) {
        expected.scalar = Some(number);
    } else {
        let series = parse_series_description(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        expected.series.push(series);
    }
}

fn number(text: &str) -> Result<f64, ()> {
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).map(|number| number as f64).map_err(|_| ());
    }
    text.parse().map_err(|_| ())
}

fn directive(expected: &mut Expected, text: &str) {
    let (kind, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let text = if let Some(message) = rest.strip_prefix("msg:") {
        Text::Exactly(message.trim().to_owned())
    } else if let Some(regex) = rest.strip_prefix("regex:") {
        Text::Regex(Regex::new(regex.trim()).unwrap())
    } else {
        Text::Any
    };
    match kind {
        "fail" => expected.fail = Some(text),
        "warn" => expected.warn.push(text),
        "info" => expected.info.push(text),
        "no_warn" => expected.no_warn = true,
        "no_info" => expected.no_info = true,
        "ordered" => expected.ordered = true,
        kind => panic!("unknown expectation {kind:?}"),
    }
}

fn unquote(text: &str) -> String {
    let inner = &text[1..text.len() - 1];
    if text.starts_with('`') {
        return inner.to_owned();
    }
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next().unwrap() {
                'n' => plain.push('\n'),
                't' => plain.push('\t'),
                other => plain.push(other),
            },
            (c, false) => plain.push(c),
        }
    }
    plain
}

/// The series that `load_with_nhcb` makes native histograms of.
pub fn converted_name(series: &SeriesDescription) -> Option<lgtm_model::Labels> {
    let name = series.labels.metric_name()?;
    let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix))?;
    let mut builder = series.labels.to_builder();
    builder.set(METRIC_NAME, base).remove("le");
    Some(builder.build())
}

/// Whether a description has a native histogram.
pub fn has_histogram(series: &SeriesDescription) -> bool {
    series.points.iter().any(|point| matches!(point, SeriesPoint::NativeHistogram(_)))
}
