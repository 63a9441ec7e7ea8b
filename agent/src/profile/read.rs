//! From a TOML file to a [`Profile`], with everything that is wrong on the way.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use pkcs11_bridge::KeyType;
use protocol::bridge::signed_request::RequestKey;

use crate::config::{
    Document, Finding, Findings, Item, Place, Reason, Section, Sourced, choose, parse_days,
    read_text,
};

use super::{
    Bilingual, HelpDesk, Issuer, Profile, Rank, RenewalPolicy, Retire, Role, SiteOrigin,
    issuer::pem_documents, parse_origin,
};

/// The words for when the old certificate goes.
const RETIRE: &[(&str, Retire)] = &[
    ("first-login", Retire::FirstLogin),
    ("at-issue", Retire::AtIssue),
    ("expiry", Retire::Expiry),
];

/// The most days that any length of time in a profile may have: ten years.
const MOST_DAYS: u16 = 3660;

/// Reads a profile. It is there unless one of the findings is more than a warning.
#[must_use]
pub fn read(path: &Path, rank: Rank) -> (Option<Profile>, Vec<Finding>) {
    let finding = |reason| (None, vec![Finding::new(Place::file(path), reason)]);
    let Some(id) = id_of(path) else {
        let value = path.file_name().unwrap_or_default().to_string_lossy();
        return finding(Reason::BadFileName {
            value: value.into_owned(),
        });
    };
    match Document::read(path) {
        Ok(Some(document)) => parse(document, id, rank),
        Ok(None) => finding(Reason::Unreadable {
            cause: "no such file".to_owned(),
        }),
        Err(Findings(findings)) => (None, findings),
    }
}

/// Reads a profile as [`read`] does, and looks at what time does to it: CA certificates that
/// have expired, or expire within a year from `now`.
#[must_use]
pub fn check(path: &Path, rank: Rank, now: Timestamp) -> (Option<Profile>, Vec<Finding>) {
    let (profile, mut findings) = read(path, rank);
    for issuer in profile.iter().flat_map(|profile| &profile.issuers) {
        let date = issuer
            .not_after()
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%d")
            .to_string();
        let subject = issuer.subject().to_owned();
        let reason = if issuer.not_after() < now {
            Reason::IssuerExpired { subject, date }
        } else if issuer.not_after() < now + (365 * 24).hours() {
            Reason::IssuerExpiresSoon { subject, date }
        } else {
            continue;
        };
        findings.push(Finding::new(Place::file(path), reason));
    }
    (profile, findings)
}

fn id_of(path: &Path) -> Option<String> {
    let id = path.file_stem()?.to_str()?;
    let fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    fits.then(|| id.to_owned())
}

fn parse(document: Document, id: String, rank: Rank) -> (Option<Profile>, Vec<Finding>) {
    let path = document.path().to_owned();
    let profile = document.top(|top| profile(top, id, rank, path)).flatten();
    let findings = document.into_findings();
    let usable = findings.iter().all(Finding::is_warning);
    (profile.filter(|_| usable), findings)
}

fn profile(top: &mut Section<'_>, id: String, rank: Rank, path: PathBuf) -> Option<Profile> {
    for key in ["name", "help-desk", "origins", "issuers"] {
        top.require(key);
    }
    let name = top.section("name", bilingual).flatten();
    let help_desk = top.section("help-desk", help_desk).flatten();
    let pin_word = top.section("pin", bilingual);
    let origins = origins(top);
    let issuers = issuers(top);
    let subject = subject(top);
    let renewal = top.section("renewal", renewal);
    let key_types = key_types(top);
    let retire = top.choice("retire", RETIRE);
    let request_keys = request_keys(top);
    Some(Profile {
        id,
        rank,
        path,
        name: name?,
        help_desk: help_desk?,
        pin_word: match pin_word {
            Some(word) => word?,
            None => Bilingual {
                ja: "暗証番号（PIN）".to_owned(),
                en: "PIN".to_owned(),
            },
        },
        origins,
        issuers,
        subject,
        renewal: renewal.unwrap_or_default(),
        key_types,
        retire: retire.map_or(Retire::FirstLogin, |retire| retire.value),
        request_keys,
    })
}

