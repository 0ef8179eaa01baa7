//! All silences: written down first, then in force.

use super::record::{TABLE, decode, encode};
use super::validate::validate;
use super::{Silence, SilenceState};
use crate::limit::{RETENTION_NS, SILENCES_MAX};
use lgtm_model::{Labels, TimestampNs};
use lgtm_runtime::{Random, SharedClock};
use lgtm_state::{Changes, Revision, SmallState, StateError, Write};
use parking_lot::RwLock;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use thiserror::Error;

/// A silence that was not taken.
#[derive(Debug, Error)]
pub enum SilenceError {
    /// There is none with that id.
    #[error("silence not found")]
    NotFound,
    /// It makes no sense, or is one too many.
    #[error("{0}")]
    Invalid(String),
    /// It could not be written down.
    #[error("{0}")]
    State(#[from] StateError),
}

/// What is remembered of an alert: the silences that match it, whenever they are in force.
type Remembered = (u64, Vec<Arc<Silence>>);

#[derive(Default)]
struct Inner {
    silences: BTreeMap<String, Arc<Silence>>,
    /// Counts changes, so that what is remembered of older ones is not used.
    version: u64,
    remembered: HashMap<u64, Remembered>,
    seen: Revision,
}

/// All silences of this notifier and of those that share its state. Cheap to share; all methods may be called at once.
pub struct Silences {
    state: Arc<dyn SmallState>,
    clock: SharedClock,
    random: Random,
    inner: RwLock<Inner>,
}

impl Silences {
    pub(crate) fn new(state: Arc<dyn SmallState>, clock: SharedClock, random: Random) -> Self {
        Self { state, clock, random, inner: RwLock::default() }
    }

    /// Takes over what others wrote since the last time; at first, everything.
    pub(crate) async fn sync(&self) -> Result<(), StateError> {
        let since = self.inner.read().seen;
        let mut changes = self.state.changes(TABLE, since).await?;
        if !changes.complete {
            let written = self.state.list(TABLE).await?;
            self.inner.write().silences.clear();
            changes = Changes { written, ..changes };
        }
        let mut inner = self.inner.write();
        inner.seen = inner.seen.max(changes.revision);
        if changes.written.is_empty() && changes.deleted.is_empty() {
            return Ok(());
        }
        for document in changes.written {
            match decode(&document.key, &document.value) {
                Some(silence) => drop(inner.silences.insert(document.key, Arc::new(silence))),
                None => tracing::error!(id = document.key, "a silence cannot be read and is ignored"),
            }
        }
        for id in changes.deleted {
            inner.silences.remove(&id);
        }
        inner.version += 1;
        Ok(())
    }

    /// Creates a silence, or changes the one that it names. What may not be changed in place (its matchers, a beginning
    /// in the past) makes a new one, and the old one expires. Returns the id.
    pub async fn set(&self, mut silence: Silence) -> Result<String, SilenceError> {
        let now = self.clock.now();
        if silence.starts_at.0 == 0 {
            silence.starts_at = now;
        }
        validate(&silence).map_err(|reason| SilenceError::Invalid(format!("invalid silence: {reason}")))?;
        silence.updated_at = now;
        let previous = self.get(&silence.id);
        if !silence.id.is_empty() && previous.is_none() {
            return Err(SilenceError::NotFound);
        }
        let mut changed = Vec::new();
        match previous {
            Some(previous) if can_change(&previous, &silence, now) => {}
            previous => {
                let count = self.inner.read().silences.len();
                if count >= SILENCES_MAX {
                    let reason = format!("exceeded maximum number of silences: {count} (limit: {SILENCES_MAX})");
                    return Err(SilenceError::Invalid(reason));
                }
                silence.id = self.new_id();
                silence.starts_at = silence.starts_at.max(now);
                if silence.ends_at < silence.starts_at {
                    return Err(SilenceError::Invalid("invalid silence: its end lies in the past".to_owned()));
                }
                changed.extend(previous.and_then(|previous| expired(&previous, now)));
            }
        }
        let id = silence.id.clone();
        changed.push(silence);
        self.keep(changed).await?;
        Ok(id)
    }

