//! `koshin list`: the banks' certificates on the tokens.

use std::iter;

use clap::Args;
use protocol::bridge::{Certificate, Status};
use serde::Serialize;

use crate::driver::{Finding, ModuleStatus, Scope};

use super::{
    CliError, Exit, clearing,
    connection::{from_client, with_agent},
    session::Session,
    status::warn_of_modules,
    table::Table,
};

/// What programs see.
#[derive(Serialize)]
struct Members<'c> {
    certificates: &'c [Certificate],
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<&'c [Finding]>,
}

/// How much of a certificate's id people see; enough to name it to `koshin renew`.
pub(super) const SHORT_ID: usize = 12;

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    #[arg(long)]
    all: bool,
}

pub(super) fn list(session: &Session<'_>, arguments: &Arguments) -> Result<Exit, Box<CliError>> {
    with_agent(session, |client| async move {
        let failed = |error| from_client(session, error);
        let findings = match arguments.all {
            true => client.findings(Scope::All).await.map_err(failed)?,
            false => Vec::new(),
        };
        let listing = session
            .during("cli-progress-tokens", client.certificates())
            .await
            .map_err(failed)?;
        let (certificates, modules) = (listing.certificates, listing.modules);
        if certificates.is_empty() && findings.is_empty() {
            if let Some(blind) = no_way_to_see(session, &modules) {
                return Err(blind);
            }
            let none = Members {
                certificates: &[],
                findings: arguments.all.then_some(&[]),
            };
            session.printer.result(none, []);
            session
                .printer
                .note(&session.say("cli-no-certificates", &[]));
            warn_of_modules(session, &modules);
            return Ok(Exit::Done);
        }
        // Of thousands of certificates people's texts take longer than the token: they are made
        // for people only.
        let lines = iter::once_with(|| lines(session, &certificates, &findings)).flatten();
        let members = Members {
            certificates: &certificates,
            findings: arguments.all.then_some(&findings),
        };
        session.printer.result(members, lines);
        warn_of_modules(session, &modules);
        Ok(Exit::Done)
    })
}

fn lines(session: &Session<'_>, certificates: &[Certificate], findings: &[Finding]) -> Vec<String> {
    let certificates = (!certificates.is_empty()).then(|| table(session, certificates).lines());
    let findings = (!findings.is_empty()).then(|| clearing::table(session, findings).lines());
    let tables: Vec<_> = certificates.into_iter().chain(findings).collect();
    tables.join(&String::new())
}

/// Nothing to be seen is a different thing from no way to see it: no module, or none that works.
pub(super) fn no_way_to_see(
    session: &Session<'_>,
    modules: &[ModuleStatus],
) -> Option<Box<CliError>> {
    let failed = |module: &ModuleStatus| {
        let problem = module.problem.clone()?;
        let error = CliError::from_problem(problem);
        Some(error.because(module.cause.clone()?))
    };
    let Some(first) = modules.first() else {
        let error = CliError::new(session.texts, Exit::Usage, "cli-module-missing", &[]);
        return Some(error.into());
    };
    let none_works = modules.iter().all(|module| module.problem.is_some());
    none_works.then(|| failed(first))?.map(Box::new)
}

/// Certificates as people see them.
pub(super) fn table<'c>(
    session: &Session<'_>,
    certificates: impl IntoIterator<Item = &'c Certificate>,
) -> Table {
    let mut table = Table::new([
        session.say("cli-column-name", &[]),
        session.say("cli-column-days", &[]),
        session.say("cli-column-expires", &[]),
        session.say("cli-column-status", &[]),
        session.say("cli-column-token", &[]),
        session.say("cli-column-id", &[]),
    ]);
    for certificate in certificates {
        let status = match certificate.status {
            Status::NotYetValid => "cli-status-not-yet-valid",
            Status::Valid => "cli-status-valid",
            Status::Due => "cli-status-due",
            Status::Urgent => "cli-status-urgent",
            Status::Expired => "cli-status-expired",
            Status::PastGrace => "cli-status-past-grace",
        };
        table.row([
            certificate.name.clone(),
            certificate.days_left.to_string(),
            session.bank_date(&certificate.not_after),
            session.say(status, &[]),
            certificate.token.label.clone(),
            short(certificate.id.as_ref()).to_owned(),
        ]);
    }
    table
}

pub(super) fn short(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}
