//! Properties of network devices, from `/sys/class/net`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;
use lgtm_model::MetricType::{self, Counter, Gauge};
use std::path::{Path, PathBuf};

/// The kernel's file and what stands behind `node_network_`.
const PROPERTIES: [(&str, &str, MetricType); 16] = [
    ("addr_assign_type", "address_assign_type", Gauge),
    ("carrier", "carrier", Gauge),
    ("carrier_changes", "carrier_changes_total", Counter),
    ("carrier_up_count", "carrier_up_changes_total", Counter),
    ("carrier_down_count", "carrier_down_changes_total", Counter),
    ("dev_id", "device_id", Gauge),
    ("dormant", "dormant", Gauge),
    ("flags", "flags", Gauge),
    ("ifindex", "iface_id", Gauge),
    ("iflink", "iface_link", Gauge),
    ("link_mode", "iface_link_mode", Gauge),
    ("mtu", "mtu_bytes", Gauge),
    ("name_assign_type", "name_assign_type", Gauge),
    ("netdev_group", "net_dev_group", Gauge),
    ("tx_queue_len", "transmit_queue_length", Gauge),
    ("type", "protocol_type", Gauge),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    for (device, path) in devices(context)? {
        let labels = [("device", device.as_str())];
        for (file, name, metric_type) in PROPERTIES {
            if let Some(value) = read::number(&path.join(file)) {
                let help = format!("Network device property: {name}");
                sheet.add(metric_type, &format!("node_network_{name}"), &help, &labels, value);
            }
        }
        // Megabits a second in the file. A device without link says -1, which node-exporter passes on.
        if let Some(megabits) = read::number(&path.join("speed")) {
            let help = "Network device property: speed_bytes";
            sheet.gauge("node_network_speed_bytes", help, &labels, megabits * 1_000_000.0 / 8.0);
        }
        information(sheet, &device, &path);
    }
    Ok(())
}

fn information(sheet: &mut Sheet, device: &str, path: &Path) {
    let line = |file| read::line(&path.join(file)).unwrap_or_default();
    let operstate = line("operstate");
    let up = f64::from(u8::from(operstate == "up"));
    let help = "Value is 1 if operstate is 'up', 0 otherwise.";
    sheet.gauge("node_network_up", help, &[("device", device)], up);
    let labels = [
        ("device", device),
        ("address", &line("address")),
        ("broadcast", &line("broadcast")),
        ("duplex", &line("duplex")),
        ("operstate", &operstate),
        ("ifalias", &line("ifalias")),
    ];
    let help = "Non-numeric data from /sys/class/net/<iface>, value is always 1.";
    sheet.gauge("node_network_info", help, &labels, 1.0);
}

/// All network devices with their directories, in the order of their names.
pub(super) fn devices(context: &Context<'_>) -> Result<Vec<(String, PathBuf)>, CollectError> {
    let directory = context.roots.sys.join("class/net");
    let entries = std::fs::read_dir(&directory)
        .map_err(|error| CollectError::File { path: directory.clone(), reason: error.to_string() })?;
    // Beside devices there are control files such as bonding_masters.
    let directories = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut devices: Vec<(String, PathBuf)> =
        directories.filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path))).collect();
    devices.sort();
    Ok(devices)
}
