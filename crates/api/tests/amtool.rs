//! Debian's `amtool` against our notifier over HTTP, as a person uses it.

use lgtm_notify::{Config, Deps, Integrations, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, ShutdownTrigger, SystemClock, Tasks};
use lgtm_state::MemoryState;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

const CONFIG: &str = "
route:
  receiver: team
  routes: [{matchers: [severity=critical], receiver: pager}]
receivers: [{name: team}, {name: pager}]
";

struct Amtool {
    url: String,
}

impl Amtool {
    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("amtool");
        command.args(arguments).arg(format!("--alertmanager.url={}", self.url)).env("HOME", "/nonexistent");
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
    }

    async fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "amtool {arguments:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
        said
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amtool_works_against_it() {
    if Command::new("amtool").arg("--version").output().is_err() {
        println!("skipped: amtool is not installed");
        return;
    }
    let integrations: Integrations = Arc::new(|_| Ok(Vec::new()));
    let deps = Deps {
        state: Arc::new(MemoryState::default()),
        clock: SystemClock::shared(),
        registry: Registry::default(),
        random: Random::from_entropy(),
        integrations,
        name: "test".to_owned(),
        start_delay: Duration::ZERO,
    };
    let (trigger, shutdown) = ShutdownTrigger::new();
    let config = Config::read_text("test.yml", CONFIG).unwrap().value;
    let handle = start(config, CONFIG.to_owned(), deps, shutdown.clone()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let amtool = Amtool { url: format!("http://{}", listener.local_addr().unwrap()) };
    let (tasks, router) = (Tasks::default(), lgtm_api::alertmanager::router(handle));
    tasks.spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(async move { shutdown.requested().await });
        served.await.unwrap();
    });

    amtool
        .ok(&["alert", "add", "alertname=Down", "severity=critical", "instance=a", "--annotation=summary=it is down"])
        .await;
    amtool.ok(&["alert", "add", "alertname=Slow", "instance=b"]).await;
    let alerts = amtool.ok(&["alert", "query", "-o", "simple"]).await;
    assert!(alerts.contains("Down") && alerts.contains("Slow") && alerts.contains("it is down"), "{alerts}");
    let alerts = amtool.ok(&["alert", "query", "-o", "simple", "severity=critical"]).await;
    assert!(alerts.contains("Down") && !alerts.contains("Slow"), "{alerts}");
    let alerts = amtool.ok(&["alert", "query", "-o", "extended", "--receiver=pager"]).await;
    assert!(alerts.contains("Down") && !alerts.contains("Slow"), "{alerts}");

    let add = ["silence", "add", "alertname=Down", "--comment=known", "--author=me", "--duration=1h"];
    let id = amtool.ok(&add).await.trim().to_owned();
    assert_eq!(id.len(), 36, "{id}");
    let silences = amtool.ok(&["silence", "query", "-o", "extended"]).await;
    assert!(silences.contains(&id) && silences.contains("known"), "{silences}");
    let active = amtool.ok(&["alert", "query", "-o", "simple"]).await;
    assert!(!active.contains("Down"), "the silenced one is not shown unless asked for: {active}");
    let silenced = amtool.ok(&["alert", "query", "-o", "simple", "--silenced"]).await;
    assert!(silenced.contains("Down"), "{silenced}");
    amtool.ok(&["silence", "update", &id, "--comment=still known"]).await;
    let silences = amtool.ok(&["silence", "query", "-q"]).await;
    let id = silences.trim().to_owned();
    amtool.ok(&["silence", "expire", &id]).await;
    assert_eq!(amtool.ok(&["silence", "query", "-q"]).await.trim(), "");
    assert!(amtool.ok(&["silence", "query", "--expired", "-q"]).await.contains(&id));
    assert!(amtool.ok(&["alert", "query", "-o", "simple"]).await.contains("Down"));

    let routed = amtool.ok(&["config", "routes", "test", "severity=critical", "--verify.receivers=pager"]).await;
    assert_eq!(routed.trim(), "pager");
    let shown = amtool.ok(&["config", "routes", "show"]).await;
    let routes = lgtm_notify::Routes::new(&Config::read_text("test.yml", CONFIG).unwrap().value.route);
    assert_eq!(shown.trim(), lgtm_notify::show(&routes).trim());
    trigger.fire();
}
