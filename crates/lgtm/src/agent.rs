//! `lgtm agent`: OTLP in, a queue on disk, OTLP out; host metrics of this machine into the same queue.

use crate::cli::AgentOptions;
use crate::endpoints::Endpoints;
use crate::error::RunError;
use crate::listeners::Ports;
use crate::stop;
use lgtm_receive::ListenAddress;
use lgtm_runtime::{SharedClock, Shutdown, ShutdownTrigger};
use lgtm_store::StoreDeps;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How long each step of the drain may take.
const DRAIN_GRACE: Duration = Duration::from_secs(5);
/// How often the machine is looked at.
const HOST_INTERVAL: Duration = Duration::from_secs(15);

/// What an agent is started with.
pub struct AgentPlan {
    /// OTLP over HTTP of the server.
    pub server: String,
    /// Folder of the queue.
    pub data: PathBuf,
    /// OTLP over gRPC and HTTP.
    pub listen: (SocketAddr, SocketAddr),
    /// How often the machine is looked at.
    pub host_interval: Duration,
}

/// A running agent with its host metrics.
pub struct RunningAgent {
    handle: lgtm_agent::Handle,
    host: lgtm_host::Handle,
}

impl RunningAgent {
    /// Where OTLP over gRPC is taken.
    pub fn grpc(&self) -> SocketAddr {
        self.handle.grpc
    }

    /// Waits for the end after the shutdown was requested; what is not sent stays on disk.
    pub async fn drain(self, clock: &SharedClock) {
        self.host.drain(clock, DRAIN_GRACE).await;
        let cut_off = self.handle.drain(DRAIN_GRACE).await;
        if cut_off > 0 {
            tracing::warn!(cut_off, "tasks of the agent were cut off; what was not sent stays queued on disk");
        }
    }
}

/// Starts an agent.
pub async fn start(plan: AgentPlan, deps: &StoreDeps, shutdown: Shutdown) -> Result<RunningAgent, RunError> {
    let server = lgtm_peer::Config { endpoint: plan.server, ..lgtm_peer::Config::default() };
    let mut config = lgtm_agent::Config::new(plan.data, server);
    let listen = |address| ListenAddress { address, setting: "--listen".to_owned() };
    config.receive.grpc_listen = listen(plan.listen.0);
    config.receive.http_listen = listen(plan.listen.1);
    let agent_deps =
        lgtm_agent::Deps { clock: deps.clock.clone(), random: deps.random.clone(), registry: deps.registry.clone() };
    let started = lgtm_agent::start(config, agent_deps, shutdown.clone()).await;
    let handle = started.map_err(|error| RunError::Agent(error.to_string()))?;
    let host_config = lgtm_host::Config { interval: plan.host_interval, ..lgtm_host::Config::default() };
    let host_deps =
        lgtm_host::Deps { sink: handle.sinks().samples, clock: deps.clock.clone(), registry: deps.registry.clone() };
    let host = lgtm_host::start(&host_config, host_deps, shutdown);
    Ok(RunningAgent { handle, host })
}

/// Runs an agent until it is told to stop.
pub async fn run(options: AgentOptions) -> Result<(), RunError> {
    std::fs::create_dir_all(&options.data).map_err(|source| RunError::Write { path: options.data.clone(), source })?;
    let ports = Ports::of_the_ecosystem();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listen = options.listen.map_or((ports.otlp_grpc, ports.otlp_http), |grpc| (grpc, free));
    let deps = StoreDeps::of_this_machine();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let queue = options.data.join("queue");
    let plan = AgentPlan { server: options.server, data: queue, listen, host_interval: HOST_INTERVAL };
    let agent = start(plan, &deps, shutdown).await?;
    let mut endpoints = Endpoints::default();
    endpoints.add("otlp_grpc", agent.handle.grpc);
    endpoints.add("otlp_http", agent.handle.http);
    endpoints.write(&options.data)?;
    println!("ready http://{}", agent.handle.http);
    stop::wait(&trigger).await;
    agent.drain(&deps.clock).await;
    Ok(())
}
