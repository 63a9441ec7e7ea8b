//! What a person is asked: consent, token, one-time code and PIN, in the native dialogs of a pinentry program.
//!
//! A web page can't draw or answer these dialogs. One is shown at a time; each is a process of
//! its own that goes with the renewal it belongs to. What was typed passes through wiped
//! buffers only, into [`pkcs11_bridge::Pin`] or
//! [`protocol::csr::AcquisitionCode`]. Nothing here tries a PIN or decides anything.

mod assuan;
mod dialog;
mod program;
mod question;
mod wording;
mod wrap;

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use pkcs11_bridge::Pin;
use protocol::{bridge::ProblemCode, csr::AcquisitionCode};
use thiserror::Error;
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

pub use question::{
    AddProfile, Answer, Asker, Audience, ClearUp, CodeAnswer, CodeQuestion, Consent, ConsentStep,
    Message, Notice, PinAnswer, PinPurpose, PinQuestion, PinTries, RefusedBefore, Terminal,
    TokenAnswer, TokenQuestion,
};

use crate::failure::{Failure, in_one_line};
use dialog::{Ask, End, Face};
use program::Place;

/// How often an empty PIN or a way back from the help leads to the entry again.
const RETURNS: usize = 10;

/// The most bytes that the origins of an [`AddProfile`] may have together, for all of them to
/// be readable in one dialog.
pub const ORIGINS_SHOWN: usize = 360;

/// Shows dialogs. Clones share the queue: one dialog at a time, first come, first served.
#[derive(Clone, Debug)]
pub struct Prompter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pinentry: PathBuf,
    limit: Duration,
    // Tokio's mutex wakes waiters in the order of their coming.
    turn: Mutex<()>,
}

/// The programs that would be tried for a dialog, best first; `path` as in the environment's
/// `PATH`.
#[must_use]
pub fn programs(configured: &Path, terminal: bool, path: Option<&OsStr>) -> Vec<PathBuf> {
    let place = if terminal {
        Place::Terminal
    } else {
        Place::Display
    };
    program::candidates(configured, place, path)
}

/// Why no dialog could be shown.
#[derive(Debug, Error)]
pub enum PromptError {
    /// There is neither a display nor a terminal.
    #[error("there is no display and no terminal to ask on")]
    Nowhere,
    /// No pinentry program is installed.
    #[error("no pinentry program was found; the package {package} has one")]
    NotInstalled {
        /// The Debian package to install.
        package: &'static str,
    },
    /// The last program that was tried.
    #[error("{} {reason}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// What it did.
        reason: String,
        /// The Debian package whose pinentry would fit the place.
        package: Option<&'static str>,
    },
}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        let package = match &error {
            PromptError::Nowhere => None,
            PromptError::NotInstalled { package } => Some(*package),
            PromptError::Program { package, .. } => *package,
        };
        let failure = Self::new(ProblemCode::PromptUnavailable);
        match package {
            Some(package) => failure.with("package", package),
            None => failure,
        }
        .because(error)
    }
}

