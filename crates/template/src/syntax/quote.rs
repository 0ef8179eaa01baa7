//! Quoted texts and characters, with Go's escapes.

/// What is wrong, and how many bytes it concerns.
pub type QuoteError = (&'static str, usize);

/// The text that begins with `"` or a backtick, and its length with the quotes.
pub fn quoted(text: &str) -> Result<(String, usize), QuoteError> {
    if let Some(raw) = text.strip_prefix('`') {
        let length = raw.find('`').ok_or(("unterminated raw quoted string", text.len()))?;
        // Go drops carriage returns from raw texts.
        return Ok((raw[..length].replace('\r', ""), length + 2));
    }
    let mut bytes = Vec::new();
    let mut at = 1;
    loop {
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            None | Some('\n') => return Err(("unterminated quoted string", at)),
            Some('"') => break,
            Some('\\') => at += escape(&text[at..], '"', &mut bytes)?,
            Some(other) => {
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                at += other.len_utf8();
            }
        }
    }
    // `\xff` and `\377` may leave what is no UTF-8; texts here always are.
    Ok((String::from_utf8_lossy(&bytes).into_owned(), at + 1))
}

/// The code of a character in single quotes, and its length with the quotes.
pub fn character(text: &str) -> Result<(i64, usize), QuoteError> {
    let first = text[1..].chars().next().ok_or(("unterminated character constant", 1))?;
    let (code, length) = match first {
        '\n' => return Err(("unterminated character constant", 1)),
        '\'' => return Err(("empty character constant", 2)),
        '\\' => {
            let mut bytes = Vec::new();
            let length = escape(&text[1..], '\'', &mut bytes)?;
            let code = match std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
                Some(c) => i64::from(u32::from(c)),
                None => i64::from(bytes.first().copied().unwrap_or_default()),
            };
            (code, length)
        }
        other => (i64::from(u32::from(other)), other.len_utf8()),
    };
    if !text[1 + length..].starts_with('\'') {
        return Err(("malformed character constant; texts stand in double quotes", 1 + length));
    }
    Ok((code, length + 2))
}

/// Resolves the escape that `text` begins with; answers its length.
fn escape(text: &str, quote: char, bytes: &mut Vec<u8>) -> Result<usize, QuoteError> {
    let kind = text.chars().nth(1).ok_or(("unterminated quoted string", 1))?;
    let simple = match kind {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        _ if kind == quote => quote as u8,
        'x' => return number(text, 2, 2, 16, bytes),
        'u' => return number(text, 2, 4, 16, bytes),
        'U' => return number(text, 2, 8, 16, bytes),
        '0'..='7' => return number(text, 1, 3, 8, bytes),
        _ => return Err(("unknown escape sequence", 1 + kind.len_utf8())),
    };
    bytes.push(simple);
    Ok(2)
}

fn number(text: &str, from: usize, digits: usize, radix: u32, bytes: &mut Vec<u8>) -> Result<usize, QuoteError> {
    let end = from + digits;
    let number = text.get(from..end).filter(|digits| digits.chars().all(|c| c.is_digit(radix)));
    let number = number.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let number = number.ok_or(("malformed escape sequence", 2))?;
    if digits <= 3 {
        bytes.push(u8::try_from(number).map_err(|_| ("escape sequence is no byte", end))?);
    } else {
        let c = char::from_u32(number).ok_or(("escape sequence is no character", end))?;
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(quoted(r#""a\n\t\"\\\x41\u00e9\101" x"#), Ok(("a\n\t\"\\AéA".to_owned(), 25)));
        assert_eq!(quoted("`a\\n\r\nb`"), Ok(("a\\n\nb".to_owned(), 8)));
        for wrong in ["\"a", "\"a\nb\"", "`a", r#""\q""#, r#""\x4""#, r#""\ud800""#, r#""\'""#, r#""\400""#] {
            assert!(quoted(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn characters_are_numbers() {
        assert_eq!(character("'a'"), Ok((97, 3)));
        assert_eq!(character("'é'"), Ok((233, 4)));
        assert_eq!(character(r"'\''"), Ok((39, 4)));
        assert_eq!(character(r"'\xff'"), Ok((255, 6)));
        for wrong in ["'", "''", "'ab'", "'\n'", "'a", r"'\"] {
            assert!(character(wrong).is_err(), "{wrong}");
        }
    }
}
