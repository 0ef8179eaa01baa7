//! What the configurations of all receiver kinds have in common, and how it is read.

use super::Context;
use lgtm_client::{HttpClient, Tls};
use lgtm_settings::{Fields, Node, Secret, SecretSource};
use std::time::Duration;
use url::Url;

/// What stands for a secret in configurations that an API gave out.
const HIDDEN: &str = "<secret>";

/// What every receiver kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Whether groups that are over are told too.
    pub send_resolved: bool,
    /// How HTTP is spoken.
    pub http: HttpClient,
}

/// Reads one receiver's map; see [`Fields`].
pub(super) struct Reader<'r, 'a, 'c> {
    pub fields: &'r mut Fields<'a>,
    pub context: &'r Context<'c>,
}

impl<'a> Reader<'_, 'a, '_> {
    /// `send_resolved` and `http_config`.
    pub fn common(&mut self, send_resolved: bool) -> Common {
        Common {
            send_resolved: self.flag("send_resolved", send_resolved),
            http: self.http().unwrap_or_else(|| self.context.global.http.clone()),
        }
    }

    /// `http_config`, if it is there.
    pub fn http(&mut self) -> Option<HttpClient> {
        self.fields.optional("http_config", |node| node.map(|fields| Some(HttpClient::read(fields))))
    }

    /// A template that gives text.
    pub fn text(&mut self, name: &'static str, default: &str) -> String {
        let context = self.context;
        self.fields.or(name, default.to_owned(), |node| checked(node, context))
    }

    /// A template that gives HTML.
    pub fn html(&mut self, name: &'static str, default: &str) -> String {
        let context = self.context;
        self.fields.or(name, default.to_owned(), |node| {
            let text = node.string()?;
            context.templates.check_html(&text, node).then_some(text)
        })
    }

    /// A map of names and templates.
    pub fn texts(&mut self, name: &'static str) -> Vec<(String, String)> {
        let context = self.context;
        self.fields.or_default(name, |node| node.entries(|_, node| checked(node, context)))
    }

    /// A list of maps, each read by `read`.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Reader<'_, 'a, '_>) -> Option<T>,
    ) -> Vec<T> {
        let context = self.context;
        self.fields.or_default(name, |node| node.list(|item| item.map(|fields| read(&mut Reader { fields, context }))))
    }

    /// A text that is no template.
    pub fn plain(&mut self, name: &'static str) -> String {
        self.fields.or_default(name, |node| node.string())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.fields.or(name, default, |node| node.bool())
    }

    /// A whole number from zero.
    pub fn count(&mut self, name: &'static str) -> usize {
        self.fields.or_default(name, |node| node.integer(0..=i64::MAX).and_then(|count| usize::try_from(count).ok()))
    }

    /// A duration as Go writes it; nothing and zero mean that there is none.
    pub fn duration(&mut self, name: &'static str) -> Option<Duration> {
        self.fields
            .optional(name, |node| node.parse("a duration such as 10s or 1m30s", |text| duration(text).ok_or("")))
            .filter(|duration| !duration.is_zero())
    }

    /// A URL.
    pub fn url(&mut self, name: &'static str) -> Option<Url> {
        self.fields.optional(name, url)
    }

    /// A secret, written here or in a file.
    pub fn secret(&mut self, name: &'static str, file_name: &'static str) -> Option<SecretSource> {
        either(self.fields, name, file_name, |node| node.string())
    }

    /// A URL that holds a secret, written here or in a file.
    pub fn secret_url(&mut self, name: &'static str, file_name: &'static str) -> Option<SecretSource> {
        either(self.fields, name, file_name, secret_url)
    }
}

/// Reads the map of one receiver.
pub(super) fn reader<'a, T>(
    node: Node<'a>,
    context: &Context<'_>,
    read: impl FnOnce(&mut Reader<'_, 'a, '_>) -> Option<T>,
) -> Option<T> {
    node.map(|fields| read(&mut Reader { fields, context }))
}

fn checked(node: Node<'_>, context: &Context<'_>) -> Option<String> {
    let text = node.string()?;
    context.templates.check_text(&text, node).then_some(text)
}

/// A secret that is written as `name` or read from the file in `file_name` at each use, but not both.
pub(crate) fn either<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
    file_name: &'static str,
    read: impl FnOnce(Node<'a>) -> Option<String>,
) -> Option<SecretSource> {
    let inline = fields.optional(name, read).filter(|text| !text.is_empty());
    let file = fields.optional(file_name, |node| match node.string()?.is_empty() {
        true => None,
        false => node.path(),
    });
    if inline.is_some() && file.is_some() {
        fields.problem_at(file_name, format!("at most one of {name} & {file_name} must be configured"));
    }
    inline.map(|text| SecretSource::Inline(Secret::new(text))).or(file.map(SecretSource::File))
}

/// A URL of HTTP with a host.
pub(crate) fn url(node: Node<'_>) -> Option<Url> {
    node.parse("a URL such as https://example.org/path", parse_url)
}

/// Like [`url`], but the problem does not show what was found, which may be half a secret.
pub(crate) fn secret_url(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if text.is_empty() || text == HIDDEN {
        return Some(text);
    }
    match parse_url(&text) {
        Ok(url) => Some(url.into()),
        Err(reason) => {
            node.problem(format!("expected a URL such as https://example.org/path: {reason}"));
            None
        }
    }
}

/// A URL that may be a template; only one without actions can be looked at now.
pub(super) fn templated_url(node: Node<'_>, context: &Context<'_>) -> Option<String> {
    let text = node.string()?;
    if text.contains("{{") { context.templates.check_text(&text, node).then_some(text) } else { secret_url(node) }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "unsupported scheme \"\"; write http:// or https://".to_owned(),
        error => error.to_string(),
    })?;
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) if !host.is_empty() => Ok(url),
        ("http" | "https", _) => Err("the host is missing".to_owned()),
        (scheme, _) => Err(format!("unsupported scheme {scheme:?}; write http:// or https://")),
    }
}

/// `tls_config` under another name; read as `http_config` has it.
pub(crate) fn tls_config(fields: &mut Fields<'_>, name: &'static str) -> Option<Tls> {
    fields.optional(name, Tls::read)
}

/// `1h2m3.5s`: numbers with units, the unit left out only of zero.
fn duration(text: &str) -> Option<Duration> {
    if text == "0" || text.is_empty() {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit_length = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_length);
        let scale = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = tail;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        assert_eq!(duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("0"), Some(Duration::ZERO));
        for text in ["5", "s", "1x", "1s5", "-1s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn urls_have_a_scheme_and_a_host() {
        assert!(parse_url("http://example.org/x").is_ok());
        assert!(parse_url("ftp://example.org").unwrap_err().contains("unsupported scheme \"ftp\""));
        assert!(parse_url("example.org/x").unwrap_err().contains("unsupported scheme"));
    }
}
