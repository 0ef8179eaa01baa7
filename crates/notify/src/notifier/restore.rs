//! Taking over what is written down: after a start, and from notifiers that share the state.

use super::Notifier;
use crate::alerts::{StoredAlert, TABLE, decode};
use lgtm_model::{Alert, TimestampNs};
use lgtm_state::{Document, StateError};
use std::sync::Arc;

impl Notifier {
    /// Loads alerts and silences. Alerts that fired when they were last reported are believed for another
    /// `resolve_timeout`, since nobody could tell us of them while we were away.
    pub async fn restore(&self) -> Result<(), StateError> {
        let since = self.shared.known();
        self.silences.sync().await?;
        let changes = self.shared.state.changes(TABLE, since).await?;
        self.shared.advance(changes.revision);
        let now = self.clock.now();
        let believed_until = now.add_ns(self.setup().config.global.resolve_timeout_ms.saturating_mul(1_000_000));
        let (count, mut unreadable) = (changes.written.len(), 0);
        let mut book = self.book.lock();
        for document in changes.written {
            let Some(alert) = read(&document) else {
                unreadable += 1;
                continue;
            };
            let alert = Arc::new(believed(alert, believed_until));
            book.alerts.restore(Arc::clone(&alert));
            book.inhibitor.put(&alert);
            book.groups.put(&alert, now);
        }
        drop(book);
        if count > 0 {
            tracing::info!(alerts = count, unreadable, "alerts are known from before");
        }
        Ok(())
    }

    /// Takes over what other notifiers wrote since the last time.
    pub async fn sync(&self) -> Result<(), StateError> {
        self.silences.sync().await?;
        let changes = self.shared.state.changes(TABLE, self.shared.known()).await?;
        self.shared.advance(changes.revision);
        if changes.written.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut book = self.book.lock();
        for alert in changes.written.iter().filter_map(read) {
            let known = book.alerts.get(alert.fingerprint);
            // Own writes come back too when others wrote between them.
            if known.is_some_and(|known| known.updated_at >= alert.updated_at) {
                continue;
            }
            let Some(stored) = book.alerts.put(alert, now) else { continue };
            book.inhibitor.put(&stored.alert);
            book.groups.put(&stored.alert, now);
        }
        drop(book);
        self.wake.notify_one();
        Ok(())
    }
}

fn read(document: &Document) -> Option<StoredAlert> {
    let alert = decode(&document.value);
    if alert.is_none() {
        tracing::error!(key = document.key, "an alert cannot be read and is ignored");
    }
    alert
}

/// An alert whose end lay ahead when it was last reported still fires, as far as anyone knows.
fn believed(stored: StoredAlert, until: TimestampNs) -> StoredAlert {
    let was_over = stored.alert.ends_at <= stored.updated_at;
    if was_over || stored.alert.ends_at >= until {
        return stored;
    }
    let alert = Arc::new(Alert { ends_at: until, ..(*stored.alert).clone() });
    StoredAlert { alert, timeout: true, ..stored }
}
