//! Opening the journal, binding the port and serving until asked to stop.

use super::config::{Config, Deps};
use super::error::StartError;
use super::gateway::Gateway;
use super::routes::router;
use crate::listen::bind;
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use std::net::SocketAddr;
use std::time::Duration;

/// A running Pushgateway.
pub struct Handle {
    /// Where its API is served.
    pub address: SocketAddr,
    /// The same Pushgateway, to be served elsewhere too; see [`super::router`].
    pub gateway: Gateway,
    tasks: Tasks,
}

impl Handle {
    /// Waits until the requests under way have been answered, at most `grace`; returns 1 if the server had to be cut
    /// off. Nothing is lost either way: what was acknowledged is on disk.
    pub async fn drain(&self, clock: &SharedClock, grace: Duration) -> usize {
        self.tasks.drain(clock, grace).await
    }
}

/// Reads back what was pushed before, opens the port, then serves in the background until `shutdown`.
pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Result<Handle, StartError> {
    let (listener, address) = bind(&config.listen, "the Pushgateway").await?;
    let gateway = Gateway::open(config, deps)?;
    let tasks = Tasks::default();
    let routes = router(&gateway);
    tasks.spawn(async move {
        let stop = async move { shutdown.requested().await };
        if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the Pushgateway's server ended");
        }
    });
    tracing::info!(%address, "the Pushgateway takes pushes");
    Ok(Handle { address, gateway, tasks })
}
