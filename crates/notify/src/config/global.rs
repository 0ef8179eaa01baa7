//! `global`: what receivers take where they say nothing themselves.

use crate::config::receivers::reading::{either, secret_url, tls_config, url};
use lgtm_client::{HttpClient, Tls};
use lgtm_settings::{Fields, Node, SecretSource};
use std::fmt;
use url::Url;

/// How long an alert lasts whose sender names no end and does not speak of it again.
const RESOLVE_TIMEOUT_MS: i64 = 5 * 60 * 1000;

/// A mail server's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl HostPort {
    /// Reads `host:port`; a missing host stays empty, a missing port is an error. The empty text is no address.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some((host, port)) = text.rsplit_once(':') else { return Err("the port is missing".to_owned()) };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if bare.is_none() && host.contains(':') {
            return Err("an IPv6 address stands in brackets: [::1]:25".to_owned());
        }
        let port = port.parse().map_err(|_| "the port is missing or no number up to 65535".to_owned())?;
        Ok(Some(Self { host: bare.unwrap_or(host).to_owned(), port }))
    }
}

/// Who we are to a mail server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmtpAuth {
    /// The user; without one there is no authentication.
    pub username: String,
    /// The password.
    pub password: Option<SecretSource>,
    /// The secret of CRAM-MD5.
    pub secret: Option<SecretSource>,
    /// On whose behalf (PLAIN).
    pub identity: String,
}

/// Mail settings that `email_configs` take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// The sender.
    pub from: String,
    /// How we introduce ourselves.
    pub hello: String,
    /// The server.
    pub smarthost: Option<HostPort>,
    /// Authentication.
    pub auth: SmtpAuth,
    /// Whether mail goes over TLS or not at all.
    pub require_tls: bool,
    /// TLS towards the server.
    pub tls: Tls,
    /// TLS from the first byte; when unset, on port 465 only.
    pub implicit_tls: Option<bool>,
}

/// All of `global`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// How long an alert lasts whose sender names no end and does not speak of it again.
    pub resolve_timeout_ms: i64,
    /// HTTP for every receiver without an `http_config` of its own.
    pub http: HttpClient,
    /// Mail.
    pub smtp: Smtp,
    /// Slack's webhook.
    pub slack_api_url: Option<SecretSource>,
    /// A Slack app's bot token.
    pub slack_app_token: Option<SecretSource>,
    /// Where a Slack app posts.
    pub slack_app_url: Option<Url>,
    /// PagerDuty's Events API v2.
    pub pagerduty_url: Option<Url>,
    /// Opsgenie's API.
    pub opsgenie_api_url: Option<Url>,
    /// Opsgenie's key.
    pub opsgenie_api_key: Option<SecretSource>,
    /// WeChat's API.
    pub wechat_api_url: Option<Url>,
    /// WeChat's secret.
    pub wechat_api_secret: Option<SecretSource>,
    /// The company at WeChat.
    pub wechat_api_corp_id: String,
    /// VictorOps' API.
    pub victorops_api_url: Option<Url>,
    /// VictorOps' key.
    pub victorops_api_key: Option<SecretSource>,
    /// Telegram's API.
    pub telegram_api_url: Option<Url>,
    /// A Telegram bot's token.
    pub telegram_bot_token: Option<SecretSource>,
    /// Webex' API.
    pub webex_api_url: Option<Url>,
    /// A Rocket.Chat server.
    pub rocketchat_api_url: Option<Url>,
    /// Rocket.Chat's token.
    pub rocketchat_token: Option<SecretSource>,
    /// Rocket.Chat's user.
    pub rocketchat_token_id: Option<SecretSource>,
    /// Mattermost's webhook.
    pub mattermost_webhook_url: Option<SecretSource>,
    /// Jira's API.
    pub jira_api_url: Option<Url>,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            resolve_timeout_ms: RESOLVE_TIMEOUT_MS,
            http: HttpClient::default(),
            smtp: Smtp {
                from: String::new(),
                hello: "localhost".to_owned(),
                smarthost: None,
                auth: SmtpAuth::default(),
                require_tls: true,
                tls: Tls::default(),
                implicit_tls: None,
            },
            slack_api_url: None,
            slack_app_token: None,
            slack_app_url: Url::parse("https://slack.com/api/chat.postMessage").ok(),
            pagerduty_url: Url::parse("https://events.pagerduty.com/v2/enqueue").ok(),
            opsgenie_api_url: Url::parse("https://api.opsgenie.com/").ok(),
            opsgenie_api_key: None,
            wechat_api_url: Url::parse("https://qyapi.weixin.qq.com/cgi-bin/").ok(),
            wechat_api_secret: None,
            wechat_api_corp_id: String::new(),
            victorops_api_url: Url::parse("https://alert.victorops.com/integrations/generic/20131114/alert/").ok(),
            victorops_api_key: None,
            telegram_api_url: Url::parse("https://api.telegram.org").ok(),
            telegram_bot_token: None,
            webex_api_url: Url::parse("https://webexapis.com/v1/messages").ok(),
            rocketchat_api_url: Url::parse("https://open.rocket.chat/").ok(),
            rocketchat_token: None,
            rocketchat_token_id: None,
            mattermost_webhook_url: None,
            jira_api_url: None,
        }
    }
}

