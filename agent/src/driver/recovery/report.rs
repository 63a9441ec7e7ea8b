//! What on the tokens is no longer used, or what nobody knows: found, and named for a person.

use std::sync::Arc;

use pkcs11_bridge::{Class, Halves, Inventory, KeyStatus, TokenInfo};
use protocol::{
    certificate::{Certificate, sha256_id},
    renewal::State,
    schedule,
};
use serde::{Deserialize, Serialize};

use super::{super::found::time_text, is_of};
use crate::{
    driver::{aim::Aim, found, perform::PENDING, retire::stands, shared::Shared},
    journal::Record,
    profile::Profile,
};

/// Something on a token that is no longer used, or that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// 16 hexadecimal digits; the same for the same thing.
    pub id: String,
    /// What it is.
    pub kind: FindingKind,
    /// What a person calls it.
    pub name: String,
    /// The label of its token; of a journal empty.
    pub token: String,
    /// The end of a certificate's validity, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// What a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A certificate that has expired and cannot be renewed, or has a successor; with its keys.
    ExpiredCertificate,
    /// A certificate whose successor is proven and in its place; with its keys.
    OldCertificate,
    /// The key of a certificate that was removed.
    OldKey,
    /// What a renewal that came to nothing left.
    GivenUp,
    /// A pair that says to be pending, of which the journal knows nothing.
    UnknownKey,
    /// Half objects without a mark.
    HalfObject,
    /// A new certificate that is not on its token any more: it can be written again.
    MissingCertificate,
    /// A journal that was damaged and set aside: as long as nobody has looked, nothing is made.
    DamagedJournal,
}

/// Which findings are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// What is no longer used: `koshin retire`.
    Retire,
    /// What went wrong: `koshin recover`.
    Recover,
    /// Both.
    All,
}

impl Scope {
    /// Whether findings of this kind are meant.
    #[must_use]
    pub fn has(self, kind: FindingKind) -> bool {
        use FindingKind as Kind;
        match kind {
            Kind::ExpiredCertificate | Kind::OldCertificate => self != Self::Recover,
            Kind::OldKey | Kind::GivenUp => true,
            Kind::UnknownKey
            | Kind::HalfObject
            | Kind::MissingCertificate
            | Kind::DamagedJournal => self != Self::Retire,
        }
    }
}

/// A finding, with what is done about it once the person agrees.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) finding: Finding,
    /// The name of its token's module.
    pub(super) module: String,
    /// Its token (RFC 7512 URI).
    pub(super) token: String,
    /// Whose dialogs the person reads.
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) act: Act,
}

/// What is done about a finding.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Remove a certificate, and its pair if no other one is for it.
    Remove {
        certificate: Box<Certificate>,
        /// The renewal that put another one in its place.
        renewal: Option<Box<Record>>,
    },
    /// Remove what an ended renewal left.
    Clear(Box<Record>),
    /// Remove a pair by its id.
    RemoveId([u8; 16]),
    /// Remove half objects.
    RemoveHalves(Halves),
    /// Write the new certificate again.
    Rewrite(Box<Record>),
}

/// What a token shows, before or after a login.
pub(super) struct Shown<'t> {
    pub(super) module: &'t str,
    pub(super) token: &'t TokenInfo,
    pub(super) inventory: &'t Inventory,
}

impl Shared {
    /// What on this token is no longer used, or what nobody knows. `records` are the renewals
    /// that have not ended, or have left something.
    pub(super) fn cases(&self, shown: &Shown<'_>, records: &[Record]) -> Vec<Case> {
        let here: Vec<&Record> = records
            .iter()
            .filter(|record| {
                is_of(&record.token, shown.token)
                    && (record.module == shown.module || self.module(&record.module).is_none())
            })
            .collect();
        let mut cases = self.of_renewals(shown, &here);
        let replaced: Vec<String> = cases.iter().map(|case| case.finding.id.clone()).collect();
        cases.extend(
            self.of_certificates(shown)
                .into_iter()
                .filter(|case| !replaced.contains(&case.finding.id)),
        );
        cases.extend(of_nobody(shown, &here));
        cases.extend(of_halves(shown));
        cases
    }

    fn of_renewals(&self, shown: &Shown<'_>, here: &[&Record]) -> Vec<Case> {
        let now = self.clock.now().as_second();
        let mut cases = Vec::new();
        for &record in here {
            let Ok(aim) = Aim::of(&record.target) else {
                continue;
            };
            let case = |kind, certificate: Option<&Certificate>, act| {
                let what = certificate.map_or_else(|| record.id.to_string(), Certificate::id);
                let profile = self.profiles.now().get(&record.profile).cloned();
                let mut case = shown.case(kind, &what, aim.name(), certificate, act);
                case.profile = profile;
                case
            };
            if record.state.is_final() {
                let kind = match &record.state {
                    State::Retired { .. } => FindingKind::OldKey,
                    _ => FindingKind::GivenUp,
                };
                if record.state.leaves_something() {
                    cases.push(case(kind, None, Act::Clear(Box::new(record.clone()))));
                }
                continue;
            }
            let Some(installed) = record.state.installed() else {
                continue;
            };
            let new = installed.certificate.as_slice();
            let shows = |der: &[u8]| {
                let mut entries = shown.inventory.certificates.iter();
                entries.any(|entry| entry.der == der)
            };
            if !shows(new) {
                if let Ok(new) = Certificate::from_der(new) {
                    let act = Act::Rewrite(Box::new(record.clone()));
                    cases.push(case(FindingKind::MissingCertificate, Some(&new), act));
                }
            } else if let Some(old) = aim.old()
                && shows(old.der())
                && stands(shown.inventory, new).is_ok()
                && is_good(new, now)
            {
                let act = Act::Remove {
                    certificate: Box::new(old.clone()),
                    renewal: Some(Box::new(record.clone())),
                };
                cases.push(case(FindingKind::OldCertificate, Some(old), act));
            }
        }
        cases
    }

