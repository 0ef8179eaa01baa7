//! Settings as YAML, for people to look at: in the order of the field's own documentation, what is not set left out,
//! secrets hidden.

use lgtm_client::{Auth, HeaderValue, HttpClient, Tls, TlsVersion};
use lgtm_settings::SecretSource;
use std::fmt::Display;

/// What stands for a secret.
const HIDDEN: &str = "<secret>";

/// A map in the making.
#[derive(Debug, Default)]
pub(crate) struct Yaml {
    text: String,
}

impl Yaml {
    /// A field with a text, unless it is empty.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text.push_str(&format!("{}: {}\n", scalar(name), scalar(value)));
        }
    }

    /// A field with a number or whatever needs no quotes.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) {
        self.text.push_str(&format!("{}: {value}\n", scalar(name)));
    }

    /// A field with a boolean, unless it is false.
    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.plain(name, value);
        }
    }

    /// A field with a list, unless it is empty.
    pub(crate) fn list(&mut self, name: &str, items: impl IntoIterator<Item = impl AsRef<str>>) {
        let items: Vec<String> = items.into_iter().map(|item| format!("- {}\n", scalar(item.as_ref()))).collect();
        if !items.is_empty() {
            self.text.push_str(&format!("{}:\n{}", scalar(name), items.concat()));
        }
    }

    /// A field with a map, unless it is empty.
    pub(crate) fn map(&mut self, name: &str, fields: Yaml) {
        if !fields.text.is_empty() {
            self.text.push_str(&under(name, &fields.text));
        }
    }

    /// A field with a list of maps, unless it is empty.
    pub(crate) fn maps(&mut self, name: &str, items: Vec<Yaml>) {
        if items.is_empty() {
            return;
        }
        self.text.push_str(&format!("{}:\n", scalar(name)));
        for item in items {
            let text = if item.text.is_empty() { "{}\n".to_owned() } else { item.text };
            for (index, line) in text.lines().enumerate() {
                self.text.push_str(&format!("{}{line}\n", if index == 0 { "- " } else { "  " }));
            }
        }
    }

    /// A field with a secret.
    pub(crate) fn secret(&mut self, name: &str, source: &SecretSource) {
        match source {
            SecretSource::Inline(_) => self.plain(name, HIDDEN),
            SecretSource::File(path) => self.text(&format!("{name}_file"), &path.display().to_string()),
        }
    }

    pub(crate) fn tls(&mut self, tls: &Tls) {
        let mut fields = Yaml::default();
        if let Some(ca) = &tls.ca {
            fields.secret("ca", ca);
        }
        if let Some((certificate, key)) = &tls.identity {
            fields.secret("cert", certificate);
            fields.secret("key", key);
        }
        fields.text("server_name", &tls.server_name);
        fields.plain("insecure_skip_verify", tls.insecure_skip_verify);
        for (name, version) in [("min_version", tls.min_version), ("max_version", tls.max_version)] {
            fields.text(name, version.map_or("", version_name));
        }
        self.map("tls_config", fields);
    }

    pub(crate) fn client(&mut self, client: &HttpClient) {
        self.auth(&client.auth);
        if client.tls != Tls::default() {
            self.tls(&client.tls);
        }
        self.flag("follow_redirects", client.follow_redirects);
        self.flag("enable_http2", client.http2);
        self.headers("http_headers", &client.headers);
        if let Some(proxy) = &client.proxy {
            match proxy.url.as_ref().map(|url| url.load()) {
                Some(url) => self.text("proxy_url", &url.map_or(String::new(), |url| without_password(url.expose()))),
                None => self.flag("proxy_from_environment", true),
            }
            self.text("no_proxy", &proxy.no_proxy);
            let mut headers = Yaml::default();
            proxy.connect_headers.iter().for_each(|(name, _)| headers.list(name, [HIDDEN]));
            self.map("proxy_connect_header", headers);
        }
    }

    /// Headers as `http_headers` has them.
    pub(crate) fn headers(&mut self, name: &str, headers: &[(String, HeaderValue)]) {
        let mut fields = Yaml::default();
        for (name, value) in headers {
            let mut field = Yaml::default();
            match value {
                HeaderValue::Plain(text) => field.list("values", [text]),
                HeaderValue::Secret(SecretSource::Inline(_)) => field.list("secrets", [HIDDEN]),
                HeaderValue::Secret(SecretSource::File(path)) => field.list("files", [path.display().to_string()]),
            }
            fields.map(name, field);
        }
        self.map(name, fields);
    }

    fn auth(&mut self, auth: &Auth) {
        let mut fields = Yaml::default();
        match auth {
            Auth::None => {}
            Auth::Basic { username, password } => {
                match username {
                    SecretSource::Inline(name) => fields.text("username", name.expose()),
                    SecretSource::File(path) => fields.text("username_file", &path.display().to_string()),
                }
                password.iter().for_each(|password| fields.secret("password", password));
                self.map("basic_auth", fields);
            }
            Auth::Header { scheme, credentials } => {
                fields.text("type", scheme);
                credentials.iter().for_each(|credentials| fields.secret("credentials", credentials));
                self.map("authorization", fields);
            }
            Auth::OAuth2(oauth2) => {
                fields.text("client_id", &oauth2.client_id);
                oauth2.client_secret.iter().for_each(|secret| fields.secret("client_secret", secret));
                fields.list("scopes", &oauth2.scopes);
                fields.text("token_url", oauth2.token_url.as_str());
                let mut parameters = Yaml::default();
                // A grant by password would put one here.
                oauth2.endpoint_params.iter().for_each(|(name, _)| parameters.plain(name, HIDDEN));
                fields.map("endpoint_params", parameters);
                self.map("oauth2", fields);
            }
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// A field whose value is a block of further lines.
pub(crate) fn under(name: &str, block: &str) -> String {
    if block.is_empty() {
        return format!("{}: {{}}\n", scalar(name));
    }
    let lines: Vec<String> = block.lines().map(|line| format!("  {line}\n")).collect();
    format!("{}:\n{}", scalar(name), lines.concat())
}

fn version_name(version: TlsVersion) -> &'static str {
    match version {
        TlsVersion::V10 => "TLS10",
        TlsVersion::V11 => "TLS11",
        TlsVersion::V12 => "TLS12",
        TlsVersion::V13 => "TLS13",
    }
}

fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            let _no_change_without_a_host = url.set_password(Some("xxxxx"));
            url.to_string()
        }
        _ => text.to_owned(),
    }
}

