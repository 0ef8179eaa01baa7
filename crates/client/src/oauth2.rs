//! OAuth 2.0 with the client's own credentials (RFC 6749, 4.4): a token is asked for, kept until shortly before it
//! expires, and asked for anew when the secret changes.

use crate::config::either;
use crate::proxy::ProxyConfig;
use crate::send::{chain, load, plain_client};
use crate::tls::Tls;
use lgtm_runtime::{Clock, SystemClock};
use lgtm_settings::{Node, SecretSource};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, StatusCode};
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// A token is not used in the last moments of its life, lest it dies on the way.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);

/// Where a server names no lifetime: short enough that a token that was withdrawn does no lasting harm.
const LIFETIME_DEFAULT: Duration = Duration::from_secs(3600);

/// An answer with a token is small; more than this is none.
const ANSWER_SIZE_BYTES_MAX: usize = 64 << 10;

/// How long asking for a token may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// Who we are.
    pub client_id: String,
    /// How we prove it.
    pub client_secret: Option<SecretSource>,
    /// What we ask for.
    pub scopes: Vec<String>,
    /// Where we ask.
    pub token_url: Url,
    /// What else the server wants to be told.
    pub endpoint_params: Vec<(String, String)>,
    /// TLS towards that server.
    pub tls: Tls,
    /// The way to that server.
    pub proxy: Option<ProxyConfig>,
}

/// Reads `oauth2`.
pub(crate) fn read(node: Node<'_>) -> Option<OAuth2> {
    node.map(|fields| {
        let client_id = fields.or_default("client_id", |node| node.string());
        if client_id.is_empty() {
            fields.node().problem("oauth2 client_id must be configured");
        }
        let client_secret = either(fields, "client_secret", "client_secret_file");
        let grants = [("client_credentials", ()), ("urn:ietf:params:oauth:grant-type:jwt-bearer", ())];
        if let Some(node) = fields.get("grant_type")
            && node.one_of(&grants).is_some()
            && node.string().is_some_and(|grant| grant != "client_credentials")
        {
            node.problem("tokens signed by the client (jwt-bearer) are not supported; use client_credentials");
        }
        either(fields, "client_certificate_key", "client_certificate_key_file");
        let unused = ["client_certificate_key_id", "signature_algorithm", "iss", "audience", "claims"];
        fields.accept(&unused, "belongs to the grant jwt-bearer, which is not supported, and has no effect");
        let token_url = fields.optional("token_url", |node| node.parse_as::<Url>("a URL"));
        if token_url.is_none() && !fields.has("token_url") {
            fields.node().problem("oauth2 token_url must be configured");
        }
        Some(OAuth2 {
            client_id,
            client_secret,
            scopes: fields.or_default("scopes", |node| node.list(|item| item.string())),
            token_url: token_url?,
            endpoint_params: fields.or_default("endpoint_params", |node| node.entries(|_, node| node.string())),
            tls: fields.or_default("tls_config", Tls::read),
            proxy: ProxyConfig::read(fields),
        })
    })
}

/// A token, the secret it was asked for with, and until when it is used, on the clock of [`Tokens`].
#[derive(Debug)]
struct Token {
    text: String,
    secret: String,
    until: Duration,
}

/// Asks for tokens and keeps the last one.
#[derive(Debug)]
pub(crate) struct Tokens {
    config: OAuth2,
    client: Client,
    clock: SystemClockHandle,
    /// Held while a token is asked for, so that many requests at once ask but once.
    current: Mutex<Option<Token>>,
}

/// Lifetimes are real time, whatever clock the caller lives by: the server that grants them has its own.
struct SystemClockHandle(lgtm_runtime::SharedClock);

impl std::fmt::Debug for SystemClockHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SystemClock")
    }
}

impl Tokens {
    pub(crate) fn new(config: &OAuth2) -> Result<Self, String> {
        let client = plain_client(&config.tls, config.proxy.as_ref(), true, |builder| builder.timeout(TIMEOUT))?;
        let clock = SystemClockHandle(SystemClock::shared());
        Ok(Self { config: config.clone(), client, clock, current: Mutex::new(None) })
    }

    /// A token that is good now.
    pub(crate) async fn token(&self) -> Result<String, String> {
        let secret = self.config.client_secret.as_ref().map(load).transpose()?.unwrap_or_default();
        let now = Clock::elapsed(&*self.clock.0);
        let mut current = self.current.lock().await;
        if let Some(token) = &*current
            && token.secret == secret
            && now < token.until
        {
            return Ok(token.text.clone());
        }
        let (text, lifetime) = self.ask(&secret).await?;
        let until = now + lifetime.saturating_sub(EXPIRY_MARGIN);
        *current = Some(Token { text: text.clone(), secret, until });
        Ok(text)
    }

    /// Some servers take the credentials in a header only, some in the form only: the header, which the standard
    /// prefers, is tried first.
    async fn ask(&self, secret: &str) -> Result<(String, Duration), String> {
        match self.request(secret, true).await {
            Err((Some(StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST), _)) => self.request(secret, false).await,
            other => other,
        }
        .map_err(|(_, error)| format!("no OAuth 2.0 token: {error}"))
    }

    fn form(&self, secret: &str, in_header: bool) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.config.scopes.is_empty() {
            form.append_pair("scope", &self.config.scopes.join(" "));
        }
        form.extend_pairs(&self.config.endpoint_params);
        if !in_header {
            form.append_pair("client_id", &self.config.client_id).append_pair("client_secret", secret);
        }
        form.finish()
    }

    async fn request(&self, secret: &str, in_header: bool) -> Result<(String, Duration), (Option<StatusCode>, String)> {
        let mut request = self
            .client
            .post(self.config.token_url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(self.form(secret, in_header));
        if in_header {
            request = request.basic_auth(&self.config.client_id, Some(secret));
        }
        let mut answer = request.send().await.map_err(|error| (None, chain(&error.without_url())))?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| (None, chain(&error.without_url())))? {
            if body.len() + chunk.len() > ANSWER_SIZE_BYTES_MAX {
                return Err((None, format!("the answer is larger than {ANSWER_SIZE_BYTES_MAX} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        // The body is not repeated in errors: it may hold a token.
        let parsed: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        if !status.is_success() {
            let reason = parsed["error"].as_str().map(|error| format!(" ({error})")).unwrap_or_default();
            return Err((Some(status), format!("the server answered {status}{reason}")));
        }
        let Some(token) = parsed["access_token"].as_str().filter(|token| !token.is_empty()) else {
            return Err((None, "the answer holds no access_token".to_owned()));
        };
        let lifetime = match &parsed["expires_in"] {
            serde_json::Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        Ok((token.to_owned(), lifetime.map_or(LIFETIME_DEFAULT, Duration::from_secs)))
    }
}
