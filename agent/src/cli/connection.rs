//! The way to the agent.

use std::{env, ffi::OsString, future::Future};

use protocol::bridge::Problem;

use crate::control::{Client, ClientError, Launch, LaunchError, connect_or_spawn};

use super::{CliError, Exit, obstacle::explain, printer::Format, session::Session};

/// Runs `work` with a connection to the agent, starting one for this command if none runs.
pub(super) fn with_agent<'s, T, W>(
    session: &'s Session<'_>,
    work: impl FnOnce(Client) -> W,
) -> Result<T, Box<CliError>>
where
    W: Future<Output = Result<T, Box<CliError>>> + 's,
{
    let broken = |error: std::io::Error| {
        Box::new(CliError::new(session.texts, Exit::Fault, "cli-system", &[]).because(error))
    };
    let program = env::current_exe().map_err(broken)?;
    session.runtime()?.block_on(async {
        let folders = &session.config.folders;
        let launch = Launch {
            program,
            arguments: arguments(session),
        };
        let terminal = session.terminal();
        let client = connect_or_spawn(
            &folders.socket.value,
            &folders.state.value,
            &launch,
            terminal,
        )
        .await
        .map_err(|error| from_launch(session, error))?;
        work(client).await
    })
}

/// Why a call brought no result.
pub(super) fn from_client(session: &Session<'_>, error: ClientError) -> Box<CliError> {
    Box::new(match error {
        ClientError::Refused(problem) => CliError::from_problem(*problem),
        error => explain(session.texts, &error),
    })
}

/// A problem that a renewal ended with, or `otherwise` if the agent gave none.
pub(super) fn from_problem(problem: Option<Problem>, otherwise: CliError) -> Box<CliError> {
    Box::new(problem.map_or(otherwise, CliError::from_problem))
}

/// What the agent that this command may start must know of the command line.
fn arguments(session: &Session<'_>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["run".into(), "--one-shot".into()];
    arguments.extend(["--language".into(), session.language.tag().into()]);
    if session.printer.format() == Format::Json {
        arguments.push("--json".into());
    }
    arguments
}

fn from_launch(session: &Session<'_>, error: LaunchError) -> Box<CliError> {
    match error {
        LaunchError::Client(error) => from_client(session, error),
        LaunchError::Ended { message, status } => Box::new(CliError::relayed(message, status)),
        error => Box::new(explain(session.texts, &error)),
    }
}
