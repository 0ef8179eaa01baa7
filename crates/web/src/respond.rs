//! From a request to its answer, over any source of files; see the crate's header for the order of the cases.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use crate::asset::Asset;
use crate::encoding::{Encoding, accepts};

/// Paths that belong to the compatible APIs; the app never answers below them.
pub const API_PREFIXES: [&str; 11] = [
    "/-",
    "/alertmanager",
    "/api",
    "/blackbox",
    "/lgtm",
    "/loki",
    "/metrics",
    "/otlp",
    "/prometheus",
    "/pushgateway",
    "/tempo",
];

// Scripts come from this server alone. Styles may be inline, since Mantine and uPlot place elements by style attributes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

// One year, the longest that caches honour.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>lgtm</title>\
    <body style=\"font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em\">\
    <h1>The web app is not built</h1>\
    <p>This binary was compiled without <code>ui/dist</code>. Run <code>./dev build</code> and start it again.</p>\
    <p>The APIs work all the same: <code>/prometheus</code>, <code>/loki</code> and <code>/tempo</code>.</p>\n";

/// Answers one request; `find` looks a file up by its path without the leading slash.
pub(crate) fn respond(request: &Parts, find: &dyn Fn(&str) -> Option<Asset>) -> Response {
    let path = request.uri.path();
    if request.method != Method::GET && request.method != Method::HEAD {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "the web app answers GET and HEAD only\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    if is_api(path) {
        return plain(StatusCode::NOT_FOUND, "no such endpoint\n");
    }
    let name = path.trim_start_matches('/');
    let named = if is_twin(name) { None } else { file(request, name, find) };
    if let Some(response) = named {
        return response;
    }
    if has_extension(name) {
        return plain(StatusCode::NOT_FOUND, "no such file\n");
    }
    file(request, "index.html", find)
        .unwrap_or_else(|| secured(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", NOT_BUILT.into()))
}

fn is_api(path: &str) -> bool {
    let is_below =
        |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    API_PREFIXES.into_iter().any(is_below)
}

// Compressed twins are sent in place of their files, never by their own names.
fn is_twin(name: &str) -> bool {
    Encoding::ALL.iter().any(|encoding| name.rsplit_once('.').is_some_and(|(_, end)| end == encoding.extension()))
}

fn has_extension(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn file(request: &Parts, name: &str, find: &dyn Fn(&str) -> Option<Asset>) -> Option<Response> {
    // An empty name would ask for the folder itself.
    if name.is_empty() {
        return None;
    }
    let plain_file = find(name)?;
    let twin = Encoding::ALL
        .into_iter()
        .filter(|encoding| accepts(&request.headers, *encoding))
        .find_map(|encoding| Some((encoding, find(&format!("{name}.{}", encoding.extension()))?)));
    let (coding, body) = match twin {
        Some((encoding, asset)) => (Some(encoding.name()), asset.body),
        None => (None, plain_file.body),
    };
    // The tag names the representation, so each coding has its own.
    let tag = format!("\"{}{}\"", plain_file.tag, coding.map(|name| format!("-{name}")).unwrap_or_default());
    let fresh = is_fresh(request, &tag);
    let body = if fresh || request.method == Method::HEAD { Body::empty() } else { Body::from(body) };
    let status = if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = secured(status, &content_type(&plain_file.mime), body);
    let headers = response.headers_mut();
    let cache = if name.starts_with("assets/") { IMMUTABLE } else { REVALIDATE };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

fn is_fresh(request: &Parts, tag: &str) -> bool {
    let known = request.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|item| {
        let item = item.trim();
        item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag
    })
}

fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    secured(status, "text/plain; charset=utf-8", text.into())
}

fn secured(status: StatusCode, content_type: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let content_type =
        HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::Request;

    use super::*;

    fn fake(path: &str) -> Option<Asset> {
        let (body, mime): (&'static [u8], &str) = match path {
            "index.html" => (b"<page>", "text/html"),
            "assets/app-1a2b.js" => (b"script", "text/javascript"),
            "assets/app-1a2b.js.br" => (b"brotli", "application/octet-stream"),
            "assets/app-1a2b.js.gz" => (b"gzip", "application/gzip"),
            "favicon.svg" => (b"<svg>", "image/svg+xml"),
            _ => return None,
        };
        Some(Asset { body: body.into(), mime: mime.to_owned(), tag: "0123".to_owned() })
    }

    async fn ask(
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        find: &dyn Fn(&str) -> Option<Asset>,
    ) -> (Response<()>, String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let (head, body) = respond(&parts, find).into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_kind_of_path_has_its_answer() {
        let cases = [
            ("GET", "/", 200, "<page>"),
            ("GET", "/logs", 200, "<page>"),
            ("GET", "/trace/4bf92f3577b34da6a3ce929d0e0e4736", 200, "<page>"),
            ("GET", "/apis", 200, "<page>"),
            ("GET", "/favicon.svg", 200, "<svg>"),
            ("GET", "/assets/app-1a2b.js", 200, "script"),
            ("HEAD", "/assets/app-1a2b.js", 200, ""),
            ("GET", "/assets/app-1a2b.js.br", 404, "no such file\n"),
            ("GET", "/assets/gone.js", 404, "no such file\n"),
            ("GET", "/../../etc/passwd.txt", 404, "no such file\n"),
            ("GET", "/prometheus", 404, "no such endpoint\n"),
            ("GET", "/loki/api/v1/nothing", 404, "no such endpoint\n"),
            ("GET", "/-/nothing", 404, "no such endpoint\n"),
            ("POST", "/logs", 405, "the web app answers GET and HEAD only\n"),
        ];
        for (method, path, status, text) in cases {
            let (head, body) = ask(method, path, &[], &fake).await;
            assert_eq!((head.status().as_u16(), body.as_str()), (status, text), "{method} {path}");
            assert_eq!(head.headers()["x-content-type-options"], "nosniff", "{path}");
            assert!(head.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
        }
    }

    #[tokio::test]
    async fn hashed_names_are_immutable_and_pages_are_revalidated() {
        let (head, _) = ask("GET", "/assets/app-1a2b.js", &[], &fake).await;
        assert_eq!(head.headers()["cache-control"], IMMUTABLE);
        assert_eq!(head.headers()["content-type"], "text/javascript; charset=utf-8");
        let (head, _) = ask("GET", "/logs", &[], &fake).await;
        assert_eq!(head.headers()["cache-control"], REVALIDATE);
        let tag = head.headers()["etag"].to_str().unwrap().to_owned();
        let weak = format!("\"other\", W/{tag}");
        for known in [tag.as_str(), weak.as_str(), "*"] {
            let (head, body) = ask("GET", "/logs", &[("if-none-match", known)], &fake).await;
            assert_eq!((head.status().as_u16(), body.as_str()), (304, ""));
        }
        let (head, _) = ask("GET", "/logs", &[("if-none-match", "\"other\"")], &fake).await;
        assert_eq!(head.status(), 200);
    }

    #[tokio::test]
    async fn compressed_twins_are_sent_to_those_who_take_them() {
        for (accept, coding, text) in
            [("gzip, br", Some("br"), "brotli"), ("gzip", Some("gzip"), "gzip"), ("zstd", None, "script")]
        {
            let (head, body) = ask("GET", "/assets/app-1a2b.js", &[("accept-encoding", accept)], &fake).await;
            assert_eq!(head.headers().get("content-encoding").map(|value| value.to_str().unwrap()), coding);
            assert_eq!(head.headers()["content-type"], "text/javascript; charset=utf-8");
            assert_eq!(head.headers()["vary"], "accept-encoding");
            assert_eq!(body, text);
        }
        let (head, body) = ask("GET", "/", &[("accept-encoding", "br")], &fake).await;
        assert_eq!((head.headers().get("content-encoding"), body.as_str()), (None, "<page>"));
    }

    #[tokio::test]
    async fn an_app_that_was_not_built_says_so() {
        let (head, body) = ask("GET", "/", &[], &|_| None).await;
        assert_eq!(head.status(), 503);
        assert!(body.contains("./dev build"), "{body}");
    }

    #[tokio::test]
    async fn the_router_answers_for_unrouted_paths() {
        use tower::ServiceExt;
        let request = Request::get("/loki/nothing").body(Body::empty()).unwrap();
        let response = crate::router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 404);
    }
}
