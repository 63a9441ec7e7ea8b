//! The journal and the folder that it is in.

use std::path::Path;

use super::{Finding, Group::Journal};
use crate::{
    journal::{Health, JournalError, health},
    os::{
        folders::{self, FolderError},
        machine,
    },
};

/// Room below which a journal may not be written to its end, in bytes.
const ROOM: u64 = 16 * 1024 * 1024;

/// What was found, and the time of the newest entry in Unix seconds.
pub(super) async fn look(state: &Path) -> (Vec<Finding>, Option<i64>) {
    let state = state.to_owned();
    // A large journal takes its time.
    tokio::task::spawn_blocking(move || judge(&state))
        .await
        .unwrap_or_default()
}

fn judge(state: &Path) -> (Vec<Finding>, Option<i64>) {
    if !state.exists() {
        return (vec![Finding::ok(Journal, "doctor-no-journal")], None);
    }
    let mut findings = Vec::new();
    let about = |finding: Finding| finding.with("path", state.display());
    match folders::refuse_network(state).and_then(|()| folders::refuse_others(state)) {
        Ok(()) => {}
        Err(error @ FolderError::Network { .. }) => {
            findings.push(about(Finding::failed(Journal, "doctor-state-on-network")).because(error))
        }
        Err(error) => {
            findings.push(about(Finding::failed(Journal, "doctor-state-unusable")).because(error))
        }
    }
    match folders::room(state) {
        Ok(room) if room < ROOM => {
            let finding = about(Finding::failed(Journal, "doctor-disk-full"));
            findings.push(finding.with("room", room / 1024 / 1024));
        }
        Ok(_) | Err(_) => {}
    }
    let path = state.join("journal.sqlite");
    let newest = match health(&path, &machine()) {
        Ok(None) => {
            findings.push(Finding::ok(Journal, "doctor-no-journal"));
            None
        }
        Ok(Some(Health {
            damage,
            flaws,
            entries,
            newest,
        })) => {
            if let Some(damage) = damage {
                let finding = Finding::failed(Journal, "doctor-journal-damaged");
                findings.push(finding.with("path", path.display()).because(damage));
            } else if flaws > 0 {
                findings.push(Finding::failed(Journal, "doctor-trail-flawed").with("count", flaws));
            } else {
                findings.push(Finding::ok(Journal, "doctor-journal").with("count", entries));
            }
            newest
        }
        Err(error) => {
            let id = match error {
                JournalError::Newer { .. } => "doctor-journal-newer",
                JournalError::OtherMachine { .. } => "doctor-journal-of-another-pc",
                _ => "doctor-journal-damaged",
            };
            let finding = Finding::failed(Journal, id).with("path", path.display());
            findings.push(finding.because(crate::failure::in_one_line(&error)));
            None
        }
    };
    (findings, newest)
}
