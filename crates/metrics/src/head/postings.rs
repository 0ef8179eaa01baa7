//! Postings of one shard: for each label name and value, the numbers of the series that have it.

use crate::index::Postings;
use lgtm_model::Labels;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// By name, then by value. Texts are kept once each.
#[derive(Debug, Default)]
pub struct HeadPostings {
    count: u32,
    names: BTreeMap<Box<str>, BTreeMap<Box<str>, RoaringBitmap>>,
}

impl HeadPostings {
    /// Adds the series with the next number.
    pub fn add(&mut self, labels: &Labels) {
        for (name, value) in labels {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), BTreeMap::new());
            }
            let Some(values) = self.names.get_mut(name) else { continue };
            match values.get_mut(value) {
                Some(ids) => {
                    ids.insert(self.count);
                }
                None => {
                    values.insert(value.into(), RoaringBitmap::from_iter([self.count]));
                }
            }
        }
        self.count += 1;
    }
}

impl Postings for HeadPostings {
    fn all(&self) -> RoaringBitmap {
        (0..self.count).collect()
    }

    fn add_value(&self, name: &str, value: &str, into: &mut RoaringBitmap) {
        if let Some(ids) = self.names.get(name).and_then(|values| values.get(value)) {
            *into |= ids;
        }
    }

    fn add_values(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, into: &mut RoaringBitmap) {
        for (value, ids) in self.names.get(name).into_iter().flatten() {
            if wanted(value) {
                *into |= ids;
            }
        }
    }
}
