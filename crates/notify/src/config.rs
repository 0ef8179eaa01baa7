//! The configuration, as `alertmanager.yml` has it.

mod file;
mod inhibit;
pub(crate) mod interval;
mod matchers;
mod route;
mod stand_in;

pub use file::Config;
pub use route::{GroupBy, RouteConfig};
pub use stand_in::{Global, Receiver};
