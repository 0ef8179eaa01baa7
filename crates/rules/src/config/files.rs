//! Which files `rule_files` means.

use crate::file::{Format, read_rule_file};
use crate::rule::Group;
use lgtm_settings::Node;
use std::path::{Component, Path, PathBuf};

/// Files that one pattern may mean; more are left out.
const FILES_PER_PATTERN_MAX: usize = 10_000;

/// All groups of the files that the patterns mean, and the files that are named and not there.
pub(super) fn groups(node: Node<'_>, format: Format) -> Option<(Vec<Group>, Vec<PathBuf>)> {
    let (mut groups, mut missing) = (Vec::new(), Vec::new());
    let mut seen: Vec<PathBuf> = Vec::new();
    node.list(|item| {
        let pattern = item.path()?;
        if !is_legal(&pattern) {
            item.problem(format!("invalid rule file path {:?}", pattern.display().to_string()));
            return None;
        }
        if !is_pattern(&pattern) && !pattern.exists() {
            // Upstream's server passes over it in silence, its check does not.
            item.warn(format!("{:?} does not point to an existing file", pattern.display().to_string()));
            missing.push(pattern);
            return None;
        }
        for path in matching_files(&pattern) {
            // A file that two patterns mean is read once.
            if seen.contains(&path) {
                continue;
            }
            match read_rule_file(&path, format) {
                Ok(reading) => {
                    item.import(reading.warnings);
                    groups.extend(reading.value);
                }
                Err(problems) => item.import(problems),
            }
            seen.push(path);
        }
        Some(())
    })?;
    Some((groups, missing))
}

/// In a config, only the last part of a path may hold a `*`, and only one.
fn is_legal(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let (directory, name) = text.rsplit_once('/').unwrap_or(("", &text));
    !directory.contains('*') && name.matches('*').count() <= 1
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// The files that a pattern means, in the order of their names: `*`, `?` and `[a-z]` stand for characters of one part
/// of the path. A path without them means itself, there or not.
pub fn matching_files(pattern: &Path) -> Vec<PathBuf> {
    if !is_pattern(pattern) {
        return vec![pattern.to_owned()];
    }
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let Component::Normal(name) = part else {
            for path in &mut found {
                path.push(part);
            }
            continue;
        };
        let name = name.to_string_lossy();
        found = match name.contains(['*', '?', '[']) {
            true => found.iter().flat_map(|directory| entries(directory, &name)).take(FILES_PER_PATTERN_MAX).collect(),
            false => found.into_iter().map(|path| path.join(name.as_ref())).filter(|path| path.exists()).collect(),
        };
    }
    found.retain(|path| path.is_file());
    found.sort();
    found
}

fn entries(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let listed = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = std::fs::read_dir(listed) else { return Vec::new() };
    let pattern: Vec<char> = pattern.chars().collect();
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
    let wanted = names.filter(|name| matches(&pattern, &name.to_string_lossy().chars().collect::<Vec<_>>()));
    wanted.map(|name| directory.join(name)).collect()
}

/// Whether a name fits a pattern of `*`, `?`, `[…]`, `[^…]` and `\` before a character that stands for itself.
fn matches(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|skipped| matches(rest, &name[skipped..])),
        ['?', rest @ ..] => !name.is_empty() && matches(rest, &name[1..]),
        ['[', rest @ ..] => {
            let (Some(end), Some(first)) = (rest.iter().position(|c| *c == ']'), name.first()) else { return false };
            let (negated, set) = match &rest[..end] {
                ['^' | '!', set @ ..] => (true, set),
                set => (false, set),
            };
            in_set(set, *first) != negated && matches(&rest[end + 1..], &name[1..])
        }
        ['\\', letter, rest @ ..] | [letter, rest @ ..] => name.first() == Some(letter) && matches(rest, &name[1..]),
    }
}

fn in_set(set: &[char], letter: char) -> bool {
    match set {
        [] => false,
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&letter) || in_set(rest, letter),
        [one, rest @ ..] => *one == letter || in_set(rest, letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, want) in [
            ("*.yml", "a.yml", true),
            ("*.yml", "a.yaml", false),
            ("?[0-9x]*", "b7", true),
            ("?[^0-9]", "b7", false),
            ("a\\*b", "a*b", true),
            ("*a*b*", "xaxxbx", true),
            ("", "", true),
        ] {
            let pattern_chars: Vec<char> = pattern.chars().collect();
            let name_chars: Vec<char> = name.chars().collect();
            assert_eq!(matches(&pattern_chars, &name_chars), want, "{pattern} {name}");
        }
    }

    #[test]
    fn any_part_of_a_path_may_be_a_pattern() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a/rules/x.yml", "b/rules/y.yml", "b/other/z.yml"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = matching_files(&root.path().join("*/rules/*.yml"));
        let names: Vec<_> =
            found.iter().map(|path| path.strip_prefix(root.path()).unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["a/rules/x.yml", "b/rules/y.yml"]);
    }
}
