//! The binary: command line, composition of settings, wiring, start and stop order. Everything else lives below.

mod agent;
mod cellar;
mod cli;
mod config;
mod demo;
mod endpoints;
mod error;
mod judgement;
mod listeners;
mod loaded;
mod log;
mod provision;
mod routes;
mod server;
mod shop;
mod shop_process;
mod stop;
mod targets;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    log::start(arguments.log_format());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("lgtm: cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lgtm: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: cli::Command) -> Result<(), error::RunError> {
    match command {
        cli::Command::Server(options) => server::run(options).await,
        cli::Command::Agent(options) => agent::run(options).await,
        cli::Command::Demo(options) => demo::run(options).await,
        cli::Command::FakeService(options) => shop::run(options).await,
        cli::Command::Check(what) => config::check(what),
    }
}
