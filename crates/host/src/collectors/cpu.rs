//! Time by processor and mode, from `/proc/stat`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

/// Ticks a second in which the kernel counts for user space, on every architecture that Linux runs on today.
const TICKS_PER_SECOND: f64 = 100.0;
/// The modes in the order of the file's columns; guest time is also part of user and nice.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const GUEST_MODES: [&str; 2] = ["user", "nice"];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("stat");
    for line in read::text(&path)?.lines() {
        let mut columns = line.split_ascii_whitespace();
        let Some(cpu) = columns.next().and_then(|name| name.strip_prefix("cpu")).filter(|cpu| !cpu.is_empty()) else {
            continue;
        };
        // Old kernels have fewer columns: the missing modes are zero.
        let mut next =
            || columns.next().map_or(Ok(0.0), |ticks| read::parse(&path, ticks)).map(|t| t / TICKS_PER_SECOND);
        for mode in MODES {
            let help = "Seconds the CPUs spent in each mode.";
            sheet.counter("node_cpu_seconds_total", help, &[("cpu", cpu), ("mode", mode)], next()?);
        }
        for mode in GUEST_MODES {
            let help = "Seconds the CPUs spent in guests (VMs) for each mode.";
            sheet.counter("node_cpu_guest_seconds_total", help, &[("cpu", cpu), ("mode", mode)], next()?);
        }
    }
    Ok(())
}
