//! `koshin run`: the agent in the foreground.

use std::io;

use clap::Args;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{
    bridge::BindError,
    control::{LockError, OneShot},
    daemon::{self, RunError},
    os::folders::FolderError,
};

use super::{CliError, Exit, session::Session};

/// Filters the log, e.g. `debug` or `agent::driver=trace`.
const LOG_FILTER: &str = "KOSHIN_LOG";

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  koshin run\n  KOSHIN_LOG=debug koshin run\n\n\
                        The log goes to stderr; KOSHIN_LOG filters it."
)]
pub(super) struct Arguments {
    /// End when no command and no renewal needs the agent any more
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
    };
    match runtime.block_on(daemon::run(settings)) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => {
            let (exit, id) = meaning(&error);
            Err(CliError::new(texts, exit, id, &[])
                .because_of(&error)
                .into())
        }
    }
}

fn log(colour: bool) {
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

/// The exit status and the text of what keeps an agent from running.
fn meaning(error: &RunError) -> (Exit, &'static str) {
    match error {
        RunError::Lock(LockError::AgentRuns { .. }) => (Exit::Refused, "cli-agent-runs"),
        RunError::Bind(BindError::EveryPortTaken { .. }) => (Exit::Refused, "cli-no-port"),
        RunError::Lock(LockError::Folder(error)) | RunError::Folder(error) => match error {
            FolderError::Network { .. } => (Exit::Usage, "cli-state-on-network"),
            FolderError::Folder { .. }
            | FolderError::NotAFolder(_)
            | FolderError::NotOurs { .. } => (Exit::Usage, "cli-state-unusable"),
        },
        RunError::Journal(_) => (Exit::Fault, "cli-journal-unusable"),
        RunError::Lock(LockError::File { .. })
        | RunError::Bind(BindError::Refused { .. })
        | RunError::Socket(_)
        | RunError::System { .. } => (Exit::Fault, "cli-agent-cannot-run"),
    }
}
