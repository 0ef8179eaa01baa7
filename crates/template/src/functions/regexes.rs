//! Regular expressions in RE2's syntax, compiled once a render.

use crate::limits::REGEXES_MAX;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;

/// The most memory that one compiled expression may take.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// The expressions that a render has compiled.
#[derive(Debug, Default)]
pub struct Regexes {
    compiled: HashMap<String, Regex>,
}

impl Regexes {
    pub fn get(&mut self, pattern: &str) -> Result<&Regex, String> {
        if self.compiled.len() >= REGEXES_MAX && !self.compiled.contains_key(pattern) {
            self.compiled.clear();
        }
        if !self.compiled.contains_key(pattern) {
            let regex = RegexBuilder::new(&translate(pattern)).size_limit(REGEX_BYTES_MAX).build();
            let regex = regex.map_err(|error| {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                format!("error parsing regexp {pattern:?}: {reason}")
            })?;
            self.compiled.insert(pattern.to_owned(), regex);
        }
        self.compiled.get(pattern).ok_or_else(|| "no such regexp".to_owned())
    }
}

/// Writes a pattern of RE2's for the `regex` crate: `\d`, `\w`, `\s` and `\b` mean ASCII, `\Q…\E` quotes, and neither
/// `[` in a class nor `{` without a count are special.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut class = Class::Outside;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\\' => escape(after, class != Class::Outside, &mut out),
            '[' if class == Class::Outside => {
                out.push('[');
                let negated = after.strip_prefix('^');
                out.push_str(if negated.is_some() { "^" } else { "" });
                class = Class::First;
                negated.unwrap_or(after)
            }
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").unwrap_or_default() + 2;
                out.push('[');
                out.push_str(&after[..end]);
                class = Class::Inside;
                &after[end..]
            }
            ']' if class == Class::Inside => {
                out.push(']');
                class = Class::Outside;
                after
            }
            ']' | '[' | '&' | '~' | '^' if class != Class::Outside => {
                out.push('\\');
                out.push(c);
                class = Class::Inside;
                after
            }
            '{' if class == Class::Outside && !is_count(after) => {
                out.push_str("\\{");
                after
            }
            _ => {
                out.push(c);
                if class == Class::First {
                    class = Class::Inside;
                }
                after
            }
        };
        if class == Class::First && c == '\\' {
            class = Class::Inside;
        }
    }
    out
}

/// Where in a class in brackets the translation is; a `]` at its beginning does not end it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Outside,
    First,
    Inside,
}

/// Whether `2}`, `2,}` or `2,3}` stands here.
fn is_count(text: &str) -> bool {
    text.split_once('}').is_some_and(|(count, _)| {
        let (least, most) = count.split_once(',').unwrap_or((count, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        !least.is_empty() && digits(least) && digits(most)
    })
}

/// Writes the escape behind a backslash; answers what is behind it.
fn escape<'t>(text: &'t str, in_class: bool, out: &mut String) -> &'t str {
    let Some(kind) = text.chars().next() else {
        out.push('\\');
        return text;
    };
    let after = &text[kind.len_utf8()..];
    let ascii = match (kind, in_class) {
        ('d', _) => "[0-9]",
        ('D', _) => "[^0-9]",
        ('w', _) => "[0-9A-Za-z_]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', _) => r"[\t\n\f\r ]",
        ('S', _) => r"[^\t\n\f\r ]",
        ('b', false) => r"(?-u:\b)",
        ('Q', false) => {
            let (quoted, behind) = after.split_once("\\E").unwrap_or((after, ""));
            out.push_str(&regex::escape(quoted));
            return behind;
        }
        ('p' | 'P', _) if after.starts_with('{') => {
            let end = after.find('}').map_or(after.len(), |at| at + 1);
            out.push('\\');
            out.push(kind);
            out.push_str(&after[..end]);
            return &after[end..];
        }
        _ => {
            out.push('\\');
            out.push(kind);
            return after;
        }
    };
    out.push_str(ascii);
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_re2() {
        let mut regexes = Regexes::default();
        for (pattern, text, matches) in [
            (r"^\d+$", "٣", false),
            (r"^\w+$", "é", false),
            (r"^[\w-]+$", "a-b_9", true),
            (r"^[^\s]+$", "ab", true),
            (r"\bb\b", "éb", true),
            (r"^[[]$", "[", true),
            (r"^[]]$", "]", true),
            (r"^[^]]$", "]", false),
            (r"^[a&&b]+$", "a&b", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^a{2,3}$", "aaa", true),
            (r"^{a}$", "{a}", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\pL+$", "é", true),
            (r"^\p{Greek}[\p{Lu}]$", "αA", true),
            (r"(?i)ABC", "xabcx", true),
            (r"^[\d]$", "7", true),
        ] {
            assert_eq!(regexes.get(pattern).unwrap().is_match(text), matches, "{pattern} on {text}");
        }
        assert!(regexes.get("(").unwrap_err().contains("error parsing regexp"));
        for count in 0..200 {
            regexes.get(&count.to_string()).unwrap();
        }
        assert!(regexes.compiled.len() <= REGEXES_MAX);
    }
}
