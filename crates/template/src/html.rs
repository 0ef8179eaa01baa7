//! HTML with values escaped for the place where they stand, as Go's `html/template` does it.
//!
//! The template's own text is followed by a small machine that knows what a value at this point would be: text, an
//! attribute, an address, a script, a style. Go decides this once, for all branches; here it is decided while rendering,
//! which needs no agreement between branches. The template's comments are left out, and so are values in comments.

mod escape;
mod raw;
mod state;
mod tag;

use crate::format::{Sink, write_value};
use crate::functions::to_json;
use crate::value::{Safe, Value};
use state::{Attribute, Element, Kind, Quote, Script, State, UrlPart};
use std::fmt;

/// Where in the document the output is.
#[derive(Debug, Default)]
pub struct Html {
    state: State,
}

impl Html {
    /// Writes text of the template.
    pub fn text(&mut self, text: &str, sink: &mut Sink) -> fmt::Result {
        let mut rest = text;
        while !rest.is_empty() {
            let before = rest.len();
            let (state, after) = match &self.state {
                State::Text => tag::text(rest, sink)?,
                State::Comment => match rest.find("-->") {
                    Some(at) => (State::Text, &rest[at + 3..]),
                    None => (State::Comment, ""),
                },
                State::Raw(element, script) => raw::text(*element, *script, rest, sink)?,
                state => tag::inside(state.clone(), rest, sink)?,
            };
            let stands_still = state == self.state && after.len() == before;
            self.state = state;
            rest = after;
            if stands_still {
                // Every state consumes something; if one did not, the rest is written as it is.
                return sink.push(rest);
            }
        }
        Ok(())
    }

    /// Where the document ends, when that is not between tags: Go refuses such a document, and so do browsers in effect.
    pub fn open(&self) -> Option<String> {
        match &self.state {
            State::Text => None,
            State::Comment => Some("a comment".to_owned()),
            State::Raw(element, _) => Some(format!("<{}>", element.name())),
            State::Value { .. } => Some("an attribute".to_owned()),
            _ => Some("a tag".to_owned()),
        }
    }

    /// Writes a value.
    pub fn value(&mut self, value: &Value, sink: &mut Sink) -> fmt::Result {
        let text = printed(value, sink.limit_bytes())?;
        let trusted = match value {
            Value::Trusted(safe, _) => Some(*safe),
            _ => None,
        };
        match self.state.clone() {
            State::Text if trusted == Some(Safe::Html) => sink.push(&text),
            State::Text => sink.push(&escape::html(&text)),
            State::Comment => Ok(()),
            State::Raw(Element::Title | Element::Textarea, _) if trusted == Some(Safe::Html) => {
                sink.push(&escape::normalised(&text))
            }
            State::Raw(Element::Title | Element::Textarea, _) => sink.push(&escape::html(&text)),
            State::Raw(Element::Style, _) => sink.push(&escape::css(&text)),
            State::Raw(Element::Script, script) => sink.push(&script_value(value, &text, script, sink.limit_bytes())?),
            State::Tag { element } | State::AttributeName { element, .. } | State::AfterName { element, .. } => {
                let name = escape::name(&text);
                sink.push(&name)?;
                self.state = State::AttributeName { element, name };
                Ok(())
            }
            State::BeforeValue { element, name } => {
                let attribute = Attribute::of(&name, Quote::None);
                let written = attribute_value(&attribute, value, &text, trusted, sink);
                self.state = State::Value { element, attribute };
                written
            }
            State::Value { attribute, .. } => attribute_value(&attribute, value, &text, trusted, sink),
        }
    }
}

/// The value as text; nothing prints as nothing here.
fn printed(value: &Value, limit_bytes: usize) -> Result<String, fmt::Error> {
    let mut sink = Sink::new(limit_bytes);
    if !matches!(value, Value::Nil) {
        write_value(&mut sink, value)?;
    }
    Ok(sink.into_text())
}

/// A value in a script: as it is in JSON, or as a part of a text in quotes.
fn script_value(value: &Value, text: &str, script: Script, limit_bytes: usize) -> Result<String, fmt::Error> {
    if script.quote.is_some() {
        return Ok(escape::script_string(text));
    }
    // What decides itself how it is printed is a text here, except for times.
    let prints_itself = match value {
        Value::Object(object) => object.print().is_some(),
        Value::Duration(_) => true,
        _ => false,
    };
    let json = if prints_itself { to_json(&text.into(), limit_bytes) } else { to_json(value, limit_bytes) };
    // Spaces keep a number or a word from growing together with what stands beside it.
    let spaced = matches!(value, Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Nil);
    let space = if spaced { " " } else { "" };
    Ok(format!("{space}{}{space}", json.unwrap_or_else(|_| "null".to_owned())))
}

