//! Open files, from `/proc/sys/fs/file-nr`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let path = context.roots.proc.join("sys/fs/file-nr");
    let text = read::text(&path)?;
    // The second column, free ones, has been zero since Linux 2.6.
    for (name, column) in ["allocated", "", "maximum"].into_iter().zip(text.split_ascii_whitespace()) {
        if !name.is_empty() {
            let help = format!("File descriptor statistics: {name}.");
            sheet.gauge(&format!("node_filefd_{name}"), &help, &[], read::parse(&path, column)?);
        }
    }
    Ok(())
}
