//! The kernel's version and the host's name, from `/proc/sys/kernel`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

const FILES: [(&str, &str); 5] = [
    ("domainname", "domainname"),
    ("nodename", "hostname"),
    ("release", "osrelease"),
    ("sysname", "ostype"),
    ("version", "version"),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let directory = context.roots.proc.join("sys/kernel");
    let mut values = Vec::new();
    for (label, file) in FILES {
        values.push((label, read::text(&directory.join(file))?.trim().to_owned()));
    }
    let mut labels: Vec<(&str, &str)> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
    labels.push(("machine", std::env::consts::ARCH));
    let help = "Labeled system information as provided by the uname system call.";
    sheet.gauge("node_uname_info", help, &labels, 1.0);
    Ok(())
}
