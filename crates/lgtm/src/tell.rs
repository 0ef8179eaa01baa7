//! What commands say on standard output.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// What a shell shows of a program that wrote where nobody reads any more.
const EXIT_BROKEN_PIPE: i32 = 141;

/// Prints a text and ends its last line. Where nobody reads on (`| head`), or nothing can be written, the program ends.
pub fn tell(text: impl Display) {
    let text = text.to_string();
    let text = text.trim_end_matches('\n');
    if text.is_empty() {
        return;
    }
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(EXIT_BROKEN_PIPE),
        Err(error) => {
            eprintln!("error: standard output: {error}");
            std::process::exit(1);
        }
    }
}
