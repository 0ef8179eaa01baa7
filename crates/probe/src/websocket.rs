//! The WebSocket probe: the upgrade of an HTTP connection, and perhaps a conversation, message by message.

mod frame;

use crate::config::{Step, WebsocketProbe};
use crate::conversation::expand;
use crate::dial::{BoxedStream, connect};
use crate::http::{Connection, open};
use crate::resolve::resolve;
use crate::run::Run;
use crate::tls::{Setup, expected_name};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use frame::Messages;
use http::header::{
    AUTHORIZATION, CONNECTION, HOST, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use lgtm_client::HeaderValue as Configured;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::net::{IpAddr, SocketAddr};
use url::Url;

const DURATION: &str = "probe_websocket_duration_seconds";
/// What RFC 6455 has servers append to the key.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub(crate) async fn probe(run: &mut Run, probe: &WebsocketProbe) -> bool {
    for name in
        ["probe_websocket_connection_upgraded", "probe_websocket_status_code", "probe_websocket_failed_due_to_regex"]
    {
        run.sheet.set(name, 0.0);
    }
    let url = match Url::parse(&run.target) {
        Ok(url) if matches!(url.scheme(), "ws" | "wss") => url,
        _ => {
            run.log.fail("the target is no URL with ws:// or wss://", &[]);
            return false;
        }
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let (ip, seconds) = resolve(run, probe.ip, &host).await;
    let ip = match ip {
        Ok(ip) => ip,
        Err(error) => {
            run.log.fail("cannot resolve the target", &[("error", &error)]);
            return false;
        }
    };
    run.sheet.add_phase(DURATION, "resolve", seconds);
    let (mut messages, _connection) = match upgrade(run, probe, &url, ip, &host).await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            run.log.fail("cannot open the WebSocket", &[("error", &error)]);
            return false;
        }
    };
    run.sheet.set("probe_websocket_connection_upgraded", 1.0);
    run.log.note("The connection is upgraded", &[]);
    if probe.steps.is_empty() {
        return true;
    }
    let start = run.now();
    let good = converse(run, &mut messages, &probe.steps).await;
    run.sheet.add_phase(DURATION, "transfer", run.since(start));
    run.sheet.set("probe_websocket_failed_due_to_regex", f64::from(u8::from(!good)));
    good
}

async fn upgrade(
    run: &mut Run,
    probe: &WebsocketProbe,
    url: &Url,
    ip: IpAddr,
    host: &str,
) -> Result<(Messages, Connection), String> {
    let dialling = run.now();
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = connect(run, SocketAddr::new(ip, port), None).await;
    let connect_seconds = run.since(dialling);
    if stream.is_ok() {
        run.sheet.add_phase(DURATION, "connect", connect_seconds);
    }
    let upgraded = match stream {
        Ok(stream) => greet(run, probe, url, host, stream).await,
        Err(error) => Err(error),
    };
    run.sheet.add_phase(DURATION, "processing", (run.since(dialling) - connect_seconds).max(0.0));
    upgraded
}

/// TLS, the request to upgrade, and a look at the answer.
async fn greet(
    run: &mut Run,
    probe: &WebsocketProbe,
    url: &Url,
    host: &str,
    stream: tokio::net::TcpStream,
) -> Result<(Messages, Connection), String> {
    let stream: BoxedStream = if url.scheme() == "wss" {
        let tls = &probe.client.tls;
        let setup = Setup::new(tls, &run.roots, &["http/1.1"])?;
        Box::new(setup.handshake(run, stream, expected_name(tls, host)).await?.stream)
    } else {
        Box::new(stream)
    };
    let authorization = run.deadline.cap(crate::auth::authorization(&probe.client)).await??;
    let mut key = [0; 16];
    run.random.fill(&mut key);
    let key = BASE64.encode(key);
    let request = request(probe, url, &key, authorization)?;
    let (mut sender, connection) = open(run, stream, None, false).await?;
    let mut answer = run.deadline.cap(sender.send(request)).await??;
    run.sheet.set("probe_websocket_status_code", f64::from(answer.status().as_u16()));
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(format!("the server answers with HTTP status {}", answer.status()));
    }
    let wanted = BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{ACCEPT_SUFFIX}").as_bytes()));
    if answer.headers().get(SEC_WEBSOCKET_ACCEPT).is_none_or(|accept| accept.as_bytes() != wanted.as_bytes()) {
        return Err("the server's Sec-WebSocket-Accept is wrong".to_owned());
    }
    let upgraded = run.deadline.within(hyper::upgrade::on(&mut answer)).await?;
    Ok((Messages::new(Box::new(TokioIo::new(upgraded)), run.random.clone()), connection))
}

fn request(
    probe: &WebsocketProbe,
    url: &Url,
    key: &str,
    authorization: Option<String>,
) -> Result<Request<Full<Bytes>>, String> {
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = path.parse().map_err(|error| format!("{path:?} cannot be asked for: {error}"))?;
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| format!("a header cannot be sent: {error}"));
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let headers = request.headers_mut();
    headers.insert(HOST, value(host)?);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, value(key)?);
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, value(&authorization)?);
    }
    for (name, configured) in probe.client.headers.iter().chain(&probe.headers) {
        let text = match configured {
            Configured::Plain(text) => text.clone(),
            Configured::Secret(source) => source.load().map_err(|error| error.to_string())?.expose().to_owned(),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| format!("header {name:?}: {error}"))?;
        headers.insert(name, value(&text)?);
    }
    Ok(request)
}

async fn converse(run: &mut Run, messages: &mut Messages, steps: &[Step]) -> bool {
    for step in steps {
        let mut send = step.send.clone();
        if let Some(pattern) = &step.expect {
            let deadline = run.deadline.clone();
            let message = match deadline.within(messages.receive()).await {
                Ok(message) => message,
                Err(error) => {
                    run.log.fail("no message comes", &[("error", &error)]);
                    return false;
                }
            };
            let shown = String::from_utf8_lossy(&message);
            match pattern.captures(&message) {
                Some(captures) => send = expand(&captures, &step.send),
                None => {
                    run.log.fail("the message does not match", &[("pattern", pattern), ("message", &shown)]);
                    return false;
                }
            }
            run.log.note("The message matches", &[("message", &shown)]);
        }
        if !send.is_empty()
            && let Err(error) = run.deadline.within(messages.send(&send)).await
        {
            run.log.fail("cannot send a message", &[("error", &error)]);
            return false;
        }
    }
    true
}