    /// Expired certificates of the banks that cannot be renewed any more, or have a successor.
    fn of_certificates(&self, shown: &Shown<'_>) -> Vec<Case> {
        let now = self.clock.now().as_second();
        let read: Vec<(Certificate, KeyStatus)> = shown
            .inventory
            .certificates
            .iter()
            .filter_map(|entry| Some((Certificate::from_der(&entry.der).ok()?, entry.key)))
            .collect();
        let mut cases = Vec::new();
        for (old, _) in read.iter().filter(|(one, _)| one.not_after() < now) {
            let Some(profile) = self.profiles.now().for_certificate(old).next().cloned() else {
                continue;
            };
            let policy = found::policy(Some(&profile));
            let status = schedule::status(&policy, old.not_before(), old.not_after(), now);
            let succeeded = read.iter().any(|(new, key)| {
                new.subject_der() == old.subject_der()
                    && profile.serves(new)
                    && (new.not_before()..=new.not_after()).contains(&now)
                    && *key != KeyStatus::Absent
            });
            let useless = succeeded || schedule::renewable(status).is_err();
            if !useless || self.course_for(&old.id()).is_some() {
                continue;
            }
            let name = old.common_name().unwrap_or_else(|| old.subject_text());
            let act = Act::Remove {
                certificate: Box::new(old.clone()),
                renewal: None,
            };
            let kind = FindingKind::ExpiredCertificate;
            let mut case = shown.case(kind, &old.id(), name, Some(old), act);
            case.profile = Some(profile);
            cases.push(case);
        }
        cases
    }
}

impl Shown<'_> {
    fn case(
        &self,
        kind: FindingKind,
        what: &str,
        name: String,
        certificate: Option<&Certificate>,
        act: Act,
    ) -> Case {
        let token = self.token.uri.to_string();
        let named = format!("{token}\0{what}");
        Case {
            finding: Finding {
                id: short(&named),
                kind,
                name,
                token: self.token.label.clone(),
                expires: certificate.map(|one| time_text(one.not_after())),
            },
            module: self.module.to_owned(),
            token,
            profile: None,
            act,
        }
    }
}

/// The finding that a journal was set aside under this name.
pub(super) fn damaged_journal(file: &str) -> Finding {
    Finding {
        id: short(file),
        kind: FindingKind::DamagedJournal,
        name: file.to_owned(),
        token: String::new(),
        expires: None,
    }
}

/// Pairs that say to be pending, have no certificate, and are those of no renewal.
fn of_nobody(shown: &Shown<'_>, here: &[&Record]) -> Vec<Case> {
    let inventory = shown.inventory;
    let known = |id: &[u8]| {
        here.iter().any(|record| {
            let pending = record.state.pending().map(|leftover| leftover.key);
            let installed = record.state.installed().map(|installed| installed.key.id);
            [pending, installed].iter().flatten().any(|key| key.0 == id)
        })
    };
    let mut seen: Vec<[u8; 16]> = Vec::new();
    let mut cases = Vec::new();
    for key in inventory.public_keys.iter().chain(&inventory.private_keys) {
        let Ok(id) = <[u8; 16]>::try_from(key.id.as_slice()) else {
            continue;
        };
        let Some(name) = key.label.strip_suffix(PENDING) else {
            continue;
        };
        let certified = inventory
            .certificates
            .iter()
            .any(|entry| entry.id == key.id);
        if certified || known(&id) || seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let what: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let kind = FindingKind::UnknownKey;
        cases.push(shown.case(kind, &what, name.to_owned(), None, Act::RemoveId(id)));
    }
    cases
}

fn of_halves(shown: &Shown<'_>) -> Vec<Case> {
    let inventory = shown.inventory;
    let certificates = inventory.certificates.iter().filter(|one| one.is_half());
    let publics = inventory.public_keys.iter().filter(|key| key.is_half());
    let privates = inventory.private_keys.iter().filter(|key| key.is_half());
    let all = certificates
        .map(|one| (Class::Certificate, &one.label))
        .chain(publics.map(|key| (Class::PublicKey, &key.label)))
        .chain(privates.map(|key| (Class::PrivateKey, &key.label)));
    let mut groups: Vec<Halves> = Vec::new();
    for (class, label) in all {
        let group = groups
            .iter_mut()
            .find(|group| group.class == class && group.label == *label);
        match group {
            Some(group) => group.count += 1,
            None => groups.push(Halves {
                class,
                key_type: None,
                label: label.clone(),
                count: 1,
            }),
        }
    }
    groups
        .into_iter()
        .map(|halves| {
            let what = format!("{:?} {}", halves.class, halves.label);
            let name = halves.label.clone();
            let act = Act::RemoveHalves(halves);
            shown.case(FindingKind::HalfObject, &what, name, None, act)
        })
        .collect()
}

fn is_good(certificate: &[u8], now: i64) -> bool {
    Certificate::from_der(certificate)
        .is_ok_and(|one| (one.not_before()..=one.not_after()).contains(&now))
}

fn short(named: &str) -> String {
    let mut id = sha256_id(named.as_bytes());
    id.truncate(16);
    id
}
