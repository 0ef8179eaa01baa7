//! The order people expect of names with numbers: `node2` before `node10`.

use std::cmp::Ordering;

/// Compares run by run: two runs of digits as numbers, other runs as text.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    while !left_rest.is_empty() && !right_rest.is_empty() {
        let (left_run, left_tail) = split_run(left_rest);
        let (right_run, right_tail) = split_run(right_rest);
        let order = match (number(left_run), number(right_run)) {
            (Some(left), Some(right)) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
            _ => left_run.cmp(right_run),
        };
        if order.is_ne() {
            return order;
        }
        (left_rest, right_rest) = (left_tail, right_tail);
    }
    left_rest.len().cmp(&right_rest.len()).then_with(|| left.cmp(right))
}

fn split_run(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(end)
}

/// Digits without leading zeros: of two such, the longer is the larger number, however long they are.
fn number(run: &str) -> Option<&str> {
    run.starts_with(|c: char| c.is_ascii_digit()).then(|| run.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inside_names_are_compared_by_size() {
        let mut names = ["node10", "node2", "node", "10", "9", "node2a", "node02"];
        names.sort_by(|left, right| compare(left, right));
        assert_eq!(names, ["9", "10", "node", "node02", "node2", "node2a", "node10"]);
    }
}
