//! Recent probes: the last ones, and beyond them the last that failed.

use std::collections::VecDeque;
use std::sync::Arc;

/// A probe that is over.
#[derive(Clone, Debug)]
pub struct PastProbe {
    /// Its number, from zero.
    pub id: u64,
    /// The module's name.
    pub module: String,
    /// The target.
    pub target: String,
    /// Whether all was well.
    pub success: bool,
    /// What `debug=true` shows.
    pub debug: String,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    next: u64,
    recent: VecDeque<Arc<PastProbe>>,
    failed: VecDeque<Arc<PastProbe>>,
}

impl History {
    /// Remembers a probe. Of those that make room, failed ones go to a shelf of their own, equally bounded.
    pub(crate) fn add(&mut self, module: &str, target: &str, success: bool, debug: String, max: usize) -> u64 {
        let id = self.next;
        self.next += 1;
        let (module, target) = (module.to_owned(), target.to_owned());
        self.recent.push_back(Arc::new(PastProbe { id, module, target, success, debug }));
        while self.recent.len() > max {
            self.failed.extend(self.recent.pop_front().filter(|oldest| !oldest.success));
        }
        while self.failed.len() > max {
            self.failed.pop_front();
        }
        id
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<PastProbe>> {
        self.failed.iter().chain(&self.recent).cloned().collect()
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<Arc<PastProbe>> {
        self.failed.iter().chain(&self.recent).find(|probe| probe.id == id).cloned()
    }

    /// The newest of a target.
    pub(crate) fn by_target(&self, target: &str, module: Option<&str>) -> Option<Arc<PastProbe>> {
        let is_meant =
            |probe: &&Arc<PastProbe>| probe.target == target && module.is_none_or(|module| probe.module == module);
        self.failed.iter().chain(&self.recent).rev().find(is_meant).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_outlive_what_went_well() {
        let mut history = History::default();
        for id in 0..8 {
            assert_eq!(history.add("m", &format!("t{id}"), id % 2 == 0, String::new(), 2), id);
        }
        let ids: Vec<u64> = history.all().iter().map(|probe| probe.id).collect();
        assert_eq!(ids, [3, 5, 6, 7]);
        assert!(history.by_id(1).is_none() && history.by_id(3).is_some());
        assert_eq!(history.by_target("t7", Some("m")).unwrap().id, 7);
        assert!(history.by_target("t7", Some("n")).is_none());
    }
}
