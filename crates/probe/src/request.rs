//! What a scraper asks of a probe, and how long it may take.

use crate::config::{Limits, Module};
use std::time::Duration;
use thiserror::Error;

/// The module that is meant when none is named.
const MODULE_DEFAULT: &str = "http_2xx";
/// How long a probe may take when nobody says so.
const TIMEOUT_SECONDS_DEFAULT: f64 = 120.0;
/// And how long at most: a day.
const TIMEOUT_SECONDS_MAX: f64 = 86_400.0;

/// One probe that is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProbeRequest {
    /// What is probed; its form depends on the prober.
    pub target: String,
    /// The module's name.
    pub module: String,
    /// The name that the target is to be asked under; its own when empty.
    pub hostname: String,
    /// Whether the log and the module are asked for rather than the metrics.
    pub debug: bool,
    /// The scraper's own timeout in seconds.
    pub scrape_timeout_seconds: Option<f64>,
}

/// Why a probe was not made. A target that does not answer is no error, but an outcome.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ProbeError {
    /// There is no such module.
    #[error("Unknown module {0:?}")]
    UnknownModule(String),
    /// Nothing to probe was named.
    #[error("Target parameter is missing")]
    NoTarget,
    /// The scraper's timeout cannot be read.
    #[error("Failed to parse timeout from Prometheus header: {0:?} is no number of seconds")]
    BadTimeout(String),
    /// The module and the request name different hosts.
    #[error("the header Host is {module:?} in the module and {request:?} in the parameter hostname")]
    TwoHosts {
        /// The module's.
        module: String,
        /// The request's.
        request: String,
    },
    /// Too many probes are under way, and none ended within the timeout.
    #[error("{0} probes are under way, which is the limit (concurrent_max); this one was not made")]
    Busy(usize),
    /// The program stops.
    #[error("the program stops; the probe was not made")]
    Stopping,
}

impl ProbeRequest {
    /// A probe of a target by a module.
    pub fn new(target: impl Into<String>, module: impl Into<String>) -> Self {
        Self { target: target.into(), module: module.into(), ..Self::default() }
    }

    /// Reads the parameters of `/probe`, of which the first of each name counts, and the header
    /// `X-Prometheus-Scrape-Timeout-Seconds`. A target may be encoded once more than it has to be.
    pub fn from_params<N: AsRef<str>, V: AsRef<str>>(
        params: impl IntoIterator<Item = (N, V)>,
        scrape_timeout: Option<&str>,
    ) -> Result<Self, ProbeError> {
        let mut request = Self::default();
        for (name, value) in params {
            let value = value.as_ref();
            match name.as_ref() {
                "target" if request.target.is_empty() => request.target = unescaped(value),
                "module" if request.module.is_empty() => request.module = value.to_owned(),
                "hostname" if request.hostname.is_empty() => request.hostname = value.to_owned(),
                "debug" => request.debug |= value == "true",
                _ => {}
            }
        }
        if request.module.is_empty() {
            request.module = MODULE_DEFAULT.to_owned();
        }
        if let Some(text) = scrape_timeout.filter(|text| !text.is_empty()) {
            let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0);
            request.scrape_timeout_seconds = Some(seconds.ok_or_else(|| ProbeError::BadTimeout(text.to_owned()))?);
        }
        Ok(request)
    }

    /// How long the probe may take: a little less than the scraper waits, or what the module says if that is less.
    pub fn timeout(&self, module: &Module, limits: &Limits) -> Duration {
        let scrape = self.scrape_timeout_seconds.filter(|seconds| *seconds > 0.0).unwrap_or(TIMEOUT_SECONDS_DEFAULT);
        let bound = scrape - limits.timeout_offset.as_secs_f64();
        let own = module.timeout.unwrap_or_default().as_secs_f64();
        let seconds = if (own > 0.0 && own < bound) || bound < 0.0 { own } else { bound };
        Duration::from_secs_f64(seconds.clamp(0.0, TIMEOUT_SECONDS_MAX))
    }
}

/// Decodes percent signs and pluses; a text that cannot be decoded stays as it is.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut index) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'%' => match (digit(index + 1), digit(index + 2)) {
                (Some(high), Some(low)) => {
                    decoded.push((high * 16 + low) as u8);
                    index += 2;
                }
                _ => return text.to_owned(),
            },
            b'+' => decoded.push(b' '),
            byte => decoded.push(*byte),
        }
        index += 1;
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_targets_decoded_once_more() {
        let params = [("target", "http%3A%2F%2Fh%3A1"), ("debug", "true"), ("target", "other")];
        let request = ProbeRequest::from_params(params, Some("15")).unwrap();
        assert_eq!((request.target.as_str(), request.module.as_str(), request.debug), ("http://h:1", "http_2xx", true));
        assert_eq!(request.scrape_timeout_seconds, Some(15.0));
        for text in ["abc", "-1", "inf", "NaN"] {
            let error = ProbeRequest::from_params([("target", "a")], Some(text)).unwrap_err();
            assert_eq!(error, ProbeError::BadTimeout(text.to_owned()));
        }
        assert_eq!(unescaped("100%"), "100%");
        assert_eq!(unescaped("a+b%20c"), "a b c");
    }
}
