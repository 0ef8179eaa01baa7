//! A gRPC server that knows the health of one service.

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use lgtm_runtime::Tasks;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// `well` serves, `ill` does not, others are not found.
pub async fn health(tasks: &Tasks) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                let service = String::from_utf8_lossy(body.get(7..).unwrap_or_default()).into_owned();
                let (message, code): (&[u8], &str) = match service.as_str() {
                    "well" => (&[0, 0, 0, 0, 2, 8, 1], "0"),
                    "ill" => (&[0, 0, 0, 0, 2, 8, 2], "0"),
                    _ => (&[], "5"),
                };
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", code.parse().unwrap());
                let body = Full::new(Bytes::copy_from_slice(message)).with_trailers(async move { Some(Ok(trailers)) });
                let answer = Response::builder().header("content-type", "application/grpc").body(body).unwrap();
                Ok::<_, Infallible>(answer)
            });
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            let _ = connection.await;
        }
    });
    address
}
