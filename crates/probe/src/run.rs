//! One probe under way: its target, its clock and deadline, what it found, and what it said.

use crate::log::Log;
use crate::metric::Sheet;
use crate::tls::SystemRoots;
use lgtm_runtime::{Random, SharedClock};
use std::sync::Arc;
use std::time::Duration;

/// What a prober works on.
pub(crate) struct Run {
    pub target: String,
    /// The name that the target is to be asked under, if it is not its own.
    pub hostname: String,
    pub clock: SharedClock,
    pub random: Random,
    pub roots: Arc<SystemRoots>,
    pub sheet: Sheet,
    pub log: Log,
    pub deadline: Deadline,
}

/// When a probe must be over.
#[derive(Clone)]
pub(crate) struct Deadline {
    clock: SharedClock,
    at: Duration,
    timeout: Duration,
}

impl Deadline {
    pub(crate) fn after(clock: SharedClock, timeout: Duration) -> Self {
        Self { at: clock.elapsed() + timeout, clock, timeout }
    }

    /// The outcome of `work`, or a word about the time that has passed.
    pub(crate) async fn cap<T>(&self, work: impl Future<Output = T>) -> Result<T, String> {
        let left = self.at.saturating_sub(self.clock.elapsed());
        tokio::select! {
            biased;
            outcome = work => Ok(outcome),
            () = self.clock.sleep(left) => Err(format!("no answer within the timeout of {} s", self.timeout.as_secs_f64())),
        }
    }

    /// The same for work that can fail by itself.
    pub(crate) async fn within<T, E: std::fmt::Display>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, String> {
        self.cap(work).await?.map_err(|error| error.to_string())
    }
}

impl Run {
    /// The time for measuring.
    pub(crate) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Seconds since a time of [`Run::now`].
    pub(crate) fn since(&self, start: Duration) -> f64 {
        self.clock.elapsed().saturating_sub(start).as_secs_f64()
    }
}
