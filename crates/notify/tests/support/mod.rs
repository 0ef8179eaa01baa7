//! A notifier on a clock that is turned by hand, whose receivers write down what they are told.
#![allow(dead_code, reason = "each test file uses its part")]

use async_trait::async_trait;
use lgtm_model::{Labels, TimestampNs};
use lgtm_notify::{
    AlertStatus, Config, Deps, Handle, Integration, Integrations, Notification, NotifyError, Receipt, Report, start,
};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, ShutdownTrigger};
use lgtm_state::SmallState;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// 2026-01-01T00:00:00Z.
pub const T0: TimestampNs = TimestampNs(1_767_225_600_000_000_000);
pub const SECOND_NS: i64 = 1_000_000_000;

/// What a receiver was told: seconds since the start, receiver, `+name` for firing and `-name` for resolved alerts.
pub type Told = Arc<Mutex<Vec<(i64, String, String)>>>;

/// How a receiver answers.
pub type Answer = Arc<dyn Fn(&Notification, i64) -> Result<(), NotifyError> + Send + Sync>;

pub struct Capture {
    pub told: Told,
    pub clock: Arc<ManualClock>,
    pub answer: Answer,
    pub sends_resolved: bool,
}

pub fn seconds(at: TimestampNs) -> i64 {
    at.since_ns(T0) / SECOND_NS
}

#[async_trait]
impl Integration for Capture {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn sends_resolved(&self) -> bool {
        self.sends_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        use lgtm_runtime::Clock;
        let at = seconds(self.clock.now());
        let alerts = notification.alerts.iter().map(|alert| {
            let sign = if alert.status == AlertStatus::Firing { '+' } else { '-' };
            format!("{sign}{}", alert.alert.labels.get("alertname").unwrap_or("?"))
        });
        let alerts: Vec<String> = alerts.collect();
        (self.answer)(notification, at)?;
        self.told.lock().push((at, notification.receiver.clone(), alerts.join(" ")));
        Ok(Receipt::default())
    }
}

pub struct Node {
    pub handle: Handle,
    pub shutdown: ShutdownTrigger,
    pub registry: Registry,
}

pub struct Scene {
    pub clock: Arc<ManualClock>,
    pub told: Told,
    pub answer: Answer,
    pub state: Arc<dyn SmallState>,
}

impl Scene {
    pub fn new(state: Arc<dyn SmallState>) -> Self {
        let answer: Answer = Arc::new(|_, _| Ok(()));
        Self { clock: ManualClock::starting_at(T0), told: Told::default(), answer, state }
    }

    pub async fn start(&self, name: &str, yaml: &str) -> Node {
        self.start_on(Arc::clone(&self.state), name, yaml).await
    }

    pub async fn start_on(&self, state: Arc<dyn SmallState>, name: &str, yaml: &str) -> Node {
        let (told, clock, answer) = (Arc::clone(&self.told), Arc::clone(&self.clock), Arc::clone(&self.answer));
        let integrations: Integrations = Arc::new(move |_receiver| {
            let (told, clock, answer) = (Arc::clone(&told), Arc::clone(&clock), Arc::clone(&answer));
            Ok(vec![Arc::new(Capture { told, clock, answer, sends_resolved: true }) as Arc<dyn Integration>])
        });
        let registry = Registry::default();
        let deps = Deps {
            state,
            clock: self.clock.clone(),
            registry: registry.clone(),
            random: Random::from_entropy(),
            integrations,
            name: name.to_owned(),
            start_delay: Duration::ZERO,
        };
        let (trigger, shutdown) = ShutdownTrigger::new();
        let config = Config::read_text("test.yml", yaml).unwrap().value;
        let handle = start(config, yaml.to_owned(), deps, shutdown).await.unwrap();
        handle.settle().await;
        Node { handle, shutdown: trigger, registry }
    }

    /// Turns the clock in small steps and lets everyone do what is due at each.
    pub async fn advance(&self, duration: Duration, nodes: &[&Node]) {
        let step = Duration::from_millis(100);
        for _ in 0..duration.as_millis() / step.as_millis() {
            self.clock.advance(step);
            for node in nodes {
                node.handle.settle().await;
            }
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        }
    }

    pub fn told(&self) -> Vec<(i64, String)> {
        self.told.lock().iter().map(|(at, _, alerts)| (*at, alerts.clone())).collect()
    }
}

pub fn report(name: &str) -> Report {
    Report {
        labels: Labels::from_pairs([("alertname", name)]),
        annotations: Labels::empty(),
        starts_at: None,
        ends_at: None,
        generator_url: String::new(),
    }
}

pub fn ended(name: &str, starts_at: TimestampNs, ends_at: TimestampNs) -> Report {
    Report { starts_at: Some(starts_at), ends_at: Some(ends_at), ..report(name) }
}
