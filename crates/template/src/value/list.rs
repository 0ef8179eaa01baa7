//! Values in order.

use super::Value;
use std::ops::Deref;
use std::sync::Arc;

/// An immutable list. It knows how deeply lists and maps lie inside it, so that nobody has to walk them to find out.
#[derive(Clone, Debug, Default)]
pub struct List {
    items: Arc<[Value]>,
    depth: usize,
}

impl List {
    /// A list of `items`.
    pub fn new(items: Vec<Value>) -> Self {
        let depth = 1 + items.iter().map(Value::depth).max().unwrap_or_default();
        Self { items: items.into(), depth }
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl<V: Into<Value>> FromIterator<V> for List {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Self::new(items.into_iter().map(Into::into).collect())
    }
}
