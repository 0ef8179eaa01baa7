//! Block device traffic, from `/proc/diskstats`; partitions and ram disks are left out.

use super::{Context, diskinfo};
use crate::read::{self, CollectError};
use crate::sheet::Sheet;
use lgtm_model::MetricType::{self, Counter, Gauge};

const SECTOR_BYTES: f64 = 512.0;
const MILLISECOND: f64 = 0.001;

/// The columns behind the device's name: what they are called and the factor to their unit. Old kernels have fewer.
const COLUMNS: [(&str, &str, MetricType, f64); 17] = [
    ("reads_completed_total", "The total number of reads completed successfully.", Counter, 1.0),
    ("reads_merged_total", "The total number of reads merged.", Counter, 1.0),
    ("read_bytes_total", "The total number of bytes read successfully.", Counter, SECTOR_BYTES),
    ("read_time_seconds_total", "The total number of seconds spent by all reads.", Counter, MILLISECOND),
    ("writes_completed_total", "The total number of writes completed successfully.", Counter, 1.0),
    ("writes_merged_total", "The number of writes merged.", Counter, 1.0),
    ("written_bytes_total", "The total number of bytes written successfully.", Counter, SECTOR_BYTES),
    ("write_time_seconds_total", "This is the total number of seconds spent by all writes.", Counter, MILLISECOND),
    ("io_now", "The number of I/Os currently in progress.", Gauge, 1.0),
    ("io_time_seconds_total", "Total seconds spent doing I/Os.", Counter, MILLISECOND),
    ("io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.", Counter, MILLISECOND),
    ("discards_completed_total", "The total number of discards completed successfully.", Counter, 1.0),
    ("discards_merged_total", "The total number of discards merged.", Counter, 1.0),
    ("discarded_sectors_total", "The total number of sectors discarded successfully.", Counter, 1.0),
    ("discard_time_seconds_total", "This is the total number of seconds spent by all discards.", Counter, MILLISECOND),
    ("flush_requests_total", "The total number of flush requests completed successfully", Counter, 1.0),
    (
        "flush_requests_time_seconds_total",
        "This is the total number of seconds spent by all flush requests.",
        Counter,
        MILLISECOND,
    ),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("diskstats");
    for line in read::text(&path)?.lines() {
        let mut columns = line.split_ascii_whitespace();
        let (Some(major), Some(minor), Some(device)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        if is_excluded(device) {
            continue;
        }
        diskinfo::add(context, sheet, device, major, minor);
        for ((name, help, metric_type, factor), number) in COLUMNS.into_iter().zip(columns) {
            let value = read::parse(&path, number)? * factor;
            sheet.add(metric_type, &format!("node_disk_{name}"), help, &[("device", device)], value);
        }
    }
    Ok(())
}

/// Ram disks, loops, floppies, and partitions of disks that are there themselves.
fn is_excluded(device: &str) -> bool {
    let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == device.len() {
        return false;
    }
    if matches!(stem, "ram" | "loop" | "fd") {
        return true;
    }
    let disk = ["hd", "sd", "vd", "xvd"].iter().find_map(|kind| stem.strip_prefix(kind));
    if disk.is_some_and(|letter| letter.len() == 1 && letter.chars().all(|c| c.is_ascii_lowercase())) {
        return true;
    }
    let nvme = stem.strip_prefix("nvme").and_then(|rest| rest.strip_suffix('p')).and_then(|rest| rest.split_once('n'));
    let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    nvme.is_some_and(|(controller, namespace)| number(controller) && number(namespace))
}

#[cfg(test)]
mod tests {
    use super::is_excluded;

    #[test]
    fn partitions_are_left_out_and_disks_are_kept() {
        for device in ["ram0", "loop12", "sda1", "vda15", "xvdb2", "nvme0n1p3", "hda1", "fd0"] {
            assert!(is_excluded(device), "{device}");
        }
        for device in ["sda", "sdaa1", "dm-0", "nvme0n1", "mmcblk0p1", "sr0", "vda", "md127", "zram0"] {
            assert!(!is_excluded(device), "{device}");
        }
    }
}
