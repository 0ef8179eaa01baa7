//! The orderly end: one signal that every task can wait for, and a set of tasks that can be waited for in turn.

use crate::clock::SharedClock;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Told once, heard by every clone of [`Shutdown`] that it was made with.
#[derive(Clone, Debug)]
pub struct ShutdownTrigger {
    sender: Arc<watch::Sender<bool>>,
}

/// Resolves when the component is asked to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown {
    receiver: watch::Receiver<bool>,
}

impl ShutdownTrigger {
    /// A trigger and the signal that it fires.
    pub fn new() -> (Self, Shutdown) {
        let (sender, receiver) = watch::channel(false);
        (Self { sender: Arc::new(sender) }, Shutdown { receiver })
    }

    /// Asks everyone to stop; again changes nothing.
    pub fn fire(&self) {
        self.sender.send_replace(true);
    }
}

impl Shutdown {
    /// Whether the component was asked to stop.
    pub fn is_requested(&self) -> bool {
        *self.receiver.borrow()
    }

    /// Returns once the component is asked to stop, or its trigger is gone.
    pub async fn requested(&self) {
        let mut receiver = self.receiver.clone();
        let _trigger_may_be_gone = receiver.wait_for(|requested| *requested).await;
    }
}

/// The background tasks of one component.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    set: Arc<Mutex<JoinSet<()>>>,
}

impl Tasks {
    /// Starts a task that belongs to this component. It should end soon after its [`Shutdown`] resolves.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.set.lock();
        while set.try_join_next().is_some() {}
        set.spawn(task);
    }

    /// Waits until every task has ended, at most `grace`; whatever still runs then is aborted.
    ///
    /// Returns how many had to be aborted.
    pub async fn drain(&self, clock: &SharedClock, grace: Duration) -> usize {
        let mut set = std::mem::take(&mut *self.set.lock());
        let ended = async { while set.join_next().await.is_some() {} };
        tokio::select! {
            () = ended => 0,
            () = clock.sleep(grace) => {
                let running = set.len();
                set.shutdown().await;
                running
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    #[tokio::test]
    async fn tasks_end_when_asked_and_stragglers_are_aborted() {
        let (trigger, shutdown) = ShutdownTrigger::new();
        let tasks = Tasks::default();
        tasks.spawn(async move { shutdown.requested().await });
        tasks.spawn(std::future::pending());
        trigger.fire();
        assert_eq!(tasks.drain(&SystemClock::shared(), Duration::from_millis(50)).await, 1);
    }
}
