//! Load averages, from `/proc/loadavg`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

const NAMES: [(&str, &str); 3] =
    [("node_load1", "1m load average."), ("node_load5", "5m load average."), ("node_load15", "15m load average.")];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("loadavg");
    let text = read::text(&path)?;
    for ((name, help), column) in NAMES.into_iter().zip(text.split_ascii_whitespace()) {
        sheet.gauge(name, help, &[], read::parse(&path, column)?);
    }
    Ok(())
}
