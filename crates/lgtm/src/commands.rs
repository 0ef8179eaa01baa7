//! Commands that run to an end: each parses nothing, prints what its room answers, and says whether that was good.

pub mod alerts;
pub mod check;
pub mod probe;
pub mod route;
pub mod rules;
mod server;
pub mod silence;
pub mod slo;

/// Whether a check held; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit 0.
    Good,
    /// Exit 1; what was wrong has been printed.
    Bad,
}

impl From<bool> for Outcome {
    fn from(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}
