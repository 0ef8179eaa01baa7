//! Targets on this machine that tests probe: HTTP with and without TLS, TCP that talks line by line, name servers, gRPC.
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod certificates;
pub mod dns;
pub mod grpc;

use lgtm_probe::{Config, Outcome, ProbeRequest, Prober};
use lgtm_runtime::{Random, SystemClock, Tasks};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Makes a probe by a module, written as YAML in one line.
pub async fn probe(module: &str, target: &str) -> Outcome {
    probe_within(module, target, 5.0).await
}

/// The same with a scraper's timeout in seconds.
pub async fn probe_within(module: &str, target: &str, seconds: f64) -> Outcome {
    let text = format!("modules:\n  m: {module}\n");
    let mut config = Config::read_text("m.yml", &text).unwrap_or_else(|problems| panic!("{problems}")).value;
    config.limits.timeout_offset = Duration::ZERO;
    let mut request = ProbeRequest::new(target, "m");
    request.scrape_timeout_seconds = Some(seconds);
    Prober::new(SystemClock::shared(), Random::from_seed(7)).probe(&config, &request).await.unwrap()
}

/// An HTTP answer as bytes.
pub fn page(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Answers every request with the same bytes.
pub async fn canned(tasks: &Tasks, answer: String) -> SocketAddr {
    serve(tasks, None, Arc::new(move |_| Some(answer.clone()))).await
}

type Answers = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// A small site; over TLS if there is an acceptor.
pub async fn web(tasks: &Tasks, tls: Option<TlsAcceptor>) -> SocketAddr {
    let answers = |path: &str| {
        Some(match path {
            "/broken" => page("500 Internal Server Error", "", "broken"),
            "/slow" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun".to_owned(),
            "/never" => return None,
            "/loop" => page("302 Found", "Location: /loop\r\n", ""),
            "/hop" => page("302 Found", "Location: /\r\nSet-Cookie: a=1\r\n", ""),
            "/json" => page("200 OK", "Content-Type: application/json\r\n", "{\"state\":\"ok\",\"queue\":3}"),
            _ => page("200 OK", "Last-Modified: Fri, 18 Jun 2021 17:04:10 GMT\r\n", "hello world"),
        })
    };
    serve(tasks, tls, Arc::new(answers)).await
}

async fn serve(tasks: &Tasks, tls: Option<TlsAcceptor>, answers: Answers) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Tasks::default();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, answers) = (tls.clone(), Arc::clone(&answers));
            connections.spawn(async move {
                match tls {
                    None => answer(stream, &answers).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            answer(stream, &answers).await;
                        }
                    }
                }
            });
        }
    });
    address
}

/// One request a connection. An answer that is shorter than it says is followed by silence.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, answers: &Answers) {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    let Some(answer) = answers(path) else { return std::future::pending().await };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.flush().await;
    if path == "/slow" {
        std::future::pending::<()>().await;
    }
    let _ = stream.shutdown().await;
}

/// A TCP server that follows a script: `>` says a line, `<` waits for one, `tls` begins TLS.
pub async fn script(tasks: &Tasks, lines: &'static [&'static str], tls: Option<TlsAcceptor>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream: Box<dyn Both> = Box::new(stream);
            for line in lines {
                if *line == "tls" {
                    match tls.as_ref().unwrap().accept(stream).await {
                        Ok(secured) => stream = Box::new(secured),
                        Err(_) => {
                            stream = Box::new(tokio::io::empty());
                            break;
                        }
                    }
                } else if let Some(text) = line.strip_prefix('>') {
                    let _ = stream.write_all(format!("{text}\r\n").as_bytes()).await;
                    let _ = stream.flush().await;
                } else {
                    while stream.read_u8().await.is_ok_and(|byte| byte != b'\n') {}
                }
            }
            let _ = stream.shutdown().await;
        }
    });
    address
}

trait Both: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Both for S {}

/// A listener that never accepts more than its backlog, which is full: connecting to it takes forever.
pub async fn black_hole() -> (SocketAddr, impl Send) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let fill: Vec<_> = (0..4)
        .map(|_| {
            let filler = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            filler.set_nonblocking(true).unwrap();
            let _in_progress = filler.connect(&address.into());
            filler
        })
        .collect();
    (address, (socket, fill))
}

/// An address on which nobody listens.
pub async fn refused() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
