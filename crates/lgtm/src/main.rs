//! The binary: command line, composition of settings, wiring, start and stop order. Everything else lives below.

mod agent;
mod cellar;
mod cli;
mod commands;
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
mod tell;

use clap::Parser;
use cli::Command;
use commands::Outcome;
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
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("lgtm: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<Outcome, error::RunError> {
    let ended = |()| Outcome::Good;
    match command {
        Command::Server(options) => server::run(options).await.map(ended),
        Command::Agent(options) => agent::run(options).await.map(ended),
        Command::Demo(options) => demo::run(options).await.map(ended),
        Command::FakeService(options) => shop::run(options).await.map(ended),
        Command::Check(what) => commands::check::check(what),
        Command::Test(what) => Ok(commands::check::test(what)),
        Command::Alerts(options) => commands::alerts::run(options).await,
        Command::Silence(what) => commands::silence::run(what).await,
        Command::Route(what) => commands::route::run(what),
        Command::Rules(what) => commands::rules::run(what).await,
        Command::Slo(what) => commands::slo::run(what).await,
        Command::Probe(options) => commands::probe::run(options).await,
    }
}
