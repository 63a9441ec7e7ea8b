//! The PC/SC readers of this PC: at one moment ([`snapshot`]), and as cards come and go
//! ([`watch()`]).

mod service;
mod watch;

use std::time::Duration;

use pcsc::{Context, Error as Pcsc, ReaderState, Scope, State};

pub use watch::{Watch, watch};

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name, as PC/SC gives it.
    pub name: String,
    /// Whether a card is in it.
    pub card_present: bool,
    /// How often a card came or went, as PC/SC counts: tells a card that was changed in a moment
    /// from one that stayed.
    pub changes: u32,
}

/// Why readers can't be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadersError {
    /// The PC's smart-card service (pcscd) isn't running. That is ordinary on a PC whose
    /// tokens aren't smart cards.
    #[error("the smart-card service is not running")]
    NoService,
    /// PC/SC failed in another way.
    #[error("the smart-card service failed")]
    Failed(#[source] Pcsc),
}

/// The readers and whether they have a card. Answers at once, but may block for as long as the
/// service takes to start.
///
/// # Errors
/// [`ReadersError`].
pub fn snapshot() -> Result<Vec<Reader>, ReadersError> {
    let context = Context::establish(Scope::User)?;
    let names = match context.list_readers_owned() {
        Err(Pcsc::NoReadersAvailable) => return Ok(Vec::new()),
        names => names?,
    };
    let mut states: Vec<_> = names
        .into_iter()
        .map(|name| ReaderState::new(name, State::UNAWARE))
        .collect();
    match context.get_status_change(Duration::ZERO, &mut states) {
        // Nothing changed since "unaware": there is nothing to be told.
        Ok(()) | Err(Pcsc::Timeout) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(states.iter().map(Reader::of).collect())
}

impl Reader {
    fn of(state: &ReaderState) -> Self {
        Self {
            name: state.name().to_string_lossy().into_owned(),
            card_present: state.event_state().contains(State::PRESENT),
            changes: state.event_count(),
        }
    }
}

impl From<Pcsc> for ReadersError {
    fn from(error: Pcsc) -> Self {
        match error {
            Pcsc::NoService | Pcsc::ServiceStopped => Self::NoService,
            other => Self::Failed(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The name of the service's socket is read from the environment of the process, so this
    /// test runs again in one of its own.
    #[test]
    fn a_service_that_is_not_running_is_an_ordinary_answer() {
        const SOCKET: (&str, &str) = ("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm");
        if std::env::var(SOCKET.0).is_ok_and(|name| name == SOCKET.1) {
            assert_eq!(snapshot(), Err(ReadersError::NoService));
            return;
        }
        let name = "readers::tests::a_service_that_is_not_running_is_an_ordinary_answer";
        let status = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact"])
            .env(SOCKET.0, SOCKET.1)
            .status()
            .unwrap();
        assert!(status.success());
    }
}
