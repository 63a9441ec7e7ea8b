//! The journal's schema: a list of steps, of which a file has taken as many as its
//! `user_version` says. A step that has been released is never changed.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{JournalError, damage, setting};

const STEPS: &[&str] = &[
    // 1: renewals and the trail.
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE renewal (
         id TEXT PRIMARY KEY,
         profile TEXT NOT NULL,
         owner TEXT NOT NULL,
         module TEXT NOT NULL,
         token TEXT NOT NULL,
         certificate_id TEXT NOT NULL,
         certificate BLOB,
         subject BLOB,
         alternative_names BLOB,
         nonce BLOB NOT NULL,
         created INTEGER NOT NULL,
         changed INTEGER NOT NULL,
         revision INTEGER NOT NULL,
         state TEXT NOT NULL,
         failure TEXT,
         final INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX renewal_certificate ON renewal (certificate_id);
     CREATE INDEX renewal_unfinished ON renewal (final) WHERE final = 0;
     CREATE TABLE trail (
         sequence INTEGER PRIMARY KEY,
         renewal TEXT NOT NULL,
         certificate_id TEXT NOT NULL,
         owner TEXT NOT NULL,
         revision INTEGER NOT NULL,
         at INTEGER NOT NULL,
         what TEXT NOT NULL,
         state TEXT NOT NULL,
         hash BLOB NOT NULL
     ) STRICT;
     CREATE INDEX trail_renewal ON trail (renewal, revision);",
    // 2: what a token showed before something was made on it; PINs that were refused in a row.
    "CREATE TABLE inventory (
         renewal TEXT PRIMARY KEY,
         module TEXT NOT NULL,
         token TEXT NOT NULL,
         creates TEXT NOT NULL,
         taken INTEGER NOT NULL,
         objects BLOB NOT NULL
     ) STRICT;
     CREATE TABLE refused_pin (token TEXT PRIMARY KEY, count INTEGER NOT NULL)
         STRICT, WITHOUT ROWID;",
    // 3: what the watch has seen, and what it has told the person.
    "CREATE TABLE seen (
         id TEXT PRIMARY KEY,
         certificate BLOB NOT NULL,
         token TEXT NOT NULL,
         token_label TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE notice (
         certificate_id TEXT NOT NULL,
         stage TEXT NOT NULL,
         channel TEXT NOT NULL,
         at INTEGER NOT NULL,
         PRIMARY KEY (certificate_id, stage, channel)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE attempt (
         channel TEXT NOT NULL,
         at INTEGER NOT NULL,
         succeeded INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX attempt_newest ON attempt (channel, at);",
];

/// Brings a file to the newest schema.
pub(super) fn prepare(
    connection: &mut Connection,
    path: &Path,
    machine: &str,
) -> Result<(), JournalError> {
    let open = |source| JournalError::Open {
        path: path.to_owned(),
        source,
    };
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA cache_size = -256; PRAGMA trusted_schema = OFF;",
        )
        .map_err(open)?;
    let known = known();
    let found = refuse_newer(connection, path)?;
    let taken = usize::try_from(found).unwrap_or(0);
    if taken < STEPS.len() {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(open)?;
        for step in &STEPS[taken..] {
            transaction.execute_batch(step).map_err(open)?;
        }
        transaction
            .pragma_update(None, "user_version", known)
            .map_err(open)?;
        if taken == 0 {
            transaction
                .execute("INSERT INTO setting VALUES ('machine', ?1)", [machine])
                .map_err(open)?;
            damage::hold_back(&transaction, path).map_err(open)?;
        }
        transaction.commit().map_err(open)?;
    }
    match setting(connection, "machine").map_err(open)? {
        Some(owner) if owner != machine => Err(JournalError::OtherMachine {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// How many steps a file has taken.
///
/// # Errors
/// When it has taken more than this version knows, or is no database.
pub(super) fn refuse_newer(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    let found = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|source| JournalError::Open {
            path: path.to_owned(),
            source,
        })?;
    if found > known() {
        return Err(JournalError::Newer {
            path: path.to_owned(),
            found,
            known: known(),
        });
    }
    Ok(found)
}

fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use protocol::renewal::State;

    use super::*;
    use crate::journal::Journal;

    /// A journal in which renewals of the first schema stand in every state.
    const FIRST: &str = include_str!("../../tests/journals/schema-1.sql");

    #[tokio::test]
    async fn a_journal_of_the_first_schema_keeps_every_renewal_and_its_trail() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(FIRST).unwrap();
        let rows = |connection: &Connection, what: &str| -> Vec<(String, String)> {
            let mut rows = connection.prepare(what).unwrap();
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            rows.unwrap().map(|row| row.unwrap()).collect()
        };
        let states = "SELECT id, state FROM renewal ORDER BY id";
        let trail = "SELECT sequence || what, hex(hash) FROM trail ORDER BY sequence";
        let before = [rows(&connection, states), rows(&connection, trail)];
        drop(connection);

        let journal = Journal::open(&path, "the PC of schema 1").unwrap();
        let unfinished = journal.unfinished().await.unwrap();
        // All but the one that is done and left nothing.
        assert_eq!(unfinished.len(), before[0].len() - 1);
        for record in &unfinished {
            let (_, kept) = before[0]
                .iter()
                .find(|(id, _)| id == record.id.as_str())
                .unwrap();
            let state: State = serde_json::from_str(kept).unwrap();
            assert_eq!(record.state, state);
        }
        assert_eq!(journal.befores().await.unwrap(), []);
        drop(journal);
        let connection = Connection::open(&path).unwrap();
        assert_eq!(
            [rows(&connection, states), rows(&connection, trail)],
            before
        );
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        let refused = prepare(&mut Connection::open(&path).unwrap(), &path, "pc");
        assert!(matches!(
            refused,
            Err(JournalError::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn a_journal_of_another_pc_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        prepare(&mut Connection::open(&path).unwrap(), &path, "pc-1").unwrap();
        prepare(&mut Connection::open(&path).unwrap(), &path, "pc-1").unwrap();
        let refused = prepare(&mut Connection::open(&path).unwrap(), &path, "pc-2");
        assert!(matches!(refused, Err(JournalError::OtherMachine { .. })));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        std::fs::write(
            &path,
            "not a database, but long enough to look like a file ".repeat(9),
        )
        .unwrap();
        let refused = prepare(&mut Connection::open(&path).unwrap(), &path, "pc");
        assert!(matches!(refused, Err(JournalError::Open { .. })));
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .starts_with("not a database")
        );
    }
}
