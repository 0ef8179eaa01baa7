//! Small state: silences, the notification log, alerts, users, annotations. Documents of bytes by table and key, with a
//! version each, kept through crashes and shared by all who open the same place.
//!
//! This is one of the four seams: [`SmallState`] is what everyone is given, [`SqliteState`] is the embedded default, and
//! a server such as PostgreSQL can take its place when one machine is outgrown. [`MemoryState`] keeps nothing and serves
//! tests and `--data`-less runs. The crate does not know what the bytes mean.
//!
//! ```
//! # use lgtm_state::{MemoryState, SmallState};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), lgtm_state::StateError> {
//! let state = MemoryState::default();
//! let first = state.put("leases", "group-1", b"me".to_vec(), None).await?;
//! // Whoever saw that version may replace it, and only one of them succeeds.
//! assert!(state.compare_and_put("leases", "group-1", Some(first), b"you".to_vec(), None).await?.is_some());
//! assert!(state.compare_and_put("leases", "group-1", Some(first), b"them".to_vec(), None).await?.is_none());
//! # Ok(()) }
//! ```

mod document;
mod error;
mod limit;
mod memory;
mod seam;
mod sqlite;

pub use document::{Changes, Condition, Document, Revision, Write};
pub use error::StateError;
pub use limit::{DATABASE_SIZE_BYTES_MAX, KEY_SIZE_BYTES_MAX, VALUE_SIZE_BYTES_MAX, WRITES_MAX};
pub use memory::MemoryState;
pub use seam::SmallState;
pub use sqlite::SqliteState;
