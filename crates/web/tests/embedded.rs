//! The app as it is embedded: its page and every file the page names are served, compressed and cacheable.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use tower::ServiceExt;

/// More than any file of the app.
const BODY_BYTES_MAX: usize = 16 << 20;

async fn get(path: &str, accept_encoding: &str) -> Response<Body> {
    let router: Router = lgtm_web::router();
    let request = Request::get(path).header("accept-encoding", accept_encoding).body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), BODY_BYTES_MAX).await.unwrap().to_vec()).unwrap()
}

/// The addresses in the page's quoted attributes.
fn linked(page: &str) -> Vec<&str> {
    let is_file = |part: &&str| part.starts_with('/') && part.contains('.') && !part.contains(char::is_whitespace);
    page.split('"').filter(is_file).collect()
}

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let response = get("/trace/4bf92f3577b34da6a3ce929d0e0e4736", "identity").await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        eprintln!("SKIPPED: the embedded web app (ui/dist is not built)");
        return;
    }
    let page = text(response).await;
    let files = linked(&page);
    assert!(files.iter().any(|file| file.starts_with("/assets/") && file.ends_with(".js")), "{page}");
    for file in files {
        let response = get(file, "gzip, br").await;
        assert_eq!(response.status(), StatusCode::OK, "{file}");
        assert_eq!(response.headers()["content-encoding"], "br", "{file}");
        let cache = response.headers()["cache-control"].to_str().unwrap();
        assert_eq!(cache.contains("immutable"), file.starts_with("/assets/"), "{file}: {cache}");
    }
}