fn bilingual(section: &mut Section<'_>) -> Option<Bilingual> {
    section.require("ja");
    section.require("en");
    let ja = line(section, "ja");
    let en = line(section, "en");
    Some(Bilingual { ja: ja?, en: en? })
}

fn help_desk(section: &mut Section<'_>) -> Option<HelpDesk> {
    section.require("phone");
    let phone = line(section, "phone");
    let hours = section.section("hours", bilingual);
    Some(HelpDesk {
        phone: phone?,
        hours: match hours {
            Some(hours) => Some(hours?),
            None => None,
        },
    })
}

/// A string that fits on one line of a dialog and shows what it holds: no control characters,
/// and none that turn the direction of writing.
fn line(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    let name = section.full_name(key);
    let parsed = section.parsed(key, |text| {
        let shown = |c: char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let length = text.chars().count();
        if text.trim() == text && (1..=80).contains(&length) && text.chars().all(shown) {
            Ok(text.to_owned())
        } else {
            Err(Reason::BadText { key: name })
        }
    });
    parsed.map(|text| text.value)
}

fn origins(top: &mut Section<'_>) -> Vec<SiteOrigin> {
    let mut origins: Vec<SiteOrigin> = Vec::new();
    let found = top.sections("origins", |section| {
        section.require("origin");
        section.require("role");
        let origin = section.parsed("origin", parse_origin);
        let role = section.choice("role", Role::WORDS);
        Some((origin?, role?.value))
    });
    let complete = found.iter().all(Option::is_some);
    for (Sourced { value, origin }, role) in found.into_iter().flatten() {
        if origins.iter().any(|known| known.origin == value) {
            let key = "origins.origin".to_owned();
            top.document()
                .report_at(&origin, Reason::Duplicate { key, value });
        } else {
            origins.push(SiteOrigin {
                origin: value,
                role,
            });
        }
    }
    if complete && !origins.iter().any(|site| site.role == Role::Bank) {
        top.document()
            .report_at(&top.origin(), Reason::NoBankOrigin);
    }
    origins
}

fn issuers(top: &mut Section<'_>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for item in filled(top, "issuers") {
        match pem_of(&item, top.document().path()).and_then(|pem| Issuer::from_pem(&pem)) {
            Ok(found) => {
                for issuer in found {
                    if issuers.contains(&issuer) {
                        let reason = Reason::Duplicate {
                            key: "issuers".to_owned(),
                            value: issuer.subject().to_owned(),
                        };
                        top.document().report_at(&item.origin, reason);
                    } else {
                        issuers.push(issuer);
                    }
                }
            }
            Err(reason) => top.document().report_at(&item.origin, reason),
        }
    }
    issuers
}

/// PEM stands in the profile, or in a file beside it.
pub(super) fn pem_of(item: &Item, profile: &Path) -> Result<String, Reason> {
    if is_inline(item) {
        return Ok(item.text.clone());
    }
    let folder = profile.parent().unwrap_or(Path::new("."));
    let path = folder.join(&item.text);
    read_text(&path).map_err(|error| Reason::IssuerUnreadable {
        path: path.display().to_string(),
        cause: error.to_string(),
    })
}

pub(super) fn is_inline(item: &Item) -> bool {
    item.text.contains("-----BEGIN ")
}

