//! What `koshin recover` and `koshin retire` have in common: what could be cleared up, and what
//! became of it.

use clap::Args;
use serde_json::json;

use crate::driver::{CleanOutcome, Cleaned, Finding, Scope};

use super::{
    CliError, Exit,
    connection::{from_client, with_agent},
    session::Session,
    status::warn_of_modules,
    table::Table,
};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_name = "LABEL", conflicts_with = "dry_run")]
    token: Option<String>,
}

/// Shows what there is, or has each of it named and confirmed in the agent's dialogs and done.
pub(super) fn clear_up(
    session: &Session<'_>,
    arguments: &Arguments,
    scope: Scope,
) -> Result<Exit, Box<CliError>> {
    with_agent(session, |client| async move {
        let failed = |error| from_client(session, error);
        let findings = client.findings(scope).await.map_err(failed)?;
        if arguments.dry_run || (findings.is_empty() && arguments.token.is_none()) {
            let lines = table(session, &findings).lines();
            let lines = if findings.is_empty() {
                Vec::new()
            } else {
                lines
            };
            let nothing = findings.is_empty();
            session
                .printer
                .result(json!({ "findings": findings }), lines);
            if nothing {
                session
                    .printer
                    .note(&session.say("cli-nothing-to-clear", &[]));
                let status = client.status().await.map_err(failed)?;
                warn_of_modules(session, &status.modules);
            }
            return Ok(Exit::Done);
        }
        let cleaned = client
            .clean_up(scope, arguments.token.as_deref())
            .await
            .map_err(failed)?;
        let all_done = cleaned.iter().all(|one| one.outcome == CleanOutcome::Done);
        let lines = results(session, &cleaned).lines();
        let lines = if cleaned.is_empty() {
            Vec::new()
        } else {
            lines
        };
        session.printer.result(json!({ "results": cleaned }), lines);
        for one in &cleaned {
            if let Some(problem) = &one.problem {
                let text = format!("{}: {} {}", one.finding.name, problem.title, problem.remedy);
                session.printer.warning(session.texts, &text);
            }
        }
        Ok(if all_done { Exit::Done } else { Exit::Refused })
    })
}

/// Findings as people see them.
pub(super) fn table(session: &Session<'_>, findings: &[Finding]) -> Table {
    let mut table = Table::new([
        session.say("cli-column-name", &[]),
        session.say("cli-column-finding", &[]),
        session.say("cli-column-expires", &[]),
        session.say("cli-column-token", &[]),
        session.say("cli-column-id", &[]),
    ]);
    for finding in findings {
        let [name, kind, expires, token] = cells(session, finding);
        table.row([name, kind, expires, token, finding.id.clone()]);
    }
    table
}

fn results(session: &Session<'_>, cleaned: &[Cleaned]) -> Table {
    let mut table = Table::new([
        session.say("cli-column-name", &[]),
        session.say("cli-column-finding", &[]),
        session.say("cli-column-token", &[]),
        session.say("cli-column-result", &[]),
    ]);
    for one in cleaned {
        let [name, kind, _, token] = cells(session, &one.finding);
        let outcome = match one.outcome {
            CleanOutcome::Done => "cli-cleared-done",
            CleanOutcome::Kept => "cli-cleared-kept",
            CleanOutcome::Failed => "cli-cleared-failed",
        };
        table.row([name, kind, token, session.say(outcome, &[])]);
    }
    table
}

fn cells(session: &Session<'_>, finding: &Finding) -> [String; 4] {
    let kind = session.say("cli-finding", &[("kind", finding.kind.word())]);
    let expires = finding.expires.as_deref();
    let expires = expires.map_or_else(|| "–".to_owned(), |time| session.bank_date(time));
    let name = if finding.name.is_empty() {
        "–"
    } else {
        &finding.name
    };
    [name.to_owned(), kind, expires, finding.token.clone()]
}
