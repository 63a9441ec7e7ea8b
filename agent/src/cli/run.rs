//! `koshin run`: the agent in the foreground.

use std::io;

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{control::OneShot, daemon};

use super::{CliError, Exit, obstacle::explain, session::Session};

/// Filters the log, e.g. `debug` or `agent::driver=trace`.
const LOG_FILTER: &str = "KOSHIN_LOG";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// End when no command and no renewal needs the agent any more.
    #[arg(long, hide = true)]
    one_shot: bool,
}

pub(super) fn run(session: Session<'_>, arguments: &Arguments) -> Result<Exit, Box<CliError>> {
    // First of all, so that nothing the agent starts belongs to the command's terminal.
    let one_shot = arguments.one_shot.then(OneShot::begin);
    log(session.printer.colour());
    let texts = session.texts;
    let runtime = session.runtime()?;
    let settings = daemon::Settings {
        config: session.config,
        one_shot,
        ready: None,
        quit: CancellationToken::new(),
    };
    match runtime.block_on(daemon::run(settings)) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(explain(texts, &error).into()),
    }
}

pub(super) fn log(colour: bool) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var(LOG_FILTER)
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(colour)
        .init();
}
