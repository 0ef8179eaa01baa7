//! Putting together what comes within a moment.
//!
//! A batch is closed when it has `items_max` items or when `delay` has passed since its first, whichever comes first.
//! Writers wait meanwhile, and until the batch is on the queue's disk: many small requests cost one fsync, and nobody is
//! told that data is safe before it is. Bytes are bounded by the receiver's limits before the batch and by `bytes_max` a
//! request after it.

use crate::encode::{Items, requests};
use lgtm_flow::SinkError;
use lgtm_flow::queue::Queue;
use lgtm_runtime::{SharedClock, Shutdown};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait for their batch; more are told to come back.
pub(crate) const WAITING_MAX: usize = 1_024;
/// When a writer that was turned away should come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// When a batch is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Records, spans or samples (default: 8,192).
    pub items_max: usize,
    /// Bytes of one request, encoded; larger batches become several requests (default: 4 MiB).
    pub bytes_max: usize,
    /// Time since the first item (default: 200 ms).
    pub delay: Duration,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { items_max: 8_192, bytes_max: 4 << 20, delay: Duration::from_millis(200) }
    }
}

/// Items on their way into a batch, and who waits for them to be safe.
pub(crate) type Waiting<T> = (T, oneshot::Sender<Result<(), SinkError>>);

/// The writers' end of a batcher.
pub(crate) struct Door<T> {
    sender: mpsc::Sender<Waiting<T>>,
}

impl<T: Items> Door<T> {
    /// A door and what comes through it.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Waiting<T>>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self { sender }, receiver)
    }

    /// Hands over items; `Ok` means that they are on the queue's disk.
    pub(crate) async fn write(&self, items: T) -> Result<(), SinkError> {
        let (reply, stored) = oneshot::channel();
        self.sender.try_send((items, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SinkError::Overloaded {
                limit: format!("{WAITING_MAX} requests wait for the agent's queue, which is as many as may"),
                retry_after: RETRY_AFTER,
            },
            mpsc::error::TrySendError::Closed(_) => stopping(),
        })?;
        stored.await.unwrap_or_else(|_gone| Err(stopping()))
    }
}

fn stopping() -> SinkError {
    SinkError::Unavailable("the agent is stopping".to_owned())
}

/// Runs a batcher until `shutdown`, then pushes what still waits.
pub(crate) async fn run<T: Items>(
    limits: BatchLimits,
    mut waiting: mpsc::Receiver<Waiting<T>>,
    queue: Queue,
    clock: SharedClock,
    shutdown: Shutdown,
) {
    loop {
        let first = tokio::select! {
            biased;
            first = waiting.recv() => first,
            () = shutdown.requested() => {
                // No one may come in any more; whoever is already in is still served.
                waiting.close();
                waiting.recv().await
            }
        };
        let Some(first) = first else { return };
        let (items, replies) = collect(limits, first, &mut waiting, &clock, &shutdown).await;
        let result = push(&queue, items, limits.bytes_max).await;
        for reply in replies {
            // A writer that gave up no longer listens.
            let _ = reply.send(result.clone());
        }
    }
}

type Replies = Vec<oneshot::Sender<Result<(), SinkError>>>;

/// Fills a batch that begins with `first`.
async fn collect<T: Items>(
    limits: BatchLimits,
    first: Waiting<T>,
    waiting: &mut mpsc::Receiver<Waiting<T>>,
    clock: &SharedClock,
    shutdown: &Shutdown,
) -> (T, Replies) {
    let (mut items, reply) = first;
    let mut replies = vec![reply];
    let mut until = std::pin::pin!(clock.sleep(limits.delay));
    while items.count() < limits.items_max {
        let next = tokio::select! {
            biased;
            next = waiting.recv() => next,
            () = &mut until => None,
            () = shutdown.requested() => None,
        };
        let Some((more, reply)) = next else { break };
        items.append(more);
        replies.push(reply);
    }
    (items, replies)
}

async fn push<T: Items>(queue: &Queue, items: T, bytes_max: usize) -> Result<(), SinkError> {
    for request in requests(items, bytes_max) {
        queue.push(T::SIGNAL as u8, request).await?;
    }
    Ok(())
}
