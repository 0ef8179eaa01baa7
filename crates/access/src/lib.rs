//! Listener policy and authentication.
