//! `koshin config check`: mistakes in the settings' files, and what they name that this PC lacks.

use std::{env, path::Path};

use serde_json::json;

use crate::{
    cli::{
        CliError, Exit,
        findings::{finding_lines, finding_members, verdict},
        printer::Printer,
        session,
    },
    config::{Config, Finding, Findings, Flags, Folders, Origin, Place, Reason},
    language::Texts,
};

/// Reads the files on its own, since a session begins only without mistakes.
pub(in crate::cli) fn check(printer: &Printer, flags: Flags) -> Result<Exit, Box<CliError>> {
    let texts = Texts::of(session::language_before_settings(flags));
    let folders = Folders::find(|name| env::var_os(name))
        .map_err(|error| CliError::from_folders(texts, error))?;
    let files = [folders.system_file(), folders.user_file()];
    let findings = match Config::load(folders, flags) {
        Ok(config) => of_this_pc(&config),
        Err(Findings(findings)) => findings,
    };
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| {
            let id = if file.exists() {
                "cli-file-read"
            } else {
                "cli-file-absent"
            };
            texts.say(id, &[("path", &file.display().to_string())])
        })
        .collect();
    lines.extend(finding_lines(texts, &findings));
    let members = json!({
        "files": files.iter().map(|file| json!({
            "path": file.display().to_string(),
            "present": file.exists(),
        })).collect::<Vec<_>>(),
        "findings": finding_members(texts, &findings),
    });
    printer.result(members, lines);
    Ok(verdict(&findings))
}

/// What the settings name and this PC lacks.
fn of_this_pc(config: &Config) -> Vec<Finding> {
    let place = |origin: &Origin| match origin {
        Origin::File(place) => place.clone(),
        Origin::Default | Origin::Flag(_) | Origin::Environment(_) => {
            Place::file(&config.folders.user_file())
        }
    };
    let mut findings = Vec::new();
    for module in &config.modules {
        if !module.value.path.exists() {
            let path = module.value.path.display().to_string();
            findings.push(Finding::new(
                place(&module.origin),
                Reason::ModuleAbsent { path },
            ));
        }
    }
    if config.modules.is_empty() && !config.p11_kit.value {
        findings.push(Finding::new(
            place(&config.p11_kit.origin),
            Reason::NoModule,
        ));
    }
    let pinentry = &config.prompt.pinentry;
    if !is_program(&pinentry.value) {
        let value = pinentry.value.display().to_string();
        findings.push(Finding::new(
            place(&pinentry.origin),
            Reason::PinentryAbsent { value },
        ));
    }
    findings
}

fn is_program(name: &Path) -> bool {
    if name.is_absolute() {
        return name.exists();
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(name).exists())
}
