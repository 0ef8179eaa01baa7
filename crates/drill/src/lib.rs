//! Fake service, chaos, Game Day.
