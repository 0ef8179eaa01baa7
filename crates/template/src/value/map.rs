//! Values by name.

use super::Value;
use std::sync::Arc;

/// What a map answers for a name that it does not have. Go derives this from the type of the map's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Missing {
    /// Nothing, printed as `<no value>`: a map of anything.
    #[default]
    Nil,
    /// The empty text: a map of texts, such as labels.
    Empty,
}

/// An immutable map, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Arc<[(Arc<str>, Value)]>,
    missing: Missing,
    depth: usize,
}

impl Map {
    /// A map of anything. Of two entries with one name the later wins.
    pub fn new<N: Into<Arc<str>>, V: Into<Value>>(entries: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::build(entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect(), Missing::Nil)
    }

    /// A map of texts, in which a missing name is the empty text.
    pub fn of_strings<N: Into<Arc<str>>, V: Into<Arc<str>>>(entries: impl IntoIterator<Item = (N, V)>) -> Self {
        let entries = entries.into_iter().map(|(name, text)| (name.into(), Value::String(text.into()))).collect();
        Self::build(entries, Missing::Empty)
    }

    fn build(mut entries: Vec<(Arc<str>, Value)>, missing: Missing) -> Self {
        // Reversed before the stable sort, so that `dedup` keeps the later of two equal names.
        entries.reverse();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|a, b| a.0 == b.0);
        let depth = 1 + entries.iter().map(|(_, value)| value.depth()).max().unwrap_or_default();
        Self { entries: entries.into(), missing, depth }
    }

    /// The value under `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let index = self.entries.binary_search_by(|(candidate, _)| candidate.as_ref().cmp(name)).ok()?;
        self.entries.get(index).map(|(_, value)| value)
    }

    /// The value under `name`, or what the map answers for names it does not have.
    pub fn get_or_missing(&self, name: &str) -> Value {
        self.get(name).cloned().unwrap_or_else(|| self.missing_value())
    }

    /// What the map answers for names it does not have.
    pub fn missing_value(&self) -> Value {
        match self.missing {
            Missing::Nil => Value::Nil,
            Missing::Empty => Value::from(""),
        }
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn type_name(&self) -> &'static str {
        match self.missing {
            Missing::Nil => "map[string]interface {}",
            Missing::Empty => "map[string]string",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_equal_names_wins_and_names_are_sorted() {
        let map = Map::of_strings([("b", "1"), ("a", "2"), ("b", "3")]);
        let names: Vec<_> = map.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
        assert_eq!(names, ["a=2", "b=3"]);
        assert_eq!(map.get_or_missing("c").as_str(), Some(""));
        assert!(Map::new([("a", "b")]).get_or_missing("c").as_str().is_none());
    }
}