fn renewal(section: &mut Section<'_>) -> RenewalPolicy {
    let default = RenewalPolicy::default();
    let window = section.days("window", MOST_DAYS);
    let grace = section.days("grace", MOST_DAYS);
    let urgent = section.days("urgent", MOST_DAYS);
    let window_days = window.map_or(default.window_days, |days| days.value);
    if let Some(urgent) = &urgent
        && urgent.value > window_days
    {
        let reason = Reason::UrgentBeyondWindow;
        section.document().report_at(&urgent.origin, reason);
    }
    let notice = section.texts("notice").map(|list| {
        let mut days: Vec<u16> = Vec::new();
        for item in list.value {
            let name = section.full_name("notice");
            match parse_days(&name, &item.text, MOST_DAYS) {
                Ok(number) if number > window_days => {
                    let value = item.text;
                    let reason = Reason::NoticeBeyondWindow { value };
                    section.document().report_at(&item.origin, reason);
                }
                Ok(number) => days.push(number),
                Err(reason) => section.document().report_at(&item.origin, reason),
            }
        }
        days.sort_unstable_by(|one, other| other.cmp(one));
        days.dedup();
        days
    });
    RenewalPolicy {
        window_days,
        notice_days: notice.unwrap_or_else(|| {
            let mut days = default.notice_days;
            days.retain(|day| *day <= window_days);
            days
        }),
        grace_days: grace.map_or(default.grace_days, |days| days.value),
        urgent_days: urgent.map_or(default.urgent_days.min(window_days), |days| days.value),
    }
}

fn key_types(top: &mut Section<'_>) -> Vec<KeyType> {
    const DEFAULT: &[KeyType] = &[KeyType::P256, KeyType::Rsa2048];
    if !top.has("key-types") {
        return DEFAULT.to_vec();
    }
    let words = KeyType::ALL.map(|kind| (kind.as_str(), kind));
    let mut types = Vec::new();
    for item in filled(top, "key-types") {
        match choose("key-types", &item.text, &words) {
            Ok(kind) if types.contains(&kind) => {
                let reason = Reason::Duplicate {
                    key: "key-types".to_owned(),
                    value: item.text,
                };
                top.document().report_at(&item.origin, reason);
            }
            Ok(kind) => types.push(kind),
            Err(reason) => top.document().report_at(&item.origin, reason),
        }
    }
    types
}

/// Attributes in the form of RFC 4514.
fn subject(top: &mut Section<'_>) -> Vec<String> {
    let list = top.texts("subject").map(|list| list.value);
    let mut attributes = Vec::new();
    for item in list.unwrap_or_default() {
        match item.text.split_once('=') {
            Some((kind, value)) if !kind.is_empty() && !value.is_empty() => {
                attributes.push(item.text);
            }
            _ => top
                .document()
                .report_at(&item.origin, Reason::NotAnAttribute { value: item.text }),
        }
    }
    attributes
}

fn request_keys(top: &mut Section<'_>) -> Vec<RequestKey> {
    let mut keys = Vec::new();
    let list = top.texts("request-keys").map(|list| list.value);
    for item in list.unwrap_or_default() {
        match pem_of(&item, top.document().path()).and_then(|pem| keys_of(&pem)) {
            Ok(found) => keys.extend(found),
            Err(reason) => top.document().report_at(&item.origin, reason),
        }
    }
    keys
}

fn keys_of(pem: &str) -> Result<Vec<RequestKey>, Reason> {
    let unusable = |cause| Reason::NotAPublicKey { cause };
    pem_documents(pem, "PUBLIC KEY")
        .map_err(unusable)?
        .iter()
        .map(|der| RequestKey::from_spki_der(der).map_err(|error| unusable(error.to_string())))
        .collect()
}

/// The strings of a list that must have one.
fn filled(top: &mut Section<'_>, key: &'static str) -> Vec<Item> {
    match top.texts(key) {
        Some(list) if list.value.is_empty() => {
            let reason = Reason::Empty {
                key: key.to_owned(),
            };
            top.document().report_at(&list.origin, reason);
            list.value
        }
        Some(list) => list.value,
        None => Vec::new(),
    }
}

/// The keys of a profile that the one at `path` does not set.
#[cfg(test)]
pub(super) fn absent_keys(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let document = Document::new(path, text);
    document.top(|top| profile(top, "test".to_owned(), Rank::User, path.to_owned()));
    document.absent.borrow().clone()
}
