//! Mail: one message a notification over SMTP, in HTML and text.

use super::With;
use super::post::load;
use super::rendering::{Rendering, key_hash};
use crate::config::receivers::email::{EmailConfig, Threading, addresses};
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Identity, Tls, TlsParameters, TlsVersion};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use lgtm_client::chain;
use lgtm_model::TimestampNs;
use lgtm_settings::SecretSource;
use lgtm_template::Time;
use std::time::{Duration, UNIX_EPOCH};

/// How long a server may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The port on which TLS begins with the first byte.
const IMPLICIT_TLS_PORT: u16 = 465;

pub(super) struct Email {
    config: EmailConfig,
    with: With,
}

impl Email {
    pub fn new(config: &EmailConfig, with: &With) -> Result<Self, String> {
        let email = Self { config: config.clone(), with: with.clone() };
        // Keys and certificates that cannot be used are found now.
        email.tls()?;
        Ok(email)
    }

    fn tls(&self) -> Result<Tls, String> {
        let implicit = self.config.implicit_tls.unwrap_or(self.config.smarthost.port == IMPLICIT_TLS_PORT);
        Ok(match (implicit, self.config.require_tls) {
            (true, _) => Tls::Wrapper(self.tls_parameters()?),
            (false, true) => Tls::Required(self.tls_parameters()?),
            (false, false) => Tls::None,
        })
    }

    fn tls_parameters(&self) -> Result<TlsParameters, String> {
        let tls = &self.config.tls;
        let name = if tls.server_name.is_empty() { &self.config.smarthost.host } else { &tls.server_name };
        let mut parameters =
            TlsParameters::builder(name.clone()).dangerous_accept_invalid_certs(tls.insecure_skip_verify);
        if tls.min_version == Some(lgtm_client::TlsVersion::V13) {
            parameters = parameters.set_min_tls_version(TlsVersion::Tlsv13);
        }
        if let Some(ca) = &tls.ca {
            let certificate = Certificate::from_pem(public(ca)?.as_bytes());
            parameters = parameters.add_root_certificate(certificate.map_err(|error| chain(&error))?);
        }
        if let Some((certificate, key)) = &tls.identity {
            let key = key.load().map_err(|error| error.to_string())?;
            let identity = Identity::from_pem(public(certificate)?.as_bytes(), key.expose().as_bytes());
            parameters = parameters.identify_with(identity.map_err(|error| chain(&error))?);
        }
        parameters.build_rustls().map_err(|error| chain(&error))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, NotifyError> {
        let config = &self.config;
        let host = if config.smarthost.host.is_empty() { "localhost" } else { &config.smarthost.host };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(config.smarthost.port)
            .timeout(Some(TIMEOUT))
            .tls(self.tls().map_err(NotifyError::Temporary)?);
        if !config.hello.is_empty() {
            builder = builder.hello_name(ClientId::Domain(config.hello.clone()));
        }
        if let (false, Some(password)) = (config.auth.username.is_empty(), &config.auth.password) {
            builder = builder.credentials(Credentials::new(config.auth.username.clone(), load(password)?));
        }
        Ok(builder.build())
    }

    fn message(&self, notification: &Notification) -> Result<Message, NotifyError> {
        let config = &self.config;
        let mut rendering = Rendering::new(notification, &self.with);
        let (from, to) = (rendering.text(&config.from), rendering.text(&config.to));
        let (text, html) = (rendering.text(&config.text), rendering.html(&config.html));
        let headers: Vec<(&str, String)> =
            config.headers.iter().map(|(name, value)| (name.as_str(), rendering.text(value))).collect();
        rendering.finish()?;
        let date = UNIX_EPOCH + Duration::from_nanos(u64::try_from(notification.at.0).unwrap_or(0));
        let mut builder = Message::builder().envelope(envelope(&from, &to)?).date(date);
        for (name, value) in headers.into_iter().chain(self.identity(notification)) {
            // A line break in a value would begin a header of the alert's own choosing.
            let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let name = HeaderName::new_from_ascii(name.to_owned());
            let name = name.map_err(|_| NotifyError::Permanent("a header's name is no name".to_owned()))?;
            builder = builder.raw_header(HeaderValue::new(name, value.trim().to_owned()));
        }
        let parts = MultiPart::alternative();
        let parts = match (text.is_empty(), html.is_empty()) {
            (false, false) => parts.singlepart(SinglePart::plain(text)).singlepart(SinglePart::html(html)),
            (true, false) => parts.singlepart(SinglePart::html(html)),
            (_, true) => parts.singlepart(SinglePart::plain(text)),
        };
        builder.multipart(parts).map_err(|error| NotifyError::Permanent(format!("the mail cannot be made: {error}")))
    }

    /// The message's id, and what mail programs group by. The thread's first message is one that was never sent.
    fn identity(&self, notification: &Notification) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if !self.config.headers.iter().any(|(name, _)| name == "Message-Id") {
            let chance = self.with.random.in_range(0..u64::MAX);
            headers.push(("Message-Id", format!("<{}.{chance:x}@{}>", notification.at.0, self.domain())));
        }
        let day = match self.config.threading {
            Threading::Off => return headers,
            Threading::Group => String::new(),
            Threading::GroupAndDay => day(notification.at),
        };
        let hash = key_hash(notification);
        let root = format!("<alert-{}-{day}@alertmanager>", hash.get(..16).unwrap_or(&hash));
        headers.extend([("References", root.clone()), ("In-Reply-To", root)]);
        headers
    }

