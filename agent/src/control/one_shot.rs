//! A one-shot agent's word to the command that started it.
//!
//! Its standard error is a pipe to that command until it is ready, so that whatever keeps it
//! from starting, be it a message, a panic or the dynamic linker, reaches the person.

use std::{
    fs::File,
    io::{self, Write as _},
};

use rustix::{process::setsid, stdio::dup2_stderr};

/// The line that says that an agent is ready to be connected to.
pub(super) const READY: &str = "koshin: ready";

/// A one-shot agent that isn't ready yet.
#[derive(Debug)]
pub struct OneShot(());

impl OneShot {
    /// Leaves the terminal of the command that started it: an interrupt there must not end the
    /// agent, and a terminal pinentry must not be stopped as a background job.
    #[must_use]
    pub fn begin() -> Self {
        // It fails only for the leader of a group, which has left already.
        let _ = setsid();
        Self(())
    }

    /// Tells the command that it can connect. From then on, standard error is the log.
    ///
    /// # Errors
    /// When the log cannot take standard error's place. (When the command is gone, nobody needs
    /// the word.)
    pub fn ready(self, log: &File) -> io::Result<()> {
        let _ = writeln!(io::stderr(), "{READY}");
        dup2_stderr(log)?;
        Ok(())
    }
}
