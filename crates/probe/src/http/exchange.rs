//! One request and the head of its answer, over HTTP/1.1 or HTTP/2 on a connection of its own.

use super::DURATION;
use super::cookies::Cookies;
use super::hop::Hop;
use super::route::{self, Way};
use crate::config::HttpProbe;
use crate::dial::BoxedStream;
use crate::run::Run;
use crate::tls::Session;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, COOKIE, HOST};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use lgtm_client::HeaderValue as Configured;
use lgtm_runtime::Tasks;
use std::time::Duration;

/// An answer whose body is still to be read.
pub(crate) struct Answer {
    pub head: Response<()>,
    pub incoming: Incoming,
    pub connection: Connection,
    /// When its head had come.
    pub response_start: Duration,
    /// Whether the request was one that has no body in its answer.
    pub is_head: bool,
}

/// What keeps a connection alive: when it is dropped, the connection's tasks end.
pub(crate) struct Connection {
    pub session: Option<Session>,
    _driver: Tasks,
    _streams: Tasks,
}

/// What requests are sent with.
pub(crate) enum Sender {
    /// HTTP/1.1
    One(http1::SendRequest<Full<Bytes>>),
    /// HTTP/2
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, String> {
        let sent = match self {
            Self::One(sender) => sender.send_request(request).await,
            Self::Two(sender) => sender.send_request(request).await,
        };
        sent.map_err(|error| lgtm_client::chain(&error))
    }
}

/// Runs the streams of an HTTP/2 connection.
#[derive(Clone)]
struct Streams(Tasks);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.0.spawn(stream);
    }
}

/// Begins HTTP on a stream. The connection's own task belongs to the result alone, so that dropping it ends both it and,
/// with it, the streams.
pub(crate) async fn open(
    run: &Run,
    stream: BoxedStream,
    session: Option<Session>,
    http2: bool,
) -> Result<(Sender, Connection), String> {
    let (driver, streams) = (Tasks::default(), Tasks::default());
    let begun = async {
        let io = TokioIo::new(stream);
        if http2 {
            let (sender, connection) = http2::handshake(Streams(streams.clone()), io).await?;
            driver.spawn(async move {
                let _told_to_the_sender = connection.await;
            });
            return hyper::Result::Ok(Sender::Two(sender));
        }
        let (sender, connection) = http1::handshake(io).await?;
        driver.spawn(async move {
            let _told_to_the_sender = connection.with_upgrades().await;
        });
        Ok(Sender::One(sender))
    };
    let sender = run.deadline.cap(begun).await?.map_err(|error| lgtm_client::chain(&error))?;
    Ok((sender, Connection { session, _driver: driver, _streams: streams }))
}

/// Sends one request and waits for the head of its answer.
pub(crate) async fn exchange(
    run: &mut Run,
    probe: &HttpProbe,
    hop: &Hop,
    cookies: &Cookies,
    redirects: usize,
) -> Result<Answer, String> {
    let authorization = match hop.is_home {
        true => run.deadline.cap(crate::auth::authorization(&probe.client)).await??,
        false => None,
    };
    let way = route::open(run, probe, hop, redirects).await?;
    let request = request(probe, hop, cookies, authorization, &way)?;
    let (mut sender, connection) = open(run, way.stream, way.session, way.speaks_http2).await?;
    let start = run.now();
    let answer = run.deadline.cap(sender.send(request)).await??;
    run.sheet.add_phase(DURATION, "processing", run.since(start));
    let (head, incoming) = answer.into_parts();
    Ok(Answer {
        head: Response::from_parts(head, ()),
        incoming,
        connection,
        response_start: run.now(),
        is_head: hop.method == Method::HEAD,
    })
}

fn request(
    probe: &HttpProbe,
    hop: &Hop,
    cookies: &Cookies,
    authorization: Option<String>,
    way: &Way,
) -> Result<Request<Full<Bytes>>, String> {
    let path = &hop.url[url::Position::BeforePath..url::Position::AfterQuery];
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let uri = match (way.speaks_http2, &way.plain_proxy) {
        (true, _) => format!("{}://{}{path}", hop.url.scheme(), hop.host),
        (false, Some(_)) => format!("http://{}{path}", proxied_host(hop)),
        (false, None) => path,
    };
    let uri: Uri = uri.parse().map_err(|error| format!("{uri:?} cannot be asked for: {error}"))?;
    let mut request = Request::new(Full::new(hop.body.clone()));
    *request.method_mut() = hop.method.clone();
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.clone_from(&hop.headers);
    if !way.speaks_http2 {
        headers.insert(HOST, value(&hop.host)?);
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(authorization) = authorization.filter(|_| !hop.headers.contains_key(AUTHORIZATION)) {
        headers.insert(AUTHORIZATION, value(&authorization)?);
    }
    for (name, configured) in probe.client.headers.iter().filter(|_| hop.is_home) {
        let text = match configured {
            Configured::Plain(text) => text.clone(),
            Configured::Secret(source) => source.load().map_err(|error| error.to_string())?.expose().to_owned(),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| format!("header {name:?}: {error}"))?;
        headers.insert(name, value(&text)?);
    }
    if let Some(cookie) = cookies.header(&hop.url) {
        headers.append(COOKIE, value(&cookie)?);
    }
    if let Some(proxy) = &way.plain_proxy {
        for (name, text) in super::proxy::headers(&[], proxy)? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            headers.insert(name, value(&text)?);
        }
    }
    Ok(request)
}

/// A proxy gets the address that was found, as long as one was looked for.
fn proxied_host(hop: &Hop) -> String {
    match (hop.ip, hop.url.port()) {
        (Some(ip), port) => std::net::SocketAddr::new(ip, port.unwrap_or(80)).to_string(),
        (None, _) => hop.host.clone(),
    }
}

fn value(text: &str) -> Result<HeaderValue, String> {
    // The text may be a secret, and is not repeated.
    HeaderValue::from_str(text).map_err(|error| format!("a header's value cannot be sent: {error}"))
}
