//! `koshin config show`: every setting with its origin.

use serde_json::{Value, json};

use crate::{
    cli::{CliError, Exit, session::Session, table::Table},
    config::Origin,
};

pub(in crate::cli) fn show(session: &Session<'_>) -> Result<Exit, Box<CliError>> {
    let values = session.config.values();
    let members = values.iter().map(|(key, value, origin)| {
        json!({ "key": key, "value": value, "origin": origin_members(origin) })
    });
    let mut table = Table::new([
        session.say("cli-column-key", &[]),
        session.say("cli-column-value", &[]),
        session.say("cli-column-origin", &[]),
    ]);
    for (key, value, origin) in &values {
        table.row([key.clone(), value.clone(), session.texts.origin(origin)]);
    }
    let members = json!({ "values": members.collect::<Vec<_>>() });
    session.printer.result(members, table.lines());
    Ok(Exit::Done)
}

fn origin_members(origin: &Origin) -> Value {
    match origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File(place) => json!({
            "kind": "file",
            "file": place.file.display().to_string(),
            "line": place.line,
        }),
        Origin::Flag(flag) => json!({ "kind": "flag", "flag": flag }),
        Origin::Environment(variable) => json!({ "kind": "environment", "variable": variable }),
    }
}
