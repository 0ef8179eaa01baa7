//! Parameters of a request: those of a form in its body, then those of its URL.

use super::answer::ApiError;
use super::time;
use axum::extract::{Form, FromRequest, Query, Request};
use axum::http::{Method, header};
use lgtm_model::{Matcher, TimestampMs};

/// All parameters, in their order.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

type Pairs = Vec<(String, String)>;

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let unreadable = |text: String| ApiError::bad_data(format!("error parsing form values: {text}"));
        let Query(url) = Query::<Pairs>::try_from_uri(request.uri()).map_err(|error| unreadable(error.body_text()))?;
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let mut pairs = Vec::new();
        if request.method() == Method::POST && is_form {
            let form = Form::<Pairs>::from_request(request, state).await;
            pairs = form.map_err(|error| unreadable(error.body_text()))?.0;
        }
        pairs.extend(url);
        Ok(Self(pairs))
    }
}

impl Params {
    /// The first value of a name; empty if there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.all(name).map(str::to_owned).collect()
    }

    /// `limit`; none if it is absent or zero.
    pub(super) fn limit(&self) -> Result<Option<usize>, ApiError> {
        let text = self.get("limit");
        if text.is_empty() {
            return Ok(None);
        }
        let limit: i64 =
            text.parse().map_err(|_| ApiError::parameter("limit", format!("cannot parse {text:?} to a number")))?;
        let limit = usize::try_from(limit).map_err(|_| ApiError::parameter("limit", "limit must be non-negative"))?;
        Ok(Some(limit).filter(|limit| *limit > 0))
    }

    /// A required time.
    pub(super) fn time(&self, name: &str) -> Result<TimestampMs, ApiError> {
        time::parse(self.get(name)).map_err(|message| ApiError::parameter(name, message))
    }

    /// A time that may be absent.
    pub(super) fn time_or(&self, name: &str, default: TimestampMs) -> Result<TimestampMs, ApiError> {
        if self.get(name).is_empty() {
            return Ok(default);
        }
        time::parse(self.get(name))
            .map_err(|message| ApiError::parameter(name, format!("invalid time value for '{name}': {message}")))
    }

    /// `start` and `end`, by default all of time.
    pub(super) fn range(&self) -> Result<(TimestampMs, TimestampMs), ApiError> {
        Ok((self.time_or("start", TimestampMs::MIN)?, self.time_or("end", TimestampMs::MAX)?))
    }

    /// A duration that may be absent, in milliseconds.
    pub(super) fn duration_ms(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.get(name) {
            "" => Ok(None),
            text => time::parse_duration_ms(text).map(Some).map_err(|message| ApiError::parameter(name, message)),
        }
    }

    /// Every `match[]`. Each must select by something.
    pub(super) fn matchers(&self) -> Result<Vec<Vec<Matcher>>, ApiError> {
        let mut sets = Vec::new();
        for text in self.all("match[]") {
            let selector = lgtm_promql::parse_selector(text)
                .map_err(|errors| ApiError::parameter("match[]", errors.to_string()))?;
            if selector.matchers.iter().all(Matcher::matches_empty) {
                let message = "match[] must contain at least one non-empty matcher";
                return Err(ApiError::parameter("match[]", message));
            }
            sets.push(selector.matchers);
        }
        Ok(sets)
    }
}
