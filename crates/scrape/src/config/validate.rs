//! Rules that concern several jobs.

use super::Job;
use lgtm_settings::Node;
use std::collections::HashSet;

/// No two jobs may have one name: `job` would no longer tell their series apart.
pub(super) fn unique_names(root: Node<'_>, jobs: &[Job]) {
    let mut seen = HashSet::new();
    for job in jobs {
        if !seen.insert(job.name.as_str()) {
            root.problem(format!("found multiple scrape configs with job name {:?}", job.name));
        }
    }
}
