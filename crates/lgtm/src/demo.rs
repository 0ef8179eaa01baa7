//! `lgtm demo`: server and agent in one process and the shop in another, each talking to the next by its public protocol.
//!
//! The shop is a process so that it can be killed: that is the drill which everyone tries first. It sends OTLP to the agent, the agent queues it on disk and sends it on to the server, and the server scrapes
//! the shop and itself from a `prometheus.yml` that is written into the data folder, to be looked at and changed.

use crate::agent::{self, AgentPlan};
use crate::cli::ComponentOptions;
use crate::config;
use crate::error::RunError;
use crate::listeners::Ports;
use crate::server::{Plan, Server, announce};
use crate::shop_process::{ShopPlan, ShopProcess};
use crate::stop;
use lgtm_runtime::{Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::StoreDeps;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// Requests a second of the built-in load.
const REQUESTS_PER_SECOND: f64 = 6.0;

/// How often the machine is looked at: often enough that a newcomer sees the charts move.
const HOST_INTERVAL: Duration = Duration::from_secs(5);

/// How long the shop may take to end; a little more than it allows itself.
const SHOP_GRACE: Duration = Duration::from_secs(15);

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
    let shop_plan = ShopPlan { listen: ports.shop, otlp: agent.grpc(), rate: REQUESTS_PER_SECOND };
    let shop = ShopProcess::start(&shop_plan).await?;
    let (address, id) = (shop.address, shop.id);
    server.endpoints.add("fake_service", address);
    if !scrapes_own_file {
        let own = server.endpoints.get("ui").unwrap_or_default().trim_start_matches("http://").to_owned();
        server.reload(write_prometheus_yml(&data, &own, address)?);
    }
    server.endpoints.write(&data)?;
    announce(&server.endpoints);
    print_welcome(&server, address, id);
    let tasks = Tasks::default();
    tasks.spawn(watch_shop(shop, shop_plan.by_hand(address), shutdown));
    stop::wait(&trigger).await;
    tasks.drain(&deps.clock, SHOP_GRACE).await;
    agent.drain(&deps.clock).await;
    server.stop().await;
    Ok(())
}

/// Drains the shop at the end, or says how to have it back when it ends before.
async fn watch_shop(mut shop: ShopProcess, by_hand: String, shutdown: Shutdown) {
    tokio::select! {
        () = shutdown.requested() => shop.drain().await,
        status = shop.ended() => tracing::warn!(%status, "the shop ended; to have it back: {by_hand}"),
    }
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

fn print_welcome(server: &Server, shop: SocketAddr, id: u32) {
    let ui = server.endpoints.get("ui").unwrap_or_default();
    eprintln!(
        "\n  Open {ui} and watch the shop.\n  Break it:  \
         curl -X POST 'http://{shop}/faults/error-burst?endpoint=/api/checkout&duration=2m'\n  \
         Then drag over the spike, read the log lines, and click a traceID.\n  \
         Kill it:   kill -9 {id}\n"
    );
}
