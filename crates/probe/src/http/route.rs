//! The way to a host: found, connected, secured, each part timed.

use super::hop::Hop;
use super::{DURATION, proxy};
use crate::config::HttpProbe;
use crate::dial::{BoxedStream, connect};
use crate::resolve::lookup;
use crate::run::Run;
use crate::tls::{Session, Setup};
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;
use url::Url;

/// A connection that requests can be made on.
pub(crate) struct Way {
    pub stream: BoxedStream,
    pub session: Option<Session>,
    pub speaks_http2: bool,
    /// The proxy that plain requests go through as they are.
    pub plain_proxy: Option<Url>,
}

/// Opens the way for a request. `redirects` were followed before it: the time to resolve the first name is counted
/// elsewhere. Times of a connection that did not come about are not counted.
pub(crate) async fn open(run: &mut Run, probe: &HttpProbe, hop: &Hop, redirects: usize) -> Result<Way, String> {
    let host = super::hop::bare_host(&hop.url);
    let proxy = proxy::proxy_for(probe.client.proxy.as_ref(), &host, hop.port())?;
    let start = run.now();
    let addresses = match &proxy {
        Some(proxy) => of_host(run, &super::hop::bare_host(proxy), proxy.port_or_known_default().unwrap_or(80)).await?,
        None => match hop.ip {
            Some(ip) => vec![SocketAddr::new(ip, hop.port())],
            None => of_host(run, &host, hop.port()).await?,
        },
    };
    let resolve_seconds = run.since(start);
    let connecting = run.now();
    let mut stream = first_of(run, &addresses).await?;
    let connect_seconds = run.since(connecting);
    let mut way = Way { stream: Box::new(tokio::io::empty()), session: None, speaks_http2: false, plain_proxy: None };
    let mut tls_seconds = 0.0;
    if hop.is_tls() {
        if let Some(proxy) = &proxy {
            let connect_headers = probe.client.proxy.as_ref().map_or(&[][..], |proxy| &proxy.connect_headers);
            let headers = proxy::headers(connect_headers, proxy)?;
            proxy::tunnel(run, &mut stream, &tunnel_target(hop.ip, &hop.url), &headers).await?;
        }
        let protocols: &[&str] = if probe.client.http2 { &["h2", "http/1.1"] } else { &["http/1.1"] };
        let setup = Setup::new(&probe.client.tls, &run.roots, protocols)?;
        let securing = run.now();
        let secured = setup.handshake(run, stream, &hop.server_name).await?;
        tls_seconds = run.since(securing);
        way.speaks_http2 = secured.speaks_http2;
        way.session = Some(secured.session);
        way.stream = Box::new(secured.stream);
    } else {
        way.stream = Box::new(stream);
        way.plain_proxy = proxy;
    }
    if redirects > 0 {
        run.sheet.add_phase(DURATION, "resolve", resolve_seconds);
    }
    run.sheet.add_phase(DURATION, "connect", connect_seconds);
    run.sheet.add_phase(DURATION, "tls", tls_seconds);
    Ok(way)
}

async fn of_host(run: &Run, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = lookup(run, host).await.map_err(|error| format!("the name {host:?} cannot be resolved: {error}"))?;
    Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// The first address that can be connected to, or why the last could not.
async fn first_of(run: &Run, addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut problem = "the name has no address".to_owned();
    for address in addresses {
        match connect(run, *address, None).await {
            Ok(stream) => return Ok(stream),
            Err(error) => problem = error,
        }
    }
    Err(problem)
}

fn tunnel_target(ip: Option<IpAddr>, url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(443);
    match ip {
        Some(ip) => SocketAddr::new(ip, port).to_string(),
        None => format!("{}:{port}", url.host_str().unwrap_or_default()),
    }
}
