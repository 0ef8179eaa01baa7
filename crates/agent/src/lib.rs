//! The application server's pipeline: OTLP in, batches, a disk-backed queue, OTLP out.
//!
//! 1. [`lgtm_receive`] takes OTLP over gRPC and HTTP; host metrics and other collectors write to [`Handle::sinks`].
//! 2. One batcher a signal puts together what comes within a moment ([`batch`]), encodes it as one OTLP request and
//!    pushes it into that signal's queue.
//! 3. Once the queue has it on stable storage, everyone whose data is in the batch gets the acknowledgement.
//! 4. One sender a signal takes requests from the queue in order, posts them to the server and tries again with
//!    exponential back-off until they are taken ([`send`]). What the server refuses for good is dropped and counted.
//!
//! Each signal has a queue and a sender of its own, so that one signal's trouble does not hold up the others. The agent
//! stores nothing for queries and knows nothing of what the server does with the data.

mod backoff;
mod batch;
mod config;
mod encode;
mod send;
mod sinks;
mod start;

pub use backoff::Backoff;
pub use batch::BatchLimits;
pub use config::{Config, QueueLimits};
pub use start::{AgentError, Deps, Handle, start};
