//! A crate's manifest: its place in the house and whom it knows.

use std::fs;
use std::io;
use std::path::Path;

/// The floors of the house, lowest first. A crate may know any lower floor, never its own, never a higher one.
const FLOORS: [&[&str]; 10] = [
    &["model"],
    &["runtime", "settings"],
    &["wire", "promql", "logql", "traceql", "template"],
    &["flow", "client", "store", "state"],
    &["scrape", "probe", "host", "receive", "metrics", "logs", "traces", "peer", "access"],
    &["rules", "notify", "delivery", "dashboard", "agent"],
    &["slo", "incident"],
    &["api", "web"],
    &["deploy", "drill"],
    &["lgtm"],
];

/// The floor that a crate lives on; `None` for the test crates, which may know everything, and for unknown names.
///
/// `model` is the cellar floor under `runtime` and `settings`: the one place where DESIGN's floor 0 is split in two,
/// because a clock that tells the time must know what time is.
pub fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|crates| crates.contains(&name))
}

/// What a manifest says.
#[derive(Debug)]
pub struct Manifest {
    /// The crate's name without `lgtm-`.
    pub name: String,
    /// The workspace crates it depends on, without `lgtm-`; development dependencies are not counted.
    pub knows: Vec<String>,
    /// Other crates it depends on.
    pub libraries: Vec<String>,
    /// Dependencies whose version is not the workspace's.
    pub own_versions: Vec<String>,
}

impl Manifest {
    /// Reads `folder/Cargo.toml`.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(folder.join("Cargo.toml"))?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self::parse(name, &text))
    }

    fn parse(name: String, text: &str) -> Self {
        let mut manifest = Self { name, knows: Vec::new(), libraries: Vec::new(), own_versions: Vec::new() };
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(title) = line.strip_prefix('[') {
                title.trim_end_matches(']').clone_into(&mut section);
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim();
            let dependency = key.split('.').next().unwrap_or(key).to_owned();
            if section.ends_with("dependencies") && !key.contains(".workspace") && !is_given(value) {
                manifest.own_versions.push(dependency.clone());
            }
            if section == "dependencies" {
                match dependency.strip_prefix("lgtm-") {
                    Some(known) => manifest.knows.push(known.to_owned()),
                    None => manifest.libraries.push(dependency),
                }
            }
        }
        manifest
    }
}

/// The workspace's version, or the crate itself with other features for its own tests.
fn is_given(value: &str) -> bool {
    value.contains("workspace = true") || value.contains("path = \".\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_tells_whom_the_crate_knows() {
        let text = "[package]\nname = \"lgtm-x\"\n[dependencies]\nlgtm-model.workspace = true\nserde = \"1\"\n\
                    tokio = { workspace = true }\n[dev-dependencies]\nlgtm-store.workspace = true\n";
        let manifest = Manifest::parse("x".to_owned(), text);
        assert_eq!(manifest.knows, ["model"]);
        assert_eq!(manifest.libraries, ["serde", "tokio"]);
        assert_eq!(manifest.own_versions, ["serde"]);
    }
}
