//! The `http` section.

use super::describe::Yaml;
use super::{CelProgram, IpPreference, Pattern, is_acceptable};
use lgtm_client::HttpClient;
use lgtm_settings::{Fields, Node};
use std::path::PathBuf;

/// What an HTTP probe asks and expects.
#[derive(Clone, Debug, Default)]
pub struct HttpProbe {
    /// Statuses that are good; 2xx when there is none.
    pub valid_status_codes: Vec<u16>,
    /// Versions that are good, such as `HTTP/1.1`; all when there is none.
    pub valid_http_versions: Vec<String>,
    /// Which address is taken.
    pub ip: IpPreference,
    /// Whether a proxy resolves the name.
    pub skip_resolve_phase_with_proxy: bool,
    /// Fail over TLS.
    pub fail_if_ssl: bool,
    /// Fail without TLS.
    pub fail_if_not_ssl: bool,
    /// The method; GET when empty.
    pub method: String,
    /// Headers of the request.
    pub headers: Vec<(String, String)>,
    /// Fail when one of them matches the body.
    pub fail_if_body_matches: Vec<Pattern>,
    /// Fail when one of them does not match the body.
    pub fail_if_body_not_matches: Vec<Pattern>,
    /// Fail when it holds for the body's JSON.
    pub fail_if_cel: Option<CelProgram>,
    /// Fail when it does not hold for the body's JSON.
    pub fail_if_not_cel: Option<CelProgram>,
    /// Fail when a header matches.
    pub fail_if_header_matches: Vec<HeaderRule>,
    /// Fail when a header does not match.
    pub fail_if_header_not_matches: Vec<HeaderRule>,
    /// The request's body.
    pub body: String,
    /// The file that the request's body is in.
    pub body_file: Option<PathBuf>,
    /// How the answer's body is packed; it is taken as it is when empty.
    pub compression: String,
    /// Bytes of the unpacked body that are read at most; no limit when zero.
    pub body_size_limit: u64,
    /// Authentication, TLS, proxy, redirects.
    pub client: HttpClient,
    /// Whether the module asks for HTTP/3.
    pub http3: bool,
}

/// What a header must or must not be.
#[derive(Clone, Debug)]
pub struct HeaderRule {
    /// Its name.
    pub header: String,
    /// What its value is held against.
    pub pattern: Pattern,
    /// Whether an absent header is good.
    pub allow_missing: bool,
}

const COMPRESSIONS: [(&str, &str); 5] =
    [("", ""), ("gzip", "gzip"), ("br", "br"), ("deflate", "deflate"), ("identity", "identity")];

