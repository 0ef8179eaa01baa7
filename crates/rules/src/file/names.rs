//! Names of labels, annotations and recorded metrics.

use lgtm_model::{METRIC_NAME, NameRules};
use lgtm_settings::Node;

/// A map of names and texts; `what` is named in problems.
pub(super) fn texts(node: Node<'_>, names: NameRules, what: &str) -> Option<Vec<(String, String)>> {
    node.entries(|name, value| {
        if !is_legal(name, names) || (what == "label" && name == METRIC_NAME) {
            value.problem(format!("invalid {what} name: {name}"));
            return None;
        }
        value.string()
    })
}

/// Names of labels and annotations are judged alike.
pub(super) fn is_legal(name: &str, names: NameRules) -> bool {
    names.allow_label(name)
}

/// Notes what is wrong with the name of a recorded metric.
pub(super) fn check_metric(node: Node<'_>, name: &str, names: NameRules) {
    if name.contains(['{', '}']) {
        node.problem(format!("braces present in the recording rule name; should it be in expr?: {name}"));
    } else if !is_metric_name(name, names) {
        node.problem(format!("invalid recording rule name: {name}"));
    }
}

fn is_metric_name(name: &str, names: NameRules) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    match names {
        NameRules::Utf8 => !name.is_empty(),
        NameRules::Legacy => {
            name.bytes().all(is_word) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_of_metrics_may_have_colons() {
        assert!(is_metric_name("job:up:sum", NameRules::Legacy));
        assert!(!is_metric_name("1up", NameRules::Legacy) && !is_metric_name("a.b", NameRules::Legacy));
        assert!(is_metric_name("a.b", NameRules::Utf8) && !is_metric_name("", NameRules::Utf8));
    }
}
