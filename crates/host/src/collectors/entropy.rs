//! The kernel's random number pool, from `/proc/sys/kernel/random`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

const FILES: [(&str, &str, &str); 2] = [
    ("entropy_avail", "node_entropy_available_bits", "Bits of available entropy."),
    ("poolsize", "node_entropy_pool_size_bits", "Bits of entropy pool."),
];

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    for (file, name, help) in FILES {
        let path = context.roots.proc.join("sys/kernel/random").join(file);
        sheet.gauge(name, help, &[], read::parse(&path, read::text(&path)?.trim())?);
    }
    Ok(())
}
