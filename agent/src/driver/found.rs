//! Certificates on the tokens, and which bank each belongs to.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use pkcs11_bridge::{
    CertificateEntry, KeyStatus, ModuleListing, ModuleSpec, TokenInfo, WorkerLauncher, client,
};
use protocol::{
    bridge,
    certificate::Certificate,
    schedule::{self, Policy},
    signature,
};

use crate::{
    clock,
    profile::{Profile, Profiles, RenewalPolicy},
};

/// A certificate on a token.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) certificate: Certificate,
    pub(super) key: KeyStatus,
    pub(super) token: TokenInfo,
    pub(super) module: String,
    /// The banks whose CA issued it: several where banks share a CA.
    pub(super) profiles: Vec<Arc<Profile>>,
}

/// What a look at all modules gave.
pub(super) struct Look {
    pub(super) found: Vec<Found>,
    pub(super) listings: Vec<ModuleListing>,
}

/// Looks at every module, each in a worker of its own, without a login.
pub(super) async fn look(
    launcher: &WorkerLauncher,
    modules: &[ModuleSpec],
    profiles: &Profiles,
) -> Look {
    let mut found = Vec::new();
    let listings = each(launcher, modules, profiles, |one| found.push(one)).await;
    found.sort_by_key(|found| found.certificate.not_after());
    Look { found, listings }
}

/// The same, giving each certificate as soon as it is known: what is done with it is done while
/// the modules go on.
pub(super) async fn each(
    launcher: &WorkerLauncher,
    modules: &[ModuleSpec],
    profiles: &Profiles,
    mut give: impl FnMut(Found),
) -> Vec<ModuleListing> {
    client::list_each(launcher, modules, |module, token, entry| {
        if let Some(found) = read(entry, token, module, profiles) {
            give(found);
        }
    })
    .await
}

/// A half-written certificate, or something that is none, belongs to no bank and is passed over.
fn read(
    entry: &CertificateEntry,
    token: &TokenInfo,
    module: &str,
    profiles: &Profiles,
) -> Option<Found> {
    let certificate = Certificate::from_der(&entry.der).ok()?;
    let profiles = profiles.for_certificate(&certificate).cloned().collect();
    Some(Found {
        certificate,
        key: entry.key,
        token: token.clone(),
        module: module.to_owned(),
        profiles,
    })
}

impl Found {
    /// As a page of that bank sees it, apart from a renewal that is under way.
    pub(super) fn view(&self, profile: Option<&Profile>, now: Timestamp) -> bridge::Certificate {
        let certificate = &self.certificate;
        let subject = certificate.subject_text();
        let now = now.as_second();
        let policy = policy(profile);
        bridge::Certificate {
            id: certificate.id(),
            name: certificate.common_name().unwrap_or_else(|| subject.clone()),
            subject,
            serial: certificate.serial_hex(),
            issuer: certificate.issuer_text(),
            not_before: time_text(certificate.not_before()),
            not_after: time_text(certificate.not_after()),
            days_left: schedule::days_left(certificate.not_after(), now),
            status: schedule::status(
                &policy,
                certificate.not_before(),
                certificate.not_after(),
                now,
            ),
            token: bridge::TokenSummary {
                label: self.token.label.clone(),
                serial: self.token.serial.clone(),
                manufacturer: self.token.manufacturer.clone(),
            },
            key: bridge::CurrentKey {
                r#type: signature::key_type(certificate.spki_der()).to_owned(),
                status: match self.key {
                    KeyStatus::Present => bridge::KeyStatus::Present,
                    KeyStatus::Unknown => bridge::KeyStatus::Unknown,
                    KeyStatus::Absent => bridge::KeyStatus::Absent,
                },
            },
            renewal: None,
        }
    }
}

/// The calendar of a bank, or the usual one.
pub(super) fn policy(profile: Option<&Profile>) -> Policy {
    let usual = RenewalPolicy::default();
    let renewal = profile.map_or(&usual, |profile| &profile.renewal);
    Policy {
        window_days: renewal.window_days.into(),
        urgent_days: renewal.urgent_days.into(),
        grace_days: renewal.grace_days.into(),
    }
}

/// The day of some Unix seconds as the bank counts days, in Japan: RFC 3339.
pub(super) fn day_text(seconds: i64) -> String {
    clock::bank_day(seconds).unwrap_or(Date::MAX).to_string()
}

/// Unix seconds as RFC 3339 in UTC.
pub(super) fn time_text(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}