impl Prompter {
    /// Shows dialogs by `pinentry`: a program, or the bare name `pinentry` for whichever fits
    /// the place. Each dialog ends after `limit` (whole seconds).
    #[must_use]
    pub fn new(pinentry: PathBuf, limit: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                pinentry,
                limit,
                turn: Mutex::new(()),
            }),
        }
    }

    /// Asks for consent. Where the pinentry allows, the Return key means no.
    pub async fn consent(&self, question: &Consent, withdrawn: CancellationToken) -> Answer {
        self.choose(
            &question.audience,
            &wording::consent(question),
            Ask::Confirm,
            &withdrawn,
        )
        .await
    }

    /// Asks whether a bank's profile may be added. The caller sees to it that its origins fit:
    /// see [`ORIGINS_SHOWN`].
    pub async fn add_profile(&self, question: &AddProfile, withdrawn: CancellationToken) -> Answer {
        self.choose(
            &question.audience,
            &wording::add_profile(question),
            Ask::Confirm,
            &withdrawn,
        )
        .await
    }

    /// Asks whether something may be cleared up.
    pub async fn clear_up(&self, question: &ClearUp, withdrawn: CancellationToken) -> Answer {
        self.choose(
            &question.audience,
            &wording::clear_up(question),
            Ask::Confirm,
            &withdrawn,
        )
        .await
    }

    /// Tells something. A notice that is read gives [`Answer::Yes`].
    pub async fn tell(&self, notice: &Notice, withdrawn: CancellationToken) -> Answer {
        self.choose(
            &notice.audience,
            &wording::notice(notice),
            Ask::Message,
            &withdrawn,
        )
        .await
    }

    /// Asks for the PIN. An empty one isn't given out; the help desk's number is one press away.
    pub async fn pin(&self, question: &PinQuestion, withdrawn: CancellationToken) -> PinAnswer {
        let Some(_turn) = self.turn(&withdrawn).await else {
            return PinAnswer::Cancelled;
        };
        let audience = &question.audience;
        let mut nothing_typed = false;
        for _ in 0..RETURNS {
            let face = wording::pin(question, nothing_typed);
            match self.show(audience, &face, Ask::Pin, &withdrawn).await {
                Ok(End::Ok(typed)) if typed.is_empty() => {
                    nothing_typed = true;
                    continue;
                }
                Ok(End::Ok(typed)) => return PinAnswer::Pin(Pin::new(typed)),
                // Of all pinentries only a second dialog has a third button.
                Ok(End::Cancel | End::NotOk) => {}
                Ok(End::Closed | End::Withdrawn) => return PinAnswer::Cancelled,
                Ok(End::TimedOut) => return PinAnswer::TimedOut,
                Err(error) => return PinAnswer::Unavailable(error),
            }
            let help = wording::pin_help(question);
            match self.show(audience, &help, Ask::Confirm, &withdrawn).await {
                Ok(End::Ok(_)) => nothing_typed = false,
                Ok(End::NotOk) => return PinAnswer::Forgotten,
                Ok(End::Cancel | End::Closed | End::Withdrawn) => return PinAnswer::Cancelled,
                Ok(End::TimedOut) => return PinAnswer::TimedOut,
                Err(error) => return PinAnswer::Unavailable(error),
            }
        }
        PinAnswer::Cancelled
    }

    /// Asks which token, one dialog for each until the person takes one; after the last one the
    /// first comes again. No pinentry has a list to pick from.
    pub async fn token(
        &self,
        question: &TokenQuestion,
        withdrawn: CancellationToken,
    ) -> TokenAnswer {
        let Some(_turn) = self.turn(&withdrawn).await else {
            return TokenAnswer::Cancelled;
        };
        let audience = &question.audience;
        for index in (0..question.tokens.len())
            .cycle()
            .take(RETURNS.max(question.tokens.len()))
        {
            let face = wording::token(question, index);
            match self.show(audience, &face, Ask::Confirm, &withdrawn).await {
                Ok(End::Ok(_)) => return TokenAnswer::Token(index),
                Ok(End::NotOk) => {}
                Ok(End::Cancel | End::Closed | End::Withdrawn) => return TokenAnswer::Cancelled,
                Ok(End::TimedOut) => return TokenAnswer::TimedOut,
                Err(error) => return TokenAnswer::Unavailable(error),
            }
        }
        TokenAnswer::Cancelled
    }

    /// Asks for the one-time code. What cannot be a code isn't given out, and is asked for again.
    pub async fn code(&self, question: &CodeQuestion, withdrawn: CancellationToken) -> CodeAnswer {
        let Some(_turn) = self.turn(&withdrawn).await else {
            return CodeAnswer::Cancelled;
        };
        let mut no_code = false;
        for _ in 0..RETURNS {
            let face = wording::code(question, no_code);
            match self
                .show(&question.audience, &face, Ask::Pin, &withdrawn)
                .await
            {
                Ok(End::Ok(typed)) => match AcquisitionCode::parse(&typed) {
                    Some(code) => return CodeAnswer::Code(code),
                    None => no_code = true,
                },
                Ok(End::Cancel | End::NotOk | End::Closed | End::Withdrawn) => {
                    return CodeAnswer::Cancelled;
                }
                Ok(End::TimedOut) => return CodeAnswer::TimedOut,
                Err(error) => return CodeAnswer::Unavailable(error),
            }
        }
        CodeAnswer::Cancelled
    }

    async fn choose(
        &self,
        audience: &Audience,
        face: &Face,
        ask: Ask,
        withdrawn: &CancellationToken,
    ) -> Answer {
        let Some(_turn) = self.turn(withdrawn).await else {
            return Answer::Cancelled;
        };
        match self.show(audience, face, ask, withdrawn).await {
            Ok(End::Ok(_)) => Answer::Yes,
            Ok(End::NotOk | End::Cancel) => Answer::No,
            Ok(End::Closed | End::Withdrawn) => Answer::Cancelled,
            Ok(End::TimedOut) => Answer::TimedOut,
            Err(error) => Answer::Unavailable(error),
        }
    }

    /// Waits for the others' dialogs to end; `None` if this one is withdrawn meanwhile.
    async fn turn(&self, withdrawn: &CancellationToken) -> Option<MutexGuard<'_, ()>> {
        tokio::select! {
            biased;
            () = withdrawn.cancelled() => None,
            turn = self.shared.turn.lock() => Some(turn),
        }
    }

    /// Shows one dialog by the first program that can.
    async fn show(
        &self,
        audience: &Audience,
        face: &Face,
        ask: Ask,
        withdrawn: &CancellationToken,
    ) -> Result<End, PromptError> {
        let place = Place::of(audience.terminal.is_some());
        let path = env::var_os("PATH");
        let mut error = match place.package() {
            Some(package) => PromptError::NotInstalled { package },
            None => PromptError::Nowhere,
        };
        for program in program::candidates(&self.shared.pinentry, place, path.as_deref()) {
            let limit = self.shared.limit;
            match dialog::show(&program, audience, face, ask, limit, withdrawn).await {
                Ok(end) => return Ok(end),
                Err(cause) => {
                    // None of it comes from what was typed.
                    let reason = in_one_line(&cause);
                    tracing::warn!(
                        program = %program.display(),
                        reason,
                        "a pinentry showed no dialog"
                    );
                    error = PromptError::Program {
                        program,
                        reason,
                        package: place.package(),
                    };
                }
            }
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests;