    /// Ends a silence now; one that is over stays as it is.
    pub async fn expire(&self, id: &str) -> Result<(), SilenceError> {
        let silence = self.get(id).ok_or(SilenceError::NotFound)?;
        self.keep(expired(&silence, self.clock.now()).into_iter().collect()).await?;
        Ok(())
    }

    async fn keep(&self, silences: Vec<Silence>) -> Result<(), StateError> {
        let write = |silence: &Silence| {
            let expires_at = silence.ends_at.add_ns(RETENTION_NS);
            Write::put(TABLE, silence.id.as_str(), encode(silence), Some(expires_at))
        };
        self.state.write(silences.iter().map(write).collect()).await?;
        let mut inner = self.inner.write();
        for silence in silences {
            inner.silences.insert(silence.id.clone(), Arc::new(silence));
        }
        inner.version += 1;
        Ok(())
    }

    fn new_id(&self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        // A random UUID, as everyone's tools expect it.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// One silence.
    pub fn get(&self, id: &str) -> Option<Arc<Silence>> {
        self.inner.read().silences.get(id).cloned()
    }

    /// All silences, in the order of their ids.
    pub fn all(&self) -> Vec<Arc<Silence>> {
        self.inner.read().silences.values().cloned().collect()
    }

    /// The ids of the silences that mute an alert now.
    pub fn muting(&self, labels: &Labels, fingerprint: u64) -> Vec<String> {
        let now = self.clock.now();
        let active = |silences: &[Arc<Silence>]| {
            let active = silences.iter().filter(|silence| silence.state_at(now) == SilenceState::Active);
            active.map(|silence| silence.id.clone()).collect()
        };
        {
            let inner = self.inner.read();
            match inner.remembered.get(&fingerprint) {
                Some((version, silences)) if *version == inner.version => return active(silences),
                _ if inner.silences.is_empty() => return Vec::new(),
                _ => {}
            }
        }
        let mut inner = self.inner.write();
        let matching =
            |silence: &&Arc<Silence>| silence.state_at(now) != SilenceState::Expired && silence.mutes(labels);
        let silences: Vec<_> = inner.silences.values().filter(matching).cloned().collect();
        let ids = active(&silences);
        let version = inner.version;
        inner.remembered.insert(fingerprint, (version, silences));
        ids
    }

    /// Forgets what was remembered of alerts that are gone, and silences that have been over for long.
    pub(crate) fn collect(&self, gone: &[u64]) {
        let now = self.clock.now();
        let mut inner = self.inner.write();
        for fingerprint in gone {
            inner.remembered.remove(fingerprint);
        }
        let before = inner.silences.len();
        inner.silences.retain(|_, silence| silence.ends_at.add_ns(RETENTION_NS) > now);
        if inner.silences.len() != before {
            inner.version += 1;
        }
    }
}

/// The silence as it is once it ends at `now`; `None` when it is over already.
fn expired(silence: &Silence, now: TimestampNs) -> Option<Silence> {
    let starts_at = match silence.state_at(now) {
        SilenceState::Expired => return None,
        SilenceState::Active => silence.starts_at,
        SilenceState::Pending => now,
    };
    // The end itself still belongs to a silence; the moment before does not mute any more.
    Some(Silence {
        starts_at: starts_at.min(now.add_ns(-1)),
        ends_at: now.add_ns(-1),
        updated_at: now,
        ..silence.clone()
    })
}

fn can_change(old: &Silence, new: &Silence, now: TimestampNs) -> bool {
    const SECOND_NS: i64 = 1_000_000_000;
    old.matchers == new.matchers
        && match old.state_at(now) {
            SilenceState::Active => {
                old.starts_at.0.div_euclid(SECOND_NS) == new.starts_at.0.div_euclid(SECOND_NS) && new.ends_at >= now
            }
            SilenceState::Pending => new.starts_at >= now,
            SilenceState::Expired => false,
        }
}
