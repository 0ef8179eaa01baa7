//! Address, place and limits of the Pushgateway.

use crate::ListenAddress;
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::Registry;
use std::path::{Path, PathBuf};

/// Settings of the Pushgateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where its API is served (default: loopback, 9091).
    pub listen: ListenAddress,
    /// The file in which the pushed groups are kept (`pushgateway.journal` in the data folder).
    pub journal: PathBuf,
    /// Whether `PUT /api/v1/admin/wipe` deletes everything (default: no).
    pub admin_api: bool,
    /// Whether metric and label names may be any text (default: no, as upstream).
    pub utf8_names: bool,
    /// Bytes of one push after decompression (default: 4 MiB); larger ones get 413.
    pub body_bytes_max: usize,
    /// Pushes that are read, checked and stored at one time (default: 32); beyond it 429.
    pub pushes_in_flight_max: usize,
    /// Groups that are kept (default: 10,000); beyond it 429.
    pub groups_max: usize,
    /// Series of all groups (default: 200,000); beyond it 429.
    pub series_max: usize,
    /// Bytes of all groups as they lie in the journal (default: 256 MiB); beyond it 429.
    pub stored_bytes_max: usize,
}

impl Config {
    /// All defaults, with the journal in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self {
            listen: ListenAddress::loopback(9091, "pushgateway.listen"),
            journal: data.join("pushgateway.journal"),
            admin_api: false,
            utf8_names: false,
            body_bytes_max: 4 << 20,
            pushes_in_flight_max: 32,
            groups_max: 10_000,
            series_max: 200_000,
            stored_bytes_max: 256 << 20,
        }
    }
}

/// What the Pushgateway works with.
#[derive(Clone)]
pub struct Deps {
    /// The time of a push.
    pub clock: SharedClock,
    /// Where it counts itself.
    pub registry: Registry,
}
