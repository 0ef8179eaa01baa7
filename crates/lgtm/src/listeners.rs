//! Which listeners there are, and serving a router on one.

use crate::error::RunError;
use axum::Router;
use lgtm_access::{Listen, bind, guard};
use lgtm_runtime::{Shutdown, Tasks};
use lgtm_settings::Secret;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// The addresses of a server's listeners.
#[derive(Clone, Debug)]
pub struct Ports {
    /// The web app and every API under a prefix.
    pub ui: SocketAddr,
    /// Prometheus' API.
    pub prometheus: SocketAddr,
    /// Loki's API.
    pub loki: SocketAddr,
    /// Tempo's API.
    pub tempo: SocketAddr,
    /// Alertmanager's API.
    pub alertmanager: SocketAddr,
    /// Pushgateway's API.
    pub pushgateway: SocketAddr,
    /// Probes.
    pub blackbox: SocketAddr,
    /// OTLP over gRPC.
    pub otlp_grpc: SocketAddr,
    /// OTLP over HTTP.
    pub otlp_http: SocketAddr,
    /// The shop of the demo.
    pub shop: SocketAddr,
    /// The demo's Slack.
    pub inbox: SocketAddr,
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Ports {
    /// The ports that the ecosystem knows, on loopback.
    pub fn of_the_ecosystem() -> Self {
        let at = |port| SocketAddr::new(LOOPBACK, port);
        Self {
            ui: at(3000),
            prometheus: at(9090),
            loki: at(3100),
            tempo: at(3200),
            alertmanager: at(9093),
            pushgateway: at(9091),
            blackbox: at(9115),
            otlp_grpc: at(4317),
            otlp_http: at(4318),
            shop: at(8080),
            inbox: at(8081),
        }
    }

    /// The web app at `ui`, everything else on free ports of the loopback interface.
    ///
    /// Only the web app's port can be opened to others: it carries all APIs and has the gate before it.
    pub fn beside(ui: SocketAddr) -> Self {
        let free = SocketAddr::new(LOOPBACK, 0);
        Self {
            ui,
            prometheus: free,
            loki: free,
            tempo: free,
            alertmanager: free,
            pushgateway: free,
            blackbox: free,
            otlp_grpc: free,
            otlp_http: free,
            shop: free,
            inbox: free,
        }
    }
}

/// Serves routers until the shutdown.
pub struct Listeners {
    /// Where the servers run.
    pub tasks: Tasks,
    /// Ends them.
    pub shutdown: Shutdown,
    /// What clients must send, if anything.
    pub token: Option<Secret>,
}

/// A listener that is bound and not yet served, so that its address is known before what answers there is made.
pub struct Bound {
    listener: TcpListener,
    what: &'static str,
    /// Where.
    pub address: SocketAddr,
}

impl Listeners {
    /// Binds an address.
    pub async fn bind(&self, listen: Listen) -> Result<Bound, RunError> {
        let listener = bind(&listen, self.token.as_ref()).await?;
        let system = |source| lgtm_access::ListenError::System {
            what: listen.what,
            address: listen.address,
            flag: listen.flag,
            source,
        };
        let address = listener.local_addr().map_err(system)?;
        Ok(Bound { listener, what: listen.what, address })
    }

    /// Serves a router behind the gate.
    pub fn serve(&self, bound: Bound, router: Router) {
        let router = guard(router, self.token.clone());
        let shutdown = self.shutdown.clone();
        let Bound { listener, what, .. } = bound;
        self.tasks.spawn(async move {
            let stop = async move { shutdown.requested().await };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
                tracing::error!(%error, "{what} ended");
            }
        });
    }
}
