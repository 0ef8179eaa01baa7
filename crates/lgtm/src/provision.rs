//! `content/` inside the binary, and what a server without a content folder of its own is given: `DATA/content`.
//!
//! A file that a person changed is never overwritten: beside the files lies `.provisioned` with the hash of each file as it
//! was written, and only a file that still has its hash, or is missing, is written anew when the program brings another.

use crate::error::RunError;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Hashes of the files as they were written.
const LEDGER: &str = ".provisioned";
/// Not provisioned: they configure the program itself, and depend on the ports of a start.
const LEFT_OUT: [&str; 2] = ["lgtm.yml", "prometheus.yml"];

#[derive(RustEmbed)]
#[folder = "../../content"]
struct Content;

/// One file of the built-in content, as text.
pub fn built_in(path: &str) -> Option<String> {
    Content::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// Writes the built-in content below `data`; returns the folder.
pub fn provision(data: &Path) -> Result<PathBuf, RunError> {
    let folder = data.join("content");
    let mut ledger = read_ledger(&folder);
    for name in Content::iter().filter(|name| !LEFT_OUT.contains(&name.as_ref())) {
        let Some(file) = Content::get(&name) else { continue };
        let path = folder.join(name.as_ref());
        let there = std::fs::read(&path).ok().map(|bytes| digest(&bytes));
        let ours = digest(&file.data);
        match &there {
            Some(hash) if *hash == ours => {}
            Some(hash) if ledger.get(name.as_ref()) != Some(hash) => {
                tracing::info!(file = %path.display(), "kept as you changed it; the program brings another version");
                continue;
            }
            _ => write(&path, &file.data)?,
        }
        ledger.insert(name.into_owned(), ours);
    }
    let lines: String = ledger.iter().map(|(name, hash)| format!("{hash} {name}\n")).collect();
    write(&folder.join(LEDGER), lines.as_bytes())?;
    Ok(folder)
}

fn read_ledger(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(LEDGER)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(hash, name)| (name.to_owned(), hash.to_owned()))
        .collect()
}

fn digest(bytes: &[u8]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let failed = |source| RunError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_kept_and_a_missing_one_comes_back() {
        let data = tempfile::tempdir().unwrap();
        let folder = provision(data.path()).unwrap();
        assert!(!folder.join("lgtm.yml").exists());
        let mut files = read_ledger(&folder).into_keys();
        let (changed, removed) = (folder.join(files.next().unwrap()), folder.join(files.next().unwrap()));
        std::fs::write(&changed, "mine").unwrap();
        std::fs::remove_file(&removed).unwrap();
        provision(data.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&changed).unwrap(), "mine");
        assert!(removed.exists());
    }
}
