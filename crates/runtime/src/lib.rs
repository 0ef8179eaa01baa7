//! What a program needs from the world: the time, chance, tasks, an orderly end, and its own metrics.
//!
//! Every other crate takes the time, random numbers and tasks from here, so that tests can replace them; clippy bans
//! the direct ways (see `clippy.toml`). This crate knows nothing of configuration, storage or protocols.

pub mod clock;
pub mod metrics;
mod random;
mod shutdown;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use random::Random;
pub use shutdown::{Shutdown, ShutdownTrigger, Tasks};
