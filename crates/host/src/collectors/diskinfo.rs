//! What block devices are, from udev's properties.

use super::Context;
use crate::read;
use crate::sheet::Sheet;
use std::collections::HashMap;

/// udev's properties of one device.
struct Properties(HashMap<String, String>);

impl Properties {
    fn read(context: &Context<'_>, major: &str, minor: &str) -> Self {
        let text = read::text(&context.roots.udev.join(format!("b{major}:{minor}"))).unwrap_or_default();
        let property = |line: &str| {
            let (name, value) = line.strip_prefix("E:")?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self(text.lines().filter_map(property).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Adds the `_info` series of a device and what is known of its ATA features.
pub(super) fn add(context: &Context<'_>, sheet: &mut Sheet, device: &str, major: &str, minor: &str) {
    let udev = Properties::read(context, major, minor);
    // Which property holds the serial number depends on the kind of disk.
    let serials = ["SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"].map(|name| udev.get(name));
    let serial = serials.into_iter().find(|serial| !serial.is_empty()).unwrap_or_default();
    let labels = [
        ("device", device),
        ("major", major),
        ("minor", minor),
        ("path", udev.get("ID_PATH")),
        ("wwn", udev.get("ID_WWN")),
        ("model", udev.get("ID_MODEL")),
        ("serial", serial),
        ("revision", udev.get("ID_REVISION")),
    ];
    sheet.gauge("node_disk_info", "Info of /sys/block/<block_device>.", &labels, 1.0);
    filesystem(sheet, device, &udev);
    device_mapper(sheet, device, &udev);
    ata(sheet, device, &udev);
}

fn filesystem(sheet: &mut Sheet, device: &str, udev: &Properties) {
    if udev.get("ID_FS_TYPE").is_empty() {
        return;
    }
    let labels = [
        ("device", device),
        ("type", udev.get("ID_FS_TYPE")),
        ("usage", udev.get("ID_FS_USAGE")),
        ("uuid", udev.get("ID_FS_UUID")),
        ("version", udev.get("ID_FS_VERSION")),
    ];
    sheet.gauge("node_disk_filesystem_info", "Info about disk filesystem.", &labels, 1.0);
}

fn device_mapper(sheet: &mut Sheet, device: &str, udev: &Properties) {
    if udev.get("DM_NAME").is_empty() {
        return;
    }
    let labels = [
        ("device", device),
        ("name", udev.get("DM_NAME")),
        ("uuid", udev.get("DM_UUID")),
        ("vg_name", udev.get("DM_VG_NAME")),
        ("lv_name", udev.get("DM_LV_NAME")),
        ("lv_layer", udev.get("DM_LV_LAYER")),
    ];
    sheet.gauge("node_disk_device_mapper_info", "Info about disk device mapper.", &labels, 1.0);
}

fn ata(sheet: &mut Sheet, device: &str, udev: &Properties) {
    let features = [
        ("ID_ATA_WRITE_CACHE", "node_disk_ata_write_cache", "ATA disk has a write cache."),
        ("ID_ATA_WRITE_CACHE_ENABLED", "node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled."),
        ("ID_ATA_ROTATION_RATE_RPM", "node_disk_ata_rotation_rate_rpm", "ATA disk rotation rate in RPMs (0 for SSDs)."),
    ];
    if udev.get("ID_ATA").is_empty() {
        return;
    }
    for (property, name, help) in features {
        if let Ok(value) = udev.get(property).parse() {
            sheet.gauge(name, help, &[("device", device)], value);
        }
    }
}
