//! One dialog: a pinentry process that is started, told what to show, asked once, and ended.

use std::{io, path::Path, process::Stdio, time::Duration};

use thiserror::Error;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::{
    Audience,
    assuan::{self, AssuanError, Line, Reader},
};

/// How long a pinentry has to end by itself before it is killed.
const GOODBYE: Duration = Duration::from_millis(500);

/// How much longer than its own time limit a pinentry may take; no more than that limit again.
const OVERTIME: Duration = Duration::from_secs(5);

/// The locale for characters. Of those in UTF-8 this one alone is always there, and
/// pinentry-curses shows nothing in one that isn't installed, whatever the environment says.
const CHARACTERS: &str = "C.UTF-8";

/// The longest answer, in encoded bytes.
const SECRET: usize = 1024;

/// What a dialog shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) title: String,
    pub(super) description: String,
    /// Beside the entry field.
    pub(super) prompt: String,
    /// In red, where the pinentry has colours.
    pub(super) error: String,
    pub(super) ok: String,
    pub(super) cancel: String,
    /// The third button, where there is one.
    pub(super) not_ok: String,
}

/// What is asked of a pinentry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Confirm,
    Pin,
    Message,
}

impl Ask {
    fn command(self) -> &'static str {
        match self {
            Self::Confirm => "CONFIRM\n",
            Self::Pin => "GETPIN\n",
            Self::Message => "MESSAGE\n",
        }
    }
}

/// How a dialog ended.
pub(super) enum End {
    /// The OK button, with what was typed.
    Ok(Zeroizing<String>),
    /// The third button.
    NotOk,
    /// The cancel button (or, in some pinentries, the closed window).
    Cancel,
    /// The window was closed.
    Closed,
    TimedOut,
    /// It was withdrawn before somebody answered.
    Withdrawn,
}

