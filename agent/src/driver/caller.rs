//! Who asks something of the agent.

use crate::{language::Language, profile::TrustedOrigin};

/// As the journal names a renewal that a command drives.
pub(super) const COMMAND: &str = "cli";

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A page whose origin a profile names.
    Page {
        /// The origin.
        origin: TrustedOrigin,
        /// What the browser wants to read.
        language: Language,
    },
    /// The owner of the agent, through the control socket.
    Cli {
        /// Where the person sits.
        terminal: Terminal,
        /// What the person wants to read.
        language: Language,
    },
}

/// The terminal of a command, on which a dialog is shown where there is no display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Its device, e.g. `/dev/pts/3`.
    pub tty: Option<String>,
    /// Its type, as in `TERM`.
    pub term: Option<String>,
    /// The locale, as in `LANG`.
    pub language: Option<String>,
}

impl Caller {
    /// The language of what is answered.
    #[must_use]
    pub fn language(&self) -> Language {
        match self {
            Self::Page { language, .. } | Self::Cli { language, .. } => *language,
        }
    }

    /// As the journal names the driver of a renewal: the origin, or `cli`.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Page { origin, .. } => origin.origin(),
            Self::Cli { .. } => COMMAND,
        }
    }

    /// Whether renewals and certificates of this profile are the caller's business.
    pub(super) fn may_see(&self, profile: &str) -> bool {
        match self {
            Self::Page { origin, .. } => origin.profiles().iter().any(|own| own.id == profile),
            Self::Cli { .. } => true,
        }
    }
}
