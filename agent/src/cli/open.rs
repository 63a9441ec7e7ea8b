//! `koshin open`: the dashboard in the person's browser.

use std::process::{Command, Stdio};

use clap::Args;
use serde_json::json;

use super::{
    CliError, Exit,
    connection::{from_client, with_agent},
    session::Session,
};

/// Opens an address in the browser that the person has chosen.
const OPENER: &str = "xdg-open";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[arg(long)]
    print: bool,
}

pub(super) fn open(session: &Session<'_>, arguments: &Arguments) -> Result<Exit, Box<CliError>> {
    with_agent(session, |client| async move {
        let dashboard = client.dashboard().await;
        let address = dashboard
            .map_err(|error| from_client(session, error))?
            .address;
        if arguments.print {
            let members = json!({ "address": address });
            session.printer.result(members, vec![address]);
            return Ok(Exit::Done);
        }
        browse(&address).map_err(|error| {
            CliError::new(session.texts, Exit::Refused, "cli-no-browser", &[]).because(error)
        })?;
        session.printer.note(&session.say("cli-opened", &[]));
        Ok(Exit::Done)
    })
}

/// The opener may stay as long as the browser does, so only its start is waited for.
fn browse(address: &str) -> std::io::Result<()> {
    Command::new(OPENER)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}
