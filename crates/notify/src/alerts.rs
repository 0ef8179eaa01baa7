//! The alerts that are known now, and how two reports of one alert become one.

mod merge;
mod record;
mod store;

pub use merge::StoredAlert;
pub(crate) use record::{TABLE, decode, encode, key};
pub(crate) use store::Alerts;
