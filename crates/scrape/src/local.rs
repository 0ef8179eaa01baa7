//! Targets that this process answers itself, without a hop over HTTP.

use async_trait::async_trait;
use std::time::Duration;

/// Someone in this process who answers for some targets. Asked by any number of workers at once.
#[async_trait]
pub trait LocalTarget: Send + Sync + 'static {
    /// Whether it answers for a target, by what relabelling left of its address and path. Must not wait.
    fn claims(&self, address: &str, path: &str) -> bool;

    /// Answers with Prometheus text 0.0.4, as it would over HTTP, or says why it cannot. `params` are the query's, decoded;
    /// `timeout` is the scrape's own, after which nobody waits any more: the future is dropped then, which must end the
    /// work.
    async fn answer(&self, params: &[(String, String)], timeout: Duration) -> Result<String, String>;
}
