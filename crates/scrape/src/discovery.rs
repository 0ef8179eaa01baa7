//! Files that name targets: which ones a pattern means, and whether they have changed.

use crate::config::{FileDiscovery, TargetGroup, read_groups};
use lgtm_runtime::metrics::Counter;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files that one pattern may mean; more are left out.
const FILES_PER_PATTERN_MAX: usize = 1_000;

/// Whether a pattern has at most one `*`, in its last part. Target files must also say by their name that they are
/// JSON or YAML.
pub(crate) fn is_legal_pattern(path: &Path, any_extension: bool) -> bool {
    let text = path.to_string_lossy();
    let (directory, name) = text.rsplit_once('/').unwrap_or(("", &text));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_known = matches!(extension.as_deref(), Some("json" | "yml" | "yaml"));
    !directory.contains('*') && name.matches('*').count() <= 1 && (any_extension || is_known)
}

/// The files that a pattern means, in the order of their names. A plain path means itself, there or not.
pub(crate) fn matching_files(pattern: &Path) -> Vec<PathBuf> {
    let name = pattern.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some((start, end)) = name.split_once('*') else { return vec![pattern.to_owned()] };
    let directory = match pattern.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        })
        .map(|entry| entry.path())
        .take(FILES_PER_PATTERN_MAX)
        .collect();
    files.sort();
    files
}

/// What tells whether a file must be read again.
type Stamp = (Option<SystemTime>, u64);

/// The target files of one job, each with the groups that it last named.
#[derive(Debug, Default)]
pub struct FileGroups {
    known: BTreeMap<PathBuf, (Stamp, Vec<TargetGroup>)>,
}

impl FileGroups {
    /// Looks at all files and reads those that changed. A file that cannot be read keeps its last groups; one that is
    /// gone loses them.
    pub fn refresh(&mut self, discoveries: &[FileDiscovery], failures: &Counter) {
        let patterns = discoveries.iter().flat_map(|discovery| &discovery.patterns);
        let files: Vec<PathBuf> = patterns.flat_map(|pattern| matching_files(pattern)).collect();
        self.known.retain(|path, _| files.contains(path));
        for path in files {
            let Ok(metadata) = std::fs::metadata(&path) else {
                self.known.remove(&path);
                continue;
            };
            let stamp = (metadata.modified().ok(), metadata.len());
            if self.known.get(&path).is_some_and(|(known, _)| *known == stamp) {
                continue;
            }
            let groups = match read_groups(&path) {
                Ok(groups) => groups.into_iter().map(|group| with_path(group, &path)).collect(),
                Err(problems) => {
                    failures.increment();
                    tracing::error!(file = %path.display(), "target file is not usable, its last targets stay:\n{problems}");
                    self.known.remove(&path).map(|(_, groups)| groups).unwrap_or_default()
                }
            };
            self.known.insert(path, (stamp, groups));
        }
    }

    /// The groups of all files.
    pub fn groups(&self) -> impl Iterator<Item = &TargetGroup> {
        self.known.values().flat_map(|(_, groups)| groups)
    }
}

fn with_path(group: TargetGroup, path: &Path) -> TargetGroup {
    let mut labels = group.labels.to_builder();
    labels.set("__meta_filepath", path.display().to_string());
    TargetGroup { labels: labels.build(), ..group }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_one_star_in_the_last_part() {
        for (pattern, legal) in
            [("a/*.yml", true), ("a.json", true), ("*/a.yml", false), ("a.txt", false), ("**.yml", false)]
        {
            assert_eq!(is_legal_pattern(Path::new(pattern), false), legal, "{pattern}");
        }
    }
}
