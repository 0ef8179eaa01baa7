//! The files of `ui/dist`: inside the binary in a release, read from the folder in a debug build.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Dist;

/// One file, ready to send.
pub(crate) struct Asset {
    pub(crate) body: Cow<'static, [u8]>,
    pub(crate) mime: String,
    /// Identifies the content; 16 hex digits of its SHA-256.
    pub(crate) tag: String,
}

/// Looks a file up by its path below `ui/dist`, without a leading slash.
pub(crate) fn find(path: &str) -> Option<Asset> {
    let file = Dist::get(path)?;
    let tag = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(Asset { mime: file.metadata.mimetype().to_owned(), tag, body: file.data })
}
