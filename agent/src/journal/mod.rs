//! The durable record of renewals and the audit trail, in one SQLite file.
//!
//! A renewal's state is written in one commit with the trail's entry that tells how it came
//! about: the commit stands after the effect that led to the state and before the one that the
//! state demands. Each entry of the trail is bound to the one before it by a hash.

mod damage;
mod health;
mod notices;
mod precaution;
mod record;
mod schema;
mod trail;

use std::{
    fmt,
    fs::{OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use protocol::renewal::State;
use rusqlite::{Connection, OptionalExtension, params};
use rustix::fs::OFlags;
use thiserror::Error;
use tokio::sync::watch;

pub use health::{Health, health};
pub use notices::{Attempt, Channel, Mark, Seen};
pub use precaution::{Before, Creates, Fingerprint};
pub use record::{Record, RenewalId, Target};
pub use trail::{Entry, Head, audit};

/// Why the journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file is no sound database, or a row is not what any version writes.
    #[error("the journal {path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be opened.
    #[error("could not open the journal {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file cannot be made its owner's alone, or is a link.
    #[error("could not use the journal {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A newer version of Koshin wrote it.
    #[error("the journal {path} has schema {found}, and this version knows up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that is known here.
        known: i64,
    },
    /// It was written on another PC.
    #[error("the journal {path} belongs to another PC")]
    OtherMachine {
        /// The file.
        path: PathBuf,
    },
    /// A read or write failed.
    #[error("could not use the journal")]
    Use(#[from] rusqlite::Error),
    /// A row is not what this version writes.
    #[error("the journal has a {what} that cannot be read")]
    Unreadable {
        /// What the row should hold.
        what: &'static str,
    },
    /// The task that used the journal ended.
    #[error("the journal's task ended")]
    Task(#[source] io::Error),
}

/// The journal. Its work is done on threads for blocking work, one call at a time.
#[derive(Clone)]
pub struct Journal {
    connection: Arc<Mutex<Connection>>,
    /// How many states were written since it was opened.
    written: Arc<watch::Sender<u64>>,
}

impl Journal {
    /// Opens the journal, or makes it, for its owner alone. `machine` names this PC: a journal
    /// of another one is refused.
    ///
    /// # Errors
    /// [`JournalError::Damaged`]; when the file is newer than this version, or of another PC.
    pub fn open(path: &Path, machine: &str) -> Result<Self, JournalError> {
        let open = |source| JournalError::Open {
            path: path.to_owned(),
            source,
        };
        keep_from_others(path).map_err(|source| JournalError::File {
            path: path.to_owned(),
            source,
        })?;
        let damaged = |reason| JournalError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let mut connection = Connection::open(path).map_err(open)?;
        schema::prepare(&mut connection, path, machine).map_err(|error| match error {
            JournalError::Open { source, .. } if damage::is_damage(&source) => {
                damaged(source.to_string())
            }
            other => other,
        })?;
        damage::examine(&connection).map_err(damaged)?;
        match Record::select(&connection, UNFINISHED, []) {
            Err(JournalError::Use(source)) if !damage::is_damage(&source) => {
                return Err(open(source));
            }
            Err(error) => return Err(damaged(error.to_string())),
            Ok(_) => {}
        }
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            written: Arc::default(),
        })
    }

    /// Tells of every state that is written from now on.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Writes down a renewal that begins.
    ///
    /// # Errors
    /// When the journal cannot be written: nothing has begun then.
    pub async fn begin(&self, record: Record) -> Result<(), JournalError> {
        let entry = Entry {
            renewal: record.id.clone(),
            certificate_id: record.certificate_id.clone(),
            owner: record.owner.clone(),
            revision: record.revision,
            at: record.created,
            what: "begun".to_owned(),
            state: record.state.name(),
        };
        self.with(move |connection| {
            let transaction = connection.transaction()?;
            record.insert(&transaction)?;
            trail::append(&transaction, &entry)?;
            transaction.commit()?;
            Ok(())
        })
        .await?;
        self.written.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Writes down a renewal's next state and how it came about.
    ///
    /// # Errors
    /// When the journal cannot be written: the state does not count then.
    pub async fn advance(
        &self,
        record: &Record,
        what: &'static str,
        next: Advance,
    ) -> Result<(), JournalError> {
        let id = record.id.clone();
        let entry = Entry {
            renewal: record.id.clone(),
            certificate_id: record.certificate_id.clone(),
            owner: next.owner.clone(),
            revision: next.revision,
            at: next.at,
            what: what.to_owned(),
            state: next.state.name(),
        };
        self.with(move |connection| {
            let transaction = connection.transaction()?;
            let changed = transaction.execute(
                "UPDATE renewal SET state = ?2, revision = ?3, changed = ?4, owner = ?5, \
                 failure = ?6, final = ?7, nonce = ?8, module = ?9, token = ?10 WHERE id = ?1",
                params![
                    id.as_str(),
                    record::state_to_json(&next.state)?,
                    i64::try_from(next.revision).unwrap_or(i64::MAX),
                    next.at.as_second(),
                    next.owner,
                    next.failure,
                    next.state.is_final() && !next.state.leaves_something(),
                    next.nonce,
                    next.module,
                    next.token,
                ],
            )?;
            if changed != 1 {
                return Err(JournalError::Unreadable { what: "renewal" });
            }
            precaution::settle(&transaction, &id, &next.state)?;
            trail::append(&transaction, &entry)?;
            transaction.commit()?;
            Ok(())
        })
        .await?;
        self.written.send_modify(|count| *count += 1);
        Ok(())
    }

    /// The renewals that have not ended, or have left something on a token.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn unfinished(&self) -> Result<Vec<Record>, JournalError> {
        self.with(|connection| Record::select(connection, UNFINISHED, []))
            .await
    }

    /// The newest renewals, `limit` at most.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn newest(&self, limit: u32) -> Result<Vec<Record>, JournalError> {
        self.with(move |connection| {
            Record::select(connection, "ORDER BY created DESC, id LIMIT ?1", [limit])
        })
        .await
    }

    /// The newest renewal of a certificate, by the certificate's id.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn of_certificate(&self, id: &str) -> Result<Option<Record>, JournalError> {
        let id = id.to_owned();
        self.with(move |connection| {
            let newest = "WHERE certificate_id = ?1 ORDER BY created DESC, rowid DESC LIMIT 1";
            Ok(Record::select(connection, newest, [id])?.pop())
        })
        .await
    }

    /// A renewal.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn renewal(&self, id: &RenewalId) -> Result<Option<Record>, JournalError> {
        let id = id.clone();
        self.with(move |connection| {
            Ok(Record::select(connection, "WHERE id = ?1", [id.as_str()])?.pop())
        })
        .await
    }

    /// The trail's entries of a renewal with a revision above `after`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn history(&self, id: &RenewalId, after: u64) -> Result<Vec<Entry>, JournalError> {
        let id = id.clone();
        self.with(move |connection| trail::of(connection, &id, after))
            .await
    }

    /// The hash that binds the whole trail so far.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn head(&self) -> Result<Head, JournalError> {
        self.with(|connection| trail::head(connection)).await
    }

    async fn with<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, JournalError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || work(&mut lock(&connection)))
            .await
            .map_err(|ended| JournalError::Task(io::Error::other(ended)))?
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal")
    }
}

