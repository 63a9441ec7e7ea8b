//! What the watch knows, as the tray and commands see it.

use jiff::Timestamp;
use pkcs11_bridge::readers::ReadersError;
use protocol::{bridge::Status, schedule};
use serde::{Deserialize, Serialize};

use super::{Sight, Standing, agenda};
use crate::{language::Language, notify::Due};

/// What the watch knows at a moment: a line of `GET /control/v1/watch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchView {
    /// The banks' certificates that have no successor, nearest expiry first.
    pub certificates: Vec<Watched>,
    /// The card readers.
    pub readers: ReadersView,
    /// Until when there are no notices on the desktop (RFC 3339).
    pub quiet_until: Option<String>,
}

/// A bank's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The SHA-256 of its DER.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The bank's name.
    pub bank: String,
    /// The bank's site, as its profile names it.
    pub page: Option<String>,
    /// The label of its token.
    pub token: String,
    /// Whether the token was there at the last look.
    pub present: bool,
    /// Its last valid second, in Unix seconds.
    pub not_after: i64,
    /// Whole days left by Japan's calendar.
    pub days_left: i64,
    /// Where it stands in its life.
    pub status: Status,
}

/// The card readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "service", rename_all = "kebab-case")]
pub enum ReadersView {
    /// Nothing is known yet.
    Unknown,
    /// The smart-card service does not run: ordinary where no token is a smart card.
    Absent,
    /// The smart-card service fails.
    Failed,
    /// The readers there are.
    Running {
        /// By name.
        readers: Vec<ReaderView>,
    },
}

/// A card reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderView {
    /// Its name.
    pub name: String,
    /// Whether a card is in it.
    pub card_present: bool,
}

impl Sight {
    /// The same for a reader of this language, at this moment.
    #[must_use]
    pub fn view(&self, language: Language, now: Timestamp) -> WatchView {
        let current = self.certificates.iter().filter(|one| !one.renewed);
        WatchView {
            certificates: current.map(|one| one.view(language, now)).collect(),
            readers: match &self.readers {
                None => ReadersView::Unknown,
                Some(Err(ReadersError::NoService)) => ReadersView::Absent,
                Some(Err(ReadersError::Failed(_))) => ReadersView::Failed,
                Some(Ok(readers)) => ReadersView::Running {
                    readers: readers
                        .iter()
                        .map(|reader| ReaderView {
                            name: reader.name.clone(),
                            card_present: reader.card_present,
                        })
                        .collect(),
                },
            },
            quiet_until: self
                .quiet_until
                .filter(|until| *until > now)
                .map(|until| until.to_string()),
        }
    }
}

impl Standing {
    /// The certificate with its days at this moment.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let certificate = self.certificate.clone();
        Due {
            days_left: schedule::days_left(certificate.not_after(), now.as_second()),
            status: agenda::status(&self.profile.renewal, &certificate, now),
            certificate,
        }
    }

    fn view(&self, language: Language, now: Timestamp) -> Watched {
        let due = self.due(now);
        Watched {
            id: self.certificate.id(),
            name: due.name(),
            bank: self.profile.name.say(language).to_owned(),
            page: self.profile.site().map(str::to_owned),
            token: self.token.clone(),
            present: self.present,
            not_after: self.certificate.not_after(),
            days_left: due.days_left,
            status: due.status,
        }
    }
}
