//! What the wanted rows are known to contain: a conjunction of clauses, each satisfied by any of its alternatives.

use super::bloom;
use super::token::{WINDOW_BYTES, hash_token, tokens, windows};

/// Tokens that a part of a text must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextNeedle {
    /// Hashes that are present for certain.
    whole: Vec<u64>,
    /// Hashes of windows, present unless a token was too long for windows.
    windows: Vec<u64>,
}

impl TextNeedle {
    /// What a line must have that contains `text` anywhere.
    pub fn part(text: &str) -> Self {
        let mut needle = Self::default();
        for (token, touches_edge) in tokens(text) {
            if !touches_edge {
                needle.whole.push(hash_token(token));
            } else if token.len() >= WINDOW_BYTES {
                // A token of exactly this many bytes was added as itself, a longer one by its windows.
                needle.windows.extend(windows(token));
            }
        }
        needle
    }

    /// Exactly this hash: of a pair or an id.
    pub fn hash(hash: u64) -> Self {
        Self { whole: vec![hash], windows: Vec::new() }
    }

    fn may_be_in(&self, filter: &[u8], unwindowed: bool) -> bool {
        self.whole.iter().all(|hash| bloom::contains(filter, *hash))
            && (unwindowed || self.windows.iter().all(|hash| bloom::contains(filter, *hash)))
    }

    /// Whether it rules out nothing.
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.windows.is_empty()
    }
}

/// At least one of these must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause(pub Vec<TextNeedle>);

/// Everything that must be there. The default rules out nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needle {
    clauses: Vec<Clause>,
}

impl Needle {
    /// Adds a clause; one that rules out nothing (an alternative without usable tokens) is left out.
    pub fn and(&mut self, clause: Clause) -> &mut Self {
        if !clause.0.is_empty() && !clause.0.iter().any(TextNeedle::is_empty) {
            self.clauses.push(clause);
        }
        self
    }

    /// Whether it rules out nothing, so that no filter need be loaded.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether rows of a row group with this filter may satisfy all clauses. `false` is certain.
    pub(super) fn may_be_in(&self, filter: &[u8], unwindowed: bool) -> bool {
        self.clauses.iter().all(|clause| clause.0.iter().any(|needle| needle.may_be_in(filter, unwindowed)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::TokenSet;
    use super::*;
    use proptest::prelude::*;

    fn filter_of(lines: &[String]) -> (Vec<u8>, bool) {
        let mut set = TokenSet::default();
        lines.iter().for_each(|line| set.text(line));
        let (hashes, unwindowed) = set.into_parts();
        (bloom::build(&hashes), unwindowed)
    }

    fn needle(text: &str) -> Needle {
        let mut needle = Needle::default();
        needle.and(Clause(vec![TextNeedle::part(text)]));
        needle
    }

    #[test]
    fn trace_ids_are_found_and_single_words_scan() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let (filter, unwindowed) = filter_of(&[format!("paid traceID={id}"), "x".repeat(64)]);
        assert!(needle(id).may_be_in(&filter, unwindowed));
        assert!(!needle("00f067aa0ba902b700f067aa0ba902b7").may_be_in(&filter, unwindowed));
        assert!(needle(&"x".repeat(40)).may_be_in(&filter, unwindowed));
        assert!(!needle(" missing ").may_be_in(&filter, unwindowed));
        assert!(needle("missing").is_empty());
    }

    proptest! {
        #[test]
        fn a_part_of_a_line_is_never_ruled_out(
            lines in prop::collection::vec("[ab é=.-]{0,12}[a-c]{0,40}[ =x]{0,3}", 1..5),
            from in 0_usize..60, length in 0_usize..60, long in 0_usize..400,
        ) {
            let mut lines = lines;
            lines[0].push_str(&"z".repeat(long));
            let line: Vec<char> = lines[0].chars().collect();
            let part: String = line.iter().skip(from).take(length).collect();
            let (filter, unwindowed) = filter_of(&lines);
            prop_assert!(needle(&part).may_be_in(&filter, unwindowed));
        }
    }
}
