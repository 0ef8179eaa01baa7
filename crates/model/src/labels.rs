//! A series' or stream's identity: names and values, sorted by name, packed into one allocation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// An immutable, sorted set of label names and values; cheap to clone.
///
/// All pairs lie behind one another in a single shared buffer, each text after its length as a LEB128 number, so that
/// equality and hashing are one pass over bytes and a series costs one allocation however many labels it has.
/// An empty value means the same as an absent label and is never stored.
#[derive(Clone)]
pub struct Labels {
    packed: Arc<[u8]>,
}

impl Labels {
    /// The set without labels.
    pub fn empty() -> Self {
        Self { packed: Arc::from([]) }
    }

    /// Builds a set from pairs in any order. Of two pairs with one name the later wins; empty values are left out.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name, value);
        }
        builder.build()
    }

    /// Packs pairs that are already sorted by name, without repeats and empty values.
    fn pack<'a>(sorted: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut packed = Vec::with_capacity(64);
        for (name, value) in sorted {
            for text in [name, value] {
                put_length(&mut packed, text.len());
                packed.extend_from_slice(text.as_bytes());
            }
        }
        Self { packed: packed.into() }
    }

    /// The value under `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        // Sorted by name: the search ends as soon as it has gone past.
        for (candidate, value) in self {
            match candidate.cmp(name) {
                Ordering::Less => {}
                Ordering::Equal => return Some(value),
                Ordering::Greater => return None,
            }
        }
        None
    }

    /// The value under `__name__`, if there is one.
    pub fn metric_name(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.packed }
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label at all.
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// Bytes that this set holds on to, for memory accounting.
    pub fn size_bytes(&self) -> usize {
        self.packed.len()
    }

    /// The packed form: a stable key for maps, files and sharding. See [`Labels::from_packed`].
    pub fn as_packed(&self) -> &[u8] {
        &self.packed
    }

    /// Reads back what [`Labels::as_packed`] gave; `None` when the bytes are no such set.
    pub fn from_packed(packed: &[u8]) -> Option<Self> {
        let mut rest = packed;
        let mut previous: Option<&str> = None;
        while !rest.is_empty() {
            let name = take_text(&mut rest)?;
            let value = take_text(&mut rest)?;
            if value.is_empty() || previous.is_some_and(|previous| previous >= name) {
                return None;
            }
            previous = Some(name);
        }
        Some(Self { packed: packed.into() })
    }

    /// A copy to change.
    pub fn to_builder(&self) -> LabelsBuilder {
        LabelsBuilder { pairs: self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// The labels whose names `keep` accepts.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        Self::pack(self.iter().filter(|(name, _)| keep(name)))
    }

    /// The set without the metric name.
    pub fn without_metric_name(&self) -> Self {
        self.filter(|name| name != METRIC_NAME)
    }
}

fn put_length(packed: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        packed.push((length as u8 & 0x7f) | 0x80);
        length >>= 7;
    }
    packed.push(length as u8);
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let (mut length, mut shift) = (0_usize, 0_u32);
    loop {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        length |= ((byte & 0x7f) as usize).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    if length > rest.len() {
        return None;
    }
    let (text, tail) = rest.split_at(length);
    *rest = tail;
    std::str::from_utf8(text).ok()
}

/// Walks the pairs of a [`Labels`] in the order of their names.
#[derive(Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        // The bytes were packed from texts or checked by `from_packed`, so that `None` only ever means the end.
        let name = take_text(&mut self.rest)?;
        let value = take_text(&mut self.rest)?;
        Some((name, value))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.packed, &other.packed) || self.packed == other.packed
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.packed.hash(state);
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    /// Pair by pair, name before value; of two sets that agree, the shorter comes first (upstream's `labels.Compare`).
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl fmt::Display for Labels {
    /// `name{a="b", c="d"}`, as Prometheus prints a series.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.metric_name() {
            f.write_str(name)?;
            if self.len() == 1 {
                return Ok(());
            }
        }
        f.write_str("{")?;
        for (index, (name, value)) in self.iter().filter(|(name, _)| *name != METRIC_NAME).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Labels under construction; see [`Labels::to_builder`].
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    pairs: Vec<(String, String)>,
}

impl LabelsBuilder {
    /// Sets a label. An empty value removes it.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        match self.pairs.iter().position(|(existing, _)| *existing == name) {
            Some(index) if value.is_empty() => drop(self.pairs.remove(index)),
            Some(index) => self.pairs[index].1 = value,
            None if value.is_empty() => {}
            None => self.pairs.push((name, value)),
        }
        self
    }

    /// Removes a label if it is there.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.pairs.retain(|(existing, _)| existing != name);
        self
    }

    /// The value under `name` so far.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(existing, _)| existing == name).map(|(_, value)| value.as_str())
    }

    /// The pairs so far, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Keeps the labels that `keep` accepts by name and value.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) -> &mut Self {
        self.pairs.retain(|(name, value)| keep(name, value));
        self
    }

    /// Seals the set.
    pub fn build(mut self) -> Labels {
        self.pairs.sort_unstable();
        Labels::pack(self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_series_prints_as_prometheus_prints_it() {
        let labels = Labels::from_pairs([("job", "node"), (METRIC_NAME, "up"), ("gone", "")]);
        assert_eq!(labels.to_string(), r#"up{job="node"}"#);
        assert_eq!(Labels::from_pairs([(METRIC_NAME, "up")]).to_string(), "up");
        assert_eq!(Labels::empty().to_string(), "{}");
    }

    #[test]
    fn broken_packed_bytes_are_refused() {
        for bytes in [&[5][..], &[1, b'a'], &[1, b'a', 0], &[1, 0xff, 1, b'x'], &[0xff; 12]] {
            assert!(Labels::from_packed(bytes).is_none(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn labels_behave_like_a_sorted_map(pairs in prop::collection::vec(("[a-e]{0,3}", "\\PC{0,200}"), 0..8)) {
            let mut model = BTreeMap::new();
            for (name, value) in &pairs {
                if value.is_empty() { model.remove(name); } else { model.insert(name.clone(), value.clone()); }
            }
            let labels = Labels::from_pairs(pairs.clone());
            let got: Vec<_> = labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(got, model.clone().into_iter().collect::<Vec<_>>());
            for (name, _) in &pairs {
                prop_assert_eq!(labels.get(name), model.get(name).map(String::as_str));
            }
            prop_assert_eq!(Labels::from_packed(labels.as_packed()), Some(labels));
        }
    }
}
