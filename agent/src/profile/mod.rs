//! A bank's profile: everything that differs between banks, in one TOML file each.
//!
//! A page is trusted only because a profile names its exact origin: [`TrustedOrigin`] has no
//! other source than [`Profiles::trust`]. What IT installed wins: a user's profile that shares a
//! name, an origin or a CA certificate with an installed one is refused.

mod edit;
mod issuer;
mod origin;
mod read;
mod set;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use pkcs11_bridge::KeyType;
use protocol::{bridge::signed_request::RequestKey, certificate::Certificate};

use crate::language::Language;

pub use protocol::schedule::RetireRule as Retire;

pub use edit::{Draft, EditError, remove};
pub use issuer::Issuer;
pub use origin::{Role, SiteOrigin, parse_origin};
pub use read::{check, read};
pub use set::{Current, Profiles, Rejected, TrustedOrigin};

/// A bank's profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name of its file without `.toml`: what commands call it.
    pub id: String,
    /// Who put it there.
    pub rank: Rank,
    /// Its file.
    pub path: PathBuf,
    /// The bank's name.
    pub name: Bilingual,
    /// Whom the person can call.
    pub help_desk: HelpDesk,
    /// What the bank calls the token's PIN.
    pub pin_word: Bilingual,
    /// The origins whose pages may ask for renewals; at least one is the bank's.
    pub origins: Vec<SiteOrigin>,
    /// The CA certificates that may issue: trust anchors for the CA's answer.
    pub issuers: Vec<Issuer>,
    /// What the subject of this bank's certificates has, each in the form of RFC 4514 (e.g.
    /// `OU=0001`): tells apart the banks that share a CA.
    pub subject: Vec<String>,
    /// When a renewal is due.
    pub renewal: RenewalPolicy,
    /// The types of key that the CA takes, the preferred one first; never empty.
    pub key_types: Vec<KeyType>,
    /// When the old certificate goes from the token, once the new one is proven.
    pub retire: Retire,
    /// The bank's public keys. If there are any, each request of a page must be signed by one of
    /// them.
    pub request_keys: Vec<RequestKey>,
}

impl Profile {
    /// Whether a certificate is one of this bank's, by its issuer's signature and its subject.
    #[must_use]
    pub fn serves(&self, certificate: &Certificate) -> bool {
        let issued = self
            .issuers
            .iter()
            .any(|issuer| certificate.is_issued_by(issuer.certificate()));
        issued && self.may_be_named(&certificate.subject_attributes())
    }

    /// Whether a subject with these attributes (each as RFC 4514 writes it) is one of this bank's.
    #[must_use]
    pub fn may_be_named(&self, attributes: &[String]) -> bool {
        self.subject
            .iter()
            .all(|demanded| attributes.contains(demanded))
    }

    /// The banking site: the first origin that is the bank's.
    #[must_use]
    pub fn site(&self) -> Option<&str> {
        let bank = self.origins.iter().find(|site| site.role == Role::Bank);
        bank.map(|site| site.origin.as_str())
    }

    /// The DER of each CA certificate.
    #[must_use]
    pub fn issuer_ders(&self) -> Vec<Vec<u8>> {
        self.issuers
            .iter()
            .map(|issuer| issuer.der().to_vec())
            .collect()
    }
}

/// Who put a profile there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// IT, in the system's folder.
    Installed,
    /// The user.
    User,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilingual {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Bilingual {
    /// The text in one of them.
    #[must_use]
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }
}

/// Whom the person can call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpDesk {
    /// The number, as people write it.
    pub phone: String,
    /// When somebody answers.
    pub hours: Option<Bilingual>,
}

impl HelpDesk {
    /// The number and the hours, as a dialog shows them.
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        match &self.hours {
            Some(hours) => format!("{} ({})", self.phone, hours.say(language)),
            None => self.phone.clone(),
        }
    }
}

/// When a renewal is due. All in whole days by Japan's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalPolicy {
    /// The window opens this many days before the expiry.
    pub window_days: u16,
    /// The person is told this many days before the expiry, the earliest notice first.
    pub notice_days: Vec<u16>,
    /// The bank renews up to this many days after the expiry.
    pub grace_days: u16,
    /// It is urgent from this many days before the expiry.
    pub urgent_days: u16,
}

impl Default for RenewalPolicy {
    fn default() -> Self {
        Self {
            window_days: 30,
            notice_days: vec![30, 10],
            grace_days: 0,
            urgent_days: 10,
        }
    }
}
