//! The doors in: what collection hands to storage, and what an acknowledgement means.
//!
//! Collection (`scrape`, `receive`, `host`) knows only these traits; the signals (`metrics`, `logs`, `traces`) and the
//! way to another process (`peer`) implement them; the roof joins the two. This crate knows nothing of wire formats.

mod error;
pub mod queue;
mod sink;

pub use error::SinkError;
pub use lgtm_model::{MetadataRow, SampleBatch, SampleRow};
pub use sink::{AlertSink, LogSink, SampleSink, Sinks, SpanSink};
