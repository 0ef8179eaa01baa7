//! Families under construction.

use lgtm_model::{Labels, MetricType};
use lgtm_runtime::metrics::Family;
use std::collections::BTreeMap;

/// Series that all collectors together may yield; what is beyond it is left out.
const SERIES_MAX: usize = 100_000;

/// What the collectors have found so far.
#[derive(Default)]
pub(crate) struct Sheet {
    families: BTreeMap<String, Family>,
    series: usize,
}

impl Sheet {
    /// Adds one series. The first addition of a name decides about its help and type.
    pub(crate) fn add(&mut self, metric_type: MetricType, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        if self.series == SERIES_MAX {
            return;
        }
        self.series += 1;
        let family = self.families.entry(name.to_owned()).or_insert_with(|| Family {
            name: name.to_owned(),
            help: help.to_owned(),
            metric_type,
            points: Vec::new(),
        });
        family.points.push(("", Labels::from_pairs(labels.iter().copied()), value));
    }

    pub(crate) fn counter(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.add(MetricType::Counter, name, help, labels, value);
    }

    pub(crate) fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.add(MetricType::Gauge, name, help, labels, value);
    }

    pub(crate) fn untyped(&mut self, name: &str, help: &str, value: f64) {
        self.add(MetricType::Unknown, name, help, &[], value);
    }

    /// All families in the order of their names.
    pub(crate) fn build(self) -> Vec<Family> {
        self.families.into_values().collect()
    }
}
