//! The configuration, as `alertmanager.yml` has it.

mod file;
mod global;
mod inhibit;
pub(crate) mod interval;
mod matchers;
pub mod receivers;
mod route;

pub use file::Config;
pub use global::{Global, HostPort, Smtp, SmtpAuth};
pub use receivers::Receiver;
pub use route::{GroupBy, RouteConfig};
