//! Upstream's PromQL scripts and engine data, and properties of evaluation, in one test binary.

pub mod compare;
mod engine;
pub mod memory;
pub mod parse;
pub mod run;
mod steps;
