//! A request's parameters, with Loki's defaults and bounds.

use super::time::{duration_ns, timestamp};
use super::{LokiDeps, Refusal};
use axum::extract::{FromRequest, Query, Request};
use axum::http::{Method, StatusCode};
use lgtm_logql::Direction;
use lgtm_model::TimestampNs;

/// How far back a query looks when it does not say.
const SINCE_NS: i64 = 3_600_000_000_000;
/// Lines in an answer when the query does not say.
const LIMIT: usize = 100;
/// Most lines in an answer.
const LIMIT_MAX: usize = 5_000;
/// Longest form, in bytes.
const FORM_BYTES_MAX: usize = 1 << 20;

/// Names and values, from the query text and the form.
pub(super) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let read = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let Query(mut pairs) = read.map_err(|error| Refusal::parameter(error.to_string()))?;
        if request.method() == Method::POST {
            let body = axum::body::to_bytes(request.into_body(), FORM_BYTES_MAX).await;
            let body = body.map_err(|_| {
                Refusal(StatusCode::PAYLOAD_TOO_LARGE, format!("the form is longer than {FORM_BYTES_MAX} bytes"))
            })?;
            let form = axum::http::Uri::builder().path_and_query([b"/?", &body[..]].concat()).build();
            let form = form.map_err(|_| Refusal::parameter("the form is not URL-encoded"))?;
            let read = Query::<Vec<(String, String)>>::try_from_uri(&form);
            pairs.extend(read.map_err(|error| Refusal::parameter(error.to_string()))?.0);
        }
        Ok(Self(pairs))
    }
}

impl Parameters {
    /// A parameter's first value, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// All of a parameter's values.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        self.0.iter().filter(move |(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    fn time(&self, name: &str) -> Result<Option<TimestampNs>, Refusal> {
        let read = |text| {
            timestamp(text).ok_or_else(|| {
                Refusal::parameter(format!(
                    "invalid parameter {name}: cannot read {text:?} as a time (seconds, nanoseconds or RFC 3339)"
                ))
            })
        };
        self.get(name).map(read).transpose()
    }

    /// `start` and `end`; the last hour when nothing is said, or as long as `since` says.
    pub fn bounds(&self, deps: &LokiDeps) -> Result<(TimestampNs, TimestampNs), Refusal> {
        let now = deps.clock.now();
        let end = self.time("end")?;
        let since_ns = match self.get("since") {
            None => SINCE_NS,
            Some(text) => duration_ns(text)
                .ok_or_else(|| Refusal::parameter(format!("invalid parameter since: no duration: {text:?}")))?,
        };
        // An end in the future is none to count back from.
        let from = end.unwrap_or(now).min(now).add_ns(-since_ns);
        Ok((self.time("start")?.unwrap_or(from), end.unwrap_or(now)))
    }

    /// The time of an instant query.
    pub fn instant(&self, deps: &LokiDeps) -> Result<TimestampNs, Refusal> {
        Ok(self.time("time")?.unwrap_or_else(|| deps.clock.now()))
    }

    /// The query itself.
    pub fn query(&self) -> Result<&str, Refusal> {
        self.get("query").ok_or_else(|| Refusal::parameter("parameter query is missing"))
    }

    /// How many lines.
    pub fn limit(&self) -> Result<usize, Refusal> {
        let Some(text) = self.get("limit") else { return Ok(LIMIT) };
        let limit: i64 = text.parse().map_err(|_| Refusal::parameter(format!("limit is no whole number: {text:?}")))?;
        match usize::try_from(limit) {
            Ok(limit) if limit > LIMIT_MAX => Err(Refusal::parameter(format!(
                "max entries limit per query exceeded, limit > max_entries_limit ({limit} > {LIMIT_MAX})"
            ))),
            Ok(limit) if limit > 0 => Ok(limit),
            _ => Err(Refusal::parameter("limit must be a positive value")),
        }
    }

    /// From which end.
    pub fn direction(&self) -> Result<Direction, Refusal> {
        match self.get("direction").map(str::to_ascii_lowercase).as_deref() {
            None | Some("backward") => Ok(Direction::Backward),
            Some("forward") => Ok(Direction::Forward),
            Some(other) => Err(Refusal::parameter(format!("invalid direction {other:?}: forward or backward"))),
        }
    }

    /// Between two points: as said, or so that there are about 250, and at least a second.
    pub fn step_ns(&self, start: TimestampNs, end: TimestampNs) -> Result<i64, Refusal> {
        let Some(text) = self.get("step") else {
            return Ok((end.since_ns(start) / 250 / 1_000_000_000).max(1) * 1_000_000_000);
        };
        match duration_ns(text) {
            Some(step_ns) if step_ns > 0 => Ok(step_ns),
            Some(_) => Err(Refusal::parameter(
                "zero or negative query resolution step widths are not accepted. Try a positive integer",
            )),
            None => Err(Refusal::parameter(format!("invalid parameter step: no duration: {text:?}"))),
        }
    }
}
