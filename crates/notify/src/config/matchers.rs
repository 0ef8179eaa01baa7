//! Matchers in a configuration: a list in either syntax, and the older maps `match` and `match_re`.

use crate::matching::{Matcher, Matchers, check_regex, parse_matchers};
use lgtm_model::MatchOp;
use lgtm_settings::{Fields, Node};

/// Reads the three fields that together select alerts, and sorts what they say.
pub(super) fn selection(
    fields: &mut Fields<'_>,
    equal: &'static str,
    regex: &'static str,
    list: &'static str,
) -> Matchers {
    let mut matchers = fields.or_default(equal, |node| equals(node));
    matchers.extend(fields.or_default(regex, |node| regexes(node)));
    matchers.extend(fields.or_default(list, |node| node.list(texts)).into_iter().flatten());
    let mut matchers = Matchers(matchers);
    matchers.sort();
    matchers
}

fn texts(node: Node<'_>) -> Option<Vec<Matcher>> {
    let parsed = node.parse("a matcher such as severity=\"page\"", parse_matchers)?;
    if let Some(warning) = parsed.warning {
        node.warn(warning);
    }
    Some(parsed.matchers)
}

fn equals(node: Node<'_>) -> Option<Vec<Matcher>> {
    let pairs = node.entries(|name, node| {
        check_name(name, node)?;
        node.string()
    })?;
    Some(pairs.into_iter().map(|(name, value)| Matcher::equal(name, value)).collect())
}

fn regexes(node: Node<'_>) -> Option<Vec<Matcher>> {
    let pairs = node.entries(|name, node| {
        check_name(name, node)?;
        if node.is_null() {
            node.problem(format!("invalid regexp value for {name:?}"));
            return None;
        }
        // Alertmanager prints these with their anchors, and the print is a part of group keys.
        let pattern = node.parse("a regular expression", |text| check_regex(text).map(|()| format!("^(?:{text})$")))?;
        Matcher::new(name, MatchOp::Regex, pattern).ok()
    })?;
    Some(pairs.into_iter().map(|(_, matcher)| matcher).collect())
}

/// The older maps take plain names only.
fn check_name(name: &str, node: Node<'_>) -> Option<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(plain) {
        node.problem(format!("invalid label name {name:?}; names like this can be used in \"matchers\""));
        return None;
    }
    Some(())
}
