//! Cookies between the redirects of one probe: a login page sets one and expects it back.

use http::HeaderMap;
use http::header::SET_COOKIE;
use url::Url;

/// Cookies that are kept; further ones are dropped.
const COOKIES_MAX: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct Cookies {
    kept: Vec<Cookie>,
}

#[derive(Debug)]
struct Cookie {
    domain: String,
    /// Whether it is for the domain's own host alone.
    host_only: bool,
    path: String,
    secure: bool,
    name: String,
    value: String,
}

impl Cookies {
    /// Keeps what an answer sets.
    pub(crate) fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        for text in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some(cookie) = Cookie::parse(url, text) else { continue };
            self.kept.retain(|known| (&known.name, &known.domain) != (&cookie.name, &cookie.domain));
            if self.kept.len() < COOKIES_MAX && !cookie.value.is_empty() {
                self.kept.push(cookie);
            }
        }
    }

    /// The `Cookie` header for a URL.
    pub(crate) fn header(&self, url: &Url) -> Option<String> {
        let fitting = self.kept.iter().filter(|cookie| cookie.fits(url));
        let pairs: Vec<String> = fitting.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    fn parse(url: &Url, text: &str) -> Option<Self> {
        let host = url.host_str()?;
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self {
            domain: host.to_owned(),
            host_only: true,
            path: "/".to_owned(),
            secure: false,
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        };
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.to_ascii_lowercase().as_str() {
                "domain" => {
                    let domain = value.trim_start_matches('.').to_ascii_lowercase();
                    // A domain of one part would be everyone's.
                    let is_own = host == domain || host.ends_with(&format!(".{domain}"));
                    if !is_own || !domain.contains('.') {
                        return None;
                    }
                    (cookie.domain, cookie.host_only) = (domain, false);
                }
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => cookie.secure = true,
                "max-age" if value.trim() == "0" || value.trim().starts_with('-') => cookie.value.clear(),
                _ => {}
            }
        }
        Some(cookie)
    }

    fn fits(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let of_host = host == self.domain || (!self.host_only && host.ends_with(&format!(".{}", self.domain)));
        of_host && url.path().starts_with(&self.path) && (!self.secure || url.scheme() == "https")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_back_to_those_who_set_them() {
        let mut cookies = Cookies::default();
        let mut headers = HeaderMap::new();
        for text in ["a=1; Path=/", "b=2; Domain=example.com", "c=3; Domain=other.com", "d=4; Secure", "a=5"] {
            headers.append(SET_COOKIE, text.parse().unwrap());
        }
        let url = |text: &str| Url::parse(text).unwrap();
        cookies.keep(&url("http://www.example.com/"), &headers);
        assert_eq!(cookies.header(&url("http://www.example.com/x")).unwrap(), "b=2; a=5");
        assert_eq!(cookies.header(&url("https://www.example.com/x")).unwrap(), "b=2; d=4; a=5");
        assert_eq!(cookies.header(&url("http://api.example.com/")).unwrap(), "b=2");
        assert_eq!(cookies.header(&url("http://example.org/")), None);
    }
}
