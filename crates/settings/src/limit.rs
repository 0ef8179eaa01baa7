//! The bounds on what is read: wide for anything a person writes, narrow for what would exhaust memory.

/// Bytes of one settings file.
pub(crate) const FILE_SIZE_BYTES_MAX: u64 = 8 << 20;
/// Values in one file once its aliases are expanded; a file of nested aliases ("billion laughs") ends here.
pub(crate) const NODES_MAX: usize = 500_000;
/// How deeply lists and maps may nest.
pub(crate) const DEPTH_MAX: usize = 64;
/// Problems kept of one file; the rest is only counted.
pub(crate) const PROBLEMS_MAX: usize = 100;
/// Bytes of one secret.
pub(crate) const SECRET_SIZE_BYTES_MAX: u64 = 64 << 10;
