//! Statuses from a running server, over its own API.

use crate::policy::PolicyState;
use crate::status::{AlertStatus, BurnRate, Queries, SloStatus};
use chrono::DateTime;
use lgtm_client::HttpSender;
use lgtm_model::TimestampMs;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use thiserror::Error;

/// The path below the web app's address.
const PATH: &str = "lgtm/api/v1/slos";

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why there are no statuses.
#[derive(Debug, Error)]
pub enum RemoteError {
    /// The server cannot be reached, or says no.
    #[error("{url}: {reason}; give the address of the web app with --url")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The answer is not one.
    #[error("{0}; is this an lgtm server?")]
    Unreadable(String),
}

/// Asks the server whose web app is at `base` (such as `http://127.0.0.1:3000`).
pub async fn fetch_statuses(sender: &HttpSender, base: &str) -> Result<Vec<SloStatus>, RemoteError> {
    let url = format!("{}/{PATH}", base.trim_end_matches('/'));
    let unreachable = |reason: String| RemoteError::Unreachable { url: url.clone(), reason };
    let request = sender.request(Method::GET, url.as_str()).timeout(TIMEOUT);
    let response = sender.send(request).await.map_err(unreachable)?;
    let status = response.status();
    let body = response.text().await.map_err(|error| unreachable(lgtm_client::chain(&error)))?;
    if !status.is_success() {
        return Err(unreachable(format!("answered {status}")));
    }
    parse_statuses(&body)
}

/// Reads the API's answer.
pub fn parse_statuses(body: &str) -> Result<Vec<SloStatus>, RemoteError> {
    let unreadable = |reason: &str| RemoteError::Unreadable(format!("the answer cannot be read: {reason}"));
    let answer: Value = serde_json::from_str(body).map_err(|error| unreadable(&error.to_string()))?;
    let slos = answer["data"]["slos"].as_array().ok_or_else(|| unreadable("\"slos\" is missing"))?;
    slos.iter().map(|slo| one(slo).ok_or_else(|| unreadable("an objective lacks its name or state"))).collect()
}

fn one(slo: &Value) -> Option<SloStatus> {
    let string = |name: &str| slo[name].as_str().unwrap_or_default().to_owned();
    let milliseconds = |name: &str| slo[name].as_f64().map(|seconds| (seconds * 1000.0).round() as i64);
    let list = |name: &str| slo[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = slo["name"].as_str()?.to_owned();
    Some(SloStatus {
        display_name: slo["displayName"].as_str().unwrap_or(&name).to_owned(),
        name,
        service: string("service"),
        description: string("description"),
        objective: slo["objective"].as_f64()?,
        window_ms: milliseconds("windowSeconds")?,
        effective_window_ms: milliseconds("effectiveWindowSeconds")?,
        sli: slo["sli"].as_f64(),
        good: slo["good"].as_f64(),
        total: slo["total"].as_f64(),
        budget_ms: milliseconds("budgetTotalSeconds").unwrap_or_default(),
        budget_consumed: slo["budgetConsumed"].as_f64(),
        burn_rates: list("burnRates").iter().map(burn_rate).collect(),
        state: PolicyState::parse(slo["state"].as_str()?)?,
        state_since: time(&slo["stateSince"]),
        resumes_at: time(&slo["resumesAt"]),
        exhausts_in_ms: milliseconds("exhaustsInSeconds"),
        measured: slo["measuredFraction"].as_f64(),
        alerts: list("alerts").iter().map(alert).collect(),
        queries: {
            let query = |name: &str| slo["queries"][name].as_str().unwrap_or_default().to_owned();
            Queries { sli: query("sli"), burn: query("burn"), budget: query("budget") }
        },
    })
}

fn burn_rate(value: &Value) -> BurnRate {
    let string = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    BurnRate {
        window: string("window"),
        effective_window: string("effectiveWindow"),
        short_window: string("shortWindow"),
        rate: value["rate"].as_f64(),
        threshold: value["threshold"].as_f64().unwrap_or_default(),
        severity: string("severity"),
    }
}

fn alert(value: &Value) -> AlertStatus {
    let string = |name: &str| value[name].as_str().map(str::to_owned);
    AlertStatus {
        name: string("name").unwrap_or_default(),
        state: string("state").unwrap_or_default(),
        instance: string("instance"),
    }
}

fn time(value: &Value) -> Option<TimestampMs> {
    let time = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
    Some(TimestampMs(time.timestamp_millis()))
}
