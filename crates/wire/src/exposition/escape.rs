//! Names in UTF-8 for those who only know ASCII ones: the escaping schemes of the Prometheus exposition formats.

/// How a name that is not a legacy one is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EscapingScheme {
    /// As it is, in quotes.
    #[default]
    AllowUtf8,
    /// Every illegal character becomes an underscore.
    Underscores,
    /// Dots become `_dot_`, underscores are doubled, any other illegal character becomes two underscores.
    Dots,
    /// `U__`, underscores doubled, every illegal character its code point in hexadecimal between underscores.
    Values,
}

impl EscapingScheme {
    /// Every scheme with its name in settings and headers.
    pub const ALL: [(&'static str, Self); 4] = [
        ("allow-utf-8", Self::AllowUtf8),
        ("underscores", Self::Underscores),
        ("dots", Self::Dots),
        ("values", Self::Values),
    ];

    /// The scheme's name in settings and headers.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, scheme)| *scheme == self).map_or("", |(name, _)| name)
    }
}

fn is_legal(letter: char, at_start: bool) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || letter == ':' || (!at_start && letter.is_ascii_digit())
}

fn is_legacy(name: &str) -> bool {
    !name.is_empty() && name.char_indices().all(|(index, letter)| is_legal(letter, index == 0))
}

/// Writes a name in a scheme.
pub fn escape_name(name: &str, scheme: EscapingScheme) -> String {
    let untouched = match scheme {
        EscapingScheme::AllowUtf8 => true,
        EscapingScheme::Dots => name.is_empty(),
        EscapingScheme::Underscores | EscapingScheme::Values => name.is_empty() || is_legacy(name),
    };
    if untouched {
        return name.to_owned();
    }
    let mut escaped = String::from(if scheme == EscapingScheme::Values { "U__" } else { "" });
    for (index, letter) in name.char_indices() {
        match (scheme, letter) {
            (EscapingScheme::Dots | EscapingScheme::Values, '_') => escaped.push_str("__"),
            (EscapingScheme::Dots, '.') => escaped.push_str("_dot_"),
            (_, letter) if is_legal(letter, index == 0) => escaped.push(letter),
            (EscapingScheme::Values, letter) => escaped.push_str(&format!("_{:x}_", u32::from(letter))),
            (EscapingScheme::Dots, _) => escaped.push_str("__"),
            _ => escaped.push('_'),
        }
    }
    escaped
}

/// Reads a name back. What the scheme could not have written comes back as it is; underscores cannot be undone.
pub fn unescape_name(name: &str, scheme: EscapingScheme) -> String {
    let unescaped = match scheme {
        EscapingScheme::AllowUtf8 | EscapingScheme::Underscores => None,
        EscapingScheme::Dots => Some(name.replace("_dot_", ".").replace("__", "_")),
        EscapingScheme::Values => name.strip_prefix("U__").and_then(code_points),
    };
    unescaped.unwrap_or_else(|| name.to_owned())
}

fn code_points(mut rest: &str) -> Option<String> {
    let mut plain = String::new();
    while let Some(index) = rest.find('_') {
        plain.push_str(&rest[..index]);
        rest = &rest[index + 1..];
        if let Some(behind) = rest.strip_prefix('_') {
            plain.push('_');
            rest = behind;
            continue;
        }
        let (digits, behind) = rest.split_once('_')?;
        let is_code = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.push(is_code.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32)?);
        rest = behind;
    }
    plain.push_str(rest);
    Some(plain)
}
