//! What a translation yields: the records it could make, and what it had to leave out.

/// How many different reasons are kept; the rest is only counted.
const REASONS_MAX: usize = 8;

/// Translated data with the count of refused items, which OTLP reports as partial success.
#[derive(Clone, Debug, Default)]
pub struct Outcome<T> {
    /// What could be translated.
    pub data: T,
    /// How many records, spans or points were left out.
    pub rejected: u64,
    /// Why, each reason once, at most eight of them.
    pub reasons: Vec<String>,
}

impl<T> Outcome<T> {
    /// Counts `count` refused items under `reason`.
    pub(super) fn reject(&mut self, count: u64, reason: impl FnOnce() -> String) {
        self.rejected = self.rejected.saturating_add(count);
        if self.reasons.len() < REASONS_MAX {
            let reason = reason();
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    /// All reasons on one line, for `error_message`.
    pub fn message(&self) -> String {
        self.reasons.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_kept_once_and_bounded_while_everything_is_counted() {
        let mut outcome = Outcome::<()>::default();
        for index in 0..100 {
            outcome.reject(2, || format!("reason {}", index % 20));
        }
        assert_eq!(outcome.rejected, 200);
        assert_eq!(outcome.reasons.len(), REASONS_MAX);
        assert!(outcome.message().starts_with("reason 0; reason 1; "));
    }
}
