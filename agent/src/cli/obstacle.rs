//! What keeps an agent from running or from being reached: the text and the exit status are the
//! same whether `koshin run` meets it or a command that starts an agent for itself.

use std::error::Error;

use crate::{
    bridge::BindError,
    control::{ClientError, LaunchError, LockError, SocketError},
    daemon::RunError,
    journal::JournalError,
    language::Texts,
    os::folders::FolderError,
};

use super::{CliError, Exit};

/// The error that a person reads.
pub(super) fn explain<E: Obstacle + Error>(texts: &Texts, error: &E) -> CliError {
    let (exit, id) = error.meaning();
    CliError::new(texts, exit, id, &[]).because_of(error)
}

/// Something that has a text in the catalogue and an exit status.
pub(super) trait Obstacle {
    /// The exit status, and the id of the text.
    fn meaning(&self) -> (Exit, &'static str);
}

impl Obstacle for RunError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::Lock(error) => error.meaning(),
            Self::Folder(error) => error.meaning(),
            Self::Journal(error) => error.meaning(),
            Self::Socket(error) => error.meaning(),
            Self::Bind(BindError::EveryPortTaken { .. }) => (Exit::Refused, "cli-no-port"),
            Self::Bind(BindError::Refused { .. }) | Self::System { .. } => {
                (Exit::Fault, "cli-agent-cannot-run")
            }
        }
    }
}

impl Obstacle for LaunchError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::Client(error) => error.meaning(),
            Self::Lock(error) => error.meaning(),
            Self::Spawn { .. } | Self::Ended { .. } | Self::TimedOut => {
                (Exit::Fault, "cli-agent-not-started")
            }
        }
    }
}

impl Obstacle for ClientError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::Socket(error) => error.meaning(),
            Self::OtherUser { .. } => (Exit::Usage, "cli-agent-of-another-user"),
            Self::NotRunning
            | Self::Connect { .. }
            | Self::Ended(_)
            | Self::Refused(_)
            | Self::NotUnderstood { .. } => (Exit::Fault, "cli-agent-unreachable"),
        }
    }
}

impl Obstacle for LockError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::AgentRuns { .. } => (Exit::Refused, "cli-agent-runs"),
            Self::Folder(error) => error.meaning(),
            Self::File { .. } => (Exit::Usage, "cli-state-unusable"),
        }
    }
}

/// Of the state folder.
impl Obstacle for FolderError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::Network { .. } => (Exit::Usage, "cli-state-on-network"),
            Self::Folder { .. } | Self::NotAFolder(_) | Self::NotOurs { .. } => {
                (Exit::Usage, "cli-state-unusable")
            }
        }
    }
}

impl Obstacle for JournalError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::OtherMachine { .. } => (Exit::Usage, "cli-journal-of-another-pc"),
            Self::Newer { .. } => (Exit::Refused, "cli-journal-newer"),
            Self::File { .. }
            | Self::Damaged { .. }
            | Self::Open { .. }
            | Self::Use(_)
            | Self::Unreadable { .. }
            | Self::Task(_) => (Exit::Fault, "cli-journal-unusable"),
        }
    }
}

impl Obstacle for SocketError {
    fn meaning(&self) -> (Exit, &'static str) {
        match self {
            Self::PathTooLong { .. } => (Exit::Usage, "cli-socket-path-too-long"),
            Self::Folder(_) | Self::InTheWay { .. } | Self::System { .. } => {
                (Exit::Usage, "cli-socket-unusable")
            }
        }
    }
}
