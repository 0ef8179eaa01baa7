//! The embedded web app: `ui/dist` inside the binary, served with the headers that make it quick and safe.
//!
//! How a request is answered, in order:
//! 1. Anything but GET and HEAD is refused with 405.
//! 2. A path below an API prefix that reached this crate names no endpoint: 404 in plain text, never a page, so that a
//!    client with a wrong path does not try to parse HTML.
//! 3. A path that names a file is served, as Brotli or gzip when the build left such a twin and the client takes it.
//! 4. A path whose last segment has an extension is a missing file: 404.
//! 5. Every other path is a page of the app, which routes by itself: `index.html`; or, when the app was never built, a page
//!    that says how to build it.
//!
//! Names below `assets/` carry a hash of their content and are immutable; all else is revalidated by its entity tag.

mod asset;
mod encoding;
mod pages;
mod respond;

pub use pages::{PAGES, PANELS};
pub use respond::API_PREFIXES;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;

/// A router whose fallback is the web app; merge it into one that has no fallback of its own.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().fallback(serve)
}

/// Answers one request from the embedded files; reads no body and touches no network.
pub async fn serve(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    respond::respond(&parts, &asset::find)
}
