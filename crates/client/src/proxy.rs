//! The way through a proxy.

use lgtm_settings::{Fields, Node, Secret, SecretSource};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{NoProxy, Proxy};

/// Which proxy, for whom, and what it is told when it is asked for a tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyConfig {
    /// The proxy's URL, which may hold a password; none means that the environment names it (`HTTPS_PROXY`, …).
    pub url: Option<SecretSource>,
    /// Names, addresses and networks that are reached without it, with commas between them.
    pub no_proxy: String,
    /// Headers for the proxy alone.
    pub connect_headers: Vec<(String, SecretSource)>,
}

impl ProxyConfig {
    /// Reads the proxy's fields among others.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.optional("proxy_url", |node| node.string()).filter(|url| !url.is_empty());
        let no_proxy = fields.or_default("no_proxy", |node| node.string());
        let environment = fields.or("proxy_from_environment", false, |node| node.bool());
        let connect_headers = fields.or_default("proxy_connect_header", headers);
        if environment && url.is_some() {
            let problem = "if proxy_from_environment is configured, proxy_url must not be configured";
            fields.problem_at("proxy_from_environment", problem);
        }
        if !no_proxy.is_empty() && environment {
            fields.problem_at("no_proxy", "if proxy_from_environment is configured, no_proxy must not be configured");
        } else if !no_proxy.is_empty() && url.is_none() {
            fields.problem_at("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
        }
        if !connect_headers.is_empty() && !environment && url.is_none() {
            let problem = "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be";
            fields.problem_at("proxy_connect_header", problem);
        }
        let url = url.map(|url| SecretSource::Inline(Secret::new(url)));
        (url.is_some() || environment).then_some(Self { url, no_proxy, connect_headers })
    }

    /// The proxies that this asks for.
    pub(crate) fn build(&self) -> Result<Vec<Proxy>, String> {
        let headers = self.headers()?;
        let Some(url) = &self.url else { return Ok(from_environment(headers)) };
        let url = url.load().map_err(|error| error.to_string())?;
        // The reason does not repeat the URL, in which there may be a password.
        let proxy = Proxy::all(url.expose()).map_err(|_| "proxy_url is no URL of a proxy".to_owned())?;
        Ok(vec![proxy.no_proxy(NoProxy::from_string(&self.no_proxy)).headers(headers)])
    }

    fn headers(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.connect_headers {
            let wrong = |_| format!("proxy_connect_header {name:?} is no header");
            let name: HeaderName = name.parse().map_err(wrong)?;
            let value = value.load().map_err(|error| error.to_string())?;
            let value = HeaderValue::from_str(value.expose())
                .map_err(|_| format!("proxy_connect_header {name:?} has a value that no header can have"))?;
            headers.append(name, value);
        }
        Ok(headers)
    }
}

/// The proxies that the environment names, as curl and Go read it. That is what the setting asks for: no other setting
/// is taken from there.
fn from_environment(headers: HeaderMap) -> Vec<Proxy> {
    let named = |names: [&str; 2]| names.iter().find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()));
    let mut proxies = Vec::new();
    if let Some(Ok(proxy)) = named(["https_proxy", "HTTPS_PROXY"]).map(Proxy::https) {
        proxies.push(proxy);
    }
    if let Some(Ok(proxy)) = named(["http_proxy", "HTTP_PROXY"]).map(Proxy::http) {
        proxies.push(proxy);
    }
    proxies.into_iter().map(|proxy| proxy.no_proxy(NoProxy::from_env()).headers(headers.clone())).collect()
}

fn headers(node: Node<'_>) -> Option<Vec<(String, SecretSource)>> {
    let named = node.entries(|_, node| node.list(|item| item.string()))?;
    let flat = |(name, values): (String, Vec<String>)| {
        values.into_iter().map(move |value| (name.clone(), SecretSource::Inline(Secret::new(value))))
    };
    Some(named.into_iter().flat_map(flat).collect())
}
