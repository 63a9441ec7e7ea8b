//! `koshin profile remove`.

use serde_json::json;

use crate::{
    cli::{CliError, Exit, session::Session},
    profile::{self, Profiles},
};

pub(super) fn remove(
    session: &Session<'_>,
    profiles: &Profiles,
    id: &str,
) -> Result<Exit, Box<CliError>> {
    let path = profile::remove(id, &session.config, profiles)
        .map_err(|error| CliError::from_edit(session.texts, error))?;
    let path = path.display().to_string();
    session
        .printer
        .result(json!({ "removed": { "id": id, "file": path } }), []);
    session
        .printer
        .note(&session.say("cli-profile-removed", &[("id", id)]));
    Ok(Exit::Done)
}
