//! The trail with its verification, the settings in force, and the doctor's findings, as the page
//! shows them.

use std::{env, io, path::Path};

use jiff::Timestamp;
use pkcs11_bridge::WorkerLauncher;
use serde::Serialize;

use crate::{
    config::Config,
    doctor::{self, Surroundings, Verdict},
    journal::{
        JournalError, RenewalId,
        audit::{self, Row},
    },
    language::Texts,
};

/// The most entries that are shown; the newest ones are.
const MOST: usize = 500;

/// What `GET /data/audit` answers.
#[derive(Serialize)]
pub(super) struct Trail {
    whole: bool,
    verdict: String,
    flaws: Vec<String>,
    head: String,
    /// The newest first.
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    number: i64,
    time: String,
    reference: String,
    step: String,
    who: String,
}

/// What `GET /data/settings` answers.
#[derive(Serialize)]
pub(super) struct Settings {
    settings: Vec<Setting>,
}

#[derive(Serialize)]
struct Setting {
    key: String,
    value: String,
    origin: String,
}

/// What `GET /data/doctor` answers.
#[derive(Serialize)]
pub(super) struct Doctor {
    /// The worst of all.
    verdict: Verdict,
    summary: String,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    group: String,
    verdict: Verdict,
    verdict_text: String,
    text: String,
    remedy: Option<String>,
    details: Vec<String>,
}

/// Reads the trail anew from its file, and takes nothing on trust.
pub(super) fn trail(texts: &Texts, journal: &Path) -> Result<Trail, JournalError> {
    let rows = audit::read(journal)?;
    let found = audit::audit(&rows);
    let time = |sequence: i64| {
        let row = rows.iter().find(|row| row.sequence == sequence);
        row.map_or_else(String::new, |row| texts.local_time(row.at))
    };
    let flaws: Vec<_> = found
        .flaws
        .iter()
        .map(|flaw| texts.flaw(*flaw, &time))
        .collect();
    let count = rows.len().to_string();
    let verdict = if flaws.is_empty() {
        texts.say("dashboard-trail-whole", &[("count", &count)])
    } else {
        texts.say("dashboard-trail-flawed", &[])
    };
    let newest = rows.iter().rev().take(MOST);
    Ok(Trail {
        whole: flaws.is_empty(),
        verdict,
        flaws,
        head: audit::KnownHead(found.head).to_string(),
        entries: newest.map(|row| entry(texts, row)).collect(),
    })
}

/// Every setting in force, and where it comes from.
pub(super) fn settings(texts: &Texts, config: &Config) -> Settings {
    let values = config.values().into_iter();
    Settings {
        settings: values
            .map(|(key, value, origin)| Setting {
                key,
                value,
                origin: texts.origin(origin),
            })
            .collect(),
    }
}

/// Has the doctor look at this PC.
pub(super) async fn doctor(texts: &Texts, config: &Config) -> io::Result<Doctor> {
    let around = Surroundings {
        config: config.clone(),
        mistakes: Vec::new(),
        launcher: WorkerLauncher {
            program: env::current_exe()?,
            arguments: vec!["worker".into()],
        },
        variable: |name| env::var_os(name),
        now: Timestamp::now(),
    };
    let findings = doctor::examine(&around).await;
    let count = |verdict| findings.iter().filter(|one| one.verdict == verdict).count();
    let (failed, warnings) = (count(Verdict::Failed), count(Verdict::Warning));
    let summary = if failed + warnings == 0 {
        texts.say("dashboard-doctor-well", &[])
    } else {
        let (failed, warnings) = (failed.to_string(), warnings.to_string());
        let arguments = [("failed", failed.as_str()), ("warnings", &warnings)];
        texts.say("dashboard-doctor-found", &arguments)
    };
    Ok(Doctor {
        verdict: findings
            .iter()
            .map(|finding| finding.verdict)
            .max()
            .unwrap_or(Verdict::Ok),
        summary,
        findings: findings.iter().map(|one| finding(texts, one)).collect(),
    })
}

fn entry(texts: &Texts, row: &Row) -> Entry {
    let reference = RenewalId::parse(&row.renewal).map(|id| id.reference());
    Entry {
        number: row.sequence,
        time: texts.local_time(row.at),
        reference: reference.map_or_else(String::new, |it| it.as_str().to_owned()),
        step: texts.step(&row.what),
        who: match row.owner.as_str() {
            "cli" => texts.say("cli-owner-command", &[]),
            origin => origin.to_owned(),
        },
    }
}

fn finding(texts: &Texts, found: &doctor::Finding) -> Finding {
    let (text, remedy) = found.say(texts);
    let verdict_id = match found.verdict {
        Verdict::Ok => "cli-doctor-ok",
        Verdict::Warning => "cli-doctor-warning",
        Verdict::Failed => "cli-doctor-failed",
    };
    Finding {
        group: texts.say(found.group.heading(), &[]),
        verdict: found.verdict,
        verdict_text: texts.say(verdict_id, &[]),
        text,
        remedy,
        details: found.details.iter().map(|one| one.say(texts)).collect(),
    }
}
