//! Pull targets.
