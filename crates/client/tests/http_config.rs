//! Upstream's HTTP configurations, and what the client does with them against servers of our own.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use axum::{Json, Router};
use lgtm_client::{HttpClient, HttpSender, Tls};
use lgtm_runtime::Tasks;
use lgtm_settings::{Secret, SecretSource, read_file, read_text};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// Files that say nothing about the configuration alone: upstream's tests load them with more than one file.
const APART: [(&str, &str); 2] = [
    ("http.conf.basic-auth.ref.yaml", "secrets by reference need a secret manager, which there is none of"),
    ("http.conf.invalid-bearer-token-file.bad.yml", "loads upstream too; the request fails"),
];

#[test]
fn verdicts_are_upstreams() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("skipped: HTTP configurations (LGTM_CONFORMANCE is not set)");
        return;
    };
    let root = Path::new(&root).join("prom-config/http-client");
    let bad = std::fs::read_to_string(root.join("bad_expected_errors.tsv")).unwrap();
    let bad: Vec<&str> =
        bad.lines().skip(1).filter_map(|line| line.split('\t').next()?.strip_prefix("testdata/")).collect();
    let mut names: Vec<String> = std::fs::read_dir(root.join("testdata"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json"))
        .collect();
    names.sort();
    let (mut agreed, mut wrong) = (0, Vec::new());
    for name in &names {
        if let Some((_, reason)) = APART.iter().find(|(apart, _)| apart == name) {
            eprintln!("apart: {name}: {reason}");
            continue;
        }
        let good = !name.contains(".bad.") && !bad.contains(&name.as_str());
        let path = root.join("testdata").join(name);
        let tls = name.starts_with("tls_config");
        let read = read_file(&path, |node| match tls {
            true => Tls::read(node).map(drop),
            false => node.map(|fields| Some(HttpClient::read(fields))).map(drop),
        });
        match read.is_ok() == good {
            true => agreed += 1,
            false => wrong.push(format!("{name}: {:?}", read.err().map(|problems| problems.to_string()))),
        }
    }
    eprintln!("HTTP configurations: {agreed} of {} agree", names.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed > 25, "{agreed}");
}

fn client(text: &str) -> HttpSender {
    let config = read_text("a.yml", text, |node| node.map(|fields| Some(HttpClient::read(fields)))).unwrap().value;
    HttpSender::new(&config).unwrap()
}

/// Runs until the test's own runtime ends.
fn in_background(task: impl Future<Output = ()> + Send + 'static) {
    let tasks = Tasks::default();
    tasks.spawn(task);
    std::mem::forget(tasks);
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    in_background(async move {
        let _ended = axum::serve(listener, router).await;
    });
    format!("http://{address}")
}

async fn get(client: &HttpSender, url: &str) -> Result<String, String> {
    let answer = client.send(client.request(reqwest::Method::GET, url)).await?;
    answer.text().await.map_err(|error| error.to_string())
}

/// Gives out tokens `1`, `2`, …, to those who know the secret, and says what it was sent with.
async fn token_server(lifetime_s: u64, in_form_only: bool) -> (String, Arc<AtomicUsize>) {
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let tokens = move |headers: HeaderMap, form: String| async move {
        let in_header = headers.contains_key("authorization");
        let known = if in_header { !in_form_only } else { form.contains("client_secret=s%26cret") };
        if !known || !form.contains("grant_type=client_credentials") || !form.contains("scope=a+b") {
            return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"})));
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        (StatusCode::OK, Json(json!({"access_token": number.to_string(), "expires_in": lifetime_s})))
    };
    let seen = |headers: HeaderMap| async move {
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    (serve(Router::new().route("/token", post(tokens)).route("/", any(seen))).await, given)
}

#[tokio::test]
async fn tokens_are_kept_until_they_expire() {
    for (lifetime_s, in_form_only, want) in [(3600, false, 1), (3600, true, 1), (5, false, 3)] {
        let (url, given) = token_server(lifetime_s, in_form_only).await;
        let text =
            format!("oauth2: {{client_id: me, client_secret: 's&cret', scopes: [a, b], token_url: '{url}/token'}}\n");
        let client = client(&text);
        for _ in 0..3 {
            assert!(get(&client, &url).await.unwrap().starts_with("Bearer "));
        }
        assert_eq!(given.load(Ordering::SeqCst), want, "lifetime {lifetime_s}");
    }
}

#[tokio::test]
async fn a_refused_token_names_the_reason_and_no_secret() {
    let (url, _) = token_server(3600, true).await;
    let text =
        format!("oauth2: {{client_id: me, client_secret: wrong-one, scopes: [a, b], token_url: '{url}/token'}}\n");
    let error = get(&client(&text), &url).await.unwrap_err();
    assert!(error.contains("401") && error.contains("invalid_client") && !error.contains("wrong-one"), "{error}");
}

#[tokio::test]
async fn a_proxy_is_asked_except_for_those_without() {
    let asked = |request: Request| async move { format!("asked for {}", request.uri()) };
    let proxy = serve(Router::new().fallback(asked)).await;
    let through = client(&format!("proxy_url: {proxy}\nno_proxy: 127.0.0.1,direct.example.org\n"));
    assert_eq!(get(&through, "http://target.invalid/x").await.unwrap(), "asked for http://target.invalid/x");
    let target = serve(Router::new().route("/", any(|| async { "target" }))).await;
    assert_eq!(get(&through, &target).await.unwrap(), "target");
}

#[tokio::test]
async fn errors_of_secret_urls_do_not_name_them() {
    let client = client("{}");
    let request = client.request(reqwest::Method::GET, "http://127.0.0.1:1/services/T0/SECRET");
    let error = client.send_secretly(request).await.unwrap_err();
    assert!(!error.contains("SECRET") && !error.is_empty(), "{error}");
}

/// Answers every connection over TLS with a certificate of this name; gives the address and the certificate.
async fn tls_server(name: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let pair = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    in_background(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 1024];
            let _read = stream.read(&mut buffer).await;
            let _written =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
            let _closed = stream.shutdown().await;
        }
    });
    (port, pair.cert.pem())
}

#[tokio::test]
async fn certificates_are_checked_against_the_name_that_is_configured() {
    let (port, certificate) = tls_server("inside.example.org").await;
    let url = format!("https://127.0.0.1:{port}/");
    let with = |server_name: &str, insecure: bool| {
        let config = HttpClient {
            tls: Tls {
                ca: Some(SecretSource::Inline(Secret::new(certificate.clone()))),
                server_name: server_name.to_owned(),
                insecure_skip_verify: insecure,
                ..Tls::default()
            },
            ..HttpClient::default()
        };
        HttpSender::new(&config).unwrap()
    };
    assert!(get(&with("", false), &url).await.is_err());
    assert!(get(&with("other.example.org", false), &url).await.is_err());
    assert_eq!(get(&with("inside.example.org", false), &url).await, Ok("ok".to_owned()));
    assert_eq!(get(&with("", true), &url).await, Ok("ok".to_owned()));
}