/// What changes when a renewal goes on.
#[derive(Clone, Debug)]
pub struct Advance {
    /// The next state.
    pub state: State,
    /// Its revision.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// Who may drive it: the page's origin, or `cli`.
    pub owner: String,
    /// The bank's nonce for the proof.
    pub nonce: Vec<u8>,
    /// The name of the token's module.
    pub module: String,
    /// The token (RFC 7512 URI).
    pub token: String,
    /// The values for the texts of the state's problem, as JSON.
    pub failure: Option<String>,
}

/// Makes the file where it is missing, readable to its owner alone whatever the umask says, and
/// takes the rights of others away from one that is there. SQLite gives its log and its index
/// the rights of the database.
fn keep_from_others(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE)
        .custom_flags(FILE_ITSELF)
        .open(path)?;
    if file.metadata()?.mode() & 0o777 != PRIVATE {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(())
}

/// The renewals that have not ended, or have left something on a token.
const UNFINISHED: &str = "WHERE final = 0 ORDER BY created";

/// For the owner alone.
const PRIVATE: u32 = 0o600;

/// Not a link, which could lead to a file whose rights are none of ours; and a pipe in its place
/// is not waited for.
const FILE_ITSELF: i32 = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .bits()
    .cast_signed();

/// A transaction that panicked was rolled back, so the connection is whole.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn setting(connection: &Connection, key: &str) -> Result<Option<String>, rusqlite::Error> {
    connection
        .query_row("SELECT value FROM setting WHERE key = ?1", [key], |row| {
            row.get(0)
        })
        .optional()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn modes(folder: &Path) -> Vec<(String, u32)> {
        let mut modes: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let mode = entry.metadata().unwrap().mode() & 0o777;
                (entry.file_name().into_string().unwrap(), mode)
            })
            .collect();
        modes.sort();
        modes
    }

    #[test]
    fn the_journal_s_files_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let private = ["journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal"]
            .map(|name| (name.to_owned(), 0o600));
        let journal = Journal::open(&path, "pc").unwrap();
        assert_eq!(modes(folder.path()), private);

        drop(journal);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let _journal = Journal::open(&path, "pc").unwrap();
        assert_eq!(modes(folder.path()), private);
    }

    #[test]
    fn a_pipe_in_the_journal_s_place_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
        let refused = Journal::open(&path, "pc");
        assert!(matches!(refused, Err(JournalError::File { .. })));
    }

    #[test]
    fn a_link_in_the_journal_s_place_is_refused_and_what_it_leads_to_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "").unwrap();
        fs::set_permissions(&precious, Permissions::from_mode(0o644)).unwrap();
        let path = folder.path().join("journal.sqlite");
        symlink(&precious, &path).unwrap();
        let refused = Journal::open(&path, "pc");
        assert!(matches!(refused, Err(JournalError::File { .. })));
        assert_eq!(fs::metadata(&precious).unwrap().mode() & 0o777, 0o644);
        assert_eq!(fs::metadata(&precious).unwrap().len(), 0);
    }
}
