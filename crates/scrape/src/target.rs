//! From a discovered address to a target: default labels, relabelling, and what remains of them.

use crate::config::{Job, TargetGroup};
use lgtm_model::{Labels, parse_duration_ms, relabel};

/// One thing to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Labels as they were before relabelling.
    pub discovered: Labels,
    /// Labels of every series from it.
    pub labels: Labels,
    /// What is asked for.
    pub url: String,
    /// Where.
    pub address: String,
    /// The path there.
    pub path: String,
    /// The query, decoded.
    pub params: Vec<(String, String)>,
    pub interval_ms: i64,
    pub timeout_ms: i64,
}

/// What became of a discovered address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Target(Target),
    /// Relabelling dropped it; its labels before.
    Dropped(Labels),
}

/// Relabels one address of a group. The error says what is wrong with the outcome.
pub(crate) fn resolve(job: &Job, group: &TargetGroup, address: &str) -> Result<Outcome, String> {
    let mut labels = group.labels.to_builder();
    labels.set("__address__", address);
    let defaults = [
        ("job", job.name.clone()),
        ("__scrape_interval__", lgtm_model::format_duration_ms(job.interval_ms)),
        ("__scrape_timeout__", lgtm_model::format_duration_ms(job.timeout_ms)),
        ("__metrics_path__", job.metrics_path.clone()),
        ("__scheme__", job.scheme.clone()),
    ];
    for (name, value) in defaults {
        if labels.get(name).is_none() {
            labels.set(name, value);
        }
    }
    for (name, values) in &job.params {
        if let Some(first) = values.first() {
            labels.set(format!("__param_{name}"), first);
        }
    }
    let discovered = labels.clone().build();
    if !relabel(&mut labels, &job.relabel) {
        return Ok(Outcome::Dropped(discovered));
    }
    let get = |name: &str| labels.get(name).unwrap_or_default().to_owned();
    let address = get("__address__");
    if address.is_empty() {
        return Err("no address".to_owned());
    }
    if address.contains('/') {
        return Err(format!("{address:?} is not a valid hostname"));
    }
    let interval_ms = duration(&get("__scrape_interval__"), "scrape interval")?;
    let timeout_ms = duration(&get("__scrape_timeout__"), "scrape timeout")?;
    if timeout_ms > interval_ms {
        return Err("scrape timeout cannot be greater than scrape interval".to_owned());
    }
    let params = params(job, &labels.clone().build());
    let path = get("__metrics_path__");
    let url = url(&get("__scheme__"), &address, &path, &params);
    if labels.get("instance").is_none() {
        labels.set("instance", &address);
    }
    labels.retain(|name, _| !name.starts_with("__"));
    Ok(Outcome::Target(Target {
        discovered,
        labels: labels.build(),
        url,
        address,
        path,
        params,
        interval_ms,
        timeout_ms,
    }))
}

fn duration(text: &str, what: &str) -> Result<i64, String> {
    match parse_duration_ms(text) {
        Ok(0) => Err(format!("{what} cannot be 0")),
        Ok(duration_ms) => Ok(duration_ms),
        Err(error) => Err(format!("error parsing {what}: {error}")),
    }
}

/// Parameters of the job, the first value of each as relabelling left it.
fn params(job: &Job, labels: &Labels) -> Vec<(String, String)> {
    let mut params: Vec<(String, Vec<String>)> = job.params.clone();
    for (name, value) in labels {
        let Some(param) = name.strip_prefix("__param_") else { continue };
        match params.iter_mut().find(|(name, _)| name == param) {
            Some((_, values)) if !values.is_empty() => values[0] = value.to_owned(),
            Some((_, values)) => values.push(value.to_owned()),
            None => params.push((param.to_owned(), vec![value.to_owned()])),
        }
    }
    params.sort();
    let of_one = |(name, values): (String, Vec<String>)| values.into_iter().map(move |value| (name.clone(), value));
    params.into_iter().flat_map(of_one).collect()
}

fn url(scheme: &str, address: &str, path: &str, params: &[(String, String)]) -> String {
    let query: Vec<String> = params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut url = format!("{scheme}://{address}{slash}{path}");
    if !query.is_empty() {
        url.push(if path.contains('?') { '&' } else { '?' });
        url.push_str(&query.join("&"));
    }
    url
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl Target {
    /// When within its interval the target is asked, in nanoseconds: spread by a hash of what it is (FNV-1a), so that
    /// targets do not all answer at once, and mixed with a seed, so that two servers do not ask at the same moment.
    pub(crate) fn offset_ns(&self, seed: u64) -> i64 {
        let bytes = self.labels.as_packed().iter().chain(self.url.as_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let interval_ns = self.interval_ms.max(1).unsigned_abs().saturating_mul(1_000_000);
        i64::try_from((hash ^ seed) % interval_ns).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn resolved(yaml: &str) -> Result<Outcome, String> {
        let config = Config::read_text("prometheus.yml", yaml).unwrap().value;
        let job = &config.jobs[0];
        resolve(job, &job.groups[0], &job.groups[0].addresses[0])
    }

    #[test]
    fn a_target_gets_its_defaults_and_loses_what_is_internal() {
        let yaml = "scrape_configs:\n- job_name: a\n  params: {module: [x y, z]}\n  static_configs:\n  - targets: ['h:1']\n    labels: {env: prod}\n";
        let Ok(Outcome::Target(target)) = resolved(yaml) else { panic!() };
        assert_eq!(target.labels.to_string(), r#"{env="prod", instance="h:1", job="a"}"#);
        assert_eq!(target.url, "http://h:1/metrics?module=x+y&module=z");
        assert_eq!((target.interval_ms, target.timeout_ms), (60_000, 10_000));
        assert!(target.offset_ns(7) < 60_000_000_000);
    }

    #[test]
    fn relabelling_can_move_and_drop_a_target() {
        let job = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: ['h:1']}]\n  relabel_configs:\n";
        let moved = "  - {source_labels: [__address__], target_label: __param_target}\n  - {target_label: __address__, replacement: 'p:9115'}\n";
        let Ok(Outcome::Target(target)) = resolved(&format!("{job}{moved}")) else { panic!() };
        assert_eq!(target.url, "http://p:9115/metrics?target=h%3A1");
        let dropped = resolved(&format!("{job}  - {{source_labels: [__address__], regex: 'h:.*', action: drop}}\n"));
        assert!(matches!(dropped, Ok(Outcome::Dropped(_))));
        let broken = resolved(&format!("{job}  - {{target_label: __scrape_timeout__, replacement: 2m}}\n"));
        assert_eq!(broken, Err("scrape timeout cannot be greater than scrape interval".to_owned()));
    }
}
