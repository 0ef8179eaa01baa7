//! Field work: what acts on a system from outside to prove that it can be trusted.
//!
//! Today that is the [`shop`], a small system with honest telemetry and faults that a drill can switch on, and the
//! [`inbox`], which stands for the team's Slack. This crate
//! knows nothing of how lgtm stores or judges anything: it speaks OTLP and HTTP like any other application.

pub mod inbox;
pub mod shop;
