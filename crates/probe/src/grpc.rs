//! The gRPC probe: one call of `grpc.health.v1.Health/Check`.
//!
//! The call is a POST over HTTP/2 whose body is a five-byte frame head (compressed or not, length) and a message; its
//! outcome stands in the trailers. The question's message is the service's name as field 1, the answer's is a status as
//! field 1.

use crate::config::GrpcProbe;
use crate::dial::{BoxedStream, connect};
use crate::http::open;
use crate::resolve::resolve;
use crate::run::Run;
use crate::tls::{Detail, Session, Setup, expected_name, report};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use std::net::{IpAddr, SocketAddr};
use url::Url;

const DURATION: &str = "probe_grpc_duration_seconds";
const STATUSES: [&str; 4] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
/// The status of a service that is well.
const SERVING: usize = 1;
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Codes of gRPC that a probe gives itself.
mod code {
    pub(super) const OK: u16 = 0;
    pub(super) const UNKNOWN: u16 = 2;
    pub(super) const DEADLINE_EXCEEDED: u16 = 4;
    pub(super) const PERMISSION_DENIED: u16 = 7;
    pub(super) const UNIMPLEMENTED: u16 = 12;
    pub(super) const UNAVAILABLE: u16 = 14;
    pub(super) const UNAUTHENTICATED: u16 = 16;
}

/// Why there is no health to tell, with gRPC's code for it.
struct Failure {
    code: u16,
    reason: String,
}

/// Where the call goes.
struct Callee {
    host: String,
    port: u16,
    ip: IpAddr,
}

pub(crate) async fn probe(run: &mut Run, probe: &GrpcProbe) -> bool {
    run.sheet.add_phase(DURATION, "resolve", 0.0);
    run.sheet.set("probe_grpc_ssl", 0.0);
    run.sheet.set("probe_grpc_status_code", 0.0);
    let Some((host, port)) = target(run, probe) else { return false };
    let (ip, seconds) = resolve(run, probe.ip, &host).await;
    let ip = match ip {
        Ok(ip) => ip,
        Err(error) => {
            run.log.fail("cannot resolve the target", &[("error", &error)]);
            return false;
        }
    };
    run.sheet.add_phase(DURATION, "resolve", seconds);
    let start = run.now();
    let outcome = check(run, probe, &Callee { host, port, ip }).await;
    run.sheet.add_phase(DURATION, "check", run.since(start));
    for name in STATUSES {
        run.sheet.set_with("probe_grpc_healthcheck_response", &[("serving_status", name)], 0.0);
    }
    match outcome {
        Ok((status, session)) => {
            let name = STATUSES.get(status).copied().unwrap_or("UNKNOWN");
            run.sheet.set_with("probe_grpc_healthcheck_response", &[("serving_status", name)], 1.0);
            if let Some(session) = session {
                run.sheet.set("probe_grpc_ssl", 1.0);
                report(run, &session, Detail::default());
            }
            if status != SERVING {
                run.log.fail("the service is not well", &[("status", &name)]);
            }
            status == SERVING
        }
        Err(failure) => {
            run.sheet.set("probe_grpc_status_code", f64::from(failure.code));
            run.log.fail("the health check failed", &[("error", &failure.reason), ("code", &failure.code)]);
            false
        }
    }
}

fn target(run: &mut Run, probe: &GrpcProbe) -> Option<(String, u16)> {
    let has_scheme = run.target.starts_with("http://") || run.target.starts_with("https://");
    let text = if has_scheme { run.target.clone() } else { format!("http://{}", run.target) };
    let url = Url::parse(&text);
    let host = url.as_ref().ok().and_then(|url| url.host_str()).map(|host| host.trim_matches(['[', ']']).to_owned());
    match host {
        Some(host) => {
            let port = url.ok().and_then(|url| url.port()).unwrap_or(if probe.tls { 443 } else { 80 });
            Some((host, port))
        }
        None => {
            run.log.fail("the target is not of the form host:port", &[]);
            None
        }
    }
}

