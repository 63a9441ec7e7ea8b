//! Finding the agent, or starting one that ends by itself.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::unix::pipe::Receiver,
    process::Command,
    task, time,
};

use super::{Client, ClientError, LockError, lock::StartLock, one_shot::READY};
use crate::driver::Terminal;

/// How to start a one-shot agent.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program, usually this one.
    pub program: PathBuf,
    /// Its arguments, e.g. `run --one-shot`. The environment is inherited.
    pub arguments: Vec<OsString>,
}

/// Why there is no agent to talk to.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// There is one, or should be, and it cannot be talked to.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The state folder cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The program could not be started.
    #[error("could not start {}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The agent ended before it was ready.
    #[error("the agent did not start: {message}")]
    Ended {
        /// What it wrote, as it should be shown; never empty.
        message: String,
        /// Its exit status, which the command should end with.
        status: Option<i32>,
    },
    /// The agent wasn't ready in time.
    #[error("the agent was not ready within {} seconds", READY_TIME.as_secs())]
    TimedOut,
}

/// Connects to the agent that runs; if none does, starts a one-shot agent and connects to that.
/// Of several commands at once, one starts it.
///
/// # Errors
/// [`LaunchError`]
pub async fn connect_or_spawn(
    socket: &Path,
    state: &Path,
    launch: &Launch,
    terminal: Terminal,
) -> Result<Client, LaunchError> {
    if let Some(client) = connect(socket, &terminal).await? {
        return Ok(client);
    }
    let state = state.to_owned();
    let _starting = match task::spawn_blocking(move || StartLock::wait(&state)).await {
        Ok(lock) => lock?,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    };
    // The command that had the lock before may have started one.
    if let Some(client) = connect(socket, &terminal).await? {
        return Ok(client);
    }
    match start(launch).await {
        Ok(()) => Ok(Client::connect(socket, terminal).await?),
        // An agent that somebody else started meanwhile is as good.
        Err(error @ LaunchError::Ended { .. }) => connect(socket, &terminal).await?.ok_or(error),
        Err(error) => Err(error),
    }
}

/// The agent that runs, if it answers: one that is ending takes a connection and then drops it.
async fn connect(socket: &Path, terminal: &Terminal) -> Result<Option<Client>, ClientError> {
    let answered = async {
        let client = Client::connect(socket, terminal.clone()).await?;
        client.agent().await?;
        Ok(client)
    };
    match answered.await {
        Ok(client) => Ok(Some(client)),
        Err(ClientError::NotRunning | ClientError::Ended(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Until a one-shot agent must be ready; its start waits for no person and no token.
const READY_TIME: Duration = Duration::from_secs(30);

/// Bytes of a message that are passed on.
const LONGEST_MESSAGE: u64 = 16 * 1024;

async fn start(launch: &Launch) -> Result<(), LaunchError> {
    let failed = |source| LaunchError::Spawn {
        program: launch.program.clone(),
        source,
    };
    let (reader, writer) = io::pipe().map_err(failed)?;
    let reader = Receiver::from_owned_fd(reader.into()).map_err(failed)?;
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(writer);
    let mut agent = command.spawn().map_err(failed)?;
    // The pipe ends with the agent only if no other end for writing stays open.
    drop(command);
    let started = time::timeout(READY_TIME, async {
        match words(reader).await {
            None => Ok(()),
            Some(message) => {
                let status = agent.wait().await.ok();
                Err(ended(message, status))
            }
        }
    });
    match started.await {
        Ok(result) => result,
        Err(_) => {
            // Nobody would talk to it, so it must not come to life later.
            let _ = agent.start_kill();
            Err(LaunchError::TimedOut)
        }
    }
}

/// What the agent wrote instead of being ready.
async fn words(pipe: Receiver) -> Option<String> {
    let mut lines = BufReader::new(pipe.take(LONGEST_MESSAGE));
    let mut message = Vec::new();
    loop {
        let from = message.len();
        let more = lines.read_until(b'\n', &mut message).await;
        if message[from..].trim_ascii() == READY.as_bytes() {
            return None;
        }
        if !more.is_ok_and(|length| length > 0) {
            return Some(String::from_utf8_lossy(&message).trim().to_owned());
        }
    }
}

fn ended(message: String, status: Option<ExitStatus>) -> LaunchError {
    let message = match (message.is_empty(), status) {
        (false, _) => message,
        (true, Some(status)) => status.to_string(),
        (true, None) => "no word from it".to_owned(),
    };
    LaunchError::Ended {
        message,
        status: status.and_then(|status| status.code()),
    }
}
