//! The notification log: what each receiver was last told of each group, and who is telling it now.
//!
//! A notification goes through three steps, each written down before the next begins:
//!
//! 1. **Claim.** The notifier writes its name and a lease into the group's entry, on the condition that the entry is still
//!    the one it read. Of several notifiers one succeeds; the others look again when the lease ends.
//! 2. **Send.**
//! 3. **Record.** What was told replaces the claim, on the condition that the claim is still there.
//!
//! A kill before 1 or between 1 and 2 loses nothing: the claim dies with its process, and is void at once for the process
//! that takes its name, or for others when the lease ends. A kill between 2 and 3 cannot be told from one before 2, so the
//! notification is sent again: a page that comes twice is a nuisance, one that never comes is an outage. Outside of that
//! one request nothing is told twice within its repeat interval.

use crate::bytes::{Reader, Writer};
use crate::integration::Receipt;
use crate::limit::{LEASE_NS, RETENTION_NS};
use lgtm_model::TimestampNs;

/// The table of the log.
pub(crate) const TABLE: &str = "notification_log";
const FORMAT: u8 = 1;

/// Who is telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Teller {
    /// The notifier's name: the same after a restart, another one for each notifier.
    pub name: String,
    /// Another number at each start.
    pub incarnation: u64,
}

/// That someone is telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub teller: Teller,
    pub until: TimestampNs,
}

impl Claim {
    /// A claim of `teller` from `now` on.
    pub fn new(teller: &Teller, now: TimestampNs) -> Self {
        Self { teller: teller.clone(), until: now.add_ns(LEASE_NS) }
    }

    /// Whether `asking` must leave it alone. A claim of one's own former life is void.
    pub fn holds_against(&self, asking: &Teller, now: TimestampNs) -> bool {
        let former_self = self.teller.name == asking.name && self.teller.incarnation != asking.incarnation;
        now < self.until && !former_self
    }
}

/// What a receiver was last told of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When; the minimum if it never was.
    pub sent_at: TimestampNs,
    /// Fingerprints of the alerts that fired, sorted.
    pub firing: Vec<u64>,
    /// Fingerprints of the alerts that were over, sorted.
    pub resolved: Vec<u64>,
    /// What the receiver remembers.
    pub receipt: Receipt,
    /// Who is telling it now.
    pub claim: Option<Claim>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            sent_at: TimestampNs::MIN,
            firing: Vec::new(),
            resolved: Vec::new(),
            receipt: Receipt::default(),
            claim: None,
        }
    }
}

impl Entry {
    /// Whether the receiver was ever told.
    pub fn was_sent(&self) -> bool {
        self.sent_at > TimestampNs::MIN
    }

    /// Until when the entry counts.
    pub fn expires_at(&self, repeat_interval_ns: i64, now: TimestampNs) -> TimestampNs {
        let since = if self.was_sent() { self.sent_at } else { now };
        since.add_ns(repeat_interval_ns.saturating_mul(2).clamp(LEASE_NS * 2, RETENTION_NS))
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(FORMAT);
        writer.time(self.sent_at);
        writer.numbers(&self.firing);
        writer.numbers(&self.resolved);
        writer.pairs(self.receipt.0.iter());
        writer.byte(u8::from(self.claim.is_some()));
        if let Some(claim) = &self.claim {
            writer.text(&claim.teller.name);
            writer.number(claim.teller.incarnation);
            writer.time(claim.until);
        }
        writer.finish()
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, FORMAT)?;
        let (sent_at, firing, resolved) = (reader.time()?, reader.numbers()?, reader.numbers()?);
        let receipt = Receipt(reader.pairs()?);
        let claim = match reader.byte()? {
            0 => None,
            _ => {
                let teller = Teller { name: reader.text()?, incarnation: reader.number()? };
                Some(Claim { teller, until: reader.time()? })
            }
        };
        reader.finish()?;
        Some(Self { sent_at, firing, resolved, receipt, claim })
    }
}

/// The key of a group's entry for one way to tell.
pub(crate) fn key(group_key: &str, receiver: &str, kind: &str, index: usize) -> String {
    format!("{group_key}:{receiver}/{kind}/{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_broken_is_not() {
        let teller = Teller { name: "a".to_owned(), incarnation: 7 };
        let receipt = Receipt([("ts".to_owned(), "1.2".to_owned())].into());
        let claim = Some(Claim::new(&teller, TimestampNs(5)));
        let entry = Entry { sent_at: TimestampNs(3), firing: vec![1, 2], resolved: vec![3], receipt, claim };
        let bytes = entry.encode();
        assert_eq!(Entry::decode(&bytes), Some(entry));
        for length in 0..bytes.len() {
            assert_eq!(Entry::decode(&bytes[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn a_claim_holds_against_others_until_its_lease_ends_and_never_against_the_next_life() {
        let teller = |name: &str, incarnation| Teller { name: name.to_owned(), incarnation };
        let claim = Claim::new(&teller("a", 1), TimestampNs(0));
        assert!(claim.holds_against(&teller("b", 2), TimestampNs(LEASE_NS - 1)));
        assert!(!claim.holds_against(&teller("b", 2), TimestampNs(LEASE_NS)));
        assert!(claim.holds_against(&teller("a", 1), TimestampNs(1)));
        assert!(!claim.holds_against(&teller("a", 2), TimestampNs(1)));
    }
}
