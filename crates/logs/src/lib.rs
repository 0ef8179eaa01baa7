//! The logs signal.
