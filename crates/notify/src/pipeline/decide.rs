//! Whether a receiver needs to be told, given what it was last told.

use crate::NotificationReason;
use crate::log::Entry;
use lgtm_model::TimestampNs;

/// The alerts of a group by fingerprint, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Present {
    pub firing: Vec<u64>,
    pub resolved: Vec<u64>,
}

fn is_subset(part: &[u64], of: &[u64]) -> bool {
    part.iter().all(|number| of.binary_search(number).is_ok())
}

/// Why the receiver must be told now; `None` when it need not.
pub(super) fn reason(
    entry: Option<&Entry>,
    present: &Present,
    sends_resolved: bool,
    repeat_interval_ns: i64,
    now: TimestampNs,
) -> Option<NotificationReason> {
    let Some(entry) = entry.filter(|entry| entry.was_sent()) else {
        return (!present.firing.is_empty()).then_some(NotificationReason::FirstNotification);
    };
    if !is_subset(&present.firing, &entry.firing) {
        return Some(match entry.firing.is_empty() {
            true => NotificationReason::FirstNotification,
            false => NotificationReason::NewAlertsInGroup,
        });
    }
    if present.firing.is_empty() {
        // Whatever fired and ended since the last notification, the receiver never heard of.
        return (!entry.firing.is_empty()).then_some(NotificationReason::AllAlertsResolved);
    }
    if sends_resolved && !is_subset(&present.resolved, &entry.resolved) {
        return Some(NotificationReason::NewResolvedAlerts);
    }
    // Upstream asks for more than the interval; "at least" lets a repeat interval that is a multiple of the group interval
    // mean what it says, and a dead man's switch beat in time.
    let elapsed = now.since_ns(entry.sent_at) >= repeat_interval_ns;
    elapsed.then_some(NotificationReason::RepeatIntervalElapsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use NotificationReason::*;

    type Case = (Option<Entry>, &'static [u64], &'static [u64], bool, i64, Option<NotificationReason>);

    #[test]
    fn a_receiver_is_told_what_it_does_not_know() {
        let entry = |firing: &[u64], resolved: &[u64]| Entry {
            sent_at: TimestampNs(100),
            firing: firing.to_vec(),
            resolved: resolved.to_vec(),
            ..Entry::default()
        };
        let cases: [Case; 12] = [
            (None, &[1], &[], true, 100, Some(FirstNotification)),
            (None, &[], &[1], true, 100, None),
            (Some(Entry::default()), &[1], &[], true, 100, Some(FirstNotification)),
            (Some(entry(&[1], &[])), &[1, 2], &[], true, 100, Some(NewAlertsInGroup)),
            (Some(entry(&[], &[1])), &[1], &[], true, 100, Some(FirstNotification)),
            (Some(entry(&[1], &[])), &[], &[1], false, 100, Some(AllAlertsResolved)),
            (Some(entry(&[], &[1])), &[], &[1], true, 999, None),
            (Some(entry(&[1, 2], &[])), &[1], &[2], true, 100, Some(NewResolvedAlerts)),
            (Some(entry(&[1, 2], &[])), &[1], &[2], false, 100, None),
            (Some(entry(&[1, 2], &[3])), &[1], &[], true, 109, None),
            (Some(entry(&[1], &[])), &[1], &[], true, 110, Some(RepeatIntervalElapsed)),
            (Some(entry(&[1], &[])), &[1], &[], true, 109, None),
        ];
        for (index, (entry, firing, resolved, sends_resolved, now, want)) in cases.into_iter().enumerate() {
            let present = Present { firing: firing.to_vec(), resolved: resolved.to_vec() };
            let got = reason(entry.as_ref(), &present, sends_resolved, 10, TimestampNs(now));
            assert_eq!(got, want, "case {index}");
        }
    }
}
