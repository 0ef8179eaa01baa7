//! The demo's shop as a process of its own, so that a drill can kill it as a shop is killed in earnest.

use crate::error::RunError;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// How long the shop may take to say where it answers.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long its requests under way may take to end.
const DRAIN_GRACE: Duration = Duration::from_secs(12);

/// A running shop. It ends when its standard input does, and so never outlives the demo, however that ends.
pub struct ShopProcess {
    child: Child,
    life_line: ChildStdin,
    /// Where the gateway answers.
    pub address: SocketAddr,
    /// The process, for whoever wants to kill it.
    pub id: u32,
}

/// What the shop is started with.
pub struct ShopPlan {
    /// Where the gateway listens.
    pub listen: SocketAddr,
    /// OTLP over gRPC of the agent.
    pub otlp: SocketAddr,
    /// Requests a second of the built-in load.
    pub rate: f64,
}

impl ShopPlan {
    /// The command line that starts such a shop by hand, once its gateway listens at `address`.
    pub fn by_hand(&self, address: SocketAddr) -> String {
        format!("lgtm fake-service --listen {address} --otlp http://{} --rate {}", self.otlp, self.rate)
    }
}

impl ShopProcess {
    /// Starts the shop and waits until it answers.
    pub async fn start(plan: &ShopPlan) -> Result<Self, RunError> {
        let program = std::env::current_exe().map_err(failed)?;
        let mut child = Command::new(program)
            .args(["fake-service", "--until-stdin-ends"])
            .args(["--listen", &plan.listen.to_string()])
            .args(["--otlp", &format!("http://{}", plan.otlp)])
            .args(["--rate", &plan.rate.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let ended = || RunError::ShopProcess("it ended before it was ready; its own message stands above".to_owned());
        let (Some(life_line), Some(stdout), Some(id)) = (child.stdin.take(), child.stdout.take(), child.id()) else {
            return Err(ended());
        };
        let mut line = String::new();
        let mut stdout = BufReader::new(stdout);
        let ready = tokio::time::timeout(READY_WITHIN, stdout.read_line(&mut line));
        ready
            .await
            .map_err(|_elapsed| RunError::ShopProcess("it was not ready in time".to_owned()))?
            .map_err(failed)?;
        let address = line.trim().strip_prefix("ready http://").and_then(|address| address.parse().ok());
        Ok(Self { child, life_line, address: address.ok_or_else(ended)?, id })
    }

    /// Returns when the shop has ended by itself or was killed.
    pub async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Lets it finish what it is doing.
    pub async fn drain(self) {
        let Self { mut child, life_line, .. } = self;
        drop(life_line);
        if tokio::time::timeout(DRAIN_GRACE, child.wait()).await.is_err() {
            tracing::warn!("the shop did not end by itself");
            let _it_may_have_ended = child.kill().await;
        }
    }
}

fn failed(error: std::io::Error) -> RunError {
    RunError::ShopProcess(error.to_string())
}
