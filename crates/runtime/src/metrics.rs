//! The program's own metrics: a registry of counters, gauges and histograms that costs an atomic operation to update.
//!
//! Names begin with `lgtm_`. Each component receives the [`Registry`] and keeps the handles it updates; `lgtm-wire`
//! writes a snapshot as exposition text.

use lgtm_model::{Labels, MetricType};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One family as it is exposed: name, help, type and its series in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The metric's name.
    pub name: String,
    /// What it measures, with its unit.
    pub help: String,
    /// Its type.
    pub metric_type: MetricType,
    /// Suffix (`""`, `_bucket`, `_sum`, `_count`), labels and value of each line.
    pub points: Vec<(&'static str, Labels, f64)>,
}

/// A number that only grows.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Replaces the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Adds `delta`, which may be negative.
    pub fn add(&self, delta: f64) {
        let _always_some = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| Some((f64::from_bits(bits) + delta).to_bits()));
    }

    /// The value now.
    pub fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Debug)]
struct HistogramState {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

/// Observations counted into fixed buckets.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Mutex<HistogramState>>);

impl Histogram {
    /// Counts one observation.
    pub fn observe(&self, value: f64) {
        let mut state = self.0.lock();
        let bucket = state.bounds.partition_point(|bound| *bound < value);
        state.counts[bucket] += 1;
        state.sum += value;
    }

    fn points(&self, labels: &Labels, into: &mut Vec<(&'static str, Labels, f64)>) {
        let state = self.0.lock();
        let mut total = 0;
        for (index, count) in state.counts.iter().enumerate() {
            total += count;
            let bound = state.bounds.get(index).map_or("+Inf".to_owned(), |bound| bound.to_string());
            let mut builder = labels.to_builder();
            builder.set("le", bound);
            into.push(("_bucket", builder.build(), total as f64));
        }
        into.push(("_sum", labels.clone(), state.sum));
        into.push(("_count", labels.clone(), total as f64));
    }
}

#[derive(Clone, Debug)]
enum Instrument {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

#[derive(Debug)]
struct Registered {
    help: String,
    metric_type: MetricType,
    series: BTreeMap<Labels, Instrument>,
}

/// All of a process's own metrics. Cheap to clone; asking twice for the same series gives the same instrument.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: Arc<Mutex<BTreeMap<String, Registered>>>,
}

impl Registry {
    /// The counter `name` with `labels`.
    pub fn counter(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Counter {
        match self.instrument(name, help, MetricType::Counter, labels, || Instrument::Counter(Counter::default())) {
            Instrument::Counter(counter) => counter,
            _ => Counter::default(),
        }
    }

    /// The gauge `name` with `labels`.
    pub fn gauge(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Gauge {
        match self.instrument(name, help, MetricType::Gauge, labels, || Instrument::Gauge(Gauge::default())) {
            Instrument::Gauge(gauge) => gauge,
            _ => Gauge::default(),
        }
    }

    /// The histogram `name` with `labels` and ascending bucket `bounds` (the last, `+Inf`, is added).
    pub fn histogram(&self, name: &str, help: &str, labels: &[(&str, &str)], bounds: &'static [f64]) -> Histogram {
        let create = || {
            let state = HistogramState { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 };
            Instrument::Histogram(Histogram(Arc::new(Mutex::new(state))))
        };
        match self.instrument(name, help, MetricType::Histogram, labels, create) {
            Instrument::Histogram(histogram) => histogram,
            _ => {
                Histogram(Arc::new(Mutex::new(HistogramState { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 })))
            }
        }
    }

    /// A name registered with two types is a programming error: asserted in debug builds, and a detached instrument
    /// rather than a crash in release builds.
    fn instrument(
        &self,
        name: &str,
        help: &str,
        metric_type: MetricType,
        labels: &[(&str, &str)],
        create: impl FnOnce() -> Instrument,
    ) -> Instrument {
        let mut families = self.families.lock();
        let family = families.entry(name.to_owned()).or_insert_with(|| Registered {
            help: help.to_owned(),
            metric_type,
            series: BTreeMap::new(),
        });
        debug_assert_eq!(family.metric_type, metric_type, "{name} is registered with two types");
        let labels = Labels::from_pairs(labels.iter().copied());
        family.series.entry(labels).or_insert_with(create).clone()
    }

    /// Everything as it is now, families in the order of their names.
    pub fn snapshot(&self) -> Vec<Family> {
        let families = self.families.lock();
        families
            .iter()
            .map(|(name, family)| {
                let mut points = Vec::new();
                for (labels, instrument) in &family.series {
                    match instrument {
                        Instrument::Counter(counter) => points.push(("", labels.clone(), counter.value() as f64)),
                        Instrument::Gauge(gauge) => points.push(("", labels.clone(), gauge.value())),
                        Instrument::Histogram(histogram) => histogram.points(labels, &mut points),
                    }
                }
                Family { name: name.clone(), help: family.help.clone(), metric_type: family.metric_type, points }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_twice_gives_the_same_series() {
        let registry = Registry::default();
        registry.counter("lgtm_x_total", "x", &[("a", "1")]).increment();
        registry.counter("lgtm_x_total", "x", &[("a", "1")]).add(2);
        let families = registry.snapshot();
        assert_eq!(families[0].points, vec![("", Labels::from_pairs([("a", "1")]), 3.0)]);
    }

    #[test]
    fn histograms_are_cumulative_and_bounds_inclusive() {
        let registry = Registry::default();
        let histogram = registry.histogram("lgtm_h", "h", &[], &[1.0, 2.0]);
        for value in [1.0, 1.5, 9.0] {
            histogram.observe(value);
        }
        let values: Vec<f64> = registry.snapshot()[0].points.iter().map(|point| point.2).collect();
        assert_eq!(values, [1.0, 2.0, 3.0, 11.5, 3.0]);
    }
}
