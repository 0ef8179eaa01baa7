//! Files of objectives: several documents a file, references between files, all problems at once.

use crate::read::{self, Registry};
use crate::slo::Slo;
use lgtm_settings::{Problem, Problems, Reading, Severity};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes a file may have.
const FILE_SIZE_BYTES_MAX: u64 = 1 << 20;

/// Objectives all files together may hold.
const SLOS_MAX: usize = 1_000;

/// The objectives of a server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// In the order of the files, and of the documents in each.
    pub slos: Vec<Slo>,
}

impl Config {
    /// Reads every `.yml` and `.yaml` file of a folder, in the order of their names.
    pub fn read_dir(folder: &Path) -> Result<Reading<Self>, Problems> {
        let unreadable = |error: std::io::Error| {
            Problems::from(Problem::of_file(&folder.display().to_string(), format!("cannot be listed: {error}")))
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
                paths.push(path);
            }
        }
        paths.sort();
        Self::read_files(&paths)
    }

    /// Reads these files together, so that one may refer to what another defines.
    pub fn read_files(paths: &[PathBuf]) -> Result<Reading<Self>, Problems> {
        let mut problems = Problems::default();
        let mut texts = Vec::new();
        for path in paths {
            let name = path.display().to_string();
            match file_text(path) {
                Ok(text) => texts.push((name, text)),
                Err(message) => problems.list.push(Problem::of_file(&name, message)),
            }
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Self::read(&texts, problems)
    }

    /// The same from texts; each has a name that stands for the file in problems.
    pub fn read_texts(texts: &[(&str, &str)]) -> Result<Reading<Self>, Problems> {
        Self::read(texts, Problems::default())
    }

    fn read(texts: &[(&str, &str)], mut problems: Problems) -> Result<Reading<Self>, Problems> {
        let mut documents: Vec<read::Document<'_>> =
            texts.iter().flat_map(|(name, text)| read::documents(name, text)).collect();
        // What others refer to comes first; the order of the objectives stays.
        documents.sort_by_key(read::Document::rank);
        let mut registry = Registry::default();
        for document in &documents {
            match document.read(&mut registry) {
                Ok(warnings) => problems.extend(warnings),
                Err(found) => problems.extend(found),
            }
        }
        if registry.slos.len() > SLOS_MAX {
            let message = format!("{} objectives, of which at most {SLOS_MAX} are allowed", registry.slos.len());
            problems.list.push(Problem::of_file(texts.first().map_or("", |(name, _)| name), message));
        }
        problems.list.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        if problems.list.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(problems);
        }
        Ok(Reading { value: Self { slos: registry.slos }, warnings: problems })
    }
}

fn file_text(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut text = String::new();
    let read = file.take(FILE_SIZE_BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > FILE_SIZE_BYTES_MAX {
        return Err(format!("is larger than {FILE_SIZE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_folder_may_refer_to_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "a.yml",
            "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n  indicatorRef: later\n  \
             budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]\n",
        );
        write(
            "b.yaml",
            "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: later}\nspec:\n  ratioMetric:\n    counter: true\n    \
             bad: {metricSource: {spec: {query: 'e_total'}}}\n    total: {metricSource: {spec: {query: 'r_total'}}}\n",
        );
        write("notes.txt", "{");
        let config = Config::read_dir(folder.path()).unwrap().value;
        assert_eq!(config.slos.len(), 1);
        assert_eq!(config.slos[0].name, "a");
        let missing = Config::read_files(&[folder.path().join("c.yml")]).unwrap_err();
        assert!(missing.to_string().contains("c.yml: cannot be opened"), "{missing}");
    }
}
