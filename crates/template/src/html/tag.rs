//! Text between tags, and what stands inside of them.

use super::raw::follow;
use super::state::{Attribute, Element, Kind, Quote, Script, State, UrlPart};
use crate::format::Sink;
use std::fmt;

/// The next state and the text that is left.
type Step<'t> = Result<(State, &'t str), fmt::Error>;

/// Text up to the next tag or comment. A `<` that begins neither is escaped.
pub fn text<'t>(text: &'t str, sink: &mut Sink) -> Step<'t> {
    let Some(at) = text.find('<') else {
        sink.push(text)?;
        return Ok((State::Text, ""));
    };
    sink.push(&text[..at])?;
    let tag = &text[at..];
    if let Some(rest) = tag.strip_prefix("<!--") {
        return Ok((State::Comment, rest));
    }
    let is_doctype = tag.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
    if is_doctype {
        sink.push("<")?;
        return Ok((State::Text, &tag[1..]));
    }
    let closing = tag.starts_with("</");
    let name = &tag[if closing { 2 } else { 1 }..];
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-')).unwrap_or(name.len());
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        sink.push("&lt;")?;
        return Ok((State::Text, &tag[1..]));
    }
    let end = tag.len() - name.len() + length;
    sink.push(&tag[..end])?;
    let element = if closing { None } else { Element::of(&name[..length]) };
    Ok((State::Tag { element }, &tag[end..]))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

/// Copies the beginning of `text` that `wanted` likes; answers it and the rest.
fn copy<'t>(text: &'t str, sink: &mut Sink, wanted: impl Fn(char) -> bool) -> Result<(&'t str, &'t str), fmt::Error> {
    let end = text.find(|c| !wanted(c)).unwrap_or(text.len());
    let (copied, rest) = text.split_at(end);
    sink.push(copied)?;
    Ok((copied, rest))
}

/// One step inside of a tag.
pub fn inside<'t>(state: State, text: &'t str, sink: &mut Sink) -> Step<'t> {
    match state {
        State::Tag { element } => {
            let (_, rest) = copy(text, sink, |c| is_space(c) || c == '/')?;
            match rest.strip_prefix('>') {
                Some(rest) => closed(element, rest, sink),
                None if rest.is_empty() => Ok((State::Tag { element }, rest)),
                None => Ok((State::AttributeName { element, name: String::new() }, rest)),
            }
        }
        State::AttributeName { element, mut name } => {
            // A name has at least one letter, whatever it is.
            let first = text.chars().next().filter(|c| name.is_empty() && *c != '>').map_or(0, char::len_utf8);
            sink.push(&text[..first])?;
            name.push_str(&text[..first]);
            let (more, rest) = copy(&text[first..], sink, |c| !is_space(c) && !matches!(c, '=' | '>' | '/'))?;
            name.push_str(more);
            Ok(match rest.is_empty() {
                true => (State::AttributeName { element, name }, rest),
                false => (State::AfterName { element, name }, rest),
            })
        }
        State::AfterName { element, name } => {
            let (_, rest) = copy(text, sink, is_space)?;
            match rest.strip_prefix('=') {
                Some(rest) => {
                    sink.push("=")?;
                    Ok((State::BeforeValue { element, name }, rest))
                }
                None if rest.is_empty() => Ok((State::AfterName { element, name }, rest)),
                None => Ok((State::Tag { element }, rest)),
            }
        }
        State::BeforeValue { element, name } => {
            let (_, rest) = copy(text, sink, is_space)?;
            let (quote, sign) = match rest.chars().next() {
                None => return Ok((State::BeforeValue { element, name }, rest)),
                Some('>') => return Ok((State::Tag { element }, rest)),
                Some('"') => (Quote::Double, 1),
                Some('\'') => (Quote::Single, 1),
                Some(_) => (Quote::None, 0),
            };
            sink.push(&rest[..sign])?;
            Ok((State::Value { element, attribute: Attribute::of(&name, quote) }, &rest[sign..]))
        }
        State::Value { element, attribute } => value(element, attribute, text, sink),
        other => {
            sink.push(text)?;
            Ok((other, ""))
        }
    }
}

fn closed<'t>(element: Option<Element>, rest: &'t str, sink: &mut Sink) -> Step<'t> {
    sink.push(">")?;
    Ok((element.map_or(State::Text, |element| State::Raw(element, Script::default())), rest))
}

/// An attribute's value, up to its end or as far as the text goes.
fn value<'t>(element: Option<Element>, mut attribute: Attribute, text: &'t str, sink: &mut Sink) -> Step<'t> {
    let (inner, rest) = match attribute.quote {
        Quote::Double => copy(text, sink, |c| c != '"')?,
        Quote::Single => copy(text, sink, |c| c != '\'')?,
        Quote::None => copy(text, sink, |c| !is_space(c) && c != '>')?,
    };
    if !rest.is_empty() {
        let sign = if attribute.quote == Quote::None { 0 } else { 1 };
        sink.push(&rest[..sign])?;
        return Ok((State::Tag { element }, &rest[sign..]));
    }
    attribute.kind = match attribute.kind {
        Kind::Url(_) if inner.contains(['?', '#']) => Kind::Url(UrlPart::Query),
        Kind::Url(UrlPart::Start) if !inner.trim().is_empty() => Kind::Url(UrlPart::Path),
        Kind::Script(script) => Kind::Script(follow(Element::Script, script, inner)),
        other => other,
    };
    Ok((State::Value { element, attribute }, rest))
}
