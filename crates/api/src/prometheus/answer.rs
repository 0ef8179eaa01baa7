//! Answers: `{"status":"success","data":...}` and `{"status":"error","errorType":...,"error":...}`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lgtm_promql::{EvalError, ParseErrors, SourceError};
use serde_json::{Value, json};

/// How many warnings, and how many infos, an answer holds; the rest is counted.
const REMARKS_MAX: usize = 10;

/// What a handler gives.
pub(super) type Answer = Result<Response, ApiError>;

/// The kinds of failure, each with its status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    BadData,
    Execution,
    Canceled,
    Timeout,
    Internal,
}

impl ErrorKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Canceled => "canceled",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            // nginx's number for a client that has gone.
            Self::Canceled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
            Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A failure.
#[derive(Debug)]
pub(super) struct ApiError {
    kind: ErrorKind,
    message: String,
    /// The problems of a query, each with its place.
    diagnostics: Option<Value>,
}

impl ApiError {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), diagnostics: None }
    }

    pub(super) fn bad_data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadData, message)
    }

    pub(super) fn parameter(name: &str, message: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter \"{name}\": {message}"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "status": "error", "errorType": self.kind.as_str(), "error": self.message });
        if let Some(diagnostics) = self.diagnostics {
            body["diagnostics"] = diagnostics;
        }
        (self.kind.status(), [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}

/// A query that does not parse: upstream's message, and all problems with places, hints and carets.
pub(super) fn unparsable(errors: ParseErrors) -> ApiError {
    let problems: Vec<Value> = errors
        .errors
        .iter()
        .map(|error| {
            let (line, column) = error.span.line_column(&errors.input);
            json!({
                "start": error.span.start, "end": error.span.end, "line": line, "column": column,
                "message": error.message, "hint": error.hint,
            })
        })
        .collect();
    let mut error = ApiError::parameter("query", &errors);
    error.diagnostics = Some(json!({ "problems": problems, "rendered": errors.render(&errors.input) }));
    error
}

impl From<EvalError> for ApiError {
    fn from(error: EvalError) -> Self {
        let text = error.to_string();
        match error {
            EvalError::Parse(errors) => unparsable(errors),
            EvalError::Invalid(message) => Self::parameter("query", message),
            EvalError::Source(SourceError::Unavailable(_)) => Self::new(ErrorKind::Internal, text),
            EvalError::Canceled => Self::new(ErrorKind::Canceled, text),
            EvalError::Execution(_)
            | EvalError::Source(SourceError::TooManySamples { .. })
            | EvalError::TooManySamples { .. }
            | EvalError::TooManySeries { .. } => Self::new(ErrorKind::Execution, text),
        }
    }
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Unavailable(_) => Self::new(ErrorKind::Internal, error.to_string()),
            SourceError::TooManySamples { .. } => Self::new(ErrorKind::Execution, error.to_string()),
        }
    }
}

/// A success without remarks.
pub(super) fn data(data: &Value) -> Answer {
    success(&data.to_string(), &[], &[])
}

/// A success with the JSON text of its data.
pub(super) fn success(data: &str, warnings: &[String], infos: &[String]) -> Answer {
    let mut body = format!("{{\"status\":\"success\",\"data\":{data}");
    for (field, word, remarks) in [("warnings", "warning", warnings), ("infos", "info", infos)] {
        if remarks.is_empty() {
            continue;
        }
        let mut shown: Vec<String> = remarks.iter().take(REMARKS_MAX).cloned().collect();
        if remarks.len() > REMARKS_MAX {
            shown.push(format!("{} more {word} annotations omitted", remarks.len() - REMARKS_MAX));
        }
        body.push_str(&format!(",\"{field}\":{}", json!(shown)));
    }
    body.push('}');
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
