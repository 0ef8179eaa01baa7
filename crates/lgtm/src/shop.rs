//! `lgtm fake-service`: the shop alone.

use crate::cli::ShopOptions;
use crate::error::RunError;
use crate::stop;
use lgtm_drill::shop;
use lgtm_runtime::{Random, ShutdownTrigger, SystemClock};

/// Runs the shop until it is told to stop.
pub async fn run(options: ShopOptions) -> Result<(), RunError> {
    let (trigger, shutdown) = ShutdownTrigger::new();
    let config =
        shop::Config { listen: options.listen, otlp_endpoint: options.otlp, requests_per_second: options.rate };
    let deps = shop::Deps { clock: SystemClock::shared(), random: Random::from_entropy() };
    let running = shop::start(config, deps, shutdown).await?;
    println!("ready http://{}", running.address());
    match options.until_stdin_ends {
        true => tokio::select! {
            () = stop::wait(&trigger) => {}
            () = stop::standard_input_ends(&trigger) => {}
        },
        false => stop::wait(&trigger).await,
    }
    running.drain().await;
    Ok(())
}
