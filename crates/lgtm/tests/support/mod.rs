//! A real `lgtm` process for a test: started on free ports, found by its `endpoints.json`, killed when dropped.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How long a process may take until it is ready; a debug build on a busy machine is slow.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A running `lgtm`.
pub struct Lgtm {
    child: Child,
    endpoints: serde_json::Value,
}

impl Lgtm {
    /// Starts `lgtm COMMAND --data DATA --listen 127.0.0.1:0 MORE…` and waits for its `ready` line.
    pub fn start(command: &str, data: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lgtm"))
            .arg(command)
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _nobody_may_listen = sender.send(line);
            }
        });
        let line = receiver.recv_timeout(READY_WITHIN).expect("a ready line in time");
        assert!(line.starts_with("ready http://"), "{line}");
        let text = std::fs::read_to_string(data.join("endpoints.json")).expect("endpoints.json is there");
        Self { child, endpoints: serde_json::from_str(&text).expect("endpoints.json is JSON") }
    }

    /// The URL of an endpoint.
    pub fn url(&self, name: &str) -> &str {
        self.endpoints[name].as_str().unwrap_or_else(|| panic!("no endpoint {name}"))
    }

    /// The process id, for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// SIGTERM, and waits for the end.
    pub fn terminate(mut self) -> ExitStatus {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("the process ends")
    }
}

impl Drop for Lgtm {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _may_be_reaped = self.child.wait();
    }
}

/// Runs `lgtm` to its end and returns its exit code and what it wrote to standard error.
pub fn run_to_end(arguments: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lgtm"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut errors = String::new();
    child.stderr.take().expect("standard error is piped").read_to_string(&mut errors).expect("text");
    let status = child.wait().expect("the process ends");
    (status.code().unwrap_or(-1), errors)
}

/// Looks at a condition until it holds, at most `within`; returns what it last gave.
pub async fn eventually<T, F: Future<Output = Option<T>>>(within: Duration, mut look: impl FnMut() -> F) -> Option<T> {
    let rounds = within.as_millis() / POLL_INTERVAL.as_millis();
    for _ in 0..rounds {
        if let Some(found) = look().await {
            return Some(found);
        }
        pause(POLL_INTERVAL).await;
    }
    None
}

/// Waits: for a real process there is no clock to turn.
#[expect(clippy::disallowed_methods, reason = "a real process is waited for in real time")]
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Now, in nanoseconds since the epoch.
#[expect(clippy::disallowed_methods, reason = "a real process lives in real time")]
pub fn now_ns() -> u64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    u64::try_from(since_epoch.as_nanos()).expect("before 2554")
}

/// `GET` as JSON.
pub async fn get_json(url: &str, query: &[(&str, &str)]) -> serde_json::Value {
    let answer = reqwest::Client::new().get(url).query(query).send().await.expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {status}: {error}: {text}"))
}

/// Whether a program is installed; prints a notice when a test is skipped for want of it.
pub fn installed(program: &str, what: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: {what} ({program} is not installed)");
    }
    found
}
