//! Texts in quotes: how they are written back and how they are read, with Go's escapes.

/// Whether a text may stand as a label name without quotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A label name, quoted only where it must be.
pub(crate) fn quote_name(name: &str) -> String {
    if is_plain_name(name) { name.to_owned() } else { quote(name) }
}

/// A text in double quotes, readable by the lexer and by Go.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        escape(character, '"', &mut quoted);
    }
    quoted.push('"');
    quoted
}

/// A character in single quotes, as upstream's messages show it.
pub(crate) fn quote_char(character: char) -> String {
    let mut quoted = String::from("'");
    escape(character, '\'', &mut quoted);
    quoted.push('\'');
    quoted
}

fn escape(character: char, quote: char, out: &mut String) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if character == quote => {
            out.push('\\');
            out.push(character);
        }
        '"' | '\'' => out.push(character),
        // What cannot be seen is written as a number; Rust's notion of it serves, as both forms read back the same.
        _ if character.escape_debug().count() > 1 => match u32::from(character) {
            code @ 0..0x80 => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x80..0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        },
        _ => out.push(character),
    }
}

/// Reads a quoted text whose escapes the lexer has accepted. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn unquote(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if quoted.starts_with('`') || !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character == '\\' {
            unescape(&mut characters, &mut bytes);
        } else {
            push(character, &mut bytes);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unescape(characters: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) {
    let Some(kind) = characters.next() else { return };
    let mut number = |digits: usize, base: u32, first: u32| {
        (0..digits).fold(first, |value, _| {
            let digit = characters.next().and_then(|character| character.to_digit(base)).unwrap_or(0);
            value.wrapping_mul(base).wrapping_add(digit)
        })
    };
    match kind {
        'a' => bytes.push(0x07),
        'b' => bytes.push(0x08),
        'f' => bytes.push(0x0c),
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        't' => bytes.push(b'\t'),
        'v' => bytes.push(0x0b),
        'x' => bytes.push(number(2, 16, 0) as u8),
        'u' => push(char::from_u32(number(4, 16, 0)).unwrap_or(char::REPLACEMENT_CHARACTER), bytes),
        'U' => push(char::from_u32(number(8, 16, 0)).unwrap_or(char::REPLACEMENT_CHARACTER), bytes),
        '0'..='7' => bytes.push(number(2, 8, kind.to_digit(8).unwrap_or(0)) as u8),
        _ => push(kind, bytes),
    }
}

fn push(character: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read() {
        assert_eq!(unquote(r#""a\n\t\"\x41\101\u00e4\U0001F600""#), "a\n\t\"AAä😀");
        assert_eq!(unquote(r"'it\'s'"), "it's");
        assert_eq!(unquote(r"`a\n`"), r"a\n");
        assert_eq!(unquote(r#""\xc3\xa4\xff""#), "ä\u{fffd}");
    }

    #[test]
    fn what_is_quoted_reads_back() {
        for text in ["", "a\"b\\c", "ä\u{a0}\u{200b}", "\x01\x7f'`", "😀\u{10ffff}"] {
            assert_eq!(unquote(&quote(text)), text, "{}", quote(text));
        }
        assert_eq!(quote_name("le"), "le");
        assert_eq!(quote_name("0"), "\"0\"");
    }
}
