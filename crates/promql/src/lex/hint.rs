//! What a person meant who typed, or pasted, something that is no PromQL.

use super::Lexer;
use crate::ast::Span;
use crate::error::ParseError;
use crate::quote::quote_char;

/// Characters that look like PromQL's own, each with what to type. Word processors and chats put them into queries.
const LOOK_ALIKES: [(&str, &str); 14] = [
    ("“”„‟«»″＂〝〞❝❞", "\""),
    ("‘’‚‛‹›′＇´❛❜ʼ", "'"),
    ("ˋ｀", "`"),
    ("–—−‐‑‒―－", "-"),
    ("×✕∗＊", "*"),
    ("÷∕／", "/"),
    ("＋", "+"),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("（", "("),
    ("）", ")"),
    ("｛", "{"),
    ("｝", "}"),
];

pub(super) fn for_character(character: char) -> Option<String> {
    if let Some((_, plain)) = LOOK_ALIKES.iter().find(|(similar, _)| similar.contains(character)) {
        let what = match *plain {
            "\"" | "'" | "`" => "the straight ASCII quote",
            _ => "the plain ASCII character",
        };
        return Some(format!("type {what} {plain} instead of {character}"));
    }
    match character {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' | '\u{200b}' | '\u{feff}' => {
            Some("an invisible character that is no blank: delete it and type a plain space".to_owned())
        }
        '&' => Some("write and".to_owned()),
        '|' => Some("write or".to_owned()),
        ';' => Some("one query at a time: remove the ;".to_owned()),
        '}' => Some("remove this } or add the { it closes".to_owned()),
        ']' => Some("remove this ] or add the [ it closes".to_owned()),
        '$' => Some("variables belong to dashboards; replace it by its value".to_owned()),
        _ if character.is_alphabetic() => Some("put names with such characters in quotes: {\"name\"}".to_owned()),
        _ => None,
    }
}

impl Lexer<'_> {
    pub(super) fn regex_outside_braces(&self, start: usize, first: char) -> ParseError {
        ParseError::new(Span::new(start, start + 2), format!("unexpected character after '{first}': '~'"))
            .with_hint(format!("{first}~ compares labels, inside braces: {{label{first}~\"regex\"}}"))
    }

    pub(super) fn after_bang(&self, start: usize, next: Option<char>, place: &str) -> ParseError {
        let shown = next.map_or_else(|| "'\\ufffd'".to_owned(), quote_char);
        ParseError::new(Span::new(start, start + 1), format!("unexpected character after '!'{place}: {shown}"))
            .with_hint("write != to compare, unless to exclude")
    }

    /// A word in brackets that is no function on durations.
    pub(super) fn bad_duration_word(&self, span: Span, first: char) -> ParseError {
        let word = &self.input[span.start..span.end];
        if !self.after_number {
            let message = format!("unexpected character in duration expression: {}", quote_char(first));
            return ParseError::new(span, message).with_hint("write a duration such as 5m, or step(), range()");
        }
        let message = format!("unexpected character: {}, expected ':'", quote_char(first));
        let error = ParseError::new(span, message);
        match word {
            "ms" | "s" | "m" | "h" | "d" | "w" | "y" => {
                error.with_hint(format!("write the unit {word} right behind its number, without a blank"))
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lex::tokenise;

    #[test]
    fn typographic_quotes_say_what_to_type() {
        for (query, at, want) in [
            ("up{job=“node”}", 7, "type the straight ASCII quote \" instead of “"),
            ("up{job=‘node’}", 7, "type the straight ASCII quote ' instead of ‘"),
            ("label_replace(up, ”a”)", 18, "type the straight ASCII quote \" instead of ”"),
            ("a – b", 2, "type the plain ASCII character - instead of –"),
        ] {
            let error = tokenise(query).1.unwrap();
            assert_eq!(error.span.start, at, "{query}");
            assert_eq!(&query[error.span.start..error.span.end].chars().count(), &1);
            assert_eq!(error.hint.as_deref(), Some(want));
        }
    }
}
