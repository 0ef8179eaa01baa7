//! How values become text: Go's `fmt`.

mod float;
mod print;
mod verbs;

pub use float::{exponential, fixed, general, shortest};
#[cfg(test)]
pub use print::print;
pub use print::{Sink, print_action, print_all, print_line, write_value};
pub use verbs::printf;
