//! What a person may have meant where the parser cannot go on.

use super::Parser;
use crate::ast::BinaryOp;
use crate::lex::{Token, TokenKind};
use crate::signature::signatures;

pub(super) fn for_unexpected(parser: &Parser<'_>, token: Token, context: &str) -> Option<String> {
    let before = parser.at.checked_sub(1).map(|index| parser.tokens[index]);
    let text = |token: Token| parser.text(token.span);
    let hint = match (before.map(|token| token.kind), token.kind, context) {
        (_, TokenKind::Assign, "label matching") => "labels are compared with a single =".to_owned(),
        (_, TokenKind::Assign, _) => "write == to compare".to_owned(),
        (_, TokenKind::Identifier, "label matching") if before.is_some_and(|token| is_match_op(token.kind)) => {
            format!("put the value in quotes: \"{}\"", text(token))
        }
        (_, TokenKind::RightBrace | TokenKind::Comma, "label matching") => {
            "a matcher looks like name=\"value\"".to_owned()
        }
        (Some(TokenKind::Aggregate(_)), TokenKind::Identifier, _) => {
            format!("put what is aggregated in parentheses: {}({})", text(before?), text(token))
        }
        (Some(TokenKind::Identifier | TokenKind::MetricIdentifier), TokenKind::Duration, _) => {
            format!("put a range in brackets: {}[{}]", text(before?), text(token))
        }
        (Some(TokenKind::Identifier), TokenKind::Identifier, _) => {
            "an operator or a comma is missing in front of this".to_owned()
        }
        (Some(TokenKind::LeftBracket), TokenKind::RightBracket, _) => "add a range such as [5m]".to_owned(),
        (Some(TokenKind::Operator(BinaryOp::And)), TokenKind::Operator(BinaryOp::And), _) => {
            "write and once".to_owned()
        }
        (Some(TokenKind::Operator(_)), TokenKind::Identifier | TokenKind::Aggregate(_), "offset") => {
            "put the selector with its offset in parentheses".to_owned()
        }
        (Some(TokenKind::Operator(_)), TokenKind::End, _) => "the right side is missing".to_owned(),
        _ => return None,
    };
    Some(hint)
}

fn is_match_op(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Assign | TokenKind::RegexMatch | TokenKind::RegexNoMatch | TokenKind::Operator(BinaryOp::NotEqual)
    )
}

/// Up to three functions or aggregations with a name like this one, the nearest first.
pub(super) fn similar_functions(name: &str) -> Option<String> {
    let aggregations = crate::ast::AggregateOp::ALL.iter().map(|op| op.as_str());
    let lower = name.to_ascii_lowercase();
    let mut near: Vec<(usize, bool, &str)> = signatures()
        .iter()
        .map(|signature| signature.name)
        .chain(aggregations)
        .map(|known| (distance(&lower, known), !known.starts_with(&lower), known))
        .filter(|(distance, _, known)| *distance <= 1 + known.len() / 4)
        .collect();
    near.sort_unstable();
    if near.is_empty() {
        return None;
    }
    let names: Vec<&str> = near.iter().take(3).map(|(_, _, known)| *known).collect();
    Some(format!("did you mean {}?", names.join(", ")))
}

/// How many letters must change, appear, vanish or swap with their neighbour to turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len().abs_diff(right.len()) > 8 {
        return usize::MAX;
    }
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, letter) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(letter != other)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left[i - 1] == *other && right[j - 1] == *letter {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        assert_eq!(similar_functions("rat").as_deref(), Some("did you mean rate, rad, irate?"));
        assert_eq!(similar_functions("reta").as_deref().map(|hint| hint.contains("rate")), Some(true));
        assert_eq!(similar_functions("non_existent_function_far_bar"), None);
        assert_eq!((distance("avg", "agv"), distance("sum", "sums"), distance("a", "b")), (1, 1, 1));
    }
}
