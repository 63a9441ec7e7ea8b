//! Whether a journal can be used, by somebody who changes nothing in it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{JournalError, audit, schema, setting};

/// How a journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What SQLite finds damaged, if anything.
    pub damage: Option<String>,
    /// How many flaws an [`audit::audit`] of the trail has.
    pub flaws: usize,
    /// How many entries the trail has.
    pub entries: usize,
    /// When the newest entry was written, in Unix seconds.
    pub newest: Option<i64>,
}

/// Looks at a journal; `None` if there is none. `machine` names this PC.
///
/// # Errors
/// When the file is no journal, newer than this version, or of another PC.
pub fn health(path: &Path, machine: &str) -> Result<Option<Health>, JournalError> {
    if !path.exists() {
        return Ok(None);
    }
    let open = |source| JournalError::Open {
        path: path.to_owned(),
        source,
    };
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(open)?;
    schema::refuse_newer(&connection, path)?;
    let owner = setting(&connection, "machine").map_err(open)?;
    if owner.is_some_and(|owner| owner != machine) {
        return Err(JournalError::OtherMachine {
            path: path.to_owned(),
        });
    }
    let said: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(open)?;
    let rows = audit::read(path)?;
    Ok(Some(Health {
        damage: (said != "ok").then_some(said),
        flaws: audit::audit(&rows).flaws.len(),
        entries: rows.len(),
        newest: rows.iter().map(|row| row.at).max(),
    }))
}
