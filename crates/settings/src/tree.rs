//! YAML events to a tree of values with their places.
//!
//! Aliases are expanded into copies, each counted against the limit on values, so that a small file cannot unfold into
//! a huge one. Merge keys (`<<`) are resolved here: keys written out win over merged ones, earlier merged maps over
//! later ones. A key that is written twice is a problem; reading goes on with the first.

use crate::limit::{DEPTH_MAX, NODES_MAX};
use crate::problem::Span;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as EventSpan, StrInput, Tag};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Scalar {
        text: String,
        quoted: bool,
    },
    /// `!!binary` that is no text.
    Binary(Vec<u8>),
    List(Vec<Tree>),
    Map(Vec<(Key, Tree)>),
}

/// The name of a field and its place.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub text: String,
    pub span: Span,
}

/// What stops the reading of a file, or, for repeated keys, what is wrong with it.
pub(crate) type Fault = (Span, String);

/// Reads one document. The faults beside the tree do not stop the reading.
pub(crate) fn parse(text: &str) -> Result<(Tree, Vec<Fault>), Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parser = Parser::new_from_str(text);
    let mut builder = Builder { parser, text, anchors: BTreeMap::new(), nodes: 0, faults: Vec::new() };
    let tree = builder.document()?;
    Ok((tree, builder.faults))
}

struct Builder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    text: &'t str,
    anchors: BTreeMap<usize, (Tree, usize)>,
    nodes: usize,
    faults: Vec<Fault>,
}

impl<'t> Builder<'t> {
    fn document(&mut self) -> Result<Tree, Fault> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                _ if root.is_some() => {
                    return Err((place(span), "expected a single document, found a second one".to_owned()));
                }
                event => root = Some(self.value(event, span, 0)?),
            }
        }
        Ok(root.unwrap_or(Tree { kind: Kind::Null, span: Span { line: 1, column: 1, width: 1 } }))
    }

    fn next(&mut self) -> Result<(Event<'t>, EventSpan), Fault> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax(&error, self.text)),
            None => Ok((Event::StreamEnd, EventSpan::default())),
        }
    }

    fn value(&mut self, event: Event<'t>, at: EventSpan, depth: usize) -> Result<Tree, Fault> {
        let span = place(at);
        if depth > DEPTH_MAX {
            return Err((span, format!("nested more than {DEPTH_MAX} levels deep")));
        }
        self.count(1, span)?;
        let before = self.nodes;
        let (kind, anchor) = match event {
            Event::Alias(id) => {
                let (tree, size) =
                    self.anchors.get(&id).cloned().ok_or_else(|| (span, "an alias within its own value".to_owned()))?;
                self.count(size, span)?;
                return Ok(Tree { kind: tree.kind, span });
            }
            Event::Scalar(text, style, anchor, tag) => (scalar(text, style, tag, span)?, anchor),
            Event::SequenceStart(anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.map(depth)?, anchor),
            _ => return Err((span, "unexpected end of the document".to_owned())),
        };
        let tree = Tree { kind, span };
        if anchor > 0 {
            self.anchors.insert(anchor, (tree.clone(), self.nodes - before));
        }
        Ok(tree)
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List(items)),
                (event, span) => items.push(self.value(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut entries: Vec<(Key, Tree)> = Vec::new();
        let mut merged: Vec<(Key, Tree)> = Vec::new();
        let mut names = HashSet::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let is_plain = matches!(&event, Event::Scalar(_, ScalarStyle::Plain, ..));
            let key = self.value(event, span, depth + 1)?;
            let span = key.span;
            let text = match key.kind {
                Kind::Scalar { text, .. } => text,
                Kind::Null => String::new(),
                Kind::Binary(_) | Kind::List(_) | Kind::Map(_) => {
                    return Err((span, "expected a name before the colon".to_owned()));
                }
            };
            let (event, at) = self.next()?;
            let mut value = self.value(event, at, depth + 1)?;
            if matches!(value.kind, Kind::Null) {
                // An absent value has no place of its own; the parser reports where the next thing begins.
                value.span = span;
            }
            if is_plain && text == "<<" {
                merge(value, &mut merged)?;
            } else if names.insert(text.clone()) {
                entries.push((Key { text, span }, value));
            } else {
                self.faults.push((span, format!("{text:?} is given twice")));
            }
        }
        for (key, value) in merged {
            if names.insert(key.text.clone()) {
                entries.push((key, value));
            }
        }
        Ok(Kind::Map(entries))
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Fault> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err((span, format!("more than {NODES_MAX} values (aliases count every time they are used)")));
        }
        Ok(())
    }
}

