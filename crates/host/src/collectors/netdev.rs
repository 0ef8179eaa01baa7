//! Traffic by network device, from `/sys/class/net/*/statistics`: the kernel's 64-bit counters, which are the ones that
//! node-exporter asks for over netlink. The loopback device is left out, as Debian's default has it.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

/// The kernel's file and what stands between `node_network_` and `_total`.
const COUNTERS: [(&str, &str); 17] = [
    ("rx_bytes", "receive_bytes"),
    ("rx_packets", "receive_packets"),
    ("rx_errors", "receive_errs"),
    ("rx_dropped", "receive_drop"),
    ("rx_fifo_errors", "receive_fifo"),
    ("rx_frame_errors", "receive_frame"),
    ("rx_compressed", "receive_compressed"),
    ("multicast", "receive_multicast"),
    ("rx_nohandler", "receive_nohandler"),
    ("tx_bytes", "transmit_bytes"),
    ("tx_packets", "transmit_packets"),
    ("tx_errors", "transmit_errs"),
    ("tx_dropped", "transmit_drop"),
    ("tx_fifo_errors", "transmit_fifo"),
    ("collisions", "transmit_colls"),
    ("tx_carrier_errors", "transmit_carrier"),
    ("tx_compressed", "transmit_compressed"),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    for (device, path) in super::netclass::devices(context)? {
        if device == "lo" {
            continue;
        }
        for (file, name) in COUNTERS {
            if let Some(value) = read::number(&path.join("statistics").join(file)) {
                let help = format!("Network device statistic {name}.");
                sheet.counter(&format!("node_network_{name}_total"), &help, &[("device", &device)], value);
            }
        }
    }
    Ok(())
}
