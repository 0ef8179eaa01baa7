//! Sending requests as the configuration says.

use crate::config::{Auth, HeaderValue, HttpClient, Tls};
use lgtm_settings::SecretSource;
use reqwest::header::AUTHORIZATION;
use reqwest::{Certificate, Client, ClientBuilder, Identity, IntoUrl, Method, Proxy, RequestBuilder, Response};

/// Redirects that are followed.
const REDIRECTS_MAX: usize = 10;

/// A client set up as a configuration says. Cheap to clone; connections are kept and shared.
#[derive(Clone, Debug)]
pub struct HttpSender {
    client: Client,
    config: HttpClient,
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
        let mut builder = Client::builder()
            .redirect(redirects)
            .no_proxy()
            .user_agent(concat!("lgtm/", env!("CARGO_PKG_VERSION")))
            .danger_accept_invalid_certs(config.tls.insecure_skip_verify);
        builder = tls(builder, &config.tls)?;
        if let Some(url) = &config.proxy_url {
            builder = builder.proxy(Proxy::all(url).map_err(|error| format!("proxy_url {url:?}: {error}"))?);
        }
        let client =
            adapt(builder).build().map_err(|error| format!("the HTTP client cannot be set up: {}", chain(&error)))?;
        Ok(Self { client, config: config.clone() })
    }

    /// A request to be filled and given to [`HttpSender::send`].
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Adds what the configuration asks for and sends. The caller bounds the time; dropping the future ends the
    /// request. The error tells the whole chain of causes.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        self.authenticated(request)?.send().await.map_err(|error| chain(&error))
    }

    /// Secrets in files are read at every request, so that they can be rotated.
    fn authenticated(&self, mut request: RequestBuilder) -> Result<RequestBuilder, String> {
        match &self.config.auth {
            Auth::None => {}
            Auth::Basic { username, password } => {
                let password = password.as_ref().map(load).transpose()?;
                request = request.basic_auth(username, password);
            }
            Auth::Header { scheme, credentials } => {
                let credentials = credentials.as_ref().map(load).transpose()?.unwrap_or_default();
                request = request.header(AUTHORIZATION, format!("{scheme} {credentials}"));
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

fn load(source: &SecretSource) -> Result<String, String> {
    source.load().map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
}

fn tls(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, String> {
    // Certificates are no secrets and often readable by all; only keys must be kept.
    let public = |source: &SecretSource| match source {
        SecretSource::File(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("certificate {path:?} cannot be read: {error}"))
        }
        SecretSource::Inline(secret) => Ok(secret.expose().to_owned()),
    };
    if let Some(ca) = &tls.ca {
        for certificate in Certificate::from_pem_bundle(public(ca)?.as_bytes()).map_err(|error| chain(&error))? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some((certificate, key)) = &tls.identity {
        let pem = format!("{}\n{}", public(certificate)?, load(key)?);
        builder = builder.identity(Identity::from_pem(pem.as_bytes()).map_err(|error| chain(&error))?);
    }
    Ok(builder)
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
