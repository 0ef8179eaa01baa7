//! The labels that a rule makes of those of a result, remembered from one evaluation to the next: most results bear
//! the same labels again and again.

use lgtm_model::Labels;
use std::collections::HashMap;

/// What was made of which labels at the last evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relabelled {
    known: HashMap<Labels, Labels>,
    next: HashMap<Labels, Labels>,
}

impl Relabelled {
    /// What `make` makes of `labels`, made anew only if it is not known.
    pub fn get(&mut self, labels: &Labels, make: impl FnOnce(&Labels) -> Labels) -> Labels {
        let made = self.known.get(labels).cloned().unwrap_or_else(|| make(labels));
        self.next.insert(labels.clone(), made.clone());
        made
    }

    /// Ends an evaluation: what was not asked for is forgotten.
    pub fn end(&mut self) {
        self.known = std::mem::take(&mut self.next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_evaluation_is_remembered() {
        let mut cache = Relabelled::default();
        let labels = Labels::from_pairs([("a", "b")]);
        let mut made = 0;
        for evaluation in 0..4 {
            if evaluation != 2 {
                cache.get(&labels, |labels| {
                    made += 1;
                    labels.clone()
                });
            }
            cache.end();
        }
        assert_eq!(made, 2);
    }
}
