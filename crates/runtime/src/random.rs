//! Chance, as a collaborator: seeded by the machine in production, by a number in tests.

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use std::ops::Range;
use std::sync::Arc;

/// A random number generator shared by the tasks of a component; the same seed gives the same numbers.
#[derive(Clone, Debug)]
pub struct Random {
    generator: Arc<Mutex<StdRng>>,
}

impl Random {
    /// Seeded by the operating system.
    pub fn from_entropy() -> Self {
        Self { generator: Arc::new(Mutex::new(StdRng::from_os_rng())) }
    }

    /// Seeded by a number, so that a run can be repeated.
    pub fn from_seed(seed: u64) -> Self {
        Self { generator: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))) }
    }

    /// A number in `0.0..1.0`.
    pub fn fraction(&self) -> f64 {
        self.generator.lock().random()
    }

    /// A whole number in `range`, which must not be empty.
    pub fn in_range(&self, range: Range<u64>) -> u64 {
        self.generator.lock().random_range(range)
    }

    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.generator.lock().fill_bytes(bytes);
    }
}
