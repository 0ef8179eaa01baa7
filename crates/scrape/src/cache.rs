//! What a target's lines meant last time: from a line's text to the labels of its series.
//!
//! Most lines of a scrape are those of the scrape before. Their labels, relabelled and merged with the target's, are
//! looked up by the text before the value, so that only new lines cost. Each entry knows the scrape that it was last
//! seen in; whatever was in the scrape before and is not in this one has vanished. The size is bounded by the last
//! scrape's, since everything not seen in it is let go.

use lgtm_model::{Labels, Metadata};
use std::collections::HashMap;

/// Families that one target may declare; further declarations are not passed on.
const METADATA_PER_TARGET_MAX: usize = 50_000;

/// One line that is known.
#[derive(Debug)]
pub(crate) struct Known {
    /// The series, or nothing when relabelling drops it.
    pub labels: Option<Labels>,
    /// The scrape that it was first in.
    since: u64,
    /// The scrape that it was last in.
    seen: u64,
    /// Whether its end must be marked: series that bring their own timestamps end by themselves.
    tracked: bool,
}

/// The lines of one target.
#[derive(Debug, Default)]
pub(crate) struct SeriesCache {
    known: HashMap<String, Known>,
    metadata: HashMap<String, Metadata>,
    scrape: u64,
}

/// How a line relates to what is known.
pub(crate) enum Sighting {
    /// Its series was in the scrape before.
    Continued,
    /// Its series is new or was away.
    Added,
    /// The line was in this scrape already.
    Repeated,
}

impl SeriesCache {
    /// Begins a scrape.
    pub(crate) fn begin(&mut self) {
        self.scrape += 1;
    }

    /// The line, made known by `build` if it is not.
    pub(crate) fn sight<E>(
        &mut self,
        text: &str,
        tracked: bool,
        build: impl FnOnce() -> Result<Option<Labels>, E>,
    ) -> Result<(Option<&Labels>, Sighting), E> {
        // Looked up twice for a new line, so that a known one costs no allocation.
        let is_new = !self.known.contains_key(text);
        if is_new {
            let known = Known { labels: build()?, since: self.scrape, seen: self.scrape, tracked };
            let known = self.known.entry(text.to_owned()).or_insert(known);
            return Ok((known.labels.as_ref(), Sighting::Added));
        }
        let Some(known) = self.known.get_mut(text) else { return Ok((None, Sighting::Added)) };
        let sighting = match self.scrape - known.seen {
            0 => Sighting::Repeated,
            1 => Sighting::Continued,
            _ => Sighting::Added,
        };
        (known.seen, known.tracked) = (self.scrape, tracked);
        Ok((known.labels.as_ref(), sighting))
    }

    /// Ends a scrape that went well: gives the series that vanished, and forgets them.
    pub(crate) fn end(&mut self) -> Vec<Labels> {
        let mut vanished = Vec::new();
        let scrape = self.scrape;
        self.known.retain(|_, known| {
            let is_here = known.seen == scrape;
            if !is_here && known.tracked {
                vanished.extend(known.labels.take());
            }
            is_here
        });
        vanished
    }

    /// Ends a scrape that failed: gives the series that were there before it, and forgets them. What only came with the
    /// failed scrape was never written, and has no end to mark.
    pub(crate) fn fail(&mut self) -> Vec<Labels> {
        let scrape = self.scrape;
        self.known.retain(|_, known| known.since < scrape);
        self.forget_declarations();
        self.clear()
    }

    /// Gives the series of the last good scrape, and forgets them.
    pub(crate) fn clear(&mut self) -> Vec<Labels> {
        let known = std::mem::take(&mut self.known);
        known.into_values().filter(|known| known.tracked).filter_map(|known| known.labels).collect()
    }

    /// What was declared did not arrive, and must be said again.
    pub(crate) fn forget_declarations(&mut self) {
        self.metadata.clear();
    }

    /// Whether a declaration says something new.
    pub(crate) fn is_news(&mut self, name: &str, change: impl FnOnce(&mut Metadata)) -> Option<Metadata> {
        let known = self.metadata.get(name);
        let mut metadata = known.cloned().unwrap_or_default();
        change(&mut metadata);
        let is_full = known.is_none() && self.metadata.len() >= METADATA_PER_TARGET_MAX;
        if is_full || known == Some(&metadata) {
            return None;
        }
        self.metadata.insert(name.to_owned(), metadata.clone());
        Some(metadata)
    }
}
