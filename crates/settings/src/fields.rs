//! The fields of a map whose names are known: required, optional, with defaults; anything else is an error.

use crate::nearest::nearest;
use crate::node::Node;
use crate::problem::Severity;
use crate::tree::{Key, Tree};

/// The fields of one map while it is read; see [`Node::map`].
pub struct Fields<'a> {
    map: Node<'a>,
    entries: &'a [(Key, Tree)],
    asked: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: Node<'a>, entries: &'a [(Key, Tree)]) -> Self {
        Self { map, entries, asked: Vec::new() }
    }

    /// The map itself, for problems that belong to no field.
    pub fn node(&self) -> Node<'a> {
        self.map
    }

    /// The field's value, if it was given and is not null. Asking for a field makes it known.
    pub fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.given(name).filter(|node| !node.is_null())
    }

    /// The field's value if it was given, even as nothing (`name:`).
    pub fn given(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.text == name).map(|(_, tree)| self.map.at(tree))
    }

    /// Whether the field was given, even as nothing; does not make it known.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key.text == name)
    }

    /// Reads a field that must be there.
    pub fn required<T>(&mut self, name: &'static str, read: impl FnOnce(Node<'a>) -> Option<T>) -> Option<T> {
        match self.get(name) {
            Some(node) => read(node),
            None => {
                self.problem_at(name, format!("{name:?} is missing"));
                None
            }
        }
    }

    /// Reads a field if it is there. `None` also when it is wrong, which was then noted.
    pub fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(Node<'a>) -> Option<T>) -> Option<T> {
        self.get(name).and_then(read)
    }

    /// Reads a field, or takes `default`.
    pub fn or<T>(&mut self, name: &'static str, default: T, read: impl FnOnce(Node<'a>) -> Option<T>) -> T {
        self.optional(name, read).unwrap_or(default)
    }

    /// Reads a field, or takes its type's default.
    pub fn or_default<T: Default>(&mut self, name: &'static str, read: impl FnOnce(Node<'a>) -> Option<T>) -> T {
        self.optional(name, read).unwrap_or_default()
    }

    /// Makes every field that is left known: each gets a warning instead of an error.
    pub fn ignore_others(&mut self) {
        let others: Vec<&'a Key> =
            self.entries.iter().map(|(key, _)| key).filter(|key| !self.asked.contains(&key.text.as_str())).collect();
        for key in others {
            self.map.note(key.span, Severity::Warning, format!("unknown field {:?} is ignored", key.text));
            self.asked.push(&key.text);
        }
    }

    /// Makes fields known without reading them; each one that is given gets the warning `reason`.
    pub fn accept(&mut self, names: &[&'static str], reason: &str) {
        for name in names {
            if self.given(name).is_some() {
                self.note_at(name, Severity::Warning, format!("{name:?} {reason}"));
            }
        }
    }

    /// Notes an error at the name of a field, or at the map if the field is absent.
    pub fn problem_at(&self, name: &str, message: impl Into<String>) {
        self.note_at(name, Severity::Error, message.into());
    }

    /// Notes a warning at the name of a field, or at the map if the field is absent.
    pub fn warn_at(&self, name: &str, message: impl Into<String>) {
        self.note_at(name, Severity::Warning, message.into());
    }

    fn note_at(&self, name: &str, severity: Severity, message: String) {
        let key = self.entries.iter().find(|(key, _)| key.text == name);
        self.map.note(key.map_or(self.map.tree.span, |(key, _)| key.span), severity, message);
    }

    /// Reports what no one asked for.
    pub(crate) fn finish(self) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.text.as_str())) {
            // Fields that are given already cannot be what was meant.
            let free = self.asked.iter().copied().filter(|name| !self.has(name));
            let hint = match nearest(&key.text, free) {
                Some(name) => format!("; did you mean {name:?}?"),
                None => String::new(),
            };
            self.map.note(key.span, Severity::Error, format!("unknown field {:?}{hint}", key.text));
        }
    }
}
