//! `lgtm demo`: server and agent in one process and the shop in another, each talking to the next by its public protocol.
//!
//! The shop is a process so that it can be killed: that is the drill which everyone tries first. It sends OTLP to
//! the agent, the agent queues it on disk and sends it on to the server, and the server scrapes the shop and itself from
//! a `prometheus.yml` that is written into the data folder, to be looked at and changed.

use crate::agent::{self, AgentPlan};
use crate::cli::ComponentOptions;
use crate::error::RunError;
use crate::server::{Plan, Server, announce, reload_on_signal};
use crate::shop_process::{ShopPlan, ShopProcess};
use crate::stop;
use lgtm_drill::inbox;
use lgtm_runtime::{Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::StoreDeps;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Requests a second of the built-in load.
const REQUESTS_PER_SECOND: f64 = 6.0;

/// How often the machine is looked at: often enough that a newcomer sees the charts move.
const HOST_INTERVAL: Duration = Duration::from_secs(5);

/// How long the shop may take to end; a little more than it allows itself.
const SHOP_GRACE: Duration = Duration::from_secs(15);

/// How many times shorter than declared the windows of objectives are, so that a drill of minutes shows what takes hours.
const SLO_SCALE: u32 = 12;

/// Runs the demo until it is told to stop.
pub async fn run(options: ComponentOptions) -> Result<(), RunError> {
    let plan = Plan::new(&options, SLO_SCALE)?;
    let deps = StoreDeps::of_this_machine();
    let (data, ports) = (plan.data.clone(), plan.ports.clone());
    let scrapes_own_file = plan.places.prometheus.is_some();
    let provisioned = plan.config.content.is_none() && plan.config.alertmanager.is_none();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let inbox = inbox::start(ports.inbox, deps.clock.clone(), print_message, shutdown.clone()).await;
    let inbox = inbox.map_err(|error| RunError::Inbox(ports.inbox, error))?;
    if provisioned {
        write_secrets(&data.join("content/secrets"), inbox.address)?;
    }
    let mut server = Server::start(plan, deps.clone()).await?;
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
    server.endpoints.add("inbox", inbox.address);
    if !scrapes_own_file {
        server.use_prometheus(write_prometheus_yml(&data, &server, address)?).await?;
    }
    server.endpoints.write(&data)?;
    announce(&server.endpoints);
    print_welcome(&server, address, id);
    let tasks = Tasks::default();
    tasks.spawn(watch_shop(shop, shop_plan.by_hand(address), shutdown.clone()));
    tasks.spawn(reload_on_signal(server.reloader().clone(), shutdown));
    stop::wait(&trigger).await;
    tasks.drain(&deps.clock, SHOP_GRACE).await;
    agent.drain(&deps.clock).await;
    server.stop().await;
    inbox.drain().await;
    Ok(())
}

/// The addresses that `alertmanager.yml` reads from files: the inbox stands for Slack, and for who hears the watchdog.
fn write_secrets(folder: &Path, inbox: SocketAddr) -> Result<(), RunError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(folder).map_err(|source| RunError::Write { path: folder.to_owned(), source })?;
    for (name, path) in [("slack_webhook_url", "slack"), ("watchdog_url", "watchdog")] {
        let file = folder.join(name);
        std::fs::write(&file, format!("http://{inbox}/{path}"))
            .and_then(|()| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)))
            .map_err(|source| RunError::Write { path: file, source })?;
    }
    Ok(())
}

/// A message to the inbox, on the terminal.
fn print_message(body: &serde_json::Value) {
    let attachment = &body["attachments"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().trim().to_owned();
    let (title, text) = (text(&attachment["title"]), text(&attachment["text"]));
    eprintln!("\n  Slack would show: {title}\n    {}", text.replace('\n', "\n    "));
}

/// Drains the shop at the end, or says how to have it back when it ends before.
async fn watch_shop(mut shop: ShopProcess, by_hand: String, shutdown: Shutdown) {
    tokio::select! {
        () = shutdown.requested() => shop.drain().await,
        status = shop.ended() => tracing::warn!(%status, "the shop ended; to have it back: {by_hand}"),
    }
}

/// The jobs of the demo, as a file that a person can change; it is written anew at each start, since ports change.
///
/// The shop has one `instance` in its own metrics and in the probe, so that an outage inhibits what it causes.
fn write_prometheus_yml(data: &Path, server: &Server, shop: SocketAddr) -> Result<PathBuf, RunError> {
    let path = data.join("prometheus.yml");
    let (own, pushgateway) = (server.address("ui"), server.address("pushgateway"));
    let rules = server.rules().join("*.yml");
    let text = format!(
        r#"# Written by `lgtm demo` at each start.
global:
  scrape_interval: 5s
  scrape_timeout: 4s
  evaluation_interval: 5s
rule_files:
  - {rules}
scrape_configs:
  - job_name: fake-service
    static_configs:
      - targets: ["{shop}"]
        labels: {{instance: fake-service}}
  - job_name: lgtm
    static_configs:
      - targets: ["{own}"]
  - job_name: pushgateway
    honor_labels: true
    static_configs:
      - targets: ["{pushgateway}"]
  - job_name: blackbox-http
    metrics_path: /probe
    params:
      module: [http_2xx]
    static_configs:
      - targets: ["http://{shop}/health"]
        labels: {{instance: fake-service}}
    relabel_configs:
      - source_labels: [__address__]
        target_label: __param_target
      - target_label: __address__
        replacement: blackbox.lgtm.internal
"#,
        rules = rules.display()
    );
    std::fs::write(&path, text).map_err(|source| RunError::Write { path: path.clone(), source })?;
    Ok(path)
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