fn attribute_value(
    attribute: &Attribute,
    value: &Value,
    text: &str,
    trusted: Option<Safe>,
    sink: &mut Sink,
) -> fmt::Result {
    let escaped = match attribute.kind {
        Kind::Plain if trusted == Some(Safe::Html) => {
            return sink.push(&escape::trusted_attribute(text, attribute.quote));
        }
        Kind::Plain => text.to_owned(),
        Kind::Style => escape::css(text),
        Kind::Script(script) => script_value(value, text, script, sink.limit_bytes())?,
        Kind::Url(part) => match (part, trusted) {
            (UrlPart::Start, None | Some(Safe::Html)) => escape::url_normalised(escape::url_filtered(text)),
            (UrlPart::Query, None | Some(Safe::Html)) => escape::url_component(text),
            _ => escape::url_normalised(text),
        },
    };
    sink.push(&escape::attribute(&escaped, attribute.quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Renders `parts` in turn: the template's text, then a value, and so on.
    fn render(parts: &[&str], values: &[Value]) -> String {
        let mut html = Html::default();
        let mut sink = Sink::new(10_000);
        for (index, part) in parts.iter().enumerate() {
            html.text(part, &mut sink).unwrap();
            if let Some(value) = values.get(index) {
                html.value(value, &mut sink).unwrap();
            }
        }
        sink.into_text()
    }

    #[test]
    fn values_are_escaped_for_their_place() {
        let evil = "\"><script>alert('x')</script>&+";
        for (parts, value, expected) in [
            (["<p>", "</p>"], "<b>&+'", "<p>&lt;b&gt;&amp;&#43;&#39;</p>"),
            (["<a title=\"", "\">"], "a\"b", "<a title=\"a&#34;b\">"),
            (["<a title=", ">"], "a b>c", "<a title=a&#32;b&gt;c>"),
            (["<a title=", ">"], "", "<a title=ZgotmplZ>"),
            (["<a href='", "'>"], "javascript:alert(1)", "<a href='#ZgotmplZ'>"),
            (["<a href='", "'>"], "http://h/a b?c=d&e", "<a href='http://h/a%20b?c=d&amp;e'>"),
            (["<a href='/p?q=", "'>"], "a b&c=d", "<a href='/p?q=a%20b%26c%3dd'>"),
            (["<A HREF=\"/", "\">"], "a:b\"", "<A HREF=\"/a:b%22\">"),
            (["<p style='color: ", "'>"], "red", "<p style='color: red'>"),
            (["<p style='color: ", "'>"], "x; background: url(y)", "<p style='color: ZgotmplZ'>"),
            (["<p onclick=\"f(", ")\">"], "a'b", "<p onclick=\"f(&#34;a&#39;b&#34;)\">"),
            (["<script>var x = ", ";</script>"], "</script>", "<script>var x = \"\\u003c/script\\u003e\";</script>"),
            (["<script>var x = '", "';</script>"], "a'</", "<script>var x = 'a\\u0027\\u003c\\/';</script>"),
            (["<title>", "</title>"], "<b>", "<title>&lt;b&gt;</title>"),
            (["<p ", "=1>"], "onclick", "<p ZgotmplZ=1>"),
            (["<p ", "=1>"], "title", "<p title=1>"),
            (["a<!-- ", " -->b"], evil, "ab"),
            (["<style>/* c */ p { color: ", " }</style>"], "#fff", "<style>  p { color: #fff }</style>"),
        ] {
            assert_eq!(render(&parts, &[value.into()]), expected, "{parts:?} {value}");
        }
    }

    #[test]
    fn trusted_values_stay_where_they_are_trusted() {
        let html = |text: &str| Value::Trusted(Safe::Html, text.into());
        let url = |text: &str| Value::Trusted(Safe::Url, text.into());
        assert_eq!(render(&["<p>", ""], &[html("<b>x</b>")]), "<p><b>x</b>");
        assert_eq!(render(&["<p title='", "'>"], &[html("<b>x</b>&amp;'")]), "<p title='x&amp;&#39;'>");
        assert_eq!(render(&["<a href='", "'>"], &[url("tel:1")]), "<a href='tel:1'>");
        assert_eq!(render(&["<a href='/?a=", "'>"], &[url("b%20c")]), "<a href='/?a=b%20c'>");
        assert_eq!(render(&["<p>", ""], &[url("<")]), "<p>&lt;");
    }

    #[test]
    fn what_is_not_closed_is_told() {
        for (text, open) in [
            ("<p>a</p>", None),
            ("<b", Some("a tag")),
            ("<a href='", Some("an attribute")),
            ("<!-- a", Some("a comment")),
            ("<script>a", Some("<script>")),
        ] {
            let mut html = Html::default();
            html.text(text, &mut Sink::new(100)).unwrap();
            assert_eq!(html.open().as_deref(), open, "{text}");
        }
    }

    #[test]
    fn the_templates_own_text_stays() {
        for (text, expected) in [
            ("<!DOCTYPE html>\n<p>1 < 2</p>", "<!DOCTYPE html>\n<p>1 &lt; 2</p>"),
            ("<!-- a --><p>b</p><!-- c -->", "<p>b</p>"),
            ("<br /><img src=x alt>", "<br /><img src=x alt>"),
            ("<script>// don't\nlet a = \"'\";</script>'", "<script>\nlet a = \"'\";</script>'"),
            ("<style>p > a { content: '/*' }</style>", "<style>p > a { content: '/*' }</style>"),
            ("<textarea><b></textarea><i>", "<textarea><b></textarea><i>"),
        ] {
            assert_eq!(render(&[text], &[]), expected);
        }
    }
}
