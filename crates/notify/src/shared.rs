//! The state that notifiers share, with a note of which revisions are this one's own, so that it need not read back what
//! it wrote itself.

use lgtm_state::{Revision, SmallState, StateError, Write};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Debug, Default)]
struct Seen {
    /// Everything up to here is known.
    up_to: u64,
    /// Own writes beyond a gap that somebody else may have filled.
    own: BTreeSet<u64>,
}

/// Shared state and how much of it is known. Cheap to share.
pub(crate) struct Shared {
    pub state: Arc<dyn SmallState>,
    seen: Mutex<Seen>,
}

impl Shared {
    pub fn new(state: Arc<dyn SmallState>) -> Self {
        Self { state, seen: Mutex::default() }
    }

    /// Writes, and notes the revision as one's own.
    pub async fn write(&self, writes: Vec<Write>) -> Result<Option<Revision>, StateError> {
        let revision = self.state.write(writes).await?;
        if let Some(revision) = revision {
            let mut seen = self.seen.lock();
            seen.own.insert(revision.0);
            let mut next = seen.up_to + 1;
            while seen.own.remove(&next) {
                seen.up_to = next;
                next += 1;
            }
        }
        Ok(revision)
    }

    /// From where on there may be something new.
    pub fn known(&self) -> Revision {
        Revision(self.seen.lock().up_to)
    }

    /// Notes that everything up to a revision was taken over.
    pub fn advance(&self, to: Revision) {
        let mut seen = self.seen.lock();
        if to.0 > seen.up_to {
            seen.up_to = to.0;
            seen.own = seen.own.split_off(&(to.0 + 1));
        }
    }
}
