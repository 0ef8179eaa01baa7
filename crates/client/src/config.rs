//! What a configuration file says about speaking HTTP: authentication, TLS, headers, proxy.

use crate::oauth2::{self, OAuth2};
use crate::proxy::ProxyConfig;
use crate::tls::Tls;
use lgtm_settings::{Fields, Node, Secret, SecretSource};
use std::path::PathBuf;

/// Headers that the client sets itself, or that change the connection.
const RESERVED_HEADERS: [&str; 18] = [
    "authorization",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-prometheus-scrape-timeout-seconds",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// How requests are authenticated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// A user's name and password.
    Basic {
        /// The user.
        username: SecretSource,
        /// The password, if there is one.
        password: Option<SecretSource>,
    },
    /// An `Authorization` header.
    Header {
        /// The scheme, most often `Bearer`.
        scheme: String,
        /// What follows it.
        credentials: Option<SecretSource>,
    },
    /// A token that is asked for with the client's own credentials.
    OAuth2(Box<OAuth2>),
}

/// A header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// As written.
    Plain(String),
    /// A secret.
    Secret(SecretSource),
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpClient {
    /// Authentication.
    pub auth: Auth,
    /// TLS.
    pub tls: Tls,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
    /// Whether HTTP/2 is offered to servers that speak TLS.
    pub http2: bool,
    /// Further headers.
    pub headers: Vec<(String, HeaderValue)>,
    /// The way through a proxy.
    pub proxy: Option<ProxyConfig>,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self {
            auth: Auth::None,
            tls: Tls::default(),
            follow_redirects: true,
            http2: true,
            headers: Vec::new(),
            proxy: None,
        }
    }
}

impl HttpClient {
    /// Reads the fields that a map holds beside its own, as `scrape_configs` and `http_config` do.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            auth: auth(fields),
            tls: fields.or_default("tls_config", Tls::read),
            follow_redirects: fields.or("follow_redirects", true, |node| node.bool()),
            http2: fields.or("enable_http2", true, |node| node.bool()),
            headers: fields.or_default("http_headers", headers),
            proxy: ProxyConfig::read(fields),
        }
    }
}

pub(crate) fn secret(node: Node<'_>) -> Option<SecretSource> {
    node.string().map(|text| SecretSource::Inline(Secret::new(text)))
}

fn secret_file(node: Node<'_>) -> Option<SecretSource> {
    node.path().map(SecretSource::File)
}

/// A secret that is written as `name` or read from the file in `file_name`, but not both.
pub(crate) fn either(fields: &mut Fields<'_>, name: &'static str, file_name: &'static str) -> Option<SecretSource> {
    let (inline, file) = (fields.optional(name, secret), fields.optional(file_name, secret_file));
    if inline.is_some() && file.is_some() {
        fields.problem_at(file_name, format!("at most one of {name} & {file_name} must be configured"));
    }
    inline.or(file)
}

fn auth(fields: &mut Fields<'_>) -> Auth {
    let basic = fields.optional("basic_auth", |node| {
        node.map(|fields| {
            let username = either(fields, "username", "username_file");
            let username = username.unwrap_or_else(|| SecretSource::Inline(Secret::new("")));
            Some(Auth::Basic { username, password: either(fields, "password", "password_file") })
        })
    });
    let header = fields.optional("authorization", |node| {
        node.map(|fields| {
            let scheme = fields.or("type", "Bearer".to_owned(), |node| node.non_empty_string());
            if scheme.trim().eq_ignore_ascii_case("basic") {
                fields.problem_at("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
            }
            let credentials = either(fields, "credentials", "credentials_file");
            Some(Auth::Header { scheme: scheme.trim().to_owned(), credentials })
        })
    });
    let bearer = either(fields, "bearer_token", "bearer_token_file")
        .map(|token| Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(token) });
    let given = fields.has("oauth2");
    let oauth2 = fields.optional("oauth2", oauth2::read).map(|oauth2| Auth::OAuth2(Box::new(oauth2)));
    let given = [basic.is_some(), header.is_some(), bearer.is_some(), given];
    if given.iter().filter(|given| **given).count() > 1 {
        fields.node().problem(
            "at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured",
        );
    }
    basic.or(header).or(bearer).or(oauth2).unwrap_or_default()
}

/// Headers as `http_headers` has them: each with values, secrets and files.
pub fn headers(node: Node<'_>) -> Option<Vec<(String, HeaderValue)>> {
    let named = node.entries(|name, node| {
        if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            node.problem(format!("setting header {name:?} is not allowed"));
        }
        node.map(|fields| {
            let plain = fields.or_default("values", |node| node.list(|item| item.string()));
            let secrets = fields.or_default("secrets", |node| node.list(secret));
            let files: Vec<PathBuf> = fields.or_default("files", |node| node.list(|item| item.path()));
            let secrets = secrets.into_iter().chain(files.into_iter().map(SecretSource::File));
            Some(plain.into_iter().map(HeaderValue::Plain).chain(secrets.map(HeaderValue::Secret)).collect::<Vec<_>>())
        })
    })?;
    let flat = |(name, values): (String, Vec<HeaderValue>)| values.into_iter().map(move |value| (name.clone(), value));
    Some(named.into_iter().flat_map(flat).collect())
}
