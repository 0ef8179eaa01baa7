//! From matchers to the ids of series, through postings: the same way for heads and blocks.
//!
//! A matcher that the absent label does not satisfy keeps the union of the postings of the values that do satisfy it;
//! one that the absent label satisfies takes away the union of those that do not. So no matcher ever needs the list of
//! series without a label. Regular expressions that are plain alternatives (`a|b|c`) look their values up one by one;
//! others are tried on every value of the label, not on every series.

use lgtm_model::{MatchOp, Matcher};
use roaring::RoaringBitmap;

/// Postings by label name and value.
pub trait Postings {
    /// The ids of all series.
    fn all(&self) -> RoaringBitmap;

    /// Adds the ids of the series whose label `name` has this very value.
    fn add_value(&self, name: &str, value: &str, into: &mut RoaringBitmap);

    /// Adds the ids of the series whose label `name` has a value that `wanted` accepts.
    fn add_values(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, into: &mut RoaringBitmap);
}

/// The ids of the series that satisfy all matchers.
pub fn select(postings: &dyn Postings, matchers: &[Matcher]) -> RoaringBitmap {
    let mut selected: Option<RoaringBitmap> = None;
    for matcher in matchers.iter().filter(|matcher| !matcher.matches_empty()) {
        let mut ids = RoaringBitmap::new();
        add_where(postings, matcher, true, &mut ids);
        match &mut selected {
            Some(selected) => *selected &= ids,
            None => selected = Some(ids),
        }
        if selected.as_ref().is_some_and(RoaringBitmap::is_empty) {
            return RoaringBitmap::new();
        }
    }
    let mut selected = selected.unwrap_or_else(|| postings.all());
    for matcher in matchers.iter().filter(|matcher| matcher.matches_empty()) {
        let mut ids = RoaringBitmap::new();
        add_where(postings, matcher, false, &mut ids);
        selected -= ids;
    }
    selected
}

/// Adds the ids of the series that have the label and whose value satisfies the matcher, or not, as `outcome` says.
fn add_where(postings: &dyn Postings, matcher: &Matcher, outcome: bool, into: &mut RoaringBitmap) {
    let is_negative = matches!(matcher.op(), MatchOp::NotEqual | MatchOp::NotRegex);
    // Whether the wanted values are those that the matcher spells out.
    let are_spelled = outcome != is_negative;
    let alternatives = match matcher.op() {
        MatchOp::Equal | MatchOp::NotEqual => Some(vec![matcher.value()]),
        MatchOp::Regex | MatchOp::NotRegex => literal_alternatives(matcher.value()),
    };
    match alternatives {
        Some(values) if are_spelled => {
            for value in values {
                postings.add_value(matcher.name(), value, into);
            }
        }
        _ => postings.add_values(matcher.name(), &mut |value| matcher.matches(value) == outcome, into),
    }
}

/// `a|b|c` as its parts, when none of them has a character that means something else to a regular expression.
fn literal_alternatives(pattern: &str) -> Option<Vec<&str>> {
    let is_literal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'/' | b' ' | b'|');
    pattern.bytes().all(is_literal).then(|| pattern.split('|').collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::Labels;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    struct Naive(Vec<Labels>);

    impl Postings for Naive {
        fn all(&self) -> RoaringBitmap {
            (0..self.0.len() as u32).collect()
        }

        fn add_value(&self, name: &str, value: &str, into: &mut RoaringBitmap) {
            self.add_values(name, &mut |candidate| candidate == value, into);
        }

        fn add_values(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, into: &mut RoaringBitmap) {
            let has = |labels: &Labels, wanted: &mut dyn FnMut(&str) -> bool| labels.get(name).is_some_and(wanted);
            into.extend((0..self.0.len() as u32).filter(|&id| has(&self.0[id as usize], wanted)));
        }
    }

    const PATTERNS: &[&str] = &["", "x", "y", "xy", "x|y", "|x", "yy|x", ".*", ".+", "x+", "x?y", "[xy]"];

    proptest! {
        #[test]
        fn selection_is_what_the_matchers_say(
            series in prop::collection::vec(prop::collection::vec(("[abc]", "[xy]{0,2}"), 0..3), 0..20),
            matchers in prop::collection::vec(("[abc]", 0..4_usize, prop::sample::select(PATTERNS)), 0..4),
        ) {
            let naive = Naive(series.into_iter().map(Labels::from_pairs).collect());
            let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
            let matchers: Vec<Matcher> =
                matchers.into_iter().map(|(name, op, value)| Matcher::new(name, ops[op], value).unwrap()).collect();
            let want: BTreeSet<u32> = (0..naive.0.len() as u32)
                .filter(|&id| matchers.iter().all(|m| m.matches(naive.0[id as usize].get(m.name()).unwrap_or(""))))
                .collect();
            prop_assert_eq!(select(&naive, &matchers).into_iter().collect::<BTreeSet<_>>(), want);
        }
    }
}
