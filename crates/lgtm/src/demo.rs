//! `lgtm demo`: server, agent and shop in one process on this machine, each talking to the next by its public protocol.
//!
//! The shop sends OTLP to the agent, the agent queues it on disk and sends it on to the server, and the server scrapes
//! the shop and itself from a `prometheus.yml` that is written into the data folder, to be looked at and changed.

use crate::agent::{self, AgentPlan};
use crate::cli::ComponentOptions;
use crate::config;
use crate::error::RunError;
use crate::listeners::Ports;
use crate::server::{Plan, Server, announce};
use crate::stop;
use lgtm_drill::shop;
use lgtm_runtime::ShutdownTrigger;
use lgtm_store::StoreDeps;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// Requests a second of the built-in load.
const REQUESTS_PER_SECOND: f64 = 6.0;

/// How often the machine is looked at: often enough that a newcomer sees the charts move.
const HOST_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the demo until it is told to stop.
pub async fn run(options: ComponentOptions) -> Result<(), RunError> {
    let mut plan = Plan::new(&options)?;
    let deps = StoreDeps::of_this_machine();
    let data = plan.data.clone();
    let ports = plan.ports.clone();
    let scrapes_own_file = plan.config.prometheus.is_some();
    if !scrapes_own_file {
        plan.scrape = lgtm_scrape::Config::default();
    }
    let mut server = Server::start(plan, deps.clone()).await?;
    let (trigger, shutdown) = ShutdownTrigger::new();
    let agent_plan = AgentPlan {
        server: server.endpoints.get("otlp_http").unwrap_or_default().to_owned(),
        data: data.join("agent"),
        listen: (SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        host_interval: HOST_INTERVAL,
    };
    let agent = agent::start(agent_plan, &deps, shutdown.clone()).await?;
    let shop = start_shop(&ports, agent.grpc(), &deps, shutdown).await?;
    server.endpoints.add("fake_service", shop.address());
    if !scrapes_own_file {
        let own = server.endpoints.get("ui").unwrap_or_default().trim_start_matches("http://").to_owned();
        server.reload(write_prometheus_yml(&data, &own, shop.address())?);
    }
    server.endpoints.write(&data)?;
    announce(&server.endpoints);
    print_welcome(&server, shop.address());
    stop::wait(&trigger).await;
    shop.drain().await;
    agent.drain(&deps.clock).await;
    server.stop().await;
    Ok(())
}

async fn start_shop(
    ports: &Ports,
    otlp: SocketAddr,
    deps: &StoreDeps,
    shutdown: lgtm_runtime::Shutdown,
) -> Result<shop::Handle, RunError> {
    let config = shop::Config {
        listen: ports.shop,
        otlp_endpoint: format!("http://{otlp}"),
        requests_per_second: REQUESTS_PER_SECOND,
    };
    let shop_deps = shop::Deps { clock: deps.clock.clone(), random: deps.random.clone() };
    Ok(shop::start(config, shop_deps, shutdown).await?)
}

/// The jobs of the demo, as a file that a person can change; it is written anew at each start, since ports change.
fn write_prometheus_yml(data: &Path, own: &str, shop: SocketAddr) -> Result<lgtm_scrape::Config, RunError> {
    let path = data.join("prometheus.yml");
    let text = format!(
        "# Written by `lgtm demo` at each start.\n\
         global:\n  scrape_interval: 5s\n  scrape_timeout: 4s\n\
         scrape_configs:\n\
         \x20 - job_name: fake-service\n    static_configs:\n      - targets: [\"{shop}\"]\n\
         \x20 - job_name: lgtm\n    static_configs:\n      - targets: [\"{own}\"]\n"
    );
    std::fs::write(&path, text).map_err(|source| RunError::Write { path: path.clone(), source })?;
    config::scrape(&path)
}

fn print_welcome(server: &Server, shop: SocketAddr) {
    let ui = server.endpoints.get("ui").unwrap_or_default();
    eprintln!(
        "\n  Open {ui} and watch the shop.\n  Break it:  \
         curl -X POST 'http://{shop}/faults/error-burst?endpoint=/api/checkout&duration=2m'\n  \
         Then drag over the spike, read the log lines, and click a traceID.\n"
    );
}
