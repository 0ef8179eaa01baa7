//! What ends the program: SIGTERM and Ctrl-C.

use lgtm_runtime::ShutdownTrigger;
use tokio::signal::unix::{SignalKind, signal};

/// Fires the trigger at the first SIGTERM or SIGINT, and returns.
pub async fn wait(trigger: &ShutdownTrigger) {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => drop(signals.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be handled");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminate => tracing::info!("SIGTERM: draining"),
        _interrupted = tokio::signal::ctrl_c() => tracing::info!("interrupted: draining"),
    }
    trigger.fire();
}
