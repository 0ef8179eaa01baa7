//! Interrupts, context switches, forks, processes and the time of boot, from `/proc/stat`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("stat");
    for line in read::text(&path)?.lines() {
        let mut columns = line.split_ascii_whitespace();
        let (Some(name), Some(first)) = (columns.next(), columns.next()) else { continue };
        let mut counter = |name, help| read::parse(&path, first).map(|value| sheet.counter(name, help, &[], value));
        match name {
            "intr" => counter("node_intr_total", "Total number of interrupts serviced.")?,
            "ctxt" => counter("node_context_switches_total", "Total number of context switches.")?,
            "processes" => counter("node_forks_total", "Total number of forks.")?,
            _ => {}
        }
        let mut gauge = |name, help| read::parse(&path, first).map(|value| sheet.gauge(name, help, &[], value));
        match name {
            "btime" => gauge("node_boot_time_seconds", "Node boot time, in unixtime.")?,
            "procs_running" => gauge("node_procs_running", "Number of processes in runnable state.")?,
            "procs_blocked" => {
                gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.")?;
            }
            _ => {}
        }
    }
    Ok(())
}