async fn check(run: &Run, probe: &GrpcProbe, callee: &Callee) -> Result<(usize, Option<Session>), Failure> {
    let unavailable = |reason: String| Failure { code: code::UNAVAILABLE, reason };
    let stream = connect(run, SocketAddr::new(callee.ip, callee.port), None).await.map_err(unavailable)?;
    let (stream, session): (BoxedStream, _) = if probe.tls {
        let name = expected_name(&probe.tls_config, &callee.host);
        let setup = Setup::new(&probe.tls_config, &run.roots, &["h2"]).map_err(unavailable)?;
        let secured = setup.handshake(run, stream, name).await.map_err(unavailable)?;
        (Box::new(secured.stream), Some(secured.session))
    } else {
        (Box::new(stream), None)
    };
    let (mut sender, mut connection) = open(run, stream, session, true).await.map_err(unavailable)?;
    let request = request(probe, callee).map_err(|reason| Failure { code: code::UNKNOWN, reason })?;
    let late = |reason: String| Failure { code: code::DEADLINE_EXCEEDED, reason };
    let answer = run.deadline.cap(sender.send(request)).await.map_err(late)?.map_err(unavailable)?;
    let (head, body) = answer.into_parts();
    fault(head.status, &head.headers)?;
    let collected = run.deadline.cap(Limited::new(body, ANSWER_BYTES_MAX).collect()).await.map_err(late)?;
    let collected = collected.map_err(|error| Failure { code: code::UNKNOWN, reason: error.to_string() })?;
    if let Some(trailers) = collected.trailers() {
        fault(head.status, trailers)?;
    }
    let unreadable = || Failure { code: code::UNKNOWN, reason: "the answer is no health check response".to_owned() };
    Ok((status(&collected.to_bytes()).ok_or_else(unreadable)?, connection.session.take()))
}

fn request(probe: &GrpcProbe, callee: &Callee) -> Result<Request<Full<Bytes>>, String> {
    let scheme = if probe.tls { "https" } else { "http" };
    let host = if callee.host.contains(':') { format!("[{}]", callee.host) } else { callee.host.clone() };
    let uri = format!("{scheme}://{host}:{}/grpc.health.v1.Health/Check", callee.port);
    let mut message = Vec::new();
    if !probe.service.is_empty() {
        message.push(0x0a);
        varint(probe.service.len(), &mut message);
        message.extend(probe.service.as_bytes());
    }
    let length = u32::try_from(message.len()).map_err(|_| "the service's name is too long".to_owned())?;
    let body = [&[0][..], &length.to_be_bytes(), &message].concat();
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.parse().map_err(|error| format!("{uri:?} cannot be called: {error}"))?;
    let headers = request.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    headers.insert("te", HeaderValue::from_static("trailers"));
    headers.insert("user-agent", HeaderValue::from_static(concat!("lgtm/", env!("CARGO_PKG_VERSION"))));
    for (name, value) in &probe.metadata {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    Ok(request)
}

/// What headers or trailers complain of.
fn fault(status: StatusCode, headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("grpc-status").and_then(|code| code.parse().ok()) {
        Some(code::OK) => Ok(()),
        Some(code) => {
            let message = text("grpc-message").unwrap_or("no further word");
            Err(Failure { code, reason: format!("the server says: {message}") })
        }
        None if status == StatusCode::OK => Ok(()),
        None => {
            let code = match status.as_u16() {
                401 => code::UNAUTHENTICATED,
                403 => code::PERMISSION_DENIED,
                404 => code::UNIMPLEMENTED,
                429 | 502 | 503 | 504 => code::UNAVAILABLE,
                _ => code::UNKNOWN,
            };
            Err(Failure { code, reason: format!("HTTP status {status} without a word of gRPC") })
        }
    }
}

fn varint(mut number: usize, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// The status in a framed answer. A message without one says 0.
fn status(framed: &[u8]) -> Option<usize> {
    let (head, rest) = framed.split_first_chunk::<5>()?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let message = rest.get(..usize::try_from(length).ok()?)?;
    match (head[0], message) {
        (0, []) => Some(0),
        (0, [0x08, status, ..]) if *status < 0x80 => Some(usize::from(*status)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_care() {
        assert_eq!(status(&[0, 0, 0, 0, 2, 8, 1]), Some(SERVING));
        assert_eq!(status(&[0, 0, 0, 0, 0]), Some(0));
        for broken in [&[][..], &[0, 0, 0, 0, 9, 8, 1], &[1, 0, 0, 0, 2, 8, 1], &[0, 0, 0, 0, 2, 0x10, 1]] {
            assert_eq!(status(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn long_names_of_services_are_framed() {
        let probe = GrpcProbe { service: "s".repeat(200), ..GrpcProbe::default() };
        let callee = Callee { host: "::1".to_owned(), port: 5, ip: "::1".parse().unwrap() };
        let request = request(&probe, &callee).unwrap();
        assert_eq!(request.uri(), "http://[::1]:5/grpc.health.v1.Health/Check");
        assert_eq!(hyper::body::Body::size_hint(request.body()).exact(), Some(5 + 1 + 2 + 200));
    }
}