/// Why a pinentry was of no use.
#[derive(Debug, Error)]
pub(super) enum DialogError {
    #[error("could not be started")]
    Start(#[source] io::Error),
    #[error("did not understand a question")]
    Talk(#[source] io::Error),
    #[error("broke off")]
    Assuan(#[from] AssuanError),
    #[error("answered with error {0}")]
    Refused(u16),
    #[error("answered with something that is not text")]
    NotText,
}

/// Shows one dialog and waits for its end. The process is gone when this returns.
///
/// # Errors
///
/// When no dialog came to an end; another pinentry may do better.
pub(super) async fn show(
    program: &Path,
    audience: &Audience,
    face: &Face,
    ask: Ask,
    limit: Duration,
    withdrawn: &CancellationToken,
) -> Result<End, DialogError> {
    let (mut child, mut talk) = start(program, audience)?;
    let conversation = timeout(
        limit + limit.min(OVERTIME),
        talk.run(audience, face, ask, limit),
    );
    let end = tokio::select! {
        biased;
        () = withdrawn.cancelled() => Ok(End::Withdrawn),
        end = conversation => end.unwrap_or(Ok(End::TimedOut)),
    };
    drop(talk);
    let answered = matches!(end, Ok(End::Ok(_) | End::NotOk | End::Cancel | End::Closed));
    finish(&mut child, answered).await;
    end
}

fn start(program: &Path, audience: &Audience) -> Result<(Child, Talk), DialogError> {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if audience.terminal.is_some() {
        // The person is at that terminal, so a graphical pinentry must fall back to it.
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    }
    let mut child = command.spawn().map_err(DialogError::Start)?;
    let talk = Talk {
        input: child.stdin.take().expect("stdin is piped"),
        output: Reader::new(child.stdout.take().expect("stdout is piped")),
        closed: false,
    };
    Ok((child, talk))
}

/// Sees to it that the process ends. A terminal pinentry puts its terminal right on SIGTERM, so
/// that comes before SIGKILL.
async fn finish(child: &mut Child, answered: bool) {
    if answered && timeout(GOODBYE, child.wait()).await.is_ok() {
        return;
    }
    let process = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(process) = process {
        // Gone already is as good.
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
    if timeout(GOODBYE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

/// The conversation with one pinentry.
struct Talk {
    input: ChildStdin,
    output: Reader<ChildStdout>,
    /// The pinentry said that the window was closed.
    closed: bool,
}

impl Talk {
    async fn run(
        &mut self,
        audience: &Audience,
        face: &Face,
        ask: Ask,
        limit: Duration,
    ) -> Result<End, DialogError> {
        self.reply(None).await?; // its greeting
        self.options(audience).await?;
        for (command, text) in [
            ("SETTITLE", &face.title),
            ("SETDESC", &face.description),
            ("SETPROMPT", &face.prompt),
            ("SETERROR", &face.error),
            ("SETOK", &face.ok),
            ("SETCANCEL", &face.cancel),
            ("SETNOTOK", &face.not_ok),
        ] {
            if !text.is_empty() {
                self.set(command, text).await?;
            }
        }
        self.set("SETTIMEOUT", &limit.as_secs().max(1).to_string())
            .await?;
        self.ask(ask).await
    }

    /// What an old pinentry doesn't know, it can do without.
    async fn options(&mut self, audience: &Audience) -> Result<(), DialogError> {
        let mut options = vec![
            // Without this a dialog takes keyboard and mouse from all other windows.
            "no-grab".to_owned(),
            format!("lc-ctype={CHARACTERS}"),
            format!("lc-messages={}", audience.language.locale()),
        ];
        if let Some(terminal) = &audience.terminal {
            options.push(format!("ttyname={}", terminal.name));
            options.push(format!("ttytype={}", terminal.kind));
        }
        for option in options {
            self.send(&assuan::command("OPTION", &option)).await?;
            match self.reply(None).await {
                Ok(()) | Err(DialogError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn set(&mut self, command: &str, text: &str) -> Result<(), DialogError> {
        self.send(&assuan::command(command, text)).await?;
        self.reply(None).await
    }

    async fn ask(&mut self, ask: Ask) -> Result<End, DialogError> {
        self.send(ask.command()).await?;
        let mut secret = Zeroizing::new(Vec::with_capacity(SECRET));
        match self.reply(Some(&mut secret)).await {
            Ok(()) => Ok(End::Ok(text(secret)?)),
            Err(DialogError::Refused(CANCELED | FULLY_CANCELED)) if self.closed => Ok(End::Closed),
            Err(DialogError::Refused(CANCELED | FULLY_CANCELED)) => Ok(End::Cancel),
            Err(DialogError::Refused(NOT_CONFIRMED)) => Ok(End::NotOk),
            Err(DialogError::Refused(TIMEOUT)) => Ok(End::TimedOut),
            Err(error) => Err(error),
        }
    }

    async fn send(&mut self, line: &str) -> Result<(), DialogError> {
        self.input
            .write_all(line.as_bytes())
            .await
            .map_err(DialogError::Talk)
    }

    /// Waits for OK; data goes into `secret`, which never grows beyond its capacity.
    async fn reply(
        &mut self,
        mut secret: Option<&mut Zeroizing<Vec<u8>>>,
    ) -> Result<(), DialogError> {
        loop {
            match self.output.next().await? {
                Line::Ok => return Ok(()),
                Line::Err(code) => return Err(DialogError::Refused(code)),
                Line::Status(status) => self.closed |= status == b"BUTTON_INFO close",
                Line::Comment => {}
                Line::Data(data) => match &mut secret {
                    Some(secret) if secret.len() + data.len() <= secret.capacity() => {
                        secret.extend_from_slice(data);
                    }
                    Some(_) => return Err(AssuanError::LineTooLong.into()),
                    None => return Err(AssuanError::UnknownLine.into()),
                },
            }
        }
    }
}

// From libgpg-error.
const TIMEOUT: u16 = 62;
const CANCELED: u16 = 99;
const NOT_CONFIRMED: u16 = 114;
const FULLY_CANCELED: u16 = 198;

/// What was typed, without a copy that would stay behind.
fn text(mut encoded: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, DialogError> {
    if !assuan::decode(&mut encoded) {
        return Err(DialogError::NotText);
    }
    match String::from_utf8(std::mem::take(&mut *encoded)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(DialogError::NotText)
        }
    }
}