    fn domain(&self) -> &str {
        if self.config.hello.is_empty() { "localhost.localdomain" } else { &self.config.hello }
    }
}

fn day(at: TimestampNs) -> String {
    Time::from(at).format("2006-01-02")
}

fn envelope(from: &str, to: &str) -> Result<Envelope, NotifyError> {
    let wrong = |what: &str, error: String| NotifyError::Permanent(format!("parse '{what}' addresses: {error}"));
    let from: Vec<Address> =
        addresses(from).map_err(|error| wrong("from", error))?.into_iter().map(|one| one.email).collect();
    let [from] = from.as_slice() else {
        return Err(NotifyError::Permanent(format!("must be exactly one 'from' address (got: {})", from.len())));
    };
    let to: Vec<Address> =
        addresses(to).map_err(|error| wrong("to", error))?.into_iter().map(|one| one.email).collect();
    Envelope::new(Some(from.clone()), to).map_err(|error| wrong("to", error.to_string()))
}

/// Certificates are no secrets and often readable by all.
fn public(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::File(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("certificate {path:?} cannot be read: {error}"))
        }
        SecretSource::Inline(secret) => Ok(secret.expose().to_owned()),
    }
}

#[async_trait]
impl Integration for Email {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn sends_resolved(&self) -> bool {
        self.config.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let message = self.message(notification)?;
        let sent = self.transport()?.send(message).await;
        match sent {
            Ok(_) => Ok(Receipt::default()),
            // A server says with 5xx that it will never take this; anything else may pass.
            Err(error) if error.is_permanent() => Err(NotifyError::Permanent(chain(&error))),
            Err(error) => Err(NotifyError::Temporary(chain(&error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{configured, notification, one};
    use lgtm_runtime::Tasks;
    use parking_lot::Mutex;
    use std::sync::Arc;
    use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    /// A mail server that writes down what it is told. It knows PLAIN, and refuses recipients named `nobody`.
    async fn server(tls: Option<TlsAcceptor>) -> (u16, Arc<Mutex<Vec<String>>>, Tasks) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (told, tasks) = (Arc::clone(&lines), Tasks::default());
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &tls {
                    None => talk(stream, &told).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            talk(stream, &told).await;
                        }
                    }
                }
            }
        });
        (port, lines, tasks)
    }

    async fn talk(stream: impl AsyncRead + AsyncWrite, told: &Mutex<Vec<String>>) {
        let (read, mut write) = tokio::io::split(stream);
        let mut read = BufReader::new(Box::pin(read)).lines();
        let mut in_data = false;
        let _greeted = write.write_all(b"220 fake ESMTP\r\n").await;
        while let Ok(Some(line)) = read.next_line().await {
            let answer = match (in_data, line.as_str()) {
                (true, ".") => {
                    in_data = false;
                    "250 taken\r\n"
                }
                (true, _) => "",
                (_, line) if line.starts_with("EHLO") => "250-fake\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
                (_, line) if line.starts_with("AUTH") => "235 welcome\r\n",
                (_, line) if line.contains("<nobody@") => "550 no such user\r\n",
                (_, "DATA") => {
                    in_data = true;
                    "354 go on\r\n"
                }
                (_, "QUIT") => "221 bye\r\n",
                _ => "250 ok\r\n",
            };
            told.lock().push(line);
            if write.write_all(answer.as_bytes()).await.is_err() || write.flush().await.is_err() {
                break;
            }
        }
    }

    #[tokio::test]
    async fn over_tls_the_server_must_show_the_certificate_that_is_asked_for() {
        let pair = rcgen::generate_simple_self_signed(["mail.example.org".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pair.cert.der().clone()], key)
            .unwrap();
        let (port, lines, _tasks) = server(Some(TlsAcceptor::from(Arc::new(config)))).await;
        let directory = tempfile::tempdir().unwrap();
        let ca = directory.path().join("ca.pem");
        std::fs::write(&ca, pair.cert.pem()).unwrap();
        let with = |name: &str| {
            let tls = format!("tls_config: {{ca_file: '{}', server_name: {name}}}", ca.display());
            mail(port, "a@example.org", &format!("  force_implicit_tls: true\n  {tls}\n"))
        };
        let firing = notification(&[("firing", "a")]);
        with("mail.example.org").notify(&firing, None).await.unwrap();
        assert!(lines.lock().iter().any(|line| line.contains("RCPT TO:<a@example.org>")));
        let error = with("other.example.org").notify(&firing, None).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Temporary(text) if text.contains("certificate")), "{error:?}");
    }

    fn mail(port: u16, to: &str, more: &str) -> Arc<dyn Integration> {
        one(&format!(
            "email_configs:\n- to: '{to}'\n  from: 'lgtm <lgtm@example.org>'\n  smarthost: 127.0.0.1:{port}\n  require_tls: false\n{more}"
        ))
    }

    #[tokio::test]
    async fn a_mail_with_text_and_html_in_a_thread() {
        let (port, lines, _tasks) = server(None).await;
        let more = "  hello: me.example.org\n  auth_username: u\n  auth_password: p\n  text: '{{ template \"__subject\" . }}'\n  \
                    headers: {x-severity: '{{ .CommonLabels.severity }}'}\n  threading: {enabled: true, thread_by_date: daily}\n";
        mail(port, "a@example.org, ,b@example.org", more)
            .notify(&notification(&[("firing", "app-1")]), None)
            .await
            .unwrap();
        let lines = lines.lock().join("\n");
        for part in [
            "EHLO me.example.org",
            "AUTH PLAIN AHUAcA==",
            "MAIL FROM:<lgtm@example.org>",
            "RCPT TO:<a@example.org>",
            "RCPT TO:<b@example.org>",
            "Subject: [FIRING:1] HighCpu, critical, app-1",
            "X-Severity: critical",
            "From: lgtm <lgtm@example.org>",
            "Date: Fri, 02 Jan 2026 03:09:05 +0000",
            "@alertmanager>",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "Runbook",
        ] {
            assert!(lines.contains(part), "{part:?} is missing in {lines}");
        }
        assert!(lines.contains("In-Reply-To: <alert-") && lines.contains("-2026-01-02@alertmanager>"), "{lines}");
    }

    #[tokio::test]
    async fn a_refused_recipient_is_for_good_and_a_server_without_tls_may_yet_learn_it() {
        let (port, _lines, _tasks) = server(None).await;
        let firing = notification(&[("firing", "a")]);
        let error = mail(port, "nobody@example.org", "").notify(&firing, None).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Permanent(text) if text.contains("no such user")), "{error:?}");
        let strict =
            one(&format!("email_configs: [{{to: a@example.org, from: b@example.org, smarthost: '127.0.0.1:{port}'}}]"));
        let error = strict.notify(&firing, None).await.unwrap_err();
        assert!(error.to_string().to_lowercase().contains("tls"), "{error}");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_when_it_is_read() {
        let problems = |text: &str| {
            configured(&format!("email_configs: [{{from: a@x, smarthost: 'x:25', {text}}}]"))
                .map(|made| made.len())
                .unwrap_err()
        };
        assert!(problems("to: ''").contains("missing to address"));
        assert!(problems("to: 'a@'").contains("no list of mail addresses"));
        assert!(problems("to: a@x, headers: {Subject: a, sUbject: b}").contains("duplicate header \"Subject\""));
        assert!(problems("to: a@x, threading: {enabled: true}").contains("thread_by_date"));
        assert!(problems("to: a@x, auth_username: u, auth_secret: s").contains("CRAM-MD5"));
        assert!(problems("to: a@x, html: '{{ .Satus }}'").contains("Satus"));
    }
}
