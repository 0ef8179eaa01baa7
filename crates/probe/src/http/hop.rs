//! One request of a chain of redirects: where it goes, what it says.

use crate::config::HttpProbe;
use crate::run::Run;
use crate::tls::expected_name;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use std::net::IpAddr;
use url::{Host, Url};

/// Bytes of a file that is sent as a request's body.
const REQUEST_BODY_BYTES_MAX: u64 = 8 << 20;
const AGENT: &str = concat!("lgtm/", env!("CARGO_PKG_VERSION"), " (blackbox probe)");

/// One request.
pub(crate) struct Hop {
    pub url: Url,
    /// Where the URL's host is, if that was found out already.
    pub ip: Option<IpAddr>,
    /// The `Host` header, or authority.
    pub host: String,
    /// What the certificate must be for.
    pub server_name: String,
    pub method: Method,
    pub body: Bytes,
    pub headers: HeaderMap,
    /// Whether this is still whom the credentials are for.
    pub is_home: bool,
    home: String,
}

impl Hop {
    /// The request that a module asks for.
    pub(crate) fn first(run: &Run, probe: &HttpProbe, url: Url, ip: Option<IpAddr>) -> Result<Self, String> {
        let (mut headers, mut host) = (HeaderMap::new(), authority(&url));
        let mut server_name = bare_host(&url);
        for (name, value) in &probe.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| format!("header {name:?}: {error}"))?;
            if name == HOST {
                server_name = without_port(value).to_owned();
                host.clone_from(value);
                continue;
            }
            let value = HeaderValue::from_str(value).map_err(|error| format!("header {name:?}: {error}"))?;
            headers.append(name, value);
        }
        if !run.hostname.is_empty() {
            server_name = without_port(&run.hostname).to_owned();
            host.clone_from(&run.hostname);
        }
        let server_name = expected_name(&probe.client.tls, &server_name).to_owned();
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        let method = if probe.method.is_empty() { "GET" } else { &probe.method };
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let home = bare_host(&url);
        Ok(Self { url, ip, host, server_name, method, body: body(probe)?, headers, is_home: true, home })
    }

    /// The request that a redirect asks for.
    pub(crate) fn redirected<B>(self, answer: &Response<B>, location: &str) -> Result<Self, String> {
        let url = self.url.join(location).map_err(|error| format!("{location:?}: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{location:?} is not over HTTP"));
        }
        let keeps_method = matches!(answer.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        let (method, body) = match self.method {
            method if keeps_method => (method, self.body),
            Method::HEAD => (Method::HEAD, Bytes::new()),
            _ => (Method::GET, Bytes::new()),
        };
        let is_relative = Url::parse(location).is_err() && !location.starts_with("//");
        let host = bare_host(&url);
        let is_home = host == self.home || host.ends_with(&format!(".{}", self.home));
        let mut headers = self.headers;
        if !is_home {
            // Other people's servers get no credentials.
            for name in [AUTHORIZATION, COOKIE, http::header::WWW_AUTHENTICATE] {
                headers.remove(name);
            }
        }
        let home = self.home;
        if is_relative {
            let (ip, authority, server_name) = (self.ip, self.host, self.server_name);
            return Ok(Self { url, ip, host: authority, server_name, method, body, headers, is_home, home });
        }
        Ok(Self { ip: None, host: authority(&url), server_name: host, url, method, body, headers, is_home, home })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }
}

/// Where a redirect leads; `None` when the answer is none.
pub(crate) fn location<B>(answer: &Response<B>) -> Option<String> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = answer.headers().get(LOCATION)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned()).filter(|location| !location.is_empty())
}

/// The host without brackets.
pub(crate) fn bare_host(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        None => String::new(),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn without_port(host: &str) -> &str {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) && (!name.contains(':') || name.ends_with(']')) => {
            name.trim_start_matches('[').trim_end_matches(']')
        }
        _ => host,
    }
}

fn body(probe: &HttpProbe) -> Result<Bytes, String> {
    let Some(path) = &probe.body_file else { return Ok(Bytes::from(probe.body.clone())) };
    let unreadable = |error: std::io::Error| format!("body_file {path:?} cannot be read: {error}");
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > REQUEST_BODY_BYTES_MAX {
        return Err(format!("body_file {path:?} is larger than {REQUEST_BODY_BYTES_MAX} bytes"));
    }
    std::fs::read(path).map(Bytes::from).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(url: &str, method: Method) -> Hop {
        let url = Url::parse(url).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic x"));
        let (host, home) = (authority(&url), bare_host(&url));
        let (ip, body) = ("127.0.0.1".parse().ok(), Bytes::from_static(b"x"));
        Hop { url, ip, host, server_name: "name".to_owned(), method, body, headers, is_home: true, home }
    }

    fn redirected(status: u16, location: &str) -> Hop {
        let answer = Response::builder().status(status).body(()).unwrap();
        hop("http://a.example:8080/x/y?z", Method::POST).redirected(&answer, location).unwrap()
    }

    #[test]
    fn relative_redirects_stay_where_they_are_and_others_are_found_anew() {
        let near = redirected(302, "../b");
        assert_eq!((near.url.as_str(), near.host.as_str()), ("http://a.example:8080/b", "a.example:8080"));
        assert!(near.ip.is_some() && near.server_name == "name" && near.method == Method::GET && near.body.is_empty());
        let far = redirected(307, "https://b.example/");
        assert!(far.ip.is_none() && far.server_name == "b.example" && far.host == "b.example" && far.port() == 443);
        assert!(far.method == Method::POST && !far.body.is_empty());
    }

    #[test]
    fn credentials_stay_at_home() {
        assert!(redirected(302, "http://www.a.example/").headers.contains_key(AUTHORIZATION));
        let away = redirected(302, "//evil.example/");
        assert!(!away.headers.contains_key(AUTHORIZATION) && !away.is_home);
        let answer = Response::builder().status(302).body(()).unwrap();
        assert!(hop("http://a/", Method::GET).redirected(&answer, "file:///etc/passwd").is_err());
    }
}
