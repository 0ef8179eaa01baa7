//! A running server as the commands ask it: its address, the token, and answers in JSON.

use crate::cli::ServerOptions;
use crate::error::RunError;
use lgtm_client::{Auth, HttpClient, HttpSender};
use lgtm_settings::SecretSource;
use serde_json::Value;
use std::time::Duration;

/// How long an answer may take; a backtest over months computes for a while.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A server to ask.
pub struct Server {
    /// The client, with the token.
    pub sender: HttpSender,
    /// The web app's address without a slash at the end.
    pub url: String,
}

impl Server {
    /// The server that the flags name.
    pub fn new(options: &ServerOptions) -> Result<Self, RunError> {
        let mut client = HttpClient::default();
        if let Some(path) = &options.token_file {
            let credentials = Some(SecretSource::File(path.clone()));
            client.auth = Auth::Header { scheme: "Bearer".to_owned(), credentials };
        }
        let sender = HttpSender::new(&client).map_err(RunError::Command)?;
        Ok(Self { sender, url: options.url.trim_end_matches('/').to_owned() })
    }

    /// Sends a body (none for GET) and reads the answer's JSON; an answer that is no success is an error with its text.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Value, RunError> {
        let url = format!("{}{path}", self.url);
        let method = method.parse().unwrap_or_default();
        let mut request = self.sender.request(method, url.as_str()).query(query).timeout(TIMEOUT);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let failed =
            |reason: String| RunError::Command(format!("{url}: {reason}; is the server running? --url names it"));
        let answer = self.sender.send(request).await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| failed(error.to_string()))?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(value);
        }
        let told = [&value["error"], &value["message"], &value].into_iter().find_map(Value::as_str);
        Err(RunError::Command(format!("{url} answered {status}: {}", told.unwrap_or_default().trim_end())))
    }
}
