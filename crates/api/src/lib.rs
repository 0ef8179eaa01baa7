//! One module per compatible surface: each knows its peer's paths, parameters and JSON, and reads through the language's
//! `Source`. This crate knows nothing of storage.

pub mod alertmanager;
pub mod backtest;
pub mod blackbox;
pub mod loki;
pub mod prometheus;
pub mod runbooks;
pub mod slo;
pub mod tempo;
