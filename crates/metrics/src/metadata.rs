//! Type, help and unit of metric families, as declared last.
//!
//! In memory only: every scrape declares them anew.

use lgtm_flow::MetadataRow;
use lgtm_model::Metadata;
use lgtm_runtime::metrics::Counter;
use parking_lot::RwLock;
use std::collections::BTreeMap;

/// A bounded number of families.
#[derive(Debug)]
pub struct MetadataTable {
    families_max: usize,
    refused: Counter,
    families: RwLock<BTreeMap<String, Metadata>>,
}

impl MetadataTable {
    /// Room for `families_max`; whatever finds no room is counted.
    pub fn new(families_max: usize, refused: Counter) -> Self {
        Self { families_max, refused, families: RwLock::default() }
    }

    /// Takes declarations; a newer one replaces an older one.
    pub fn declare(&self, rows: Vec<MetadataRow>) {
        // Nearly always nothing has changed since the last scrape, which a shared lock suffices to find out.
        let known = self.families.read();
        let changed: Vec<MetadataRow> =
            rows.into_iter().filter(|row| known.get(&row.name) != Some(&row.metadata)).collect();
        drop(known);
        if changed.is_empty() {
            return;
        }
        let mut families = self.families.write();
        for row in changed {
            if families.len() >= self.families_max && !families.contains_key(&row.name) {
                self.refused.increment();
            } else {
                families.insert(row.name, row.metadata);
            }
        }
    }

    /// One family, or all, sorted by name.
    pub fn get(&self, name: Option<&str>) -> Vec<(String, Metadata)> {
        let families = self.families.read();
        match name {
            Some(name) => {
                families.get_key_value(name).map(|(name, data)| (name.clone(), data.clone())).into_iter().collect()
            }
            None => families.iter().map(|(name, data)| (name.clone(), data.clone())).collect(),
        }
    }
}
