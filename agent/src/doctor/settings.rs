//! Settings and the banks' profiles.

use jiff::Timestamp;

use super::{Detail, Finding, Group::Settings};
use crate::{
    config::{self, Config},
    profile::{self, Profiles},
};

pub(super) fn look(
    config: &Config,
    mistakes: &[config::Finding],
    profiles: &Profiles,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if mistakes.is_empty() {
        findings.push(Finding::ok(Settings, "doctor-settings"));
    } else {
        let mut finding = Finding::failed(Settings, "doctor-settings-unusable");
        finding.details = files(mistakes);
        findings.push(finding);
    }
    for rejected in profiles.rejected() {
        let mut finding = Finding::failed(Settings, "doctor-profile-rejected")
            .with("path", rejected.path.display());
        finding.details = files(&rejected.findings);
        findings.push(finding);
    }
    for profile in profiles.all() {
        let (_, found) = profile::check(&profile.path, profile.rank, now);
        let mut finding = if found.is_empty() {
            Finding::ok(Settings, "doctor-profile")
        } else {
            Finding::warning(Settings, "doctor-profile-doubtful")
        };
        finding.details = files(&found);
        findings.push(
            finding
                .with("id", &profile.id)
                .with("path", profile.path.display()),
        );
    }
    if profiles.all().is_empty() {
        let folder = config.folders.system_profiles();
        findings
            .push(Finding::failed(Settings, "doctor-no-profile").with("path", folder.display()));
    }
    findings
}

fn files(findings: &[config::Finding]) -> Vec<Detail> {
    findings.iter().cloned().map(Detail::File).collect()
}
