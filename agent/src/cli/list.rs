//! `koshin list`: the banks' certificates on the tokens.

use protocol::bridge::{Certificate, Status};
use serde_json::json;

use super::{
    CliError, Exit,
    connection::{from_client, with_agent},
    session::Session,
    status::warn_of_modules,
    table::Table,
};

/// How much of a certificate's id people see; enough to name it to `koshin renew`.
pub(super) const SHORT_ID: usize = 12;

pub(super) fn list(session: &Session<'_>) -> Result<Exit, Box<CliError>> {
    with_agent(session, |client| async move {
        let failed = |error| from_client(session, error);
        let certificates = client.certificates().await.map_err(failed)?;
        if certificates.is_empty() {
            // Nothing to be seen is a different thing from no way to see it.
            let status = client.status().await.map_err(failed)?;
            if status.modules.is_empty() {
                let texts = session.texts;
                return Err(CliError::new(texts, Exit::Usage, "cli-module-missing", &[]).into());
            }
            session.printer.result(json!({ "certificates": [] }), []);
            session
                .printer
                .note(&session.say("cli-no-certificates", &[]));
            warn_of_modules(session, &status);
            return Ok(Exit::Done);
        }
        let lines = table(session, &certificates).lines();
        let members = json!({ "certificates": certificates });
        session.printer.result(members, lines);
        Ok(Exit::Done)
    })
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
