//! Rules: files, evaluation, telling, unit tests and backtests, as Prometheus has them, over PromQL and LogQL.
//!
//! ```ignore
//! let config = lgtm_rules::Config::read_file(Path::new("prometheus.yml"))?.value;   // rule files are read with it
//! let handle = lgtm_rules::start(config, Deps { engine, source, logs, samples, alerts, clock, registry,
//!     external_url, options: Options::default() }, shutdown).await;
//! handle.reload_file(Path::new("prometheus.yml")).await?;                           // on problems the old set runs on
//! handle.add_groups("slo", read_rules("slo", &generated, Format::default())?.value).await;
//! let groups = handle.groups();                                                      // for the API
//! ```
//!
//! For the command line there are functions from input to report: [`check()`], [`unit_test::run`],
//! [`backtest::run`] and [`content::check`].
//!
//! A group is evaluated as Prometheus does it: once an interval at a place that its file and name decide, its rules in
//! order, all with the same time stamp. Series that a rule gives no more are ended by a staleness marker. Alerts are
//! pending, fire after `for`, and go on for `keep_firing_for`; `ALERTS` and `ALERTS_FOR_STATE` are stored, and pending
//! alerts go on after a restart. This crate knows sources and sinks; where data lies and who is told is not its
//! business.

mod alert;
pub mod backtest;
mod check;
pub mod config;
pub mod content;
mod eval;
mod file;
mod handle;
mod link;
mod manager;
mod memory;
mod metrics;
mod notify;
mod options;
mod query;
mod restore;
mod rule;
mod schedule;
mod snapshot;
mod text;
pub mod unit_test;
mod worker;

pub use alert::{ActiveAlert, AlertState};
pub use check::{CheckReport, check};
pub use config::Config;
pub use file::{Format, read_rule_file, read_rules};
pub use handle::{Deps, Handle, start};
pub use options::Options;
pub use query::Query;
pub use rule::{Alerting, Group, Language, Rule, RuleKind};
pub use snapshot::{GroupSnapshot, Health, RuleSnapshot};
pub use text::Text;