impl HttpProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let mut client = HttpClient::read(fields);
            if let Some(stop) = fields.optional("no_follow_redirects", |node| node.bool()) {
                fields.warn_at("no_follow_redirects", "is old; write follow_redirects");
                client.follow_redirects = !stop;
            }
            let probe = Self {
                valid_status_codes: fields.or_default("valid_status_codes", |node| node.list(status)),
                valid_http_versions: fields.or_default("valid_http_versions", |node| node.list(|item| item.string())),
                ip: IpPreference::read(fields),
                skip_resolve_phase_with_proxy: fields.or("skip_resolve_phase_with_proxy", false, |node| node.bool()),
                fail_if_ssl: fields.or("fail_if_ssl", false, |node| node.bool()),
                fail_if_not_ssl: fields.or("fail_if_not_ssl", false, |node| node.bool()),
                method: fields.or_default("method", method),
                headers: fields.or_default("headers", headers),
                fail_if_body_matches: fields.or_default("fail_if_body_matches_regexp", Pattern::list),
                fail_if_body_not_matches: fields.or_default("fail_if_body_not_matches_regexp", Pattern::list),
                fail_if_cel: fields.optional("fail_if_body_json_matches_cel", CelProgram::read),
                fail_if_not_cel: fields.optional("fail_if_body_json_not_matches_cel", CelProgram::read),
                fail_if_header_matches: fields.or_default("fail_if_header_matches", rules),
                fail_if_header_not_matches: fields.or_default("fail_if_header_not_matches", rules),
                body: fields.or_default("body", |node| node.string()),
                body_file: fields.optional("body_file", |node| node.path()),
                compression: fields.or("compression", "", |node| node.one_of(&COMPRESSIONS)).to_owned(),
                body_size_limit: fields.or("body_size_limit", 0, |node| node.size_bytes()),
                http3: fields.or("enable_http3", false, |node| node.bool()),
                client,
            };
            probe.check(fields);
            Some(probe)
        })
    }

    /// Rules that concern several fields.
    fn check(&self, fields: &Fields<'_>) {
        if !self.body.is_empty() && self.body_file.is_some() {
            fields.problem_at("body_file", "setting body and body_file both is not allowed");
        }
        let accepted = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
        if let Some((name, accepted)) = accepted
            && !is_acceptable(&self.compression, accepted)
        {
            let reason = format!("{name:?} does not let the server answer with compression {:?}", self.compression);
            fields.problem_at("compression", format!("{reason}: {accepted:?}"));
        }
        let names = |version: &str| self.valid_http_versions.iter().any(|named| named == version);
        if !self.http3 && names("HTTP/3.0") {
            fields.problem_at("valid_http_versions", "HTTP/3.0 is never answered while enable_http3 is false");
        }
        if self.http3 && (names("HTTP/2.0") || names("HTTP/1.1")) {
            fields.problem_at("valid_http_versions", "with enable_http3 only HTTP/3.0 can be answered");
        }
        if self.http3 && self.client.http2 {
            fields.problem_at("enable_http3", "with enable_http3, enable_http2 must be set to false");
        } else if self.http3 {
            fields.warn_at("enable_http3", "HTTP/3 is not spoken yet: probes of this module fail and say so");
        }
        let known = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"];
        for version in self.valid_http_versions.iter().filter(|version| !known.contains(&version.as_str())) {
            let names = known.join(", ");
            fields.warn_at("valid_http_versions", format!("{version:?} is never answered; versions are {names}"));
        }
    }

    /// Whether the body must be read to be judged.
    pub(crate) fn judges_body(&self) -> bool {
        !self.fail_if_body_matches.is_empty() || !self.fail_if_body_not_matches.is_empty() || self.judges_json()
    }

    pub(crate) fn judges_json(&self) -> bool {
        self.fail_if_cel.is_some() || self.fail_if_not_cel.is_some()
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        if !self.valid_status_codes.is_empty() {
            yaml.plain("valid_status_codes", format!("{:?}", self.valid_status_codes));
        }
        yaml.list("valid_http_versions", &self.valid_http_versions);
        self.ip.describe(&mut yaml);
        yaml.flag("skip_resolve_phase_with_proxy", self.skip_resolve_phase_with_proxy);
        yaml.flag("fail_if_ssl", self.fail_if_ssl);
        yaml.flag("fail_if_not_ssl", self.fail_if_not_ssl);
        yaml.text("method", &self.method);
        let mut headers = Yaml::default();
        self.headers.iter().for_each(|(name, value)| headers.text(name, value));
        yaml.map("headers", headers);
        let texts = |patterns: &[Pattern]| patterns.iter().map(Pattern::to_string).collect::<Vec<_>>();
        yaml.list("fail_if_body_matches_regexp", texts(&self.fail_if_body_matches));
        yaml.list("fail_if_body_not_matches_regexp", texts(&self.fail_if_body_not_matches));
        for (name, program) in [
            ("fail_if_body_json_matches_cel", &self.fail_if_cel),
            ("fail_if_body_json_not_matches_cel", &self.fail_if_not_cel),
        ] {
            program.iter().for_each(|program| yaml.text(name, &program.to_string()));
        }
        yaml.maps("fail_if_header_matches", self.fail_if_header_matches.iter().map(HeaderRule::describe).collect());
        let not = self.fail_if_header_not_matches.iter().map(HeaderRule::describe).collect();
        yaml.maps("fail_if_header_not_matches", not);
        yaml.text("body", &self.body);
        yaml.text("body_file", &self.body_file.as_deref().map(|path| path.display().to_string()).unwrap_or_default());
        yaml.client(&self.client);
        yaml.text("compression", &self.compression);
        if self.body_size_limit > 0 {
            yaml.plain("body_size_limit", format!("{}B", self.body_size_limit));
        }
        yaml.flag("enable_http3", self.http3);
        yaml.finish()
    }
}

impl HeaderRule {
    fn describe(&self) -> Yaml {
        let mut yaml = Yaml::default();
        yaml.text("header", &self.header);
        yaml.text("regexp", &self.pattern.to_string());
        yaml.flag("allow_missing", self.allow_missing);
        yaml
    }
}

fn status(node: Node<'_>) -> Option<u16> {
    node.integer(100..=999).and_then(|status| u16::try_from(status).ok())
}

fn method(node: Node<'_>) -> Option<String> {
    node.parse("an HTTP method", |text| match http::Method::from_bytes(text.as_bytes()) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) if text.is_empty() => Ok(String::new()),
        Err(error) => Err(error),
    })
}

fn headers(node: Node<'_>) -> Option<Vec<(String, String)>> {
    node.entries(|name, value| {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            value.problem(format!("{name:?} is no name of a header"));
        }
        value.parse("a header's value", |text| http::HeaderValue::from_str(text).map(|_| text.to_owned()))
    })
}

fn rules(node: Node<'_>) -> Option<Vec<HeaderRule>> {
    node.list(|item| {
        item.map(|fields| {
            let header = fields.required("header", |node| node.non_empty_string());
            let pattern = fields.required("regexp", |node| {
                node.non_empty_string()?;
                Pattern::read(node)
            });
            let allow_missing = fields.or("allow_missing", false, |node| node.bool());
            Some(HeaderRule { header: header?, pattern: pattern?, allow_missing })
        })
    })
}
