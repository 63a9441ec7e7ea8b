//! `koshin support-bundle`: one file for a help desk.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::{config::Flags, language::Texts, os, support};

use super::{CliError, Exit, doctor::surroundings, printer::Printer, session};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    file: Option<PathBuf>,
}

/// Works without settings and without an agent: that is when it is needed.
pub(super) fn support_bundle(
    printer: &Printer,
    flags: Flags,
    arguments: &Arguments,
) -> Result<Exit, Box<CliError>> {
    let texts = Texts::of(session::language_before_settings(flags));
    let around = surroundings(texts, flags)?;
    let texts = Texts::of(session::language(around.config.language.value));
    let now = around.now.to_zoned(TimeZone::system());
    let file = arguments.file.clone().unwrap_or_else(|| {
        now.strftime("koshin-support-%Y%m%d-%H%M%S.txt")
            .to_string()
            .into()
    });
    let path = file.display().to_string();
    printer.note(&texts.say("cli-support-contains", &[]));
    for part in support::PARTS {
        printer.note(&format!("  - {}", texts.say(part, &[])));
    }
    printer.note(&texts.say("cli-support-redacted", &[]));
    let meanwhile = texts.say("cli-progress-doctor", &[]);
    let making = printer.during(&meanwhile, support::text(texts, &around));
    let text = session::runtime(texts)?.block_on(making);
    if file == Path::new("-") {
        printer.lines(text.lines().map(str::to_owned));
        return Ok(Exit::Done);
    }
    os::folders::create_private(&file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CliError::from_write(texts, &file, error))?;
    printer.result(json!({ "file": path }), [path.clone()]);
    printer.note(&texts.say("cli-support-made", &[("path", &path)]));
    Ok(Exit::Done)
}
