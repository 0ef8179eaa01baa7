//! Where a render writes: plain text, or HTML in which values are escaped.

use crate::format::{Sink, print_action};
use crate::html::Html;
use crate::value::Value;

/// What is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Plain text.
    Text,
    /// HTML, with values escaped for their place.
    Html,
}

/// The output has reached its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The output of one render.
pub struct Output {
    sink: Sink,
    html: Option<Html>,
}

impl Output {
    pub fn new(mode: Mode, limit_bytes: usize) -> Self {
        Self { sink: Sink::new(limit_bytes), html: (mode == Mode::Html).then(Html::default) }
    }

    pub fn is_html(&self) -> bool {
        self.html.is_some()
    }

    /// What the HTML has not closed.
    pub fn open(&self) -> Option<String> {
        self.html.as_ref().and_then(Html::open)
    }

    /// Text of the template.
    pub fn text(&mut self, text: &str) -> Result<(), Full> {
        match &mut self.html {
            None => self.sink.push(text),
            Some(html) => html.text(text, &mut self.sink),
        }
        .map_err(|_| Full)
    }

    /// A value that the template prints.
    pub fn value(&mut self, value: &Value) -> Result<(), Full> {
        match &mut self.html {
            None => print_action(&mut self.sink, value),
            Some(html) => html.value(value, &mut self.sink),
        }
        .map_err(|_| Full)
    }

    /// Takes what has been written so far away, so that what follows can be told from it.
    pub fn set_aside(&mut self, mode_html: bool) -> Self {
        let limit = self.sink.limit_bytes();
        let aside = Self { sink: Sink::new(limit), html: mode_html.then(Html::default) };
        std::mem::replace(self, aside)
    }

    pub fn into_text(self) -> String {
        self.sink.into_text()
    }
}
