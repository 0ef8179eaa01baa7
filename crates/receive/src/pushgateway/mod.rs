//! The Pushgateway: metrics of jobs that do not live long enough to be scraped.
//!
//! A job pushes its metrics under a grouping key (`PUT` or `POST /metrics/job/NAME/LABEL/VALUE…`); what was pushed last
//! is kept until it is replaced or deleted, and is exposed at `/metrics` for the server's own scrape job, which needs
//! `honor_labels: true`. Unlike its model, this one acknowledges a push only once it is in the journal on disk
//! (`docs/format/pushgateway.md`), so that a kill loses nothing.
//!
//! One push goes this way:
//! 1. `grouping` reads the key from the path, `body` the bytes within their limit, `text` or `protobuf` the families;
//! 2. `check` holds the group as it would be against all others: one type a name, no series twice, no timestamps;
//! 3. `journal` appends the whole group and syncs; a refused push is journaled too, as the time of its failure;
//! 4. `state` takes the group in, and the next scrape shows it.
//!
//! ```no_run
//! # async fn example(shutdown: lgtm_runtime::Shutdown) -> Result<(), Box<dyn std::error::Error>> {
//! use lgtm_receive::pushgateway::{self, Config, Deps};
//! let deps = Deps { clock: lgtm_runtime::SystemClock::shared(), registry: Default::default() };
//! let handle = pushgateway::start(Config::in_folder("lgtm-data".as_ref()), deps, shutdown).await?;
//! let under_a_prefix = axum::Router::new().nest("/pushgateway", pushgateway::router(&handle.gateway));
//! # Ok(()) }
//! ```

mod body;
mod check;
mod config;
mod error;
mod expose;
mod family;
mod gateway;
mod grouping;
mod journal;
mod json;
mod meter;
mod page;
mod protobuf;
mod routes;
mod start;
mod state;
mod text;

pub use config::{Config, Deps};
pub use error::{PushError, StartError};
pub use gateway::Gateway;
pub use grouping::{Grouping, GroupingError};
pub use routes::router;
pub use start::{Handle, start};
