//! `koshin tray`: the icon, with the agent that runs or with one of its own.

use std::{env, io, path::Path};

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{
    os::{
        autostart, folders,
        lock::{Lock, LockError},
    },
    tray::{self, TrayError},
};

use super::{CliError, Exit, obstacle::explain, run::log, session::Session};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[arg(long, value_enum, value_name = "WHETHER")]
    autostart: Option<Autostart>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Autostart {
    On,
    Off,
}

pub(super) fn tray(session: Session<'_>, arguments: &Arguments) -> Result<Exit, Box<CliError>> {
    if let Some(autostart) = arguments.autostart {
        return switch(&session, autostart);
    }
    let state = &session.config.folders.state.value;
    folders::make_private(state).map_err(|error| explain(session.texts, &error))?;
    let _only_one = match Lock::take(&state.join("tray.lock")) {
        Ok(lock) => lock,
        Err(LockError::Held { .. }) => {
            session.printer.note(&session.say("tray-runs-already", &[]));
            return Ok(Exit::Done);
        }
        Err(error @ LockError::File { .. }) => return Err(broken(&session, error)),
    };
    log(session.printer.colour());
    let texts = session.texts;
    let runtime = session.runtime()?;
    match runtime.block_on(tray::run(session.config, texts)) {
        Ok(()) => Ok(Exit::Done),
        Err(TrayError::Agent(error)) => Err(explain(texts, &error).into()),
        Err(TrayError::Client(error)) => Err(explain(texts, &error).into()),
        Err(error @ TrayError::NoDesktop(_)) => {
            let told = CliError::new(texts, Exit::Usage, "tray-no-desktop", &[]);
            Err(told.because_of(&error).into())
        }
        Err(error @ TrayError::System(_)) => {
            let told = CliError::new(texts, Exit::Fault, "cli-system", &[]);
            Err(told.because_of(&error).into())
        }
    }
}

fn switch(session: &Session<'_>, autostart: Autostart) -> Result<Exit, Box<CliError>> {
    let settings = session.config.folders.user.value.parent();
    let settings = settings.unwrap_or(Path::new("/"));
    let file = autostart::file(settings);
    let id = match autostart {
        Autostart::On => {
            let program = env::current_exe().map_err(|error| broken(session, error))?;
            autostart::switch_on(settings, &program).map_err(|error| broken(session, error))?;
            "tray-autostart-on"
        }
        Autostart::Off => {
            autostart::switch_off(settings).map_err(|error: io::Error| broken(session, error))?;
            "tray-autostart-off"
        }
    };
    let on = matches!(autostart, Autostart::On);
    let file = file.display().to_string();
    let line = session.say(id, &[("file", &file)]);
    session
        .printer
        .result(json!({ "autostart": on, "file": file }), [line]);
    Ok(Exit::Done)
}

fn broken(
    session: &Session<'_>,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Box<CliError> {
    let told = CliError::new(session.texts, Exit::Fault, "cli-system", &[]);
    told.because(error).into()
}
