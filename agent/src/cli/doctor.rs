//! `koshin doctor`: what could keep renewals from working on this PC, and what to do about it.

use std::env;

use jiff::Timestamp;
use pkcs11_bridge::WorkerLauncher;
use serde_json::{Value, json};

use crate::{
    config::{Config, Findings, Flags, Folders},
    doctor::{Finding, Surroundings, Verdict, examine},
    language::Texts,
};

use super::{
    CliError, Exit,
    printer::{Paint, Printer},
    session,
};

/// Reads the settings by itself, since a session begins only without mistakes.
pub(super) fn doctor(printer: &Printer, flags: Flags) -> Result<Exit, Box<CliError>> {
    let texts = Texts::of(session::language_before_settings(flags));
    let around = surroundings(texts, flags)?;
    let texts = Texts::of(session::language(around.config.language.value));
    let text = texts.say("cli-progress-doctor", &[]);
    let findings = session::runtime(texts)?.block_on(printer.during(&text, examine(&around)));
    let members = json!({
        "findings": findings.iter().map(|finding| member(texts, finding)).collect::<Vec<_>>(),
    });
    printer.result(members, lines(texts, printer, &findings));
    let count = |verdict| findings.iter().filter(|one| one.verdict == verdict).count();
    let (failed, warnings) = (count(Verdict::Failed), count(Verdict::Warning));
    if failed + warnings == 0 {
        printer.note(&texts.say("cli-doctor-all-well", &[]));
    } else {
        let (failed, warnings) = (failed.to_string(), warnings.to_string());
        let arguments = [("failed", failed.as_str()), ("warnings", &warnings)];
        printer.note(&texts.say("cli-doctor-found", &arguments));
    }
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The PC as this command finds it, with Koshin's defaults where the settings are of no use.
pub(super) fn surroundings(texts: &Texts, flags: Flags) -> Result<Surroundings, Box<CliError>> {
    let folders = Folders::find(|name| env::var_os(name))
        .map_err(|error| CliError::from_folders(texts, error))?;
    let (config, mistakes) = match Config::load(folders.clone(), flags) {
        Ok(config) => (config, Vec::new()),
        Err(Findings(mistakes)) => (Config::defaults(folders, flags), mistakes),
    };
    let program = env::current_exe()
        .map_err(|error| CliError::new(texts, Exit::Fault, "cli-system", &[]).because(error))?;
    Ok(Surroundings {
        config,
        mistakes,
        launcher: WorkerLauncher {
            program,
            arguments: vec!["worker".into()],
        },
        variable: |name| env::var_os(name),
        now: Timestamp::now(),
    })
}

fn member(texts: &Texts, finding: &Finding) -> Value {
    let (message, remedy) = finding.say(texts);
    let details = finding.details.iter().map(|detail| detail.say(texts));
    json!({
        "group": finding.group,
        "verdict": finding.verdict,
        "code": finding.code(),
        "message": message,
        "remedy": remedy,
        "details": details.collect::<Vec<_>>(),
    })
}

/// What people read: a heading for each part of the PC, a line for each finding, and under one
/// that is not well its details and what to do.
pub(super) fn lines(texts: &Texts, printer: &Printer, findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut group = None;
    for finding in findings {
        if group != Some(finding.group) {
            if group.is_some() {
                lines.push(String::new());
            }
            group = Some(finding.group);
            let heading = texts.say(finding.group.heading(), &[]);
            lines.push(printer.painted_data(&heading, Paint::Heading));
        }
        let (message, remedy) = finding.say(texts);
        let (id, paint) = match finding.verdict {
            Verdict::Ok => ("cli-doctor-ok", Paint::Good),
            Verdict::Warning => ("cli-doctor-warning", Paint::Doubtful),
            Verdict::Failed => ("cli-doctor-failed", Paint::Bad),
        };
        let word = printer.painted_data(&texts.say(id, &[]), paint);
        lines.push(format!("  [{word}] {message}"));
        let details = finding.details.iter();
        lines.extend(details.map(|detail| format!("      {}", detail.say(texts))));
        if let Some(remedy) = remedy {
            let label = texts.say("cli-doctor-remedy", &[]);
            lines.push(format!("      {label} {remedy}"));
        }
    }
    lines
}
