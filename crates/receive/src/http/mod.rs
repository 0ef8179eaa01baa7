//! OTLP/HTTP: `POST /v1/logs`, `/v1/traces`, `/v1/metrics` in protobuf or JSON, plain or gzip.
//!
//! Errors come as `google.rpc.Status` in the encoding of the request, as the specification wants it.

mod body;
mod encoding;

use crate::intake::Accepts;
use crate::{Intake, Refusal};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use encoding::Encoding;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use lgtm_wire::otlp::Signal;
use lgtm_wire::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use lgtm_wire::otlp::proto::collector::metrics::v1::ExportMetricsServiceRequest;
use lgtm_wire::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;

/// The three routes, to be served on a port of their own or nested under a prefix.
pub fn otlp_http_router(intake: Intake) -> Router {
    Router::new()
        .route(Signal::Logs.path(), post(export::<ExportLogsServiceRequest>))
        .route(Signal::Traces.path(), post(export::<ExportTraceServiceRequest>))
        .route(Signal::Metrics.path(), post(export::<ExportMetricsServiceRequest>))
        .with_state(intake)
}

async fn export<T: Accepts>(State(intake): State<Intake>, headers: HeaderMap, body: Body) -> Response {
    let encoding = Encoding::of(&headers);
    // An unknown content type is answered in JSON, which people can read.
    let answer_encoding = *encoding.as_ref().unwrap_or(&Encoding::Json);
    let result = match encoding {
        Ok(encoding) => take::<T>(&intake, encoding, &headers, body).await,
        Err(refusal) => Err(refusal),
    };
    intake.count(T::SIGNAL, &result);
    match result {
        Ok(response) => {
            ([(CONTENT_TYPE, answer_encoding.content_type())], answer_encoding.encode(&response)).into_response()
        }
        Err(refusal) => refused(&refusal, answer_encoding),
    }
}

async fn take<T: Accepts>(
    intake: &Intake,
    encoding: Encoding,
    headers: &HeaderMap,
    body: Body,
) -> Result<T::Response, Refusal> {
    let limit_bytes = intake.request_bytes_max;
    let bytes = body::read(headers, body, limit_bytes).await?;
    let gzip = body::is_gzip(headers)?;
    // Decompressing and decoding megabytes would hold up the other connections of this thread.
    let decode = move || -> Result<(T, usize), Refusal> {
        let bytes = if gzip { body::decompress(&bytes, limit_bytes)?.into() } else { bytes };
        Ok((encoding.decode(&bytes)?, bytes.len()))
    };
    let decoded = tokio::task::spawn_blocking(decode).await;
    let (request, bytes) = decoded.map_err(|error| Refusal::Incomplete(error.to_string()))??;
    request.accept(intake, bytes).await
}

fn refused(refusal: &Refusal, encoding: Encoding) -> Response {
    let body = encoding.encode(&refusal.rpc_status());
    let mut response = (refusal.http_status(), [(CONTENT_TYPE, encoding.content_type())], body).into_response();
    if let Some(delay) = refusal.retry_after() {
        // The header counts whole seconds; rounding up keeps the client from coming too early.
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}
