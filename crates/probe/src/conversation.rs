//! A conversation over a connection: wait for a line or for bytes, say something, begin TLS; step by step.

use crate::config::{Pattern, Step};
use crate::dial::BoxedStream;
use crate::run::Run;
use crate::tls::{Detail, Setup, report};
use lgtm_client::Tls;
use regex::bytes::Captures;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of one line.
const LINE_BYTES_MAX: usize = 64 << 10;

/// How TLS would be begun.
pub(crate) struct Secure<'a> {
    pub tls: &'a Tls,
    /// What the certificate must be for.
    pub name: String,
}

pub(crate) struct Conversation<'a> {
    stream: BoxedStream,
    secure: Secure<'a>,
    /// What was read and not used yet.
    read: Vec<u8>,
    ended: bool,
}

/// What is exposed of every conversation, and of one that never began.
pub(crate) fn begin(run: &mut Run) {
    run.sheet.set("probe_failed_due_to_regex", 0.0);
    run.sheet.set("probe_failed_due_to_bytes", 0.0);
}

impl<'a> Conversation<'a> {
    pub(crate) fn new(stream: BoxedStream, secure: Secure<'a>) -> Self {
        Self { stream, secure, read: Vec::new(), ended: false }
    }

    /// Begins TLS and tells what the certificate says.
    pub(crate) async fn begin_tls(&mut self, run: &mut Run) -> bool {
        let stream = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        self.read.clear();
        let secured = match Setup::new(self.secure.tls, &run.roots, &[]) {
            Ok(setup) => setup.handshake(run, stream, &self.secure.name).await,
            Err(error) => Err(error),
        };
        match secured {
            Ok(secured) => {
                run.log.note("TLS has begun", &[]);
                report(run, &secured.session, Detail { cipher: false, chain_expiry: true });
                self.stream = Box::new(secured.stream);
                true
            }
            Err(error) => {
                run.log.fail("cannot begin TLS", &[("error", &error)]);
                false
            }
        }
    }

    /// Goes through the steps; tells whether all went well.
    pub(crate) async fn hold(&mut self, run: &mut Run, steps: &[Step]) -> bool {
        for (index, step) in steps.iter().enumerate() {
            run.log.note("Taking a step", &[("step", &index)]);
            if !self.take(run, step).await {
                return false;
            }
        }
        true
    }

    async fn take(&mut self, run: &mut Run, step: &Step) -> bool {
        let mut send = step.send.clone();
        if let Some(pattern) = &step.expect {
            let Some(line) = self.expect(run, pattern).await else { return false };
            if let Some(captures) = pattern.captures(&line) {
                send = expand(&captures, &step.send);
                tell(run, step, &captures);
            }
        }
        if !step.expect_bytes.is_empty() && !self.expect_bytes(run, &step.expect_bytes).await {
            return false;
        }
        if !send.is_empty() {
            run.log.note("Sending a line", &[("line", &String::from_utf8_lossy(&send))]);
            send.push(b'\n');
            let sent = run.deadline.within(async {
                self.stream.write_all(&send).await?;
                self.stream.flush().await
            });
            if let Err(error) = sent.await {
                run.log.fail("cannot send", &[("error", &error)]);
                return false;
            }
        }
        !step.starttls || self.begin_tls(run).await
    }

    /// Reads lines until one matches.
    async fn expect(&mut self, run: &mut Run, pattern: &Pattern) -> Option<Vec<u8>> {
        loop {
            match self.line(run).await {
                Ok(Some(line)) if pattern.is_match(&line) => {
                    run.sheet.set("probe_failed_due_to_regex", 0.0);
                    run.log.note("Read the line that was expected", &[("line", &String::from_utf8_lossy(&line))]);
                    return Some(line);
                }
                Ok(Some(line)) => run.log.note("Read a line", &[("line", &String::from_utf8_lossy(&line))]),
                Ok(None) => {
                    run.sheet.set("probe_failed_due_to_regex", 1.0);
                    run.log.fail("the connection ended before a line matched", &[("pattern", pattern)]);
                    return None;
                }
                Err(error) => {
                    run.log.fail("no line that matches", &[("pattern", pattern), ("error", &error)]);
                    return None;
                }
            }
        }
    }

    /// The next line without its end; `None` at the end of the connection.
    async fn line(&mut self, run: &Run) -> Result<Option<Vec<u8>>, String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.read.drain(..=end).collect();
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                return Ok(Some(line));
            }
            if self.ended {
                let rest = std::mem::take(&mut self.read);
                return Ok((!rest.is_empty()).then_some(rest));
            }
            if self.read.len() >= LINE_BYTES_MAX {
                return Err(format!("a line is longer than {LINE_BYTES_MAX} bytes"));
            }
            self.read_more(run).await?;
        }
    }

    async fn read_more(&mut self, run: &Run) -> Result<(), String> {
        let mut chunk = [0; 4096];
        let count = match run.deadline.cap(self.stream.read(&mut chunk)).await? {
            Ok(count) => count,
            // Ends without the proper goodbye are common, and what was said counts.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error.to_string()),
        };
        self.ended = count == 0;
        self.read.extend_from_slice(&chunk[..count]);
        Ok(())
    }

    async fn expect_bytes(&mut self, run: &mut Run, expected: &[u8]) -> bool {
        while self.read.len() < expected.len() && !self.ended {
            if let Err(error) = self.read_more(run).await {
                run.log.fail("the expected bytes do not come", &[("error", &error)]);
                return false;
            }
        }
        if self.read.len() < expected.len() {
            run.log.fail("the connection ended before the expected bytes", &[("expected", &shown(expected))]);
            return false;
        }
        let found: Vec<u8> = self.read.drain(..expected.len()).collect();
        let good = found == expected;
        run.sheet.set("probe_failed_due_to_bytes", f64::from(u8::from(!good)));
        if !good {
            let (expected, found) = (shown(expected), shown(&found));
            run.log.fail("other bytes came than expected", &[("expected", &expected), ("found", &found)]);
        }
        good
    }
}

fn tell(run: &mut Run, step: &Step, captures: &Captures<'_>) {
    if step.labels.is_empty() {
        return;
    }
    let values: Vec<(String, String)> = step
        .labels
        .iter()
        .map(|(name, value)| {
            let value = expand(captures, value.as_bytes());
            (name.clone(), String::from_utf8_lossy(&value).into_owned())
        })
        .collect();
    let labels: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    run.sheet.set_with("probe_expect_info", &labels, 1.0);
}

/// Puts what was captured where `$1` or `${name}` stands.
pub(crate) fn expand(captures: &Captures<'_>, template: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::new();
    captures.expand(template, &mut expanded);
    expanded
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
