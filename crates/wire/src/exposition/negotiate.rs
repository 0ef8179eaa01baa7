//! Which format: what a scraper asks for, and what to make of the answer's `Content-Type`.

use super::{EscapingScheme, Format};

/// A format and version that a scraper can ask for, under its name in settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScrapeProtocol {
    /// Delimited `io.prometheus.client.MetricFamily` messages. Named in settings; not yet read by this crate.
    PrometheusProto,
    /// Prometheus text 0.0.4.
    PrometheusText004,
    /// Prometheus text 1.0.0, with names in UTF-8.
    PrometheusText100,
    /// OpenMetrics text 0.0.1.
    OpenMetricsText001,
    /// OpenMetrics text 1.0.0, with names in UTF-8.
    OpenMetricsText100,
}

impl ScrapeProtocol {
    /// Every protocol with its name in settings.
    pub const ALL: [(&'static str, Self); 5] = [
        ("PrometheusProto", Self::PrometheusProto),
        ("PrometheusText0.0.4", Self::PrometheusText004),
        ("PrometheusText1.0.0", Self::PrometheusText100),
        ("OpenMetricsText0.0.1", Self::OpenMetricsText001),
        ("OpenMetricsText1.0.0", Self::OpenMetricsText100),
    ];

    /// What is asked for unless the settings say otherwise, the best first.
    pub const DEFAULT: [Self; 4] =
        [Self::OpenMetricsText100, Self::OpenMetricsText001, Self::PrometheusText100, Self::PrometheusText004];

    fn header(self) -> &'static str {
        match self {
            Self::PrometheusProto => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
            }
            Self::PrometheusText004 => "text/plain;version=0.0.4",
            Self::PrometheusText100 => "text/plain;version=1.0.0",
            Self::OpenMetricsText001 => "application/openmetrics-text;version=0.0.1",
            Self::OpenMetricsText100 => "application/openmetrics-text;version=1.0.0",
        }
    }

    fn media_type(self) -> &'static str {
        self.header().split(';').next().unwrap_or_default()
    }

    /// How an answer in this protocol is read; `None` for what this crate does not read.
    pub fn format(self) -> Option<Format> {
        match self {
            Self::PrometheusProto => None,
            Self::PrometheusText004 | Self::PrometheusText100 => Some(Format::PrometheusText),
            Self::OpenMetricsText001 | Self::OpenMetricsText100 => Some(Format::OpenMetrics),
        }
    }
}

/// The `Accept` header: each protocol with less weight than the one before, anything at all last.
pub fn accept_header(protocols: &[ScrapeProtocol], escaping: EscapingScheme) -> String {
    let mut weight = ScrapeProtocol::ALL.len() + 1;
    let mut header = String::new();
    for protocol in protocols.iter().take(ScrapeProtocol::ALL.len()) {
        header.push_str(protocol.header());
        // Older versions know nothing of names in UTF-8, and some servers reject parameters that they do not know.
        if matches!(protocol, ScrapeProtocol::PrometheusText100 | ScrapeProtocol::OpenMetricsText100) {
            header.push_str(&format!(";escaping={}", escaping.as_str()));
        }
        header.push_str(&format!(";q=0.{weight},"));
        weight -= 1;
    }
    header + &format!("*/*;q=0.{weight}")
}

/// What to make of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// How to read it; `None` when nothing here can.
    pub protocol: Option<ScrapeProtocol>,
    /// What the target does wrong, even if the fallback helps.
    pub problem: Option<String>,
}

/// Chooses by an answer's `Content-Type`; `fallback` serves where that is absent, broken or unknown.
pub fn content_format(content_type: &str, fallback: Option<ScrapeProtocol>) -> Negotiated {
    let outcome = |problem: String| Negotiated { protocol: fallback, problem: Some(problem) };
    let using = match fallback {
        Some(fallback) => format!(", using fallback_scrape_protocol {:?}", fallback.media_type()),
        None => " and no fallback_scrape_protocol specified for target".to_owned(),
    };
    if content_type.is_empty() {
        return outcome(format!("non-compliant scrape target sending blank Content-Type{using}"));
    }
    let media_type = match media_type(content_type) {
        Ok(media_type) => media_type,
        Err(reason) => return outcome(format!("received unreadable Content-Type {content_type:?}: {reason}{using}")),
    };
    let protocol = match media_type.as_str() {
        "application/openmetrics-text" => ScrapeProtocol::OpenMetricsText100,
        "application/vnd.google.protobuf" => ScrapeProtocol::PrometheusProto,
        "text/plain" => ScrapeProtocol::PrometheusText004,
        other => return outcome(format!("received unsupported Content-Type {other:?}{using}")),
    };
    Negotiated { protocol: Some(protocol), problem: None }
}

/// The type and subtype, in lower case; what is wrong with the header otherwise.
fn media_type(header: &str) -> Result<String, &'static str> {
    let mut parts = header.split(';');
    let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    match media.split_once('/') {
        None if media.is_empty() => return Err("no media type"),
        None => return Err("expected slash after first token"),
        Some(("", _)) => return Err("no media type"),
        Some((_, "")) => return Err("expected token after slash"),
        Some((_, subtype)) if subtype.contains('/') => return Err("unexpected content after media subtype"),
        Some((kind, subtype)) if !token(kind) || !token(subtype) => return Err("invalid media type"),
        Some(_) => {}
    }
    let mut names: Vec<String> = Vec::new();
    for part in parts.filter(|part| !part.trim().is_empty()) {
        let (name, _) = part.split_once('=').ok_or("invalid media parameter")?;
        let name = name.trim().to_ascii_lowercase();
        if names.contains(&name) {
            return Err("duplicate parameter name");
        }
        names.push(name);
    }
    Ok(media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_protocol_has_the_most_weight() {
        assert_eq!(
            accept_header(&ScrapeProtocol::DEFAULT, EscapingScheme::AllowUtf8),
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        );
    }
}
