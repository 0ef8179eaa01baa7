//! Paging, swapping and out-of-memory kills, from `/proc/vmstat`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("vmstat");
    for line in read::text(&path)?.lines() {
        let Some((field, number)) = line.split_once(' ') else { continue };
        if is_kept(field) {
            let help = format!("/proc/vmstat information field {field}.");
            sheet.untyped(&format!("node_vmstat_{field}"), &help, read::parse(&path, number.trim())?);
        }
    }
    Ok(())
}

/// node-exporter's default selection.
fn is_kept(field: &str) -> bool {
    ["oom_kill", "pgpg", "pswp"].iter().any(|prefix| field.starts_with(prefix))
        || field.strip_prefix("pg").is_some_and(|rest| rest.contains("fault"))
}
