//! The support file: what a help desk needs to find out why a renewal does not work, as one text
//! that anybody can open, and read before it is sent.
//!
//! It has no PIN, no key, no code and no session, because nothing that Koshin writes has. What
//! would tell who the person is goes: see [`Redaction`].

mod redaction;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use pkcs11_bridge::{ModuleListing, ModuleSpec, client, discovery};

use crate::{
    config::{Config, Origin},
    doctor::{self, Finding, Surroundings, Verdict},
    journal::{
        RenewalId,
        audit::{self, KnownHead, Row},
    },
    language::Texts,
    os,
};

pub use redaction::Redaction;

/// How much of the log's end goes in, in bytes.
const LOG_END: u64 = 64 * 1024;

/// The parts, as the catalogue names them (`support-PART`), in their order.
pub const PARTS: [&str; 7] = [
    "support-program",
    "support-settings",
    "support-doctor",
    "support-modules",
    "support-renewals",
    "support-trail",
    "support-log",
];

/// Puts the text together. The longest part of it is a look at all modules.
pub async fn text(texts: &Texts, around: &Surroundings) -> String {
    let config = &around.config;
    let specs = modules(config);
    let findings = doctor::examine(around).await;
    let listings = client::list(&around.launcher, &specs).await;
    let state = &config.folders.state.value;
    let trail = audit::read(&state.join("journal.sqlite"));
    let rows = trail.as_deref().unwrap_or_default();

    let mut text = String::new();
    for part in PARTS {
        let _ = writeln!(text, "== {} ==", texts.say(part, &[]));
        text += &match part {
            "support-program" => program(texts, around),
            "support-settings" => settings(config),
            "support-doctor" => findings.iter().map(|one| found(texts, one)).collect(),
            "support-modules" => specs.iter().zip(&listings).map(listed).collect(),
            "support-renewals" => renewals(texts, rows),
            "support-trail" => match &trail {
                Ok(rows) => entries(rows),
                Err(error) => format!("{error}\n"),
            },
            _ => log(&state.join("agent.log")).unwrap_or_else(|error| format!("{error}\n")),
        };
        text.push('\n');
    }
    Redaction::of(around, &listings).apply(&text)
}

fn modules(config: &Config) -> Vec<ModuleSpec> {
    let configured: Vec<_> = config.modules.iter().map(|one| one.value.clone()).collect();
    let p11_kit = if config.p11_kit.value {
        config.folders.p11_kit()
    } else {
        Vec::new()
    };
    discovery::discover(&configured, &p11_kit)
}

fn program(texts: &Texts, around: &Surroundings) -> String {
    let kernel = rustix::system::uname();
    format!(
        "koshin {}\n{} {} {} ({})\n{}\n{}\n",
        env!("CARGO_PKG_VERSION"),
        kernel.sysname().to_string_lossy(),
        kernel.release().to_string_lossy(),
        kernel.machine().to_string_lossy(),
        os::distribution(),
        around.now,
        texts.local_time(around.now.as_second()),
    )
}

fn settings(config: &Config) -> String {
    let mut text = String::new();
    for (key, value, origin) in config.values() {
        // What a module is given may be a password.
        let hidden = key.contains(".environment.") || key.ends_with(".reserved");
        let value = if hidden { "[…]" } else { &value };
        let origin = match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(place) => place.to_string(),
            Origin::Flag(flag) => (*flag).to_owned(),
            Origin::Environment(variable) => format!("${variable}"),
        };
        let _ = writeln!(text, "{key} = {value}  ({origin})");
    }
    text
}

fn found(texts: &Texts, finding: &Finding) -> String {
    let (message, remedy) = finding.say(texts);
    let verdict = match finding.verdict {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Failed => "failed",
    };
    let mut text = format!("[{verdict}] {}: {message}\n", finding.code());
    for detail in &finding.details {
        let _ = writeln!(text, "    {}", detail.say(texts));
    }
    if let Some(remedy) = remedy {
        let _ = writeln!(text, "    {remedy}");
    }
    text
}

fn listed((module, listing): (&ModuleSpec, &ModuleListing)) -> String {
    let mut text = format!("{}: {}\n", module.name, module.path.display());
    match &listing.tokens {
        Err(error) => {
            let _ = writeln!(text, "    {}", crate::failure::in_one_line(error));
        }
        Ok(tokens) => {
            for listing in tokens.iter().filter(|one| one.token.initialized) {
                let token = &listing.token;
                let _ = writeln!(
                    text,
                    "    {:?} serial={} {:?} {:?}, certificates: {}, keys: {}, {:?}",
                    token.label,
                    token.serial,
                    token.manufacturer,
                    token.model,
                    listing.inventory.certificates.len(),
                    listing.inventory.public_keys.len(),
                    token.pin,
                );
            }
        }
    }
    text
}

/// A line for each renewal of the trail, with the number that its dialogs showed.
fn renewals(texts: &Texts, rows: &[Row]) -> String {
    let mut last: BTreeMap<&str, (&Row, &Row)> = BTreeMap::new();
    for row in rows {
        last.entry(&row.renewal).or_insert((row, row)).1 = row;
    }
    let mut lines: Vec<_> = last.into_values().collect();
    lines.sort_by_key(|(first, _)| first.sequence);
    lines
        .into_iter()
        .map(|(first, last)| {
            let reference = RenewalId::parse(&first.renewal)
                .map(|id| id.reference().to_string())
                .unwrap_or_default();
            format!(
                "{reference}  {} - {}  {}  {}\n",
                texts.local_time(first.at),
                texts.local_time(last.at),
                last.state,
                texts.step(&last.what),
            )
        })
        .collect()
}

fn entries(rows: &[Row]) -> String {
    let found = audit::audit(rows);
    let mut text = format!("head {}, flaws: {:?}\n", KnownHead(found.head), found.flaws);
    for row in rows {
        text += &serde_json::to_string(row).expect("numbers and text become JSON");
        text.push('\n');
    }
    text
}

/// The last lines of the log; nothing where there is none.
fn log(path: &Path) -> io::Result<String> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        opened => opened?,
    };
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LOG_END);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(LOG_END).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match text.split_once('\n') {
        Some((_, whole)) if from > 0 => whole.to_owned(),
        _ => text,
    })
}
