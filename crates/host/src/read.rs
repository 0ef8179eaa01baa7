//! Reading the kernel's small text files.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// The largest file that is read: `/proc/stat` of a machine with thousands of interrupts stays far below it.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Why a collector has nothing to say.
#[derive(Debug, Error)]
pub(crate) enum CollectError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{path}: not understood: {text:?}")]
    Format { path: PathBuf, text: String },
}

/// The file as a text.
pub(crate) fn text(path: &Path) -> Result<String, CollectError> {
    use std::io::Read;
    let failed = |error: std::io::Error| CollectError::File { path: path.to_owned(), reason: error.to_string() };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(failed)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The file without the white space around it; `None` when it cannot be read.
pub(crate) fn line(path: &Path) -> Option<String> {
    text(path).ok().map(|text| text.trim().to_owned())
}

/// The whole file as one number; `None` when it is none or cannot be read.
pub(crate) fn number(path: &Path) -> Option<f64> {
    let text = line(path)?;
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok().map(|value| value as f64),
        None => text.parse().ok(),
    }
}

/// A number within a text, or an error that shows the text.
pub(crate) fn parse(path: &Path, text: &str) -> Result<f64, CollectError> {
    text.parse().map_err(|_| CollectError::Format { path: path.to_owned(), text: text.to_owned() })
}
