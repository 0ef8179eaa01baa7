//! Runs upstream's PromQL scripts.

pub mod compare;
pub mod memory;
pub mod parse;
pub mod run;
