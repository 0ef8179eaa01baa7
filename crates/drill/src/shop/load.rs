//! The built-in load generator: customers that come more often at some times than at others.

use super::Deps;
use super::plan::{ENDPOINTS, Endpoint};
use lgtm_runtime::{Shutdown, Tasks};
use std::net::SocketAddr;
use std::time::Duration;

/// The swell of the traffic: one wave lasts this long, and lifts and lowers the rate by [`SWELL_RATIO`].
const SWELL_PERIOD_SECONDS: f64 = 600.0;
const SWELL_RATIO: f64 = 0.3;
/// A customer gives up after this long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Customers in the shop at once; more stay outside.
const IN_FLIGHT_MAX: usize = 64;

/// Sends requests to the gateway until the shutdown.
pub async fn run(address: SocketAddr, requests_per_second: f64, deps: Deps, shutdown: Shutdown) {
    let Ok(client) = reqwest::Client::builder().timeout(REQUEST_TIMEOUT).no_proxy().build() else {
        tracing::error!("the load generator has no HTTP client");
        return;
    };
    let customers = Tasks::default();
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(IN_FLIGHT_MAX));
    loop {
        let wave = (deps.clock.elapsed().as_secs_f64() / SWELL_PERIOD_SECONDS * std::f64::consts::TAU).sin();
        let rate = requests_per_second * (1.0 + SWELL_RATIO * wave);
        // Arrivals of independent customers: the time between two is exponentially distributed.
        let pause = Duration::from_secs_f64(-(1.0 - deps.random.fraction()).ln() / rate);
        tokio::select! {
            () = shutdown.requested() => break,
            () = deps.clock.sleep(pause) => {}
        }
        let Ok(place) = std::sync::Arc::clone(&places).try_acquire_owned() else { continue };
        let endpoint = pick(&deps);
        let url = format!("http://{address}{}", endpoint.path);
        let method = if endpoint.method == "POST" { reqwest::Method::POST } else { reqwest::Method::GET };
        let request = client.request(method, url);
        customers.spawn(async move {
            // A failed request is the shop's to tell of; the customer just leaves.
            let _answer = request.send().await;
            drop(place);
        });
    }
    customers.drain(&deps.clock, REQUEST_TIMEOUT).await;
}

fn pick(deps: &Deps) -> &'static Endpoint {
    let total: u64 = ENDPOINTS.iter().map(|endpoint| endpoint.weight).sum();
    let mut draw = deps.random.in_range(0..total);
    for endpoint in &ENDPOINTS {
        if draw < endpoint.weight {
            return endpoint;
        }
        draw -= endpoint.weight;
    }
    &ENDPOINTS[0]
}
