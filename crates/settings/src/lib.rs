//! YAML settings: positions, all problems at once, secrets by path. The mechanism only; each crate owns its own config.
//!
//! A config is read in one pass over a tree of [`Node`]s. Every reading method returns `Option`: `None` means that a
//! problem was noted, and reading goes on with the next field, so that a person sees all problems of a file at once.
//! [`read_file`] and [`read_text`] hand out the value only when nothing was wrong.
//!
//! ```
//! # use lgtm_settings::{Problems, read_text};
//! struct Config { name: String, interval_ms: i64, targets: Vec<String> }
//!
//! fn config(name: &str, text: &str) -> Result<Config, Problems> {
//!     let reading = read_text(name, text, |root| {
//!         root.map(|fields| {
//!             // Read every field before the first `?`, so that one problem does not hide the next.
//!             let name = fields.required("name", |node| node.string());
//!             let interval_ms = fields.or("interval", 15_000, |node| node.duration_ms());
//!             let targets = fields.or_default("targets", |node| node.list(|item| item.string()));
//!             Some(Config { name: name?, interval_ms, targets })
//!         })
//!     })?;
//!     Ok(reading.value)
//! }
//!
//! let problems = config("a.yml", "name: x\nintervall: 5m\n").err().unwrap();
//! assert_eq!(problems.to_string(), "a.yml:2:1: unknown field \"intervall\"; did you mean \"interval\"?
//!     2 | intervall: 5m
//!       | ^^^^^^^^^");
//! ```
//!
//! A field that no one asked for is unknown, and an error. An absent field and one that is null (`name:`) are the same.
//! Rules that concern several fields are checked inside the closure and reported with [`Fields::problem_at`].
//! Anchors, aliases and merge keys (`<<`) work and are bounded. What is legal but has no effect is a warning
//! ([`Node::warn`]). This crate knows no setting of any other crate.

mod fields;
mod limit;
mod nearest;
mod node;
mod problem;
mod read;
mod secret;
mod size;
mod tree;
mod within;

pub use fields::Fields;
pub use nearest::nearest;
pub use node::{Node, Shape};
pub use problem::{Problem, Problems, Severity};
pub use read::{Reading, read_file, read_text};
pub use secret::{Secret, SecretError, SecretSource};
