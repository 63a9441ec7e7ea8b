//! Telling the person that certificates must be renewed: on the desktop ([`desktop`]) and by mail
//! ([`mail`]).
//!
//! No text of a notice has a link: who learns to follow links from reminders will follow forged
//! ones. The desktop's button opens the site that the installed profile names.

pub mod desktop;
pub mod mail;
mod page;
mod secret;
mod wording;

use std::sync::Arc;

use protocol::{bridge::Status, certificate::Certificate};

use crate::{journal::Mark, profile::Profile};

pub use page::open as open_page;

/// What a person is told about certificates of one bank.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The bank.
    pub profile: Arc<Profile>,
    /// The certificates, nearest expiry first; never empty.
    pub certificates: Vec<Due>,
    /// The stages of which this tells.
    pub marks: Vec<Mark>,
}

/// A certificate that must be renewed.
#[derive(Clone, Debug)]
pub struct Due {
    /// The certificate.
    pub certificate: Certificate,
    /// Whole days left by Japan's calendar; negative after its last day.
    pub days_left: i64,
    /// Where it stands in its life.
    pub status: Status,
}

impl Due {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        let certificate = &self.certificate;
        let name = certificate.common_name();
        name.unwrap_or_else(|| certificate.subject_text())
    }
}
