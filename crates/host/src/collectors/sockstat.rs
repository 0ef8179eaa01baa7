//! Sockets by protocol and state, from `/proc/net/sockstat` and `sockstat6`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

/// Bytes a page: the kernel counts socket memory in pages. It tells every process their size in the auxiliary vector,
/// pairs of words of which the one with the key 6 (`AT_PAGESZ`) is meant.
fn page_bytes() -> f64 {
    const PAGE_SIZE_KEY: u64 = 6;
    let vector = std::fs::read("/proc/self/auxv").unwrap_or_default();
    let (words, _rest) = vector.as_chunks::<8>();
    let (pairs, _rest) = words.as_chunks::<2>();
    let of_page = pairs.iter().find(|[key, _]| u64::from_ne_bytes(*key) == PAGE_SIZE_KEY);
    of_page.map_or(4_096.0, |[_, bytes]| u64::from_ne_bytes(*bytes) as f64)
}

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    for file in ["sockstat", "sockstat6"] {
        let path = context.roots.proc.join("net").join(file);
        let text = match read::text(&path) {
            // A kernel without IPv6.
            Err(_) if file == "sockstat6" => continue,
            text => text?,
        };
        for line in text.lines() {
            let Some((protocol, rest)) = line.split_once(':') else { continue };
            let mut columns = rest.split_ascii_whitespace();
            while let (Some(state), Some(number)) = (columns.next(), columns.next()) {
                let value = read::parse(&path, number)?;
                add(sheet, protocol, state, value);
                if state == "mem" {
                    add(sheet, protocol, "mem_bytes", value * page_bytes());
                }
            }
        }
    }
    Ok(())
}

fn add(sheet: &mut Sheet, protocol: &str, state: &str, value: f64) {
    let help = match protocol {
        "sockets" => "Number of IPv4 sockets in use.".to_owned(),
        _ => format!("Number of {protocol} sockets in state {state}."),
    };
    sheet.gauge(&format!("node_sockstat_{protocol}_{state}"), &help, &[], value);
}
