//! `email_configs`: mail over SMTP.

use super::Context;
use super::reading::{Reader, reader, tls_config};
use crate::config::global::smarthost;
use crate::config::{HostPort, SmtpAuth};
use lettre::message::Mailboxes;
use lgtm_client::Tls;
use lgtm_settings::Node;

/// One list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailConfig {
    /// Whether groups that are over are told too.
    pub send_resolved: bool,
    /// Whom to write to: a template that gives addresses with commas between them.
    pub to: String,
    /// Who writes: a template that gives one address.
    pub from: String,
    /// How we introduce ourselves to the server.
    pub hello: String,
    /// The server.
    pub smarthost: HostPort,
    /// Authentication.
    pub auth: SmtpAuth,
    /// Headers in their canonical spelling; values are templates. `Subject`, `To` and `From` are always there.
    pub headers: Vec<(String, String)>,
    /// The body as HTML.
    pub html: String,
    /// The body as text.
    pub text: String,
    /// Whether mail goes over TLS or not at all.
    pub require_tls: bool,
    /// TLS towards the server.
    pub tls: Tls,
    /// TLS from the first byte; when unset, on port 465 only.
    pub implicit_tls: Option<bool>,
    /// Whether mails about one group are shown together.
    pub threading: Threading,
}

/// Which mails are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threading {
    /// Each stands alone.
    Off,
    /// All about one group.
    Group,
    /// All about one group on one day.
    GroupAndDay,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<EmailConfig> {
    reader(node, context, |reader| {
        let smtp = &context.global.smtp;
        let to = reader.text("to", "");
        check_to(reader, &to);
        let from = reader.text("from", &smtp.from);
        if from.is_empty() {
            reader.fields.problem_at("from", "no global SMTP from set: give from here or smtp_from in global");
        }
        let smarthost = reader.fields.optional("smarthost", smarthost).flatten().or_else(|| smtp.smarthost.clone());
        if smarthost.is_none() {
            let problem = "no global SMTP smarthost set: give smarthost here or smtp_smarthost in global";
            reader.fields.problem_at("smarthost", problem);
        }
        let threading = threading(reader);
        let headers = headers(reader, &from, &to, threading);
        let auth = auth(reader, &smtp.auth);
        Some(EmailConfig {
            send_resolved: reader.flag("send_resolved", false),
            hello: reader.fields.or("hello", smtp.hello.clone(), |node| node.string()),
            auth,
            headers,
            html: reader.html("html", "{{ template \"email.default.html\" . }}"),
            text: reader.text("text", ""),
            require_tls: reader.flag("require_tls", smtp.require_tls),
            tls: tls_config(reader.fields, "tls_config").unwrap_or_else(|| smtp.tls.clone()),
            implicit_tls: reader.fields.optional("force_implicit_tls", |node| node.bool()).or(smtp.implicit_tls),
            threading,
            to,
            from,
            smarthost: smarthost?,
        })
    })
}

fn check_to(reader: &Reader<'_, '_, '_>, to: &str) {
    if to.is_empty() {
        reader.fields.problem_at("to", "missing to address in email config");
    } else if !to.contains("{{") && addresses(to).is_err() {
        reader
            .fields
            .problem_at("to", format!("{to:?} is no list of mail addresses such as a@example.org, b@example.org"));
    }
}

/// Addresses with commas between them; empty places are passed over.
pub(crate) fn addresses(text: &str) -> Result<Mailboxes, String> {
    match text.parse::<Mailboxes>() {
        Ok(mailboxes) => Ok(mailboxes),
        Err(error) => {
            let written: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
            written.join(", ").parse().map_err(|_| error.to_string())
        }
    }
}

fn auth(reader: &mut Reader<'_, '_, '_>, global: &SmtpAuth) -> SmtpAuth {
    let auth = SmtpAuth {
        username: reader.fields.or("auth_username", global.username.clone(), |node| node.string()),
        password: reader.secret("auth_password", "auth_password_file").or_else(|| global.password.clone()),
        secret: reader.secret("auth_secret", "auth_secret_file").or_else(|| global.secret.clone()),
        identity: reader.fields.or("auth_identity", global.identity.clone(), |node| node.string()),
    };
    if !auth.username.is_empty() && auth.password.is_none() && auth.secret.is_some() {
        reader.fields.node().problem(
            "auth_secret alone means CRAM-MD5, which is not supported: give auth_password or auth_password_file, \
             which is sent over TLS with PLAIN or LOGIN",
        );
    }
    if !auth.identity.is_empty() && auth.identity != auth.username {
        reader.fields.node().warn("auth_identity has no effect: mail is sent on behalf of auth_username");
    }
    auth
}

fn threading(reader: &mut Reader<'_, '_, '_>) -> Threading {
    reader.fields.or("threading", Threading::Off, |node| {
        node.map(|fields| {
            let enabled = fields.or("enabled", false, |node| node.bool());
            let by = fields.or_default("thread_by_date", |node| node.string());
            Some(match (enabled, by.as_str()) {
                (false, _) => Threading::Off,
                (true, "none") => Threading::Group,
                (true, "daily") => Threading::GroupAndDay,
                (true, _) => {
                    let problem = "threading.thread_by_date must be either 'none' or 'daily'";
                    fields.problem_at("thread_by_date", problem);
                    return None;
                }
            })
        })
    })
}

fn headers(reader: &mut Reader<'_, '_, '_>, from: &str, to: &str, threading: Threading) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in reader.texts("headers") {
        let name = canonical(&name);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
            reader.fields.problem_at("headers", format!("{name:?} is no name of a header"));
            continue;
        }
        if headers.iter().any(|(known, _)| *known == name) {
            reader.fields.problem_at("headers", format!("duplicate header {name:?} in email config"));
        }
        if threading != Threading::Off && matches!(name.as_str(), "References" | "In-Reply-To") {
            let problem = format!("conflicting configuration: threading.enabled conflicts with custom {name} header");
            reader.fields.problem_at("headers", problem);
        }
        headers.push((name, value));
    }
    let defaults = [("Subject", "{{ template \"email.default.subject\" . }}"), ("To", to), ("From", from)];
    for (name, value) in defaults {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    headers
}

/// Upper case at the start and after each hyphen, lower case elsewhere.
fn canonical(name: &str) -> String {
    let mut start = true;
    let letter = |c: char| {
        let cased = if start { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        start = c == '-';
        cased
    };
    name.chars().map(letter).collect()
}
