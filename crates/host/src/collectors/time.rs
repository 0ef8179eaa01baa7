//! The system's time and its clock sources.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let seconds = context.now.0 as f64 / 1e9;
    sheet.gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[], seconds);
    let directory = context.roots.sys.join("devices/system/clocksource");
    let entries = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(device) = name.strip_prefix("clocksource") else { continue };
        let words = |file| read::line(&entry.path().join(file)).unwrap_or_default();
        for clocksource in words("available_clocksource").split_ascii_whitespace() {
            let help = "Available clocksources read from '/sys/devices/system/clocksource'.";
            let labels = [("device", device), ("clocksource", clocksource)];
            sheet.gauge("node_time_clocksource_available_info", help, &labels, 1.0);
        }
        for clocksource in words("current_clocksource").split_ascii_whitespace() {
            let help = "Current clocksource read from '/sys/devices/system/clocksource'.";
            let labels = [("device", device), ("clocksource", clocksource)];
            sheet.gauge("node_time_clocksource_current_info", help, &labels, 1.0);
        }
    }
    Ok(())
}