/// A text, in quotes where YAML would read something else.
fn scalar(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "_-./".contains(character);
    let is_word = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let is_duration = text.starts_with(|first: char| first.is_ascii_digit()) && text.ends_with(['s', 'm', 'h']);
    if (starts_well || is_duration) && !is_word && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        // JSON's strings are YAML's.
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn what_is_described_reads_back_and_holds_no_secret() {
        let text = "modules:\n  a:\n    prober: http\n    timeout: 5s\n    http:\n      method: POST\n      \
            valid_status_codes: [200, 404]\n      headers: {X-A: 'yes', Host: \"b: c\"}\n      body: \"{\\\"a\\\": 1}\"\n      \
            fail_if_header_matches: [{header: X-B, regexp: '.*', allow_missing: true}]\n      basic_auth: {username: u, password: hunter2}\n      \
            proxy_url: http://u:hunter2@127.0.0.1:3128\n      proxy_connect_header: {A: [hunter2]}\n      http_headers: {K: {secrets: [hunter2]}}\n  \
            b:\n    prober: tcp\n    tcp:\n      query_response: [{expect: '^(.*)$', send: 'x ${1}', labels: [{name: n, value: '${1}'}]}, {starttls: true}]\n  \
            c:\n    prober: dns\n    dns: {query_name: example.com, validate_answer_rrs: {fail_if_matches_regexp: ['a: b']}}\n";
        let first = Config::read_text("b.yml", text).unwrap().value.describe();
        assert!(!first.contains("hunter2"), "{first}");
        assert!(first.contains("password: <secret>"), "{first}");
        let again = Config::read_text("again.yml", &first).unwrap_or_else(|problems| panic!("{problems}\n{first}"));
        assert_eq!(again.value.describe(), first);
    }

    #[test]
    fn texts_are_quoted_only_where_they_must_be() {
        for (text, want) in [("GET", "GET"), ("yes", "\"yes\""), ("a: b", "\"a: b\""), ("5s", "5s"), ("5", "\"5\"")] {
            assert_eq!(scalar(text), want);
        }
    }
}
