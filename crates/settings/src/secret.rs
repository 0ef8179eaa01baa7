//! Secrets: read from files that only their owner's people can read, and never printed.

use crate::limit::SECRET_SIZE_BYTES_MAX;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A password, token or key. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a secret cannot be had. No message contains any of the secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file is not there or cannot be read.
    #[error("secret file {path:?} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// Everyone on the machine could read the secret.
    #[error("secret file {path:?} can be read by others (mode {mode:04o}); run: chmod 600 {}", path.display())]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Empty, too large, or not a text.
    #[error("secret file {path:?} {reason}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        reason: String,
    },
}

impl Secret {
    /// A secret that was written into the settings themselves.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads a secret from a file that others must not be able to read. White space around it is left out.
    pub fn read_file(path: &Path) -> Result<Self, SecretError> {
        let unreadable =
            |error: std::io::Error| SecretError::Unreadable { path: path.to_owned(), reason: error.to_string() };
        let unusable = |reason: &str| SecretError::Unusable { path: path.to_owned(), reason: reason.to_owned() };
        let file = File::open(path).map_err(unreadable)?;
        // Asked of the open file, so that what is checked is what is read.
        refuse_public(path, &file.metadata().map_err(unreadable)?)?;
        let mut text = String::new();
        let read = file.take(SECRET_SIZE_BYTES_MAX + 1).read_to_string(&mut text);
        read.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => unusable("is not valid UTF-8"),
            _ => unreadable(error),
        })?;
        if text.len() as u64 > SECRET_SIZE_BYTES_MAX {
            return Err(unusable(&format!("is larger than {SECRET_SIZE_BYTES_MAX} bytes")));
        }
        match text.trim() {
            "" => Err(unusable("is empty")),
            trimmed => Ok(Self(trimmed.to_owned())),
        }
    }

    /// The secret itself, for the one place that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(unix)]
fn refuse_public(path: &Path, metadata: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o007 != 0 {
        return Err(SecretError::ReadableByOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_public(_: &Path, _: &std::fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret comes from: the settings, or a file that is read anew each time, so that it can be rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// Written into the settings.
    Inline(Secret),
    /// In a file.
    File(PathBuf),
}

impl SecretSource {
    /// The secret as it is now.
    pub fn load(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Inline(secret) => Ok(secret.clone()),
            Self::File(path) => Secret::read_file(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn secrets_are_read_only_from_files_that_others_cannot_read() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        std::fs::write(&path, "hunter2\n").unwrap();
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        set(0o644);
        let error = Secret::read_file(&path).unwrap_err().to_string();
        assert!(error.contains("can be read by others (mode 0644); run: chmod 600 /"), "{error}");
        set(0o600);
        let secret = SecretSource::File(path.clone()).load().unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        std::fs::write(&path, " \n").unwrap();
        assert!(Secret::read_file(&path).unwrap_err().to_string().ends_with("is empty"));
    }
}
