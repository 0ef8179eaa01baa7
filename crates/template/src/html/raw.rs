//! The content of `script`, `style`, `title` and `textarea`.

use super::state::{Comment, Element, Script, State};
use crate::format::Sink;
use std::fmt;

/// Text up to the end tag of `element`. Comments of scripts and styles are left out, but they still separate words.
pub fn text<'t>(
    element: Element,
    script: Script,
    text: &'t str,
    sink: &mut Sink,
) -> Result<(State, &'t str), fmt::Error> {
    let end = end_tag(element, text);
    let inner = &text[..end];
    let script = match element {
        Element::Title | Element::Textarea => {
            sink.push(inner)?;
            script
        }
        Element::Script | Element::Style => {
            let mut kept = String::with_capacity(inner.len());
            let script = walk(element, script, inner, &mut |c| kept.push(c));
            sink.push(&kept)?;
            script
        }
    };
    match end == text.len() {
        true => Ok((State::Raw(element, script), "")),
        // The end tag is read as any other tag is.
        false => Ok((State::Text, &text[end..])),
    }
}

/// Where the end tag begins; the text's length when there is none.
fn end_tag(element: Element, text: &str) -> usize {
    let name = element.name();
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|at| from + at) {
        let after = &text[at + 2..];
        if after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return at;
        }
        from = at + 2;
    }
    text.len()
}

/// Where in a script the text behind `text` stands.
pub fn follow(element: Element, script: Script, text: &str) -> Script {
    walk(element, script, text, &mut |_| {})
}

/// Follows quotes and comments through `text`; `keep` gets what is no comment.
fn walk(element: Element, mut script: Script, text: &str, keep: &mut dyn FnMut(char)) -> Script {
    let mut letters = text.chars().peekable();
    let mut line_ends = false;
    while let Some(c) = letters.next() {
        match (script.comment, script.quote) {
            (Some(Comment::Line), _) if c == '\n' => {
                script.comment = None;
                keep(c);
            }
            (Some(Comment::Block), _) if c == '*' && letters.next_if_eq(&'/').is_some() => {
                script.comment = None;
                keep(if line_ends && element == Element::Script { '\n' } else { ' ' });
                line_ends = false;
            }
            (Some(_), _) => line_ends |= c == '\n',
            (None, Some(quote)) => {
                keep(c);
                if c == '\\' {
                    letters.next().into_iter().for_each(&mut *keep);
                } else if c == quote {
                    script.quote = None;
                }
            }
            (None, None) => match (c, letters.peek()) {
                ('/', Some('*')) => {
                    letters.next();
                    script.comment = Some(Comment::Block);
                }
                ('/', Some('/')) if element == Element::Script => script.comment = Some(Comment::Line),
                _ => {
                    keep(c);
                    let opens = matches!(c, '"' | '\'') || (c == '`' && element == Element::Script);
                    script.quote = opens.then_some(c);
                }
            },
        }
    }
    script
}