fn merge(value: Tree, into: &mut Vec<(Key, Tree)>) -> Result<(), Fault> {
    match value.kind {
        Kind::Map(entries) => into.extend(entries),
        Kind::List(items) if items.iter().all(|item| matches!(item.kind, Kind::Map(_))) => {
            for item in items {
                merge(item, into)?;
            }
        }
        _ => return Err((value.span, "expected a map, or a list of maps, to merge".to_owned())),
    }
    Ok(())
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<Cow<'_, Tag>>, span: Span) -> Result<Kind, Fault> {
    let mut quoted = style != ScalarStyle::Plain;
    if let Some(tag) = tag {
        match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
            (true, "str") => quoted = true,
            (true, "int" | "float" | "bool" | "null") => quoted = false,
            (true, "binary") => return binary(&text, span),
            _ => return Err((span, format!("unknown tag {tag}"))),
        }
    }
    if !quoted && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Kind::Null);
    }
    Ok(Kind::Scalar { text: text.into_owned(), quoted })
}

/// Base64, as YAML writes bytes. What is a text all the same is read as one.
fn binary(text: &str, span: Span) -> Result<Kind, Fault> {
    let packed: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let bytes = BASE64.decode(packed).map_err(|error| (span, format!("!!binary is not base64: {error}")))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Kind::Scalar { text, quoted: true },
        Err(error) => Kind::Binary(error.into_bytes()),
    })
}

fn place(span: EventSpan) -> Span {
    let width = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    Span { line: span.start.line().max(1), column: span.start.col() + 1, width: width.max(1) }
}

fn syntax(error: &ScanError, text: &str) -> Fault {
    let marker = error.marker();
    let span = Span { line: marker.line().max(1), column: marker.col() + 1, width: 1 };
    let message = format!("not valid YAML: {}", error.info());
    if !error.info().contains("tab") {
        return (span, message);
    }
    // The parser names the text before the tab; the person must see the line that begins with it.
    let indented_by_tab = text.lines().enumerate().skip(span.line - 1).find_map(|(index, line)| {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        line[..indent].find('\t').map(|column| Span { line: index + 1, column: column + 1, width: 1 })
    });
    (indented_by_tab.unwrap_or(span), format!("{message} (indent with spaces)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_billion_laughs_are_refused_with_their_place() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (this, last) in ('b'..='i').zip('a'..='h') {
            text.push_str(&format!("{this}: &{this} [{}]\n", vec![format!("*{last}"); 10].join(", ")));
        }
        let (span, message) = parse(&text).unwrap_err();
        assert!(message.starts_with("more than 500000 values"), "{message}");
        assert!(span.line > 3);
    }

    #[test]
    fn deep_nesting_and_broken_syntax_are_faults() {
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse(&"- ".repeat(10_000)).is_err());
        let (span, message) = parse("a: b\nc: [1,\nd: e\n").unwrap_err();
        assert!(message.starts_with("not valid YAML"), "{message} {span:?}");
        assert!(parse("a: 1\n---\nb: 2\n").unwrap_err().1.contains("single document"));
        assert!(parse("&a [*a]").unwrap_err().1.contains("alias"));
    }

    #[test]
    fn written_keys_win_over_merged_ones_and_repeats_are_faults() {
        let (tree, faults) = parse("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n  b: 4\n").unwrap();
        assert_eq!(faults, [(Span { line: 5, column: 3, width: 1 }, "\"b\" is given twice".to_owned())]);
        let Kind::Map(entries) = tree.kind else { panic!("no map") };
        let Kind::Map(merged) = &entries[1].1.kind else { panic!("no map") };
        let keys: Vec<_> = merged.iter().map(|(key, value)| (key.text.as_str(), format!("{:?}", value.kind))).collect();
        assert!(keys[0].0 == "b" && keys[0].1.contains('3') && keys[1].0 == "a", "{keys:?}");
    }
}
