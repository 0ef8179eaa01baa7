//! Everything pushed to us.
