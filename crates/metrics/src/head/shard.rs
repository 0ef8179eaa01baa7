//! One shard of a head: its series by number, their labels to numbers, and their postings.

use super::postings::HeadPostings;
use super::series::{Series, Workshop};
use crate::index::{self, Postings};
use crate::merge::Column;
use lgtm_model::{Labels, Matcher};
use roaring::RoaringBitmap;
use std::collections::HashMap;

/// A part of a head, behind one lock.
#[derive(Debug, Default)]
pub struct Shard {
    numbers: HashMap<Labels, u32>,
    series: Vec<Series>,
    postings: HeadPostings,
    workshop: Workshop,
}

impl Shard {
    /// The number of a series and whether its definition is durable.
    pub(super) fn find(&self, labels: &Labels) -> Option<(u32, bool)> {
        let number = *self.numbers.get(labels)?;
        Some((number, self.series[number as usize].is_durable))
    }

    /// The number of a series, and whether it was new.
    pub(super) fn intern(&mut self, labels: &Labels) -> (u32, bool) {
        if let Some(&number) = self.numbers.get(labels) {
            return (number, false);
        }
        let number = self.series.len() as u32;
        self.numbers.insert(labels.clone(), number);
        self.series.push(Series::new(labels.clone()));
        self.postings.add(labels);
        (number, true)
    }

    pub(super) fn mark_durable(&mut self, number: u32) {
        if let Some(series) = self.series.get_mut(number as usize) {
            series.is_durable = true;
        }
    }

    pub(super) fn append(&mut self, number: u32, time: i64, value: f64) {
        if let Some(series) = self.series.get_mut(number as usize) {
            series.append(time, value, &mut self.workshop);
        }
    }

    pub(super) fn series_with_samples(&self) -> impl Iterator<Item = (&Labels, u32)> {
        let numbered = self.series.iter().enumerate();
        numbered
            .filter(|(_, series)| series.overlaps(i64::MIN, i64::MAX))
            .map(|(number, series)| (&series.labels, number as u32))
    }

    /// Numbers of the series that satisfy all matchers.
    pub(crate) fn select(&self, matchers: &[Matcher]) -> RoaringBitmap {
        index::select(&self.postings as &dyn Postings, matchers)
    }

    /// A series' labels, if it may have samples within `start..=end`.
    pub(crate) fn labels(&self, number: u32, start: i64, end: i64) -> Option<&Labels> {
        let series = self.series.get(number as usize)?;
        series.overlaps(start, end).then_some(&series.labels)
    }

    /// A series' samples within `start..=end`.
    pub(crate) fn column(&self, number: u32, start: i64, end: i64) -> Column {
        self.series.get(number as usize).map(|series| series.column(start, end)).unwrap_or_default()
    }
}
