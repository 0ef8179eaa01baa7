//! Whether a host is asked through the proxy, and the way through it for TLS.

use crate::dial::Stream;
use crate::run::Run;
use lgtm_client::ProxyConfig;
use lgtm_settings::SecretSource;
use std::net::IpAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

/// Bytes of a proxy's answer to CONNECT.
const ANSWER_BYTES_MAX: usize = 16 << 10;

/// The proxy for a host, if it is asked through one.
pub(crate) fn proxy_for(proxy: Option<&ProxyConfig>, host: &str, port: u16) -> Result<Option<Url>, String> {
    let Some(proxy) = proxy else { return Ok(None) };
    let Some(source) = &proxy.url else {
        return Err("probes take proxies from proxy_url, not from the environment".to_owned());
    };
    if is_excepted(&proxy.no_proxy, host, port) {
        return Ok(None);
    }
    let text = source.load().map_err(|error| error.to_string())?;
    // The URL may hold a password, and is not repeated.
    let url = Url::parse(text.expose()).map_err(|error| format!("proxy_url is no URL: {error}"))?;
    if url.scheme() != "http" {
        return Err(format!("proxy_url is a {} proxy; only http:// proxies are spoken to", url.scheme()));
    }
    Ok(Some(url))
}

fn is_excepted(list: &str, host: &str, port: u16) -> bool {
    let ip = host.parse::<IpAddr>().ok();
    let fits = |entry: &str| {
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, wanted)) if !name.contains(':') => (name, wanted.parse::<u16>().ok()),
            _ => (entry, None),
        };
        if wanted.is_some_and(|wanted| wanted != port) {
            return false;
        }
        match (ip, name.split_once('/')) {
            (Some(ip), Some((network, bits))) => is_within(ip, network, bits),
            (Some(ip), None) => name.trim_matches(['[', ']']).parse() == Ok(ip),
            (None, _) => {
                let name = name.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
                let host = host.to_ascii_lowercase();
                host == name || host.ends_with(&format!(".{name}"))
            }
        }
    };
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let mut entries = entries;
    entries.any(|entry| entry == "*" || fits(entry))
}

fn is_within(ip: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (ip, network.parse::<IpAddr>()) {
        (IpAddr::V4(ip), Ok(IpAddr::V4(network))) if bits <= 32 => {
            (ip.to_bits() ^ network.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), Ok(IpAddr::V6(network))) if bits <= 128 => {
            (ip.to_bits() ^ network.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Headers that a proxy wants for itself: its own credentials, and further ones.
pub(crate) fn headers(further: &[(String, SecretSource)], url: &Url) -> Result<Vec<(String, String)>, String> {
    use base64::Engine;
    let mut headers = Vec::new();
    if !url.username().is_empty() {
        let pair = format!("{}:{}", url.username(), url.password().unwrap_or_default());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        headers.push(("Proxy-Authorization".to_owned(), format!("Basic {encoded}")));
    }
    for (name, source) in further {
        let value = source.load().map_err(|error| error.to_string())?;
        headers.push((name.clone(), value.expose().to_owned()));
    }
    Ok(headers)
}

/// Asks the proxy to connect to `target`, which is `host:port`.
pub(crate) async fn tunnel(
    run: &Run,
    stream: &mut impl Stream,
    target: &str,
    headers: &[(String, String)],
) -> Result<(), String> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    for (name, value) in headers.iter().filter(|(name, value)| !(name.clone() + value).contains(['\r', '\n'])) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let talk = async {
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") && answer.len() < ANSWER_BYTES_MAX {
            answer.push(stream.read_u8().await?);
        }
        std::io::Result::Ok(answer)
    };
    let answer = run.deadline.within(talk).await.map_err(|error| format!("the proxy does not connect: {error}"))?;
    let text = String::from_utf8_lossy(&answer);
    let status = text.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        _ => Err(format!("the proxy does not connect: {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_networks_and_ports() {
        let list = "example.com, 10.0.0.0/8, .internal, db.local:5432, 192.168.1.1";
        for (host, port) in [
            ("example.com", 80),
            ("www.example.com", 80),
            ("10.1.2.3", 80),
            ("a.internal", 1),
            ("db.local", 5432),
            ("192.168.1.1", 9),
        ] {
            assert!(is_excepted(list, host, port), "{host}");
        }
        for (host, port) in [("example.org", 80), ("11.0.0.1", 80), ("db.local", 80), ("notexample.com", 80)] {
            assert!(!is_excepted(list, host, port), "{host}");
        }
        assert!(is_excepted("*", "anything", 1));
    }
}
