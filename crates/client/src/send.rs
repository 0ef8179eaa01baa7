//! Sending requests as the configuration says.

use crate::config::{Auth, HeaderValue, HttpClient};
use crate::oauth2::Tokens;
use crate::proxy::ProxyConfig;
use crate::tls::Tls;
use lgtm_settings::SecretSource;
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, ClientBuilder, IntoUrl, Method, RequestBuilder, Response};
use std::sync::Arc;

/// Redirects that are followed.
const REDIRECTS_MAX: usize = 10;

/// A client set up as a configuration says. Cheap to clone; connections are kept and shared.
#[derive(Clone, Debug)]
pub struct HttpSender {
    client: Client,
    config: HttpClient,
    tokens: Option<Arc<Tokens>>,
}

impl HttpSender {
    /// Prepares the client; fails on certificates and proxies that cannot be used.
    pub fn new(config: &HttpClient) -> Result<Self, String> {
        Self::with(config, |builder| builder)
    }

    /// The same with settings that only the caller knows, such as whether answers may be compressed.
    pub fn with(config: &HttpClient, adapt: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Self, String> {
        let redirects = match config.follow_redirects {
            true => reqwest::redirect::Policy::limited(REDIRECTS_MAX),
            false => reqwest::redirect::Policy::none(),
        };
        let client = plain_client(&config.tls, config.proxy.as_ref(), config.http2, |builder| {
            adapt(builder.redirect(redirects))
        })?;
        let tokens = match &config.auth {
            Auth::OAuth2(oauth2) => Some(Arc::new(Tokens::new(oauth2)?)),
            _ => None,
        };
        Ok(Self { client, config: config.clone(), tokens })
    }

    /// A request to be filled and given to [`HttpSender::send`].
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Adds what the configuration asks for and sends. The caller bounds the time; dropping the future ends the
    /// request. The error tells the whole chain of causes.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        self.authenticated(request).await?.send().await.map_err(|error| chain(&error))
    }

    /// Like [`HttpSender::send`], but no error names the URL, for URLs that hold secrets.
    pub async fn send_secretly(&self, request: RequestBuilder) -> Result<Response, String> {
        self.authenticated(request).await?.send().await.map_err(|error| chain(&error.without_url()))
    }

    /// The `Authorization` header that a request would get, for whoever sends it in another way.
    pub async fn authorization(&self) -> Result<Option<String>, String> {
        let request = self.authenticated(self.client.get("http://localhost/")).await?;
        let request = request.build().map_err(|error| chain(&error))?;
        let value = request.headers().get(AUTHORIZATION).map(|value| value.to_str().map(str::to_owned));
        value.transpose().map_err(|_| "the Authorization header cannot be sent".to_owned())
    }

    /// Secrets in files are read at every request, so that they can be rotated.
    async fn authenticated(&self, mut request: RequestBuilder) -> Result<RequestBuilder, String> {
        match &self.config.auth {
            Auth::None => {}
            Auth::Basic { username, password } => {
                let password = password.as_ref().map(load).transpose()?;
                request = request.basic_auth(load(username)?, password);
            }
            Auth::Header { scheme, credentials } => {
                let credentials = credentials.as_ref().map(load).transpose()?.unwrap_or_default();
                request = request.header(AUTHORIZATION, format!("{scheme} {credentials}"));
            }
            Auth::OAuth2(_) => {
                if let Some(tokens) = &self.tokens {
                    request = request.bearer_auth(tokens.token().await?);
                }
            }
        }
        for (name, value) in &self.config.headers {
            let value = match value {
                HeaderValue::Plain(text) => text.clone(),
                HeaderValue::Secret(source) => load(source)?,
            };
            request = request.header(name, value);
        }
        Ok(request)
    }
}

/// A client without authentication.
pub(crate) fn plain_client(
    tls: &Tls,
    proxy: Option<&ProxyConfig>,
    http2: bool,
    adapt: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client, String> {
    let protocols: &[&str] = if http2 { &["h2", "http/1.1"] } else { &["http/1.1"] };
    let mut builder = Client::builder()
        .no_proxy()
        .user_agent(concat!("lgtm/", env!("CARGO_PKG_VERSION")))
        .use_preconfigured_tls(tls.client_config(protocols)?);
    if !http2 {
        builder = builder.http1_only();
    }
    for proxy in proxy.map(ProxyConfig::build).transpose()?.unwrap_or_default() {
        builder = builder.proxy(proxy);
    }
    adapt(builder).build().map_err(|error| format!("the HTTP client cannot be set up: {}", chain(&error)))
}

pub(crate) fn load(source: &SecretSource) -> Result<String, String> {
    source.load().map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
}

/// An error with its causes: reqwest's own texts keep the reason to themselves.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
