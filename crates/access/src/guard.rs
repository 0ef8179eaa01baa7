//! Asking everyone for the token: `Authorization: Bearer …`, or `Basic` with the token as the password, which is what
//! tools without bearer tokens can send.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lgtm_settings::Secret;

/// Paths that tell only whether the process lives; load balancers and service managers ask them without a token.
const OPEN_PATHS: [&str; 2] = ["/-/healthy", "/-/ready"];

/// Puts the gate before a router. Without a token it stands open.
pub fn guard(router: Router, token: Option<Secret>) -> Router {
    let Some(token) = token else { return router };
    router.layer(from_fn(move |request: Request, next: Next| {
        let token = token.clone();
        async move {
            if OPEN_PATHS.contains(&request.uri().path()) || is_allowed(request.headers(), &token) {
                return next.run(request).await;
            }
            refuse()
        }
    }))
}

fn refuse() -> Response {
    let text = "this server asks for a token: send `Authorization: Bearer <token>`, or the token as Basic password\n";
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer, Basic realm=\"lgtm\"")], text).into_response()
}

fn is_allowed(headers: &HeaderMap, token: &Secret) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return false };
    match value.split_once(' ') {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => same(given.trim(), token.expose()),
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = STANDARD.decode(given.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            decoded
                .as_deref()
                .and_then(|pair| pair.split_once(':'))
                .is_some_and(|(_, given)| same(given, token.expose()))
        }
        _ => false,
    }
}

/// Compares in a time that does not tell how much of a guess was right.
fn same(given: &str, token: &str) -> bool {
    let differences = given.bytes().zip(token.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b));
    given.len() == token.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    async fn status(path: &str, authorization: Option<&str>) -> StatusCode {
        let router = Router::new().route("/x", get(|| async {})).route("/-/ready", get(|| async {}));
        let mut request = Request::builder().uri(path);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Body::empty()).unwrap();
        guard(router, Some(Secret::new("s3cret"))).oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn only_the_token_opens_the_gate() {
        let basic = format!("Basic {}", STANDARD.encode("anyone:s3cret"));
        for (path, authorization, want) in [
            ("/x", None, StatusCode::UNAUTHORIZED),
            ("/x", Some("Bearer s3cret"), StatusCode::OK),
            ("/x", Some("Bearer s3cre"), StatusCode::UNAUTHORIZED),
            ("/x", Some("Bearer s3cretx"), StatusCode::UNAUTHORIZED),
            ("/x", Some(basic.as_str()), StatusCode::OK),
            ("/x", Some("Basic !!"), StatusCode::UNAUTHORIZED),
            ("/-/ready", None, StatusCode::OK),
        ] {
            assert_eq!(status(path, authorization).await, want, "{path} {authorization:?}");
        }
    }
}
