//! Faults that a drill switches on and off, and that end by themselves when a duration was given.

use lgtm_model::TimestampNs;
use lgtm_runtime::SharedClock;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Duration;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Every request to the endpoint fails after 200 ms to 2 s, the time spent in `db.query`.
    ErrorBurst,
    /// Every request to the endpoint takes 200 ms to 2 s longer in `db.query`, and succeeds.
    SlowDatabase,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ErrorBurst, Self::SlowDatabase];

    /// The name in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ErrorBurst => "error-burst",
            Self::SlowDatabase => "slow-database",
        }
    }

    /// The fault under a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == name)
    }
}

/// The faults that are on, by endpoint. There are at most as many as kinds times endpoints.
pub struct Faults {
    clock: SharedClock,
    until: Mutex<BTreeMap<(Fault, &'static str), Option<TimestampNs>>>,
}

impl Faults {
    /// None on.
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, until: Mutex::default() }
    }

    /// Switches a fault on for an endpoint, for a while or until it is switched off.
    pub fn switch_on(&self, fault: Fault, endpoint: &'static str, duration: Option<Duration>) {
        let until =
            duration.map(|duration| self.clock.now().add_ns(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)));
        self.until.lock().insert((fault, endpoint), until);
    }

    /// Switches a fault off everywhere.
    pub fn switch_off(&self, fault: Fault) {
        self.until.lock().retain(|(kind, _), _| *kind != fault);
    }

    /// Whether a fault is on for an endpoint.
    pub fn is_on(&self, fault: Fault, endpoint: &'static str) -> bool {
        self.active().contains(&(fault, endpoint))
    }

    /// What is on now; what has run out is forgotten.
    pub fn active(&self) -> Vec<(Fault, &'static str)> {
        let now = self.clock.now();
        let mut until = self.until.lock();
        until.retain(|_, end| end.is_none_or(|end| end > now));
        until.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_runtime::ManualClock;

    #[test]
    fn a_fault_ends_after_its_duration_or_when_switched_off() {
        let clock = ManualClock::starting_at(TimestampNs(0));
        let faults = Faults::new(clock.clone());
        faults.switch_on(Fault::ErrorBurst, "/api/checkout", Some(Duration::from_secs(60)));
        faults.switch_on(Fault::SlowDatabase, "/api/users", None);
        assert!(faults.is_on(Fault::ErrorBurst, "/api/checkout"));
        assert!(!faults.is_on(Fault::ErrorBurst, "/api/users"));
        clock.advance(Duration::from_secs(60));
        assert_eq!(faults.active(), [(Fault::SlowDatabase, "/api/users")]);
        faults.switch_off(Fault::SlowDatabase);
        assert!(faults.active().is_empty());
    }
}