impl Global {
    /// Reads the map `global`. Problems are noted there.
    pub fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let mut global = Self {
                resolve_timeout_ms: fields.or("resolve_timeout", RESOLVE_TIMEOUT_MS, |node| node.duration_ms()),
                http: fields.or_default("http_config", |node| node.map(|fields| Some(HttpClient::read(fields)))),
                smtp: smtp(fields),
                slack_api_url: either(fields, "slack_api_url", "slack_api_url_file", secret_url),
                slack_app_token: secret(fields, "slack_app_token", "slack_app_token_file"),
                opsgenie_api_key: secret(fields, "opsgenie_api_key", "opsgenie_api_key_file"),
                wechat_api_secret: secret(fields, "wechat_api_secret", "wechat_api_secret_file"),
                wechat_api_corp_id: fields.or_default("wechat_api_corp_id", |node| node.string()),
                victorops_api_key: secret(fields, "victorops_api_key", "victorops_api_key_file"),
                telegram_bot_token: secret(fields, "telegram_bot_token", "telegram_bot_token_file"),
                rocketchat_token: secret(fields, "rocketchat_token", "rocketchat_token_file"),
                rocketchat_token_id: secret(fields, "rocketchat_token_id", "rocketchat_token_id_file"),
                mattermost_webhook_url: either(
                    fields,
                    "mattermost_webhook_url",
                    "mattermost_webhook_url_file",
                    secret_url,
                ),
                ..Self::default()
            };
            global.urls(fields);
            global.check_slack(fields);
            Some(global)
        })
    }

    fn urls(&mut self, fields: &mut Fields<'_>) {
        let places = [
            ("slack_app_url", &mut self.slack_app_url),
            ("pagerduty_url", &mut self.pagerduty_url),
            ("opsgenie_api_url", &mut self.opsgenie_api_url),
            ("wechat_api_url", &mut self.wechat_api_url),
            ("victorops_api_url", &mut self.victorops_api_url),
            ("telegram_api_url", &mut self.telegram_api_url),
            ("webex_api_url", &mut self.webex_api_url),
            ("rocketchat_api_url", &mut self.rocketchat_api_url),
            ("jira_api_url", &mut self.jira_api_url),
        ];
        for (name, place) in places {
            if let Some(url) = fields.optional(name, url) {
                *place = Some(url);
            }
        }
    }

    /// Both are allowed only in the one form in which people had to write it before there were app tokens.
    fn check_slack(&self, fields: &Fields<'_>) {
        let same = match (&self.slack_api_url, &self.slack_app_url) {
            (Some(SecretSource::Inline(url)), Some(app_url)) => url.expose() == app_url.as_str(),
            _ => false,
        };
        if self.slack_app_token.is_some() && self.slack_api_url.is_some() && !same {
            fields.node().problem(
                "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured",
            );
        }
    }
}

fn secret(fields: &mut Fields<'_>, name: &'static str, file_name: &'static str) -> Option<SecretSource> {
    either(fields, name, file_name, |node| node.string())
}

fn smtp(fields: &mut Fields<'_>) -> Smtp {
    let smarthost = fields.optional("smtp_smarthost", smarthost).flatten();
    Smtp {
        from: fields.or_default("smtp_from", |node| node.string()),
        hello: fields.or("smtp_hello", "localhost".to_owned(), |node| node.string()),
        smarthost,
        auth: SmtpAuth {
            username: fields.or_default("smtp_auth_username", |node| node.string()),
            password: secret(fields, "smtp_auth_password", "smtp_auth_password_file"),
            secret: secret(fields, "smtp_auth_secret", "smtp_auth_secret_file"),
            identity: fields.or_default("smtp_auth_identity", |node| node.string()),
        },
        require_tls: fields.or("smtp_require_tls", true, |node| node.bool()),
        tls: tls_config(fields, "smtp_tls_config").unwrap_or_default(),
        implicit_tls: fields.optional("smtp_force_implicit_tls", |node| node.bool()),
    }
}

/// A mail server's `host:port`; the empty text is none.
pub(crate) fn smarthost(node: Node<'_>) -> Option<Option<HostPort>> {
    node.parse("an address such as localhost:25", HostPort::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_settings::read_text;

    #[test]
    fn addresses_of_mail_servers() {
        let parse = |text| HostPort::parse(text).map(|address| address.map(|address| address.to_string()));
        assert_eq!(parse(""), Ok(None));
        assert_eq!(parse("[fd12::1]:25"), Ok(Some("[fd12::1]:25".to_owned())));
        assert_eq!(parse(":25"), Ok(Some(":25".to_owned())));
        for text in ["localhost", "localhost:", "fd12::1:25"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_and_a_webhook_exclude_each_other_unless_the_url_is_the_apps() {
        let read = |url: &str| {
            let text = format!("slack_app_token: xoxb-1\nslack_api_url: {url}\n");
            read_text("a.yml", &text, Global::read).map(|reading| reading.value.slack_app_token.is_some())
        };
        assert!(read("https://hooks.example.org/x").is_err());
        assert_eq!(read("https://slack.com/api/chat.postMessage").ok(), Some(true));
    }
}
