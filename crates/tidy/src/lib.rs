//! The house rules, measured: floors, sizes, names, headers.
//!
//! [`House::read`] walks the checkout once; the tests in `tests/house.rs` hold what it found against the rules. The
//! sources are formatted by rustfmt, and that is what makes plain text enough: a function ends at the first line that is
//! its own indentation and a brace.

mod manifest;
mod source;

pub use manifest::{Manifest, floor};
pub use source::{Function, Source};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Everything that the rules speak of.
#[derive(Debug)]
pub struct House {
    /// The crates under `crates/`.
    pub manifests: Vec<Manifest>,
    /// The Rust files under `crates/*/src` and the TypeScript files under `ui/src`.
    pub sources: Vec<Source>,
}

impl House {
    /// Reads the checkout that this crate was compiled from.
    pub fn read() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let mut house = Self { manifests: Vec::new(), sources: Vec::new() };
        let mut crates: Vec<PathBuf> = children(&root.join("crates"))?;
        crates.retain(|path| path.join("Cargo.toml").is_file() && !is_ignored(path));
        for path in crates {
            house.manifests.push(Manifest::read(&path)?);
            house.walk(&root, &path.join("src"))?;
        }
        house.walk(&root, &root.join("ui/src"))?;
        Ok(house)
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> io::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for path in children(folder)? {
            if path.is_dir() {
                self.walk(root, &path)?;
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "ts" || kind == "tsx") {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                self.sources.push(Source::new(name, fs::read_to_string(&path)?));
            }
        }
        Ok(())
    }
}

/// A name that begins with `zz-` marks a scratch crate that git ignores.
fn is_ignored(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("zz-"))
}

fn children(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The value below which `percent` of `values` lie (nearest rank); 0 when there is none.
pub fn percentile(values: impl IntoIterator<Item = usize>, percent: usize) -> usize {
    let mut values: Vec<usize> = values.into_iter().collect();
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(percentile(1..=100, 95), 95);
        assert_eq!(percentile([7, 1, 3], 50), 3);
        assert_eq!(percentile([], 50), 0);
    }
}
