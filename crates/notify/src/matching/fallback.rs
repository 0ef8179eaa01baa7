//! Which syntax is meant: Alertmanager reads a text in both and, where they disagree, keeps to the older one.

use super::{Matcher, Matchers, classic, utf8};

/// Matchers, and what their writer should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The matchers in the order in which they are written.
    pub matchers: Vec<Matcher>,
    /// Why the text will not be read like this for ever, with the form that will.
    pub warning: Option<String>,
}

/// Reads zero or more matchers, with or without braces.
pub fn parse_matchers(input: &str) -> Result<Parsed, String> {
    match (utf8::parse(input), classic::parse(input)) {
        (Err(_), Err(error)) => Err(error),
        (Err(error), Ok(matchers)) => {
            let form = Matchers(matchers.clone()).to_string();
            let form = form.trim_start_matches('{').trim_end_matches('}').to_owned();
            let warning = format!("read in the older syntax, since in the newer one: {error}; write it as {form}");
            Ok(Parsed { matchers, warning: Some(warning) })
        }
        (Ok(new), Ok(matchers)) if new != matchers => {
            let form = Matchers(matchers.clone()).to_string();
            Ok(Parsed { matchers, warning: Some(format!("the two syntaxes disagree; it is read as {form}")) })
        }
        (Ok(matchers), _) => Ok(Parsed { matchers, warning: None }),
    }
}

/// Reads exactly one matcher, without braces.
pub fn parse_matcher(input: &str) -> Result<Matcher, String> {
    if input.starts_with('{') || input.ends_with('}') {
        return Err(format!("unexpected open or close brace: {input}"));
    }
    let new = utf8::parse(input).and_then(|matchers| match <[Matcher; 1]>::try_from(matchers) {
        Ok([matcher]) => Ok(matcher),
        Err(matchers) => Err(format!("expected 1 matcher, found {}", matchers.len())),
    });
    match (new, classic::parse_one(input)) {
        (_, Ok(matcher)) => Ok(matcher),
        (Ok(matcher), Err(_)) => Ok(matcher),
        (Err(_), Err(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_syntaxes_are_read_and_the_older_one_is_preferred() {
        for (input, want) in [
            ("foo=bar", r#"foo="bar""#),
            ("foo🙂=bar", r#"foo🙂="bar""#),
            (r"foo=!bar\n", r#"foo="!bar\n""#),
            (r#"foo="\xf0""#, r#"foo="\\xf0""#),
        ] {
            assert_eq!(parse_matcher(input).unwrap().to_string(), want, "{input}");
        }
        assert!(parse_matcher("foo!bar").is_err());
        assert!(parse_matcher("{foo=bar}").is_err());
        assert!(parse_matchers("foo=!bar").unwrap().warning.unwrap().contains(r#"write it as foo="!bar""#));
    }
}
