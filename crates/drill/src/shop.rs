//! The fake service: a shop of five services in one process, each with a `service.name` of its own.
//!
//! A request enters at the gateway and passes through the services that [`plan`] names, each hop a span, the innermost
//! of them `db.query`. Spans and log lines leave by the OpenTelemetry SDK as OTLP; request counters and durations are
//! exposed for scraping at `/metrics`. Nothing is prerecorded: latencies are drawn and then really waited for, so that
//! metric, log line and span tell of the same request.

mod fault;
mod http;
mod load;
mod plan;
mod process;
mod request;
mod telemetry;

pub use fault::{Fault, Faults};
pub use plan::ENDPOINTS;

use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock, Shutdown, Tasks};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;

/// How long background tasks may take to end.
const DRAIN_GRACE: Duration = Duration::from_secs(5);

/// Settings of the shop.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the gateway listens.
    pub listen: SocketAddr,
    /// OTLP/gRPC endpoint, `http://host:port`.
    pub otlp_endpoint: String,
    /// Requests a second that the built-in load generator sends on average; 0 turns it off.
    pub requests_per_second: f64,
}

/// Collaborators of the shop.
#[derive(Clone)]
pub struct Deps {
    /// Waits for the simulated work.
    pub clock: SharedClock,
    /// Draws latencies, users and base-rate errors.
    pub random: Random,
}

/// Why the shop did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("the shop cannot listen on {address}: {source}; choose another with --listen")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The OTLP endpoint is no valid URL.
    #[error("the OTLP endpoint {endpoint:?} cannot be used: {reason}")]
    Exporter {
        /// The endpoint asked for.
        endpoint: String,
        /// What the SDK said.
        reason: String,
    },
}

/// A running shop.
pub struct Handle {
    address: SocketAddr,
    tasks: Tasks,
    clock: SharedClock,
    shop: Arc<request::Shop>,
}

/// Binds the gateway, connects the telemetry and starts the load.
pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Result<Handle, StartError> {
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })?;
    let address = listener.local_addr().map_err(|source| StartError::Bind { address, source })?;
    let registry = Registry::default();
    let services = telemetry::Services::connect(&config.otlp_endpoint)
        .map_err(|reason| StartError::Exporter { endpoint: config.otlp_endpoint.clone(), reason })?;
    let shop = Arc::new(request::Shop::new(services, Faults::new(deps.clock.clone()), registry.clone(), &deps));

    let tasks = Tasks::default();
    let router = http::router(Arc::clone(&shop), process::Sampler::new(&registry, deps.clock.clone()), registry);
    let stop = shutdown.clone();
    tasks.spawn(async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { stop.requested().await });
        if let Err(error) = serve.await {
            tracing::error!(%error, "the shop's listener ended");
        }
    });
    if config.requests_per_second > 0.0 {
        tasks.spawn(load::run(address, config.requests_per_second, deps.clone(), shutdown));
    }
    Ok(Handle { address, tasks, clock: deps.clock, shop })
}

impl Handle {
    /// Where the gateway listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the tasks to end after the shutdown was requested, and sends what telemetry is left.
    pub async fn drain(self) {
        self.tasks.drain(&self.clock, DRAIN_GRACE).await;
        let shop = self.shop;
        let _ended = tokio::task::spawn_blocking(move || shop.flush_telemetry()).await;
    }
}
