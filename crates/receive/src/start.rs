//! Binding both ports and serving until asked to stop.

use crate::listen::{ListenError, bind};
use crate::{Config, Deps, Intake, otlp_grpc, otlp_http_router};
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use std::net::SocketAddr;
use std::time::Duration;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

/// A running receiver.
#[derive(Debug)]
pub struct Handle {
    /// Where OTLP/gRPC is served.
    pub grpc: SocketAddr,
    /// Where OTLP/HTTP is served.
    pub http: SocketAddr,
    tasks: Tasks,
}

impl Handle {
    /// Waits until the requests under way have been answered, at most `grace`; returns how many servers had to be cut off.
    pub async fn drain(&self, clock: &SharedClock, grace: Duration) -> usize {
        self.tasks.drain(clock, grace).await
    }
}

/// Opens both ports, then serves them in the background until `shutdown`.
pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Result<Handle, ListenError> {
    let (grpc_listener, grpc) = bind(&config.grpc_listen, "OTLP/gRPC").await?;
    let (http_listener, http) = bind(&config.http_listen, "OTLP/HTTP").await?;
    let intake = Intake::new(&config, deps);
    let tasks = Tasks::default();
    let routes = otlp_grpc(intake.clone());
    let stop = shutdown.clone();
    tasks.spawn(async move {
        let incoming = TcpIncoming::from(grpc_listener).with_nodelay(Some(true));
        let server = Server::builder().add_routes(routes);
        if let Err(error) = server.serve_with_incoming_shutdown(incoming, stop.requested()).await {
            tracing::error!(%error, "the OTLP/gRPC server ended");
        }
    });
    let router = otlp_http_router(intake);
    tasks.spawn(async move {
        let stop = async move { shutdown.requested().await };
        if let Err(error) = axum::serve(http_listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the OTLP/HTTP server ended");
        }
    });
    tracing::info!(%grpc, %http, "receiving OTLP");
    Ok(Handle { grpc, http, tasks })
}
