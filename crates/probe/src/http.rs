//! The HTTP probe: one request, the redirects that it leads to, and a judgement on the last answer.
//!
//! 1. The target's name is resolved by preference, and the address is kept: the request goes there, with the name in
//!    its `Host` header. Relative redirects go to the same address, others are resolved anew.
//! 2. Each request has a connection of its own, opened here rather than by a client library, so that each phase can be
//!    timed: `resolve`, `connect`, `tls`, `processing`, `transfer`, summed over all redirects.
//! 3. The last answer is held against what the module expects: status, headers, body, version, TLS.

mod body;
mod cookies;
mod exchange;
mod hop;
mod judge;
mod proxy;
mod route;

pub(crate) use exchange::{Connection, open};

use crate::config::HttpProbe;
use crate::resolve::resolve;
use crate::run::Run;
use crate::tls::{self, Detail};
use cookies::Cookies;
use exchange::Answer;
use hop::Hop;
use url::Url;

const DURATION: &str = "probe_http_duration_seconds";
/// Redirects that are followed.
const REDIRECTS_MAX: usize = 10;

/// Probes; tells whether all was as the module expects.
pub(crate) async fn probe(run: &mut Run, probe: &HttpProbe) -> bool {
    register(run, probe);
    if probe.http3 {
        run.log.fail("this module asks for HTTP/3, which is not spoken yet", &[]);
        return false;
    }
    let Some(url) = target_url(run) else { return false };
    let mut ip = None;
    if !(probe.skip_resolve_phase_with_proxy && probe.client.proxy.is_some()) {
        let (found, seconds) = resolve(run, probe.ip, &hop::bare_host(&url)).await;
        run.sheet.add_phase(DURATION, "resolve", seconds);
        match found {
            Ok(found) => ip = Some(found),
            Err(error) => {
                run.log.fail("cannot resolve the target", &[("error", &error)]);
                return false;
            }
        }
    }
    let first = match Hop::first(run, probe, url, ip) {
        Ok(first) => first,
        Err(error) => {
            run.log.fail("cannot make the request", &[("error", &error)]);
            return false;
        }
    };
    for phase in ["connect", "tls", "processing", "transfer"] {
        run.sheet.add_phase(DURATION, phase, 0.0);
    }
    let Some((answer, was_followed)) = follow(run, probe, first).await else { return false };
    conclude(run, probe, answer, was_followed).await
}

/// What is told even when there is no answer.
fn register(run: &mut Run, probe: &HttpProbe) {
    for name in [
        "probe_http_content_length",
        "probe_http_uncompressed_body_length",
        "probe_http_redirects",
        "probe_http_ssl",
        "probe_http_status_code",
        "probe_http_version",
        "probe_failed_due_to_regex",
    ] {
        run.sheet.set(name, 0.0);
    }
    if probe.judges_json() {
        run.sheet.set("probe_failed_due_to_cel", 0.0);
    }
}

fn target_url(run: &mut Run) -> Option<Url> {
    let lower = run.target.to_ascii_lowercase();
    let has_scheme = lower.starts_with("http://") || lower.starts_with("https://");
    let text = if has_scheme { run.target.clone() } else { format!("http://{}", run.target) };
    match Url::parse(&text) {
        Ok(url) => Some(url),
        Err(error) => {
            run.log.fail("the target is no URL", &[("error", &error)]);
            None
        }
    }
}

/// Asks, and follows redirects. Gives the last answer, and whether there was a redirect that was not followed.
async fn follow(run: &mut Run, probe: &HttpProbe, first: Hop) -> Option<(Answer, bool)> {
    let (mut hop, mut redirects, mut cookies) = (first, 0, Cookies::default());
    loop {
        run.log.note("Making an HTTP request", &[("url", &hop.url), ("host", &hop.host)]);
        let answer = match exchange::exchange(run, probe, &hop, &cookies, redirects).await {
            Ok(answer) => answer,
            Err(error) => {
                run.log.fail("the HTTP request failed", &[("error", &error)]);
                return None;
            }
        };
        cookies.keep(&hop.url, answer.head.headers());
        let Some(location) = hop::location(&answer.head) else { return Some((answer, true)) };
        redirects += 1;
        run.sheet.set("probe_http_redirects", redirects as f64);
        run.log.note("Received a redirect", &[("location", &location)]);
        if redirects > REDIRECTS_MAX || !probe.client.follow_redirects {
            run.log.note("Not following the redirect", &[("redirects", &redirects)]);
            return Some((answer, false));
        }
        match hop.redirected(&answer.head, &location) {
            Ok(next) => hop = next,
            Err(error) => {
                run.log.fail("the redirect cannot be followed", &[("error", &error)]);
                return None;
            }
        }
    }
}

/// Judges the last answer and tells what it was.
async fn conclude(run: &mut Run, probe: &HttpProbe, answer: Answer, was_followed: bool) -> bool {
    let Answer { head, incoming, connection, response_start, is_head } = answer;
    let status = head.status().as_u16();
    run.sheet.set("probe_http_status_code", f64::from(status));
    run.sheet.set("probe_http_content_length", body::content_length(&head, &incoming, is_head) as f64);
    run.log.note("Received an HTTP answer", &[("status", &status)]);
    let mut good = judge::status(run, probe, status) && judge::headers(run, probe, head.headers());
    let read = match was_followed {
        true => body::read(run, probe, incoming).await,
        false => Err("the answer is a redirect that was not followed, whose body is not read".to_owned()),
    };
    let length = read.as_ref().map_or(0, |body| body.length);
    run.sheet.set("probe_http_uncompressed_body_length", length as f64);
    good = judge::body(run, probe, read, good, was_followed);
    run.sheet.add_phase(DURATION, "transfer", run.since(response_start));
    if let Some(time) = judge::last_modified(head.headers()) {
        run.sheet.set("probe_http_last_modified_timestamp_seconds", time as f64);
    }
    good = judge::version(run, probe, head.version()) && good;
    match &connection.session {
        Some(session) => {
            run.sheet.set("probe_http_ssl", 1.0);
            tls::report(run, session, Detail { cipher: true, chain_expiry: true });
            if probe.fail_if_ssl {
                run.log.fail("the last request was over TLS", &[]);
                good = false;
            }
        }
        None if probe.fail_if_not_ssl && good => {
            run.log.fail("the last request was not over TLS", &[]);
            good = false;
        }
        None => {}
    }
    good
}
