//! Every field of `/proc/meminfo`; those in kB as bytes.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("meminfo");
    for line in read::text(&path)?.lines() {
        let Some((field, rest)) = line.split_once(':') else { continue };
        let mut columns = rest.split_ascii_whitespace();
        let Some(number) = columns.next() else { continue };
        // Active(anon) is Active_anon.
        let field = field.replace('(', "_").replace(')', "");
        let (field, factor) =
            if columns.next() == Some("kB") { (format!("{field}_bytes"), 1_024.0) } else { (field, 1.0) };
        let help = format!("Memory information field {field}.");
        sheet.gauge(&format!("node_memory_{field}"), &help, &[], read::parse(&path, number)? * factor);
    }
    Ok(())
}
