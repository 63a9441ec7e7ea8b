//! `koshin profile check`.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{
        CliError, Exit,
        findings::{finding_lines, finding_members, verdict},
        session::Session,
    },
    config::{Finding, Place},
    profile::{self, Profiles, Rank},
};

pub(super) fn check(
    session: &Session<'_>,
    profiles: &Profiles,
    files: &[PathBuf],
) -> Result<Exit, Box<CliError>> {
    let now = Timestamp::now();
    let mut findings: Vec<Finding> = Vec::new();
    if files.is_empty() {
        findings.extend(
            profiles
                .rejected()
                .iter()
                .flat_map(|one| one.findings.clone()),
        );
        for profile in profiles.all() {
            findings.extend(profile::check(&profile.path, profile.rank, now).1);
        }
    }
    for file in files {
        let (profile, found) = profile::check(file, Rank::User, now);
        findings.extend(found);
        // A draft of an installed profile meets itself in the folder: that is no conflict.
        let draft = profile.filter(|profile| profiles.get(&profile.id).is_none());
        for reason in draft.iter().flat_map(|draft| profiles.conflicts(draft)) {
            findings.push(Finding::new(Place::file(file), reason));
        }
    }
    let members = json!({ "findings": finding_members(session.texts, &findings) });
    session
        .printer
        .result(members, finding_lines(session.texts, &findings));
    Ok(verdict(&findings))
}
