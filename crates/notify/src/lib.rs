//! Alertmanager's job: takes alerts, routes, groups, inhibits and silences them, and tells people once.
//!
//! 1. [`Config::read_file`] reads `alertmanager.yml`; all problems at once.
//! 2. [`start`] makes a notifier of it. Its [`Handle`] is an `AlertSink` for rules, and what the API shows.
//! 3. Each alert is written down, then put into the groups of its routes. When a group is due, its alerts go through
//!    inhibition, time intervals and silences; what is left is told in each configured way by an [`Integration`], under a
//!    claim in the notification log, so that several notifiers over one state tell everything once.
//!
//! ```no_run
//! # use lgtm_runtime::{Random, SharedClock, Shutdown};
//! # async fn example(state: std::sync::Arc<dyn lgtm_state::SmallState>, clock: SharedClock,
//! #     shutdown: Shutdown) -> Result<(), Box<dyn std::error::Error>> {
//! let path = std::path::Path::new("alertmanager.yml");
//! let config = lgtm_notify::Config::read_file(path)?.value;
//! let external_url = "https://lgtm.example.org".to_owned();
//! let random = Random::from_entropy();
//! let with = lgtm_notify::receivers::Collaborators { external_url, clock: clock.clone(), random: random.clone() };
//! let deps = lgtm_notify::Deps {
//!     state,
//!     clock,
//!     registry: lgtm_runtime::metrics::Registry::default(),
//!     random,
//!     integrations: lgtm_notify::receivers::integrations(with),
//!     name: "host-a".to_owned(),
//!     start_delay: std::time::Duration::ZERO,
//! };
//! let handle = lgtm_notify::start(config, std::fs::read_to_string(path)?, deps, shutdown).await?;
//! # Ok(()) }
//! ```

mod alerts;
mod bytes;
pub mod config;
mod data;
mod fingerprint;
mod group;
mod inhibit;
mod integration;
mod interval;
pub mod limit;
mod log;
pub mod matching;
mod metrics;
mod notification;
mod notifier;
mod pipeline;
pub mod receivers;
mod redact;
mod route;
mod shared;
mod silence;
mod start;
mod templates;

pub use alerts::StoredAlert;
pub use config::{Config, Global, GroupBy, Receiver, RouteConfig};
pub use fingerprint::fingerprint;
pub use inhibit::{InhibitRule, Inhibitor};
pub use integration::{Integration, NotifyError, Receipt};
pub use interval::{NamedIntervals, Span, TimeInterval};
pub use notification::{AlertStatus, Notification, NotificationReason, NotifiedAlert};
pub use notifier::{AlertView, GroupView, PostError, Preview, Report};
pub use route::{Route, RouteOptions, RouteTest, Routes, resolve, show};
pub use silence::{Silence, SilenceError, SilenceState, Silences};
pub use start::{Deps, Handle, Integrations, StartError, start};
pub use templates::Templates;
