//! One agent per state folder, and one command at a time that starts it.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
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
        Lock::take(&state.join("agent.lock"))
            .map(|held| Self { _held: held })
            .map_err(|error| match error {
                FileLockError::Held { holder, .. } => LockError::AgentRuns { holder },
                FileLockError::File { path, source } => LockError::File { path, source },
            })
    }
}

/// The right to start a one-shot agent: two commands at once must not start two.
#[derive(Debug)]
pub(super) struct StartLock {
    // Closing the file releases the lock.
    _file: File,
}

impl StartLock {
    /// Waits, blocking, until no other command is starting an agent.
    pub(super) fn wait(state: &Path) -> Result<Self, LockError> {
        make_private(state)?;
        let path = state.join("start.lock");
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|file| file.lock().map(|()| Self { _file: file }))
            .map_err(|source| LockError::File { path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
