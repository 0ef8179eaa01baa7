//! What a configuration file says about speaking HTTP: authentication, TLS, headers, proxy.

use lgtm_settings::{Fields, Node, Secret, SecretSource};
use std::path::PathBuf;

/// How requests are authenticated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// A user's name and password.
    Basic {
        /// The user.
        username: String,
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
}

/// TLS towards a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A certificate authority to trust besides the system's.
    pub ca: Option<SecretSource>,
    /// The certificate to show, with its key.
    pub identity: Option<(SecretSource, SecretSource)>,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
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
    /// Further headers.
    pub headers: Vec<(String, HeaderValue)>,
    /// A proxy's URL.
    pub proxy_url: Option<String>,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self { auth: Auth::None, tls: Tls::default(), follow_redirects: true, headers: Vec::new(), proxy_url: None }
    }
}

impl HttpClient {
    /// Reads the fields that a map holds beside its own, as `scrape_configs` and `http_config` do.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let auth = auth(fields);
        let tls = fields.or_default("tls_config", tls);
        fields.or("enable_http2", true, |node| node.bool());
        let unsupported = ["oauth2", "no_proxy", "proxy_from_environment", "proxy_connect_header"];
        fields.accept(&unsupported, "is not supported yet and has no effect");
        Self {
            auth,
            tls,
            follow_redirects: fields.or("follow_redirects", true, |node| node.bool()),
            headers: fields.or_default("http_headers", headers),
            proxy_url: fields.optional("proxy_url", |node| node.non_empty_string()),
        }
    }
}

fn secret(node: Node<'_>) -> Option<SecretSource> {
    node.string().map(|text| SecretSource::Inline(Secret::new(text)))
}

fn secret_file(node: Node<'_>) -> Option<SecretSource> {
    node.path().map(SecretSource::File)
}

/// A secret that is written as `name` or read from the file in `name_file`, but not both.
fn either(fields: &mut Fields<'_>, name: &'static str, file_name: &'static str) -> Option<SecretSource> {
    let (inline, file) = (fields.optional(name, secret), fields.optional(file_name, secret_file));
    if inline.is_some() && file.is_some() {
        fields.problem_at(file_name, format!("at most one of {name} & {file_name} must be configured"));
    }
    inline.or(file)
}

fn auth(fields: &mut Fields<'_>) -> Auth {
    let basic = fields.optional("basic_auth", |node| {
        node.map(|fields| {
            let username = fields.or_default("username", |node| node.string());
            fields.accept(&["username_file"], "is not supported yet and has no effect");
            Some(Auth::Basic { username, password: either(fields, "password", "password_file") })
        })
    });
    let header = fields.optional("authorization", |node| {
        node.map(|fields| {
            let scheme = fields.or("type", "Bearer".to_owned(), |node| node.non_empty_string());
            if scheme.eq_ignore_ascii_case("basic") {
                fields.problem_at("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
            }
            Some(Auth::Header { scheme, credentials: either(fields, "credentials", "credentials_file") })
        })
    });
    let bearer = either(fields, "bearer_token", "bearer_token_file")
        .map(|token| Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(token) });
    let oauth2 = fields.has("oauth2");
    let given = [basic.is_some(), header.is_some(), bearer.is_some(), oauth2];
    if given.iter().filter(|given| **given).count() > 1 {
        fields.node().problem(
            "at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured",
        );
    }
    basic.or(header).or(bearer).unwrap_or_default()
}

fn tls(node: Node<'_>) -> Option<Tls> {
    node.map(|fields| {
        let ca = either(fields, "ca", "ca_file");
        let (cert, key) = (either(fields, "cert", "cert_file"), either(fields, "key", "key_file"));
        if cert.is_some() != key.is_some() {
            fields.node().problem("cert (or cert_file) and key (or key_file) must be configured together");
        }
        let versions = [("TLS10", ()), ("TLS11", ()), ("TLS12", ()), ("TLS13", ())];
        for name in ["min_version", "max_version"] {
            fields.optional(name, |node| node.one_of(&versions));
        }
        fields.accept(&["server_name"], "is not supported yet and has no effect");
        let insecure_skip_verify = fields.or("insecure_skip_verify", false, |node| node.bool());
        Some(Tls { ca, identity: cert.zip(key), insecure_skip_verify })
    })
}

fn headers(node: Node<'_>) -> Option<Vec<(String, HeaderValue)>> {
    let named = node.entries(|_, node| {
        node.map(|fields| {
            let plain = fields.or_default("values", |node| node.list(|item| item.string()));
            let secrets = fields.or_default("secrets", |node| node.list(secret));
            let files: Vec<PathBuf> = fields.or_default("files", |node| node.list(|item| item.path()));
            let secrets = secrets.into_iter().chain(files.into_iter().map(SecretSource::File));
            Some(plain.into_iter().map(HeaderValue::Plain).chain(secrets.map(HeaderValue::Secret)).collect::<Vec<_>>())
        })
    })?;
    Some(
        named
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect(),
    )
}
