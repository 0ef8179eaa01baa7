//! Where the kernel's files lie, and how often they are read.

use std::path::PathBuf;
use std::time::Duration;

/// The directories that collectors read; tests point them at fixtures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// Default: `/proc`.
    pub proc: PathBuf,
    /// Default: `/sys`.
    pub sys: PathBuf,
    /// udev's properties of block devices (default: `/run/udev/data`).
    pub udev: PathBuf,
    /// What mount points are relative to (default: `/`); inside a container, where the host's root is mounted.
    pub filesystem: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { proc: "/proc".into(), sys: "/sys".into(), udev: "/run/udev/data".into(), filesystem: "/".into() }
    }
}

/// Settings of host metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The directories to read.
    pub roots: Roots,
    /// Time between two collections (default: 15 s).
    pub interval: Duration,
    /// The label `job` (default: `node`).
    pub job: String,
    /// The label `instance`; empty takes the host's name.
    pub instance: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            roots: Roots::default(),
            interval: Duration::from_secs(15),
            job: "node".to_owned(),
            instance: String::new(),
        }
    }
}
