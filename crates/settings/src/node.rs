//! A place in a settings file, and the ways to read what stands there.

use crate::fields::Fields;
use crate::nearest::nearest;
use crate::problem::{Severity, Span};
use crate::read::Report;
use crate::size::parse_size_bytes;
use crate::tree::{Kind, Tree};
use lgtm_model::parse_duration_ms;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::str::FromStr;

/// One value in a settings file. Cheap to copy.
///
/// The reading methods return `None` after noting a problem at this place; see the crate's own page.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) report: &'a Report,
}

/// What stands at a place of which nothing is known beforehand; see [`Node::shape`].
pub enum Shape<'a> {
    /// Nothing: `name:`, `null` or `~`.
    Null,
    /// A single value.
    Scalar {
        /// As it is written, without quotes.
        text: &'a str,
        /// Whether it can only be a text.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node<'a>>),
    /// A map, in the order in which it is written.
    Map(Vec<(&'a str, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// What stands here, for whoever takes values of any shape.
    pub fn shape(&self) -> Shape<'a> {
        match &self.tree.kind {
            Kind::Null => Shape::Null,
            Kind::Scalar { text, quoted } => Shape::Scalar { text, quoted: *quoted },
            Kind::Binary(_) => {
                let _noted: Option<()> = self.mismatch("a text");
                Shape::Null
            }
            Kind::List(items) => Shape::List(items.iter().map(|tree| self.at(tree)).collect()),
            Kind::Map(entries) => {
                Shape::Map(entries.iter().map(|(key, tree)| (key.text.as_str(), self.at(tree))).collect())
            }
        }
    }

    /// Notes an error at this value.
    pub fn problem(&self, message: impl Into<String>) {
        self.note(self.tree.span, Severity::Error, message.into());
    }

    /// Notes something that is legal but has no effect or is not advisable.
    pub fn warn(&self, message: impl Into<String>) {
        self.note(self.tree.span, Severity::Warning, message.into());
    }

    /// Notes an error at a part of this text: `range` counts bytes of what [`Node::string`] gives. The caret stands
    /// under the part itself, on whichever line of the file it is written.
    pub fn problem_within(&self, range: Range<usize>, message: impl Into<String>) {
        let Kind::Scalar { text: value, .. } = &self.tree.kind else { return self.problem(message) };
        let place = crate::within::locate(&self.report.text, self.tree.span, value, range);
        self.note(place.unwrap_or(self.tree.span), Severity::Error, message.into());
    }

    pub(crate) fn note(&self, span: Span, severity: Severity, message: String) {
        self.report.note(span, severity, message);
    }

    /// Takes over the problems of another file that this one names.
    pub fn import(&self, problems: crate::Problems) {
        self.report.import(problems);
    }

    /// The line of the file on which it begins, from one.
    pub fn line(&self) -> usize {
        self.tree.span.line
    }

    /// Whether nothing stands here: `name:`, `null` or `~`.
    pub fn is_null(&self) -> bool {
        matches!(self.tree.kind, Kind::Null)
    }

    /// Whether a list stands here.
    pub fn is_list(&self) -> bool {
        matches!(self.tree.kind, Kind::List(_))
    }

    /// Whether a map stands here.
    pub fn is_map(&self) -> bool {
        matches!(self.tree.kind, Kind::Map(_))
    }

    /// A text. Numbers and booleans are taken as they are written; nothing at all is the empty text.
    pub fn string(&self) -> Option<String> {
        self.text("a text").map(str::to_owned)
    }

    /// Bytes: a text, or `!!binary` with base64.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.tree.kind {
            Kind::Binary(bytes) => Some(bytes.clone()),
            _ => self.string().map(String::into_bytes),
        }
    }

    /// A text that is not empty.
    pub fn non_empty_string(&self) -> Option<String> {
        let text = self.string()?;
        if text.is_empty() {
            self.problem("expected a text that is not empty");
            return None;
        }
        Some(text)
    }

    /// A path; a relative one is relative to the directory of the file that names it.
    pub fn path(&self) -> Option<PathBuf> {
        let text = self.non_empty_string()?;
        Some(self.report.directory.join(text))
    }

    /// `true` or `false`; also `yes`, `no`, `on` and `off`, as YAML 1.1 had it.
    pub fn bool(&self) -> Option<bool> {
        match self.text("true or false")?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            other => {
                self.problem(format!("expected true or false, found {other:?}"));
                None
            }
        }
    }

    /// A whole number within `range`. A quoted number is a text, and refused.
    pub fn integer(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let expected = match (*range.start(), *range.end()) {
            (i64::MIN, i64::MAX) => "a whole number".to_owned(),
            (start, i64::MAX) => format!("a whole number of at least {start}"),
            (start, end) => format!("a whole number from {start} to {end}"),
        };
        let text = self.bare(&expected)?;
        match text.replace('_', "").parse::<i64>() {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                self.problem(format!("expected {expected}, found {text:?}"));
                None
            }
        }
    }

    /// A number, whole or not, finite.
    pub fn number(&self) -> Option<f64> {
        let text = self.bare("a number")?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Some(number),
            _ => {
                self.problem(format!("expected a number, found {text:?}"));
                None
            }
        }
    }

    /// A duration as Prometheus writes it, such as `30s` or `1h30m`, in milliseconds.
    pub fn duration_ms(&self) -> Option<i64> {
        self.parse("a duration such as 30s, 5m or 1h30m", |text| {
            parse_duration_ms(text).map_err(|error| match error {
                lgtm_model::DurationError::OutOfRange(_) => "it is out of range",
                _ => "",
            })
        })
    }

    /// A size such as `10MB` or `1GiB`, in bytes; both kinds of units count in powers of 1024, as Prometheus' do.
    pub fn size_bytes(&self) -> Option<u64> {
        self.parse("a size such as 512KB, 10MB or 1GiB", |text| parse_size_bytes(text).ok_or(""))
    }

    /// Whatever `parse` makes of the text. `expected` names it; the error, unless empty, is added to the message.
    pub fn parse<T, E: Display>(&self, expected: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(expected)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let reason = error.to_string();
                let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
                self.problem(format!("expected {expected}, found {text:?}{reason}"));
                None
            }
        }
    }

    /// Whatever the type reads from a text, such as an address.
    pub fn parse_as<T: FromStr<Err: Display>>(&self, expected: &str) -> Option<T> {
        self.parse(expected, T::from_str)
    }

    /// One of several words, each with its meaning.
    pub fn one_of<T: Clone>(&self, choices: &[(&str, T)]) -> Option<T> {
        let names = || choices.iter().map(|(name, _)| *name);
        let quoted: Vec<String> = names().map(|name| format!("{name:?}")).collect();
        let expected = format!("one of {}", quoted.join(", "));
        let text = self.text(&expected)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(value.clone());
        }
        let hint = nearest(text, names()).map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
        self.problem(format!("expected {expected}, found {text:?}{hint}"));
        None
    }

    /// A list, read item by item; nothing at all is the empty list. Items with problems are left out.
    pub fn list<T>(&self, mut read: impl FnMut(Node<'a>) -> Option<T>) -> Option<Vec<T>> {
        match &self.tree.kind {
            Kind::Null => Some(Vec::new()),
            Kind::List(items) => Some(items.iter().filter_map(|tree| read(self.at(tree))).collect()),
            _ => self.mismatch("a list"),
        }
    }

    /// A list of texts, or a single text that stands for a list of one.
    pub fn string_or_list(&self) -> Option<Vec<String>> {
        match self.tree.kind {
            Kind::Scalar { .. } => self.string().map(|text| vec![text]),
            Kind::Map(_) => self.mismatch("a text or a list of texts"),
            _ => self.list(|item| item.string()),
        }
    }

    /// A map with known fields; nothing at all is the empty map. Fields that `read` did not ask for are errors.
    pub fn map<T>(&self, read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<T> {
        let entries = match &self.tree.kind {
            Kind::Null => &[],
            Kind::Map(entries) => entries.as_slice(),
            _ => return self.mismatch("a map of names and values"),
        };
        let mut fields = Fields::new(*self, entries);
        let value = read(&mut fields);
        fields.finish();
        value
    }

    /// A map with names of the writer's own choosing, in the order in which they are written.
    pub fn entries<T>(&self, mut read: impl FnMut(&str, Node<'a>) -> Option<T>) -> Option<Vec<(String, T)>> {
        match &self.tree.kind {
            Kind::Null => Some(Vec::new()),
            Kind::Map(entries) => Some(
                entries
                    .iter()
                    .filter_map(|(key, tree)| Some((key.text.clone(), read(&key.text, self.at(tree))?)))
                    .collect(),
            ),
            _ => self.mismatch("a map of names and values"),
        }
    }

    pub(crate) fn at(&self, tree: &'a Tree) -> Node<'a> {
        Node { tree, report: self.report }
    }

    fn text(&self, expected: &str) -> Option<&'a str> {
        match &self.tree.kind {
            Kind::Null => Some(""),
            Kind::Scalar { text, .. } => Some(text),
            _ => self.mismatch(expected),
        }
    }

    /// A text without quotes around it.
    fn bare(&self, expected: &str) -> Option<&'a str> {
        match &self.tree.kind {
            Kind::Scalar { text, quoted: true } => {
                self.problem(format!("expected {expected}, found the text {text:?}; leave out the quotes"));
                None
            }
            _ => self.text(expected),
        }
    }

    fn mismatch<T>(&self, expected: &str) -> Option<T> {
        let found = match &self.tree.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("{text:?}"),
            Kind::Binary(_) => "bytes that are no text".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        };
        self.problem(format!("expected {expected}, found {found}"));
        None
    }
}
