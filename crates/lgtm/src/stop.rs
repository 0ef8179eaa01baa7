//! What ends the program: SIGTERM and Ctrl-C, and for a child process the end of its standard input.

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

/// Fires the trigger when standard input ends, that is when the process that holds its other end is gone.
pub async fn standard_input_ends(trigger: &ShutdownTrigger) {
    let (ended, end) = tokio::sync::oneshot::channel();
    // A thread of its own: a read cannot be called off, and the runtime waits for the blocking tasks that it knows.
    let reader = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let _read_to_the_end = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _nobody_waits = ended.send(());
    });
    if let Err(error) = reader {
        tracing::error!(%error, "the end of standard input cannot be waited for");
        std::future::pending::<()>().await;
    }
    let _ended = end.await;
    tracing::info!("standard input ended: draining");
    trigger.fire();
}
