//! `koshin audit`: the trail of every renewal, shown, exported and verified.
//!
//! It reads the journal's file itself, and changes nothing in it: what counts is what is on the
//! disk, whether or not an agent runs or could.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64ct::{Base64, Encoding};
use clap::Args;
use protocol::proof;
use serde_json::json;

use crate::{
    config::{Existing, write_file},
    journal::{
        RenewalId,
        audit::{self, Audit, KnownHead, Row, Witness},
    },
};

use super::{CliError, Exit, obstacle::explain, session::Session, table::Table};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    #[arg(long, requires = "export")]
    force: bool,
    #[arg(long, value_name = "HEAD")]
    head: Option<KnownHead>,
    #[arg(long, value_name = "FILE", conflicts_with = "head")]
    proof: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

pub(super) fn audit(session: &Session<'_>, arguments: &Arguments) -> Result<Exit, Box<CliError>> {
    let rows = match &arguments.from {
        Some(path) => import(session, path)?,
        None => {
            let journal = session.config.folders.state.value.join("journal.sqlite");
            audit::read(&journal).map_err(|error| explain(session.texts, &error))?
        }
    };
    let known = match &arguments.proof {
        Some(path) => Some(head_of_proof(session, path)?),
        None => arguments.head,
    };
    let found = audit::audit(&rows);
    match &arguments.export {
        Some(path) => export(session, arguments, path, &rows)?,
        None => show(session, arguments, &rows, &found),
    }
    judge(session, &rows, &found, known)?;
    let count = rows.len().to_string();
    let head = KnownHead(found.head).to_string();
    let arguments = [("count", count.as_str()), ("head", &head)];
    session
        .printer
        .note(&session.say("cli-trail-whole", &arguments));
    Ok(Exit::Done)
}

fn show(session: &Session<'_>, arguments: &Arguments, rows: &[Row], found: &Audit) {
    let wanted = arguments
        .reference
        .as_ref()
        .map(|text| text.to_ascii_uppercase());
    let shown: Vec<&Row> = rows
        .iter()
        .filter(|row| wanted.is_none() || wanted == reference(row))
        .collect();
    let mut table = Table::new([
        session.say("cli-column-number", &[]),
        session.say("cli-column-time", &[]),
        session.say("cli-column-reference", &[]),
        session.say("cli-column-step", &[]),
        session.say("cli-column-owner", &[]),
    ]);
    for row in &shown {
        table.row([
            row.sequence.to_string(),
            session.texts.local_time(row.at),
            reference(row).unwrap_or_default(),
            session.texts.step(&row.what),
            match row.owner.as_str() {
                "cli" => session.say("cli-owner-command", &[]),
                origin => origin.to_owned(),
            },
        ]);
    }
    let members = json!({
        "entries": shown,
        "head": KnownHead(found.head).to_string(),
        "whole": found.flaws.is_empty(),
    });
    let lines = if shown.is_empty() {
        Vec::new()
    } else {
        table.lines()
    };
    session.printer.result(members, lines);
}

/// The number that a renewal's dialogs show; none of an entry that no agent wrote.
fn reference(row: &Row) -> Option<String> {
    let id = RenewalId::parse(&row.renewal)?;
    Some(id.reference().as_str().to_owned())
}

fn export(
    session: &Session<'_>,
    arguments: &Arguments,
    path: &Path,
    rows: &[Row],
) -> Result<(), Box<CliError>> {
    let lines = rows
        .iter()
        .map(|row| serde_json::to_string(row).expect("numbers and text become JSON"));
    if path == Path::new("-") {
        session.printer.lines(lines);
        return Ok(());
    }
    let text: String = lines.map(|line| line + "\n").collect();
    let existing = if arguments.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    write_file(path, text.as_bytes(), existing)
        .map_err(|error| CliError::from_write(session.texts, path, error))?;
    let members =
        json!({ "exported": { "file": path.display().to_string(), "entries": rows.len() } });
    session.printer.result(members, []);
    Ok(())
}

fn import(session: &Session<'_>, path: &Path) -> Result<Vec<Row>, Box<CliError>> {
    let name = path.display().to_string();
    let refused = |id, line: usize| {
        let line = line.to_string();
        let arguments = [("path", name.as_str()), ("line", &line)];
        CliError::new(session.texts, Exit::Usage, id, &arguments)
    };
    let text = fs::read_to_string(path)
        .map_err(|error| Box::new(refused("cli-not-read", 0).because(error)))?;
    (1..)
        .zip(text.lines())
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| Box::new(refused("cli-no-export", number).because(error)))
        })
        .collect()
}

fn head_of_proof(session: &Session<'_>, path: &Path) -> Result<KnownHead, Box<CliError>> {
    let name = path.display().to_string();
    let refused = |id| CliError::new(session.texts, Exit::Usage, id, &[("path", &name)]);
    let bytes = fs::read(path).map_err(|error| refused("cli-not-read").because(error))?;
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.split_ascii_whitespace().collect();
    let der = Base64::decode_vec(&text).unwrap_or(bytes);
    let (proof, _) =
        proof::read(&der).map_err(|error| refused("cli-no-proof").because_of(&error))?;
    Ok(KnownHead(proof.claims.audit_head))
}

/// The verdict: an error that names each entry where something is wrong.
fn judge(
    session: &Session<'_>,
    rows: &[Row],
    found: &Audit,
    known: Option<KnownHead>,
) -> Result<(), Box<CliError>> {
    let time = |sequence: i64| {
        let row = rows.iter().find(|row| row.sequence == sequence);
        row.map_or_else(String::new, |row| session.texts.local_time(row.at))
    };
    let refused = |id| CliError::new(session.texts, Exit::Refused, id, &[]);
    if !found.flaws.is_empty() {
        let mut error = refused("cli-trail-flawed");
        error.causes = found
            .flaws
            .iter()
            .map(|flaw| session.texts.flaw(*flaw, &time))
            .collect();
        return Err(error.into());
    }
    match known.map(|head| audit::witness(rows, &head)) {
        Some(Witness::Absent) => {
            let mut error = refused("cli-trail-cut");
            if let Some(last) = rows.last() {
                let (number, time) = (last.sequence.to_string(), time(last.sequence));
                let arguments = [("number", number.as_str()), ("time", &time)];
                error.causes = vec![session.say("cli-trail-ends", &arguments)];
            }
            Err(error.into())
        }
        Some(Witness::Present { sequence, later }) => {
            let (number, later) = (sequence.to_string(), later.to_string());
            let arguments = [("number", number.as_str()), ("later", &later)];
            session
                .printer
                .note(&session.say("cli-trail-witnessed", &arguments));
            Ok(())
        }
        None => Ok(()),
    }
}
