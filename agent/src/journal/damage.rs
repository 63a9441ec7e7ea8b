//! A journal that is damaged: set aside under a name that people are told, with a new one in its
//! place that holds everything back until a person has looked.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::{Journal, JournalError, setting};

/// The setting that names a damaged journal until a person has looked.
const HELD: &str = "damaged";

/// How the name of a journal that was set aside begins.
const ASIDE: &str = "journal.damaged-";

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

impl Journal {
    /// As [`open`](Self::open); a damaged one is set aside first. Nothing of it is deleted.
    ///
    /// # Errors
    /// As [`open`](Self::open); when the damaged file cannot be renamed.
    pub fn open_or_set_aside(
        path: &Path,
        machine: &str,
        now: Timestamp,
    ) -> Result<Self, JournalError> {
        let opened = Self::open(path, machine);
        if let Err(JournalError::Damaged { .. }) = &opened {
            set_aside(path, now).map_err(|source| JournalError::File {
                path: path.to_owned(),
                source,
            })?;
            return Self::open(path, machine);
        }
        opened
    }

    /// The file name of a damaged journal that was set aside, until a person has looked: what is
    /// on the tokens is then not known well enough to make or remove anything.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn held_back(&self) -> Result<Option<String>, JournalError> {
        self.with(|connection| Ok(setting(connection, HELD)?)).await
    }

    /// A person has looked, and lets things go on.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn go_on(&self) -> Result<(), JournalError> {
        self.with(|connection| {
            connection.execute("DELETE FROM setting WHERE key = ?1", [HELD])?;
            Ok(())
        })
        .await
    }
}

/// Whether an error of SQLite's says that the file is no sound database; every other one may be
/// over when the disk has room again, or the file its rights.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let missing = |message: &String| message.starts_with("no such ");
            matches!(
                failure.code,
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt
            ) || failure.code == ErrorCode::Unknown && message.as_ref().is_some_and(missing)
        }
        rusqlite::Error::SqlInputError { msg, .. } => msg.starts_with("no such "),
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => true,
        _ => false,
    }
}

/// Looks through the whole file.
pub(super) fn examine(connection: &Connection) -> Result<(), String> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| error.to_string())?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(verdict)
    }
}

/// A journal that is made anew beside one that was set aside holds everything back. The file
/// system is asked, and not the caller: a crash may come between the two.
pub(super) fn hold_back(connection: &Connection, path: &Path) -> Result<(), rusqlite::Error> {
    if let Some(name) = newest_aside(path) {
        connection.execute("INSERT INTO setting VALUES (?1, ?2)", [HELD, &name])?;
    }
    Ok(())
}

fn set_aside(path: &Path, now: Timestamp) -> io::Result<()> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let free = |name: &PathBuf| fs::symlink_metadata(name).is_err();
    let aside = (0..)
        .map(|more| match more {
            0 => path.with_file_name(format!("{ASIDE}{stamp}.sqlite")),
            more => path.with_file_name(format!("{ASIDE}{stamp}-{more}.sqlite")),
        })
        .find(free)
        .expect("some number is free");
    // The database last: as long as it is there, all of it is.
    for end in BESIDE.iter().rev() {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        match fs::rename(with(path), with(&aside)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !end.is_empty() => {}
            other => other?,
        }
    }
    tracing::error!(aside = %aside.display(), "the journal is damaged and was set aside");
    Ok(())
}

fn newest_aside(path: &Path) -> Option<String> {
    let names = fs::read_dir(path.parent()?).ok()?.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        (name.starts_with(ASIDE) && name.ends_with(".sqlite")).then_some(name)
    });
    names.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: &str = "not a database, but long enough to look like a file ";

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_300_000).unwrap()
    }

    #[tokio::test]
    async fn a_damaged_journal_is_set_aside_whole_and_holds_back_until_a_person_has_looked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        fs::write(&path, NOISE.repeat(9)).unwrap();
        let journal = Journal::open_or_set_aside(&path, "pc", now()).unwrap();
        let name = journal.held_back().await.unwrap().unwrap();
        let kept = fs::read_to_string(folder.path().join(&name)).unwrap();
        assert_eq!(kept, NOISE.repeat(9));
        drop(journal);

        let again = Journal::open_or_set_aside(&path, "pc", now()).unwrap();
        assert_eq!(again.held_back().await.unwrap(), Some(name));
        again.go_on().await.unwrap();
        drop(again);
        let free = Journal::open_or_set_aside(&path, "pc", now()).unwrap();
        assert_eq!(free.held_back().await.unwrap(), None);
    }

    #[tokio::test]
    async fn two_damaged_journals_of_one_second_are_both_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        for time in ["first", "second"] {
            fs::write(&path, time.repeat(99)).unwrap();
            drop(Journal::open_or_set_aside(&path, "pc", now()).unwrap());
        }
        let kept = fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_str().unwrap().starts_with(ASIDE)
            })
            .count();
        assert_eq!(kept, 2);
    }

    #[tokio::test]
    async fn a_crash_between_setting_aside_and_beginning_anew_holds_back_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        fs::write(&path, NOISE.repeat(9)).unwrap();
        set_aside(&path, now()).unwrap();
        let journal = Journal::open_or_set_aside(&path, "pc", now()).unwrap();
        assert!(journal.held_back().await.unwrap().is_some());
    }

    #[test]
    fn a_page_that_was_overwritten_is_found_before_anything_is_read_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        drop(Journal::open(&path, "pc").unwrap());
        let mut file = fs::read(&path).unwrap();
        let page = file.len() / 2;
        file[page..].fill(0x5a);
        fs::write(&path, file).unwrap();
        let refused = Journal::open(&path, "pc");
        assert!(matches!(refused, Err(JournalError::Damaged { .. })));
    }

    #[test]
    fn a_journal_without_the_right_to_read_is_not_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        fs::create_dir(&path).unwrap();
        assert!(Journal::open_or_set_aside(&path, "pc", now()).is_err());
        assert!(path.is_dir());
    }
}
