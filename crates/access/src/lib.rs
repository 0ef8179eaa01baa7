//! The gate: which addresses may be listened on, how a listener is bound, and who may come in.
//!
//! The rule: on loopback everyone on the machine may come in; on any other address there is a token, or the server does
//! not start and says how to set one. This crate knows nothing of what is behind the gate.

mod guard;
mod listen;

pub use guard::guard;
pub use listen::{Listen, ListenError, bind, check};
