//! Putting the pipeline together, and taking it down in the reverse order.

use crate::Config;
use crate::batch::{self, Door};
use crate::encode::Items;
use crate::send::{Meters, Sender};
use lgtm_flow::queue::{Queue, QueueConfig, QueueError};
use lgtm_flow::{SampleBatch, Sinks};
use lgtm_model::{LogRecord, Span};
use lgtm_peer::{OtlpPeer, PeerError};
use lgtm_receive::ListenError;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock, Shutdown, ShutdownTrigger, Tasks};
use lgtm_wire::otlp::Signal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// What the agent works with.
#[derive(Clone)]
pub struct Deps {
    /// The time.
    pub clock: SharedClock,
    /// Jitter of the back-off.
    pub random: Random,
    /// Where the agent's own metrics are kept.
    pub registry: Registry,
}

/// Why the agent cannot start.
#[derive(Debug, Error)]
pub enum AgentError {
    /// A port cannot be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A queue cannot be opened.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The server's address cannot be used.
    #[error("the agent's server: {0}")]
    Peer(#[from] PeerError),
}

/// A running agent.
pub struct Handle {
    /// Where OTLP/gRPC is taken.
    pub grpc: SocketAddr,
    /// Where OTLP/HTTP is taken.
    pub http: SocketAddr,
    sinks: Sinks,
    queues: Vec<Queue>,
    receiver: lgtm_receive::Handle,
    batchers: Stage,
    senders: Stage,
    clock: SharedClock,
}

/// Tasks with a signal of their own, so that stages stop one after the other.
struct Stage {
    trigger: ShutdownTrigger,
    shutdown: Shutdown,
    tasks: Tasks,
}

impl Stage {
    fn new() -> Self {
        let (trigger, shutdown) = ShutdownTrigger::new();
        Self { trigger, shutdown, tasks: Tasks::default() }
    }

    async fn stop(&self, clock: &SharedClock, grace: Duration) -> usize {
        self.trigger.fire();
        self.tasks.drain(clock, grace).await
    }
}

impl Handle {
    /// The way into the pipeline for collectors in the same process, such as host metrics.
    pub fn sinks(&self) -> Sinks {
        self.sinks.clone()
    }

    /// Bytes that wait on disk to be sent.
    pub fn queued_bytes(&self) -> u64 {
        self.queues.iter().map(Queue::bytes).sum()
    }

    /// Once the shutdown has been requested: answers the requests under way, puts everything that was taken on disk, then
    /// sends what the server takes without an error. Each of the three steps takes at most `grace`.
    ///
    /// Returns how many tasks had to be cut off. What is not sent stays on disk for the next start.
    pub async fn drain(self, grace: Duration) -> usize {
        let mut cut_off = self.receiver.drain(&self.clock, grace).await;
        cut_off += self.batchers.stop(&self.clock, grace).await;
        cut_off + self.senders.stop(&self.clock, grace).await
    }
}

/// Opens the queues and the ports, then runs the pipeline until `shutdown`; [`Handle::drain`] takes it down.
pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Result<Handle, AgentError> {
    let peer = OtlpPeer::new(&config.server, &deps.registry)?;
    let (batchers, senders) = (Stage::new(), Stage::new());
    let mut queues = Vec::new();
    for signal in Signal::ALL {
        let queue = open_queue(&config, signal, &deps.registry).await?;
        let sender = Sender {
            signal,
            queue: queue.clone(),
            peer: peer.clone(),
            backoff: config.backoff,
            clock: deps.clock.clone(),
            random: deps.random.clone(),
            meters: Meters::new(&deps.registry, signal),
        };
        senders.tasks.spawn(sender.run(senders.shutdown.clone()));
        queues.push(queue);
    }
    let sinks = Sinks {
        samples: Arc::new(batcher::<SampleBatch>(&config, &queues, &batchers, &deps)),
        logs: Arc::new(batcher::<Vec<LogRecord>>(&config, &queues, &batchers, &deps)),
        spans: Arc::new(batcher::<Vec<Span>>(&config, &queues, &batchers, &deps)),
    };
    let receiver_deps =
        lgtm_receive::Deps { sinks: sinks.clone(), clock: deps.clock.clone(), registry: deps.registry.clone() };
    let receiver = lgtm_receive::start(config.receive, receiver_deps, shutdown).await?;
    let (grpc, http) = (receiver.grpc, receiver.http);
    tracing::info!(%grpc, %http, server = peer.endpoint(), "the agent forwards OTLP");
    Ok(Handle { grpc, http, sinks, queues, receiver, batchers, senders, clock: deps.clock })
}

async fn open_queue(config: &Config, signal: Signal, registry: &Registry) -> Result<Queue, QueueError> {
    let settings = QueueConfig {
        name: format!("agent-{}", signal.as_str()),
        bytes_max_setting: "agent.queue.bytes_max".to_owned(),
        bytes_max: config.queue.bytes_max,
        segment_bytes_max: config.queue.segment_bytes_max,
    };
    Queue::open(config.queue_directory.join(signal.as_str()), settings, registry).await
}

fn batcher<T: Items>(config: &Config, queues: &[Queue], stage: &Stage, deps: &Deps) -> Door<T> {
    let (door, waiting) = Door::new();
    let queue = queues[T::SIGNAL as usize].clone();
    stage.tasks.spawn(batch::run(config.batch, waiting, queue, deps.clock.clone(), stage.shutdown.clone()));
    door
}
