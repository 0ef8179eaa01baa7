//! Service level objectives: OpenSLO files, the rules that are compiled from them, error budgets, policy and the gate.
//!
//! 1. [`Config::read_files`] (or [`Config::read_dir`]) reads OpenSLO documents, or the short form; all problems at once.
//! 2. [`compile`] makes recording and alerting rules of them. [`rule_file_text`] writes those as a rule file, which is
//!    how they reach whoever evaluates rules. They record counts of good and of all events, never ratios.
//! 3. [`status`] reads the recorded series back; [`gate`] judges whether deployments are paused.
//!
//! ```no_run
//! # async fn example(source: &dyn lgtm_promql::Source) -> Result<(), Box<dyn std::error::Error>> {
//! use lgtm_slo::{Config, Scale, compile, gate, rule_file_text, status};
//! let config = Config::read_dir("content/slo".as_ref())?.value;
//! let scale = Scale::default();
//! let _rules: String = rule_file_text(&compile(&config.slos, scale));
//! let engine = lgtm_promql::Engine::default();
//! let statuses = status(&config.slos, scale, source, &engine, lgtm_model::TimestampMs(0)).await?;
//! print!("{}", gate(&statuses, &[]).text);
//! # Ok(())
//! # }
//! ```
//!
//! This crate evaluates nothing by itself and keeps nothing: all state is in the recorded series.

mod compile;
mod config;
mod gate;
mod policy;
mod read;
mod remote;
mod rule;
mod scale;
mod slo;
mod status;
mod table;

pub use compile::compile;
pub use config::Config;
pub use gate::{Verdict, gate};
pub use policy::PolicyState;
pub use remote::{RemoteError, fetch_statuses, parse_statuses};
pub use rule::{Rule, RuleGroup, RuleKind, rule_file_text};
pub use scale::{SCALE_MAX, Scale};
pub use slo::{Events, Part, Sli, Slo, Tier};
pub use status::{AlertStatus, BurnRate, Queries, SloStatus, rfc3339, status};
pub use table::table;
