//! `koshin profile add`: asks in a dialog of the agent's kind, never on the terminal, so that a
//! script that pipes a yes adds nothing.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{CliError, Exit, findings::explain, session::Session},
    profile::{Draft, Profile, Profiles},
    prompt::{AddProfile, Answer, Audience, ORIGINS_SHOWN, Prompter, Terminal},
};

pub(super) fn add(
    session: &Session<'_>,
    profiles: &Profiles,
    file: &Path,
) -> Result<Exit, Box<CliError>> {
    let failed = |error| CliError::from_edit(session.texts, error);
    let draft = Draft::read(file, &session.config, profiles, Timestamp::now()).map_err(failed)?;
    for finding in draft.warnings() {
        let (what, _) = explain(session.texts, finding);
        let text = format!("{}: {what}", finding.place);
        session.printer.warning(session.texts, &text);
    }
    confirm(session, draft.profile())?;
    let profile = draft.add().map_err(failed)?;
    let path = profile.path.display().to_string();
    let members = json!({ "added": { "id": profile.id, "file": path } });
    session.printer.result(members, []);
    let id = [("id", profile.id.as_str())];
    session.printer.note(&session.say("cli-profile-added", &id));
    Ok(Exit::Done)
}

fn confirm(session: &Session<'_>, profile: &Profile) -> Result<(), Box<CliError>> {
    let origins: Vec<String> = profile
        .origins
        .iter()
        .map(|site| site.origin.clone())
        .collect();
    let refused = |id| CliError::new(session.texts, Exit::Refused, id, &[]);
    if origins.iter().map(String::len).sum::<usize>() > ORIGINS_SHOWN {
        return Err(refused("cli-profile-unshowable").into());
    }
    let prompt = &session.config.prompt;
    let prompter = Prompter::new(prompt.pinentry.value.clone(), prompt.timeout.value);
    let question = AddProfile {
        audience: Audience {
            language: session.language,
            terminal: terminal(session),
        },
        origins,
        bank: profile.name.say(session.language).to_owned(),
    };
    let runtime = session.runtime()?;
    match runtime.block_on(prompter.add_profile(&question, CancellationToken::new())) {
        Answer::Yes => Ok(()),
        Answer::No | Answer::Cancelled => Err(refused("cli-profile-declined").into()),
        Answer::TimedOut => Err(refused("cli-profile-unanswered").into()),
        Answer::Unavailable(error) => Err(refused("cli-profile-unasked").because_of(&error).into()),
    }
}

/// The command's own terminal where there is no display.
fn terminal(session: &Session<'_>) -> Option<Terminal> {
    let terminal = session.terminal();
    let (name, kind) = terminal.tty.zip(terminal.term)?;
    Some(Terminal { name, kind })
}
