//! The time, as a collaborator: the machine's in production, a hand-turned one in tests.

use async_trait::async_trait;
use lgtm_model::{TimestampMs, TimestampNs};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// A clock shared by all components of a process.
pub type SharedClock = Arc<dyn Clock>;

/// Tells the time and waits for it. Implementations are called from any number of tasks at once.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Wall-clock time.
    fn now(&self) -> TimestampNs;

    /// Time since some fixed point, unaffected by clock corrections: for measuring how long something took.
    fn elapsed(&self) -> Duration;

    /// Returns once `duration` has passed. Dropping the future cancels the wait.
    async fn sleep(&self, duration: Duration);

    /// Wall-clock time in milliseconds.
    fn now_ms(&self) -> TimestampMs {
        self.now().to_ms()
    }
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// The machine's clock, ready to share.
    #[expect(clippy::disallowed_methods, reason = "this is where the machine's clock enters the program")]
    pub fn shared() -> SharedClock {
        Arc::new(Self { origin: Instant::now() })
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the machine's clock enters the program")]
    fn now(&self) -> TimestampNs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampNs(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the machine's timers enter the program")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    start: TimestampNs,
    now: watch::Sender<TimestampNs>,
    steps: Mutex<()>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn starting_at(start: TimestampNs) -> Arc<Self> {
        Arc::new(Self { start, now: watch::Sender::new(start), steps: Mutex::new(()) })
    }

    /// Moves the clock forward and wakes whoever waited for it.
    pub fn advance(&self, duration: Duration) {
        let _one_at_a_time = self.steps.lock();
        let duration_ns = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        self.now.send_modify(|now| *now = now.add_ns(duration_ns));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> TimestampNs {
        *self.now.borrow()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.now().since_ns(self.start).unsigned_abs())
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now().add_ns(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX));
        let mut watcher = self.now.subscribe();
        // The sender lives as long as `self`, so that the wait can only end by reaching the time.
        let _reached = watcher.wait_for(|now| *now >= until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_reaches_them() {
        let clock = ManualClock::starting_at(TimestampNs(0));
        let sleeper = {
            let clock = Arc::clone(&clock);
            async move { clock.sleep(Duration::from_secs(5)).await }
        };
        tokio::pin!(sleeper);
        assert!(futures_poll_once(&mut sleeper).await.is_none());
        clock.advance(Duration::from_secs(4));
        assert!(futures_poll_once(&mut sleeper).await.is_none());
        clock.advance(Duration::from_secs(1));
        sleeper.await;
        assert_eq!(clock.elapsed(), Duration::from_secs(5));
    }

    async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! { biased; output = future => Some(output), () = std::future::ready(()) => None }
    }
}
