//! `lgtm silence …`: silences of a running server, and what one would mute before it is made.

use super::Outcome;
use super::alerts::columns;
use super::server::Server;
use crate::cli::{SilenceAdd, SilenceCommand};
use crate::error::RunError;
use crate::tell::tell;
use lgtm_model::{MatchOp, parse_duration_ms};
use lgtm_notify::matching::{Matcher, parse_matcher};
use lgtm_runtime::SystemClock;
use serde_json::{Value, json};

/// Runs one.
pub async fn run(what: SilenceCommand) -> Result<Outcome, RunError> {
    match what {
        SilenceCommand::Add(options) => add(options).await,
        SilenceCommand::Query { all, json, server } => query(&Server::new(&server)?, all, json).await,
        SilenceCommand::Expire { ids, server } => {
            let server = Server::new(&server)?;
            for id in &ids {
                server.ask("DELETE", &format!("/alertmanager/api/v2/silence/{id}"), &[], None).await?;
                tell(format!("{id} expired"));
            }
            Ok(Outcome::Good)
        }
    }
}

async fn add(options: SilenceAdd) -> Result<Outcome, RunError> {
    let server = Server::new(&options.server)?;
    let mut matchers = options.matchers.iter().map(|text| matcher(text)).collect::<Result<Vec<_>, _>>()?;
    if let Some(fingerprint) = &options.from_alert {
        matchers.extend(of_alert(&server, fingerprint).await?);
    }
    if matchers.is_empty() {
        return Err(RunError::Command(
            "name at least one matcher, such as alertname=DiskFull, or --from-alert".to_owned(),
        ));
    }
    let asked = json!({"matchers": matchers}).to_string();
    let preview = server.ask("POST", "/alertmanager/api/v2/silences/preview", &[], Some(asked)).await?;
    let muted = preview["alerts"].as_array().map(Vec::as_slice).unwrap_or_default();
    eprintln!("mutes {} of the alerts that fire now", muted.len());
    for alert in muted {
        let labels = &alert["labels"];
        eprintln!(
            "  {} {}",
            labels["alertname"].as_str().unwrap_or("-"),
            labels["instance"].as_str().unwrap_or_default()
        );
    }
    if options.preview {
        return Ok(Outcome::Good);
    }
    let duration_ms = parse_duration_ms(&options.duration)
        .map_err(|error| RunError::Command(format!("--duration {}: {error}", options.duration)))?;
    let now = SystemClock::shared().now_ms();
    let silence = json!({
        "matchers": matchers, "createdBy": options.author, "comment": options.comment,
        "startsAt": lgtm_slo::rfc3339(now), "endsAt": lgtm_slo::rfc3339(now.add_ms(duration_ms)),
    });
    let made = server.ask("POST", "/alertmanager/api/v2/silences", &[], Some(silence.to_string())).await?;
    tell(made["silenceID"].as_str().unwrap_or_default());
    Ok(Outcome::Good)
}

/// A matcher as `alertmanager.yml` has it, in the API's form; a text without an operator is an alert's name, as for
/// `amtool`. It is read here so that a wrong regular expression is told before anything is sent.
fn matcher(text: &str) -> Result<Value, RunError> {
    let read = match text.contains(['=', '~']) {
        true => parse_matcher(text).map_err(|error| RunError::Command(format!("{text}: {error}")))?,
        false => Matcher::equal("alertname", text),
    };
    let (is_regex, is_equal) = match read.op {
        MatchOp::Equal => (false, true),
        MatchOp::NotEqual => (false, false),
        MatchOp::Regex => (true, true),
        MatchOp::NotRegex => (true, false),
    };
    Ok(json!({"name": read.name, "value": read.value, "isRegex": is_regex, "isEqual": is_equal}))
}

/// All labels of an alert, as matchers.
async fn of_alert(server: &Server, fingerprint: &str) -> Result<Vec<Value>, RunError> {
    let alerts = server.ask("GET", "/alertmanager/api/v2/alerts", &[], None).await?;
    let alerts = alerts.as_array().map(Vec::as_slice).unwrap_or_default();
    let found = alerts.iter().find(|alert| alert["fingerprint"] == *fingerprint);
    let labels = found.and_then(|alert| alert["labels"].as_object()).ok_or_else(|| {
        RunError::Command(format!(
            "no alert with the fingerprint {fingerprint} fires; `lgtm alerts --json` shows fingerprints"
        ))
    })?;
    Ok(labels
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value, "isRegex": false, "isEqual": true}))
        .collect())
}

async fn query(server: &Server, all: bool, as_json: bool) -> Result<Outcome, RunError> {
    let silences = server.ask("GET", "/alertmanager/api/v2/silences", &[], None).await?;
    let silences = silences.as_array().cloned().unwrap_or_default();
    let wanted: Vec<Value> =
        silences.into_iter().filter(|silence| all || silence["status"]["state"] != "expired").collect();
    if as_json {
        tell(format!("{:#}", Value::from(wanted)));
        return Ok(Outcome::Good);
    }
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let rows: Vec<[String; 5]> = wanted
        .iter()
        .map(|silence| {
            let ends = text(&silence["endsAt"]).chars().take(19).collect::<String>().replace('T', " ");
            let matchers = silence["matchers"].as_array().map(Vec::as_slice).unwrap_or_default();
            let matchers: Vec<String> = matchers.iter().map(print_matcher).collect();
            [text(&silence["id"]), matchers.join(" "), ends, text(&silence["createdBy"]), text(&silence["comment"])]
        })
        .collect();
    match rows.is_empty() {
        true => tell(format!(
            "no silence is active or pending{}",
            if all { " or kept" } else { " (--all shows expired ones)" }
        )),
        false => tell(columns(["ID", "MATCHERS", "ENDS AT", "CREATED BY", "COMMENT"], &rows)),
    }
    Ok(Outcome::Good)
}

fn print_matcher(matcher: &Value) -> String {
    let op = match (matcher["isEqual"].as_bool().unwrap_or(true), matcher["isRegex"].as_bool().unwrap_or(false)) {
        (true, false) => "=",
        (true, true) => "=~",
        (false, false) => "!=",
        (false, true) => "!~",
    };
    format!("{}{op}{}", matcher["name"].as_str().unwrap_or_default(), matcher["value"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_as_people_write_them() {
        let read = |text: &str| matcher(text).map(|value| print_matcher(&value)).map_err(|error| error.to_string());
        assert_eq!(read("a=b").unwrap(), "a=\"b\"");
        assert_eq!(read("a!=\"b\"").unwrap(), "a!=\"b\"");
        assert_eq!(read("a=~b=c").unwrap(), "a=~\"b=c\"");
        assert_eq!(read("a!~b.*").unwrap(), "a!~\"b.*\"");
        assert_eq!(read("DiskFull").unwrap(), "alertname=\"DiskFull\"");
        assert!(read("a=~(").unwrap_err().contains("a=~("));
    }
}
