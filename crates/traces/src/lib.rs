//! The traces signal.
