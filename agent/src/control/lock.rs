//! One agent per state folder, and one command at a time that starts it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use thiserror::Error;

use crate::os::{
    folders::{FolderError, make_private},
    lock::{Holder, Lock, LockError as FileLockError},
};

/// The right to be the agent of a state folder; it ends with the process at the latest.
#[derive(Debug)]
pub struct AgentLock {
    _held: Lock,
}

/// Why a lock in the state folder was not taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another agent has the state folder.
    #[error("another agent runs already ({holder})")]
    AgentRuns {
        /// Who has it.
        holder: Holder,
    },
    /// The state folder cannot be made the owner's alone.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The lock file cannot be had.
    #[error("could not lock {}", path.display())]
    File {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl AgentLock {
    /// Takes the lock of the state folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`LockError::AgentRuns`] when another agent has it.
    pub fn take(state: &Path) -> Result<Self, LockError> {
        make_private(state)?;
        Ok(Self {
            _held: Lock::take(&state.join(AGENT_LOCK))?,
        })
    }

    /// Takes the lock as [`AgentLock::take`] does, but gives an agent that is just ending
    /// `patience` to let go. Blocks.
    ///
    /// # Errors
    /// [`LockError::AgentRuns`] when another agent has it and keeps it.
    pub fn take_from_ending(state: &Path, patience: Duration) -> Result<Self, LockError> {
        match Self::take(state) {
            Err(LockError::AgentRuns { .. }) => {}
            other => return other,
        }
        let path = state.join(AGENT_LOCK);
        let (free, is_free) = mpsc::channel();
        // A thread of its own, since only a signal would end its wait. A lock that comes too late
        // goes with the channel that nobody reads any more.
        thread::spawn(move || {
            let _ = free.send(Lock::wait(&path));
        });
        match is_free.recv_timeout(patience) {
            Ok(held) => Ok(Self { _held: held? }),
            Err(_) => Self::take(state),
        }
    }
}

impl AgentLock {
    /// Returns once no agent has the state folder, at that moment.
    ///
    /// # Errors
    /// When the lock file cannot be had.
    pub async fn free(state: &Path) -> io::Result<()> {
        let path = state.join(AGENT_LOCK);
        let (free, is_free) = tokio::sync::oneshot::channel();
        // A thread of its own, since only a signal would end its wait.
        thread::spawn(move || {
            let _ = free.send(Lock::wait(&path).map(drop));
        });
        match is_free.await {
            Ok(waited) => waited.map_err(io::Error::other),
            Err(gone) => Err(io::Error::other(gone)),
        }
    }
}

/// The right to start a one-shot agent: two commands at once must not start two.
#[derive(Debug)]
pub(super) struct StartLock {
    _held: Lock,
}

impl StartLock {
    /// Waits, blocking, until no other command is starting an agent.
    pub(super) fn wait(state: &Path) -> Result<Self, LockError> {
        make_private(state)?;
        Ok(Self {
            _held: Lock::wait(&state.join("start.lock"))?,
        })
    }
}

impl From<FileLockError> for LockError {
    fn from(error: FileLockError) -> Self {
        match error {
            FileLockError::Held { holder, .. } => Self::AgentRuns { holder },
            FileLockError::File { path, source } => Self::File { path, source },
        }
    }
}

const AGENT_LOCK: &str = "agent.lock";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_shot_agent_waits_for_the_one_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let ending = AgentLock::take(folder.path()).unwrap();
        let next = {
            let state = folder.path().to_owned();
            thread::spawn(move || AgentLock::take_from_ending(&state, Duration::from_secs(60)))
        };
        drop(ending);
        next.join().unwrap().unwrap();
    }

    #[test]
    fn a_second_agent_is_told_about_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state/koshin");
        let first = AgentLock::take(&state).unwrap();
        let error = AgentLock::take(&state).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "another agent runs already (process {})",
                std::process::id()
            )
        );
        drop(first);
        AgentLock::take(&state).unwrap();
    }
}
