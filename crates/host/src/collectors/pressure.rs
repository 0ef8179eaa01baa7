//! Pressure stall information, from `/proc/pressure`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

/// File, line within it, name and help.
const LINES: [(&str, &str, &str, &str); 6] = [
    (
        "cpu",
        "some",
        "node_pressure_cpu_waiting_seconds_total",
        "Total time in seconds that processes have waited for CPU time",
    ),
    (
        "io",
        "some",
        "node_pressure_io_waiting_seconds_total",
        "Total time in seconds that processes have waited due to IO congestion",
    ),
    (
        "io",
        "full",
        "node_pressure_io_stalled_seconds_total",
        "Total time in seconds no process could make progress due to IO congestion",
    ),
    (
        "memory",
        "some",
        "node_pressure_memory_waiting_seconds_total",
        "Total time in seconds that processes have waited for memory",
    ),
    (
        "memory",
        "full",
        "node_pressure_memory_stalled_seconds_total",
        "Total time in seconds no process could make progress due to memory congestion",
    ),
    (
        "irq",
        "full",
        "node_pressure_irq_stalled_seconds_total",
        "Total time in seconds no process could make progress due to IRQ congestion",
    ),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    for (file, line, name, help) in LINES {
        let path = context.roots.proc.join("pressure").join(file);
        let text = match read::text(&path) {
            // Only newer kernels count interrupts.
            Err(_) if file == "irq" => continue,
            text => text?,
        };
        let total = text.lines().filter(|text| text.starts_with(line)).find_map(|text| text.split_once("total="));
        if let Some((_, microseconds)) = total {
            // Divided twice, as upstream does: the last digits are the same.
            sheet.counter(name, help, &[], read::parse(&path, microseconds.trim())? / 1_000.0 / 1_000.0);
        }
    }
    Ok(())
}
