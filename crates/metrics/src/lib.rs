//! The metrics signal: a head in memory, immutable blocks on object storage, and the way from matchers to samples.
//!
//! [`Metrics`] is the whole: it takes batches as a [`lgtm_flow::SampleSink`] and answers as a [`lgtm_promql::Source`].
//! The life of a sample: [`limits`] → [`record`] into the journal of `lgtm-store` → [`head`] → [`flush`] into a
//! [`block`] → the catalog → [`compact`]ed with its neighbours → dropped with its day.
//!
//! This crate knows nothing of HTTP, exposition formats or query evaluation.
//!
//! # Which of two samples counts
//! Samples may come in any order within [`MetricsConfig::age_ms_max`]; they are sorted when read or sealed. Two samples
//! of one series and millisecond are one: the one that was acknowledged last counts, wherever the two lie.

pub mod block;
pub mod codec;
pub mod compact;
mod config;
mod error;
pub mod exemplars;
pub mod flush;
pub mod head;
pub mod index;
pub mod limits;
pub mod merge;
pub mod metadata;
mod open_blocks;
mod query;
pub mod record;
mod signal;
mod sink;

pub use config::MetricsConfig;
pub use error::MetricsError;
pub use signal::{Metrics, MetricsDeps};
