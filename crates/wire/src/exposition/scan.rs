//! A cursor over the text, and the tokens that both formats share.

use super::entry::ExpositionError;
use std::borrow::Cow;

/// Where the walk stands.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, position: 0, line: 1 }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    pub fn position(&self) -> usize {
        self.position
    }

    pub fn line(&self) -> usize {
        self.line
    }

    pub fn is_at_end(&self) -> bool {
        self.position == self.text.len()
    }

    /// The text from `start` to here.
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.position]
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Goes past `length` bytes.
    pub fn advance(&mut self, length: usize) -> &'a str {
        let taken = &self.text[self.position..self.position + length];
        self.position += length;
        self.line += taken.bytes().filter(|byte| *byte == b'\n').count();
        taken
    }

    /// Goes past `letter`, an ASCII one, if it is next.
    pub fn take(&mut self, letter: char) -> bool {
        let is_next = self.rest().starts_with(letter);
        if is_next {
            self.advance(1);
        }
        is_next
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.advance(word.len());
        }
        is_next
    }

    /// Goes past bytes as long as `accept` takes them; it must not split a character.
    pub fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest().bytes().take_while(|byte| accept(*byte)).count();
        self.advance(length)
    }

    pub fn skip_blanks(&mut self) -> bool {
        !self.take_while(|byte| matches!(byte, b' ' | b'\t')).is_empty()
    }

    /// What is left of the line; the line feed stays.
    pub fn line_rest(&mut self) -> &'a str {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.advance(length)
    }

    /// The end of the line or of the input.
    pub fn take_line_end(&mut self) -> bool {
        self.take('\n') || self.is_at_end()
    }

    /// A metric's name without quotes.
    pub fn metric_name(&mut self) -> Option<&'a str> {
        self.name(|byte| byte == b':')
    }

    /// A label's name without quotes.
    pub fn label_name(&mut self) -> Option<&'a str> {
        self.name(|_| false)
    }

    fn name(&mut self, also: impl Fn(u8) -> bool) -> Option<&'a str> {
        let first = self.peek()?;
        if !(first.is_ascii_alphabetic() || first == b'_' || also(first)) {
            return None;
        }
        Some(self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || also(byte)))
    }

    /// A text in double quotes, with its quotes; a backslash protects the character behind it.
    pub fn quoted(&mut self, multi_line: bool) -> Option<&'a str> {
        let bytes = self.rest().as_bytes();
        if bytes.first() != Some(&b'"') {
            return None;
        }
        let mut index = 1;
        loop {
            match bytes.get(index)? {
                b'"' => return Some(self.advance(index + 1)),
                b'\n' if !multi_line => return None,
                b'\\' if *bytes.get(index + 1)? == b'\n' => return None,
                b'\\' => index += 2,
                _ => index += 1,
            }
        }
    }

    /// "expected …, found …", here.
    pub fn expected(&self, what: &str) -> ExpositionError {
        let found = match self.rest().lines().next() {
            _ if self.is_at_end() => "the end".to_owned(),
            None | Some("") => "the end of the line".to_owned(),
            Some(line) => format!("{:?}", line.chars().take(20).collect::<String>()),
        };
        ExpositionError::new(self.line, format!("expected {what}, found {found}"))
    }
}

/// Takes the quotes off a name that has them, and resolves its escapes.
pub(super) fn unquote(name: &str) -> Cow<'_, str> {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => replace_escapes(inner, true),
        None => Cow::Borrowed(name),
    }
}

/// Resolves `\\`, `\n` and, where quotes are escaped too, `\"`; any other backslash stands for itself.
pub(super) fn replace_escapes(text: &str, with_quotes: bool) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let ahead = letters.clone().next();
        let resolved = match (letter, ahead) {
            ('\\', Some('\\')) => Some('\\'),
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('"')) if with_quotes => Some('"'),
            _ => None,
        };
        if resolved.is_some() {
            letters.next();
        }
        plain.push(resolved.unwrap_or(letter));
    }
    Cow::Owned(plain)
}
