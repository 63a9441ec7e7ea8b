//! What the watch must not forget: the certificates that it has seen, and what it has told the
//! person of them.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, setting};

/// A certificate that was on a token when that was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The SHA-256 of its DER, 64 hexadecimal digits.
    pub id: String,
    /// Its DER.
    pub certificate: Vec<u8>,
    /// Its token (RFC 7512 URI).
    pub token: String,
    /// The token's label.
    pub token_label: String,
}

/// How a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A notice on the desktop.
    Desktop,
    /// A mail.
    Mail,
}

impl Channel {
    fn word(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mail => "mail",
        }
    }
}

/// A certificate's id, and the stage of its life of which the person is told.
pub type Mark = (String, String);

/// An attempt at telling somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// Whether it reached them.
    pub succeeded: bool,
}

impl Journal {
    /// The certificates that were seen.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn seen(&self) -> Result<Vec<Seen>, JournalError> {
        self.with(|connection| {
            let query = "SELECT id, certificate, token, token_label FROM seen ORDER BY id";
            let mut statement = connection.prepare(query)?;
            let rows = statement.query_map([], |row| {
                Ok(Seen {
                    id: row.get(0)?,
                    certificate: row.get(1)?,
                    token: row.get(2)?,
                    token_label: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Keeps these certificates, and forgets those with these ids and what was told of them.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn keep_seen(&self, seen: Vec<Seen>, gone: Vec<String>) -> Result<(), JournalError> {
        self.with(move |connection| {
            let transaction = connection.transaction()?;
            for one in seen {
                transaction.execute(
                    "INSERT OR REPLACE INTO seen VALUES (?1, ?2, ?3, ?4)",
                    params![one.id, one.certificate, one.token, one.token_label],
                )?;
            }
            for id in gone {
                transaction.execute("DELETE FROM seen WHERE id = ?1", [id])?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Everything that the person was told on a channel.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn told(&self, channel: Channel) -> Result<HashSet<Mark>, JournalError> {
        self.with(move |connection| {
            let query = "SELECT certificate_id, stage FROM notice WHERE channel = ?1";
            let mut statement = connection.prepare(query)?;
            let rows =
                statement.query_map([channel.word()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes that the person was told of these on a channel, or that an attempt failed.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn note_attempt(
        &self,
        channel: Channel,
        attempt: Attempt,
        marks: Vec<Mark>,
    ) -> Result<(), JournalError> {
        self.with(move |connection| {
            let at = attempt.at.as_second();
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO attempt VALUES (?1, ?2, ?3)",
                params![channel.word(), at, attempt.succeeded],
            )?;
            if attempt.succeeded {
                for (certificate, stage) in marks {
                    transaction.execute(
                        "INSERT OR IGNORE INTO notice VALUES (?1, ?2, ?3, ?4)",
                        params![certificate, stage, channel.word(), at],
                    )?;
                }
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// The newest attempts on a channel, at most `limit`, the newest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn attempts(
        &self,
        channel: Channel,
        limit: u32,
    ) -> Result<Vec<Attempt>, JournalError> {
        self.with(move |connection| {
            let query = "SELECT at, succeeded FROM attempt WHERE channel = ?1 \
                         ORDER BY at DESC, rowid DESC LIMIT ?2";
            let mut statement = connection.prepare(query)?;
            let rows = statement.query_map(params![channel.word(), limit], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?))
            })?;
            let mut attempts = Vec::new();
            for row in rows {
                let (at, succeeded) = row?;
                let at = Timestamp::from_second(at)
                    .map_err(|_| JournalError::Unreadable { what: "time" })?;
                attempts.push(Attempt { at, succeeded });
            }
            Ok(attempts)
        })
        .await
    }

    /// Until when the person wants no notices on the desktop.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn quiet_until(&self) -> Result<Option<Timestamp>, JournalError> {
        self.with(|connection| {
            let text = setting(connection, QUIET)?;
            Ok(text.and_then(|text| text.parse().ok()))
        })
        .await
    }

    /// Notes until when the person wants none; `None` for none of that any more.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn keep_quiet(&self, until: Option<Timestamp>) -> Result<(), JournalError> {
        self.with(move |connection| {
            match until {
                Some(until) => connection.execute(
                    "INSERT OR REPLACE INTO setting VALUES (?1, ?2)",
                    params![QUIET, until.to_string()],
                )?,
                None => connection.execute("DELETE FROM setting WHERE key = ?1", [QUIET])?,
            };
            Ok(())
        })
        .await
    }

    /// Whether a renewal has put a successor of this certificate on its token.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn was_renewed(&self, certificate: &str) -> Result<bool, JournalError> {
        let newest = self.of_certificate(certificate).await?;
        Ok(newest.is_some_and(|record| record.state.installed().is_some()))
    }
}

const QUIET: &str = "quiet-until";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn what_was_told_outlives_the_agent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let mark = |stage: &str| ("ab".repeat(32), stage.to_owned());
        {
            let journal = Journal::open(&path, "pc").unwrap();
            let failed = Attempt {
                at: at(1),
                succeeded: false,
            };
            let marks = vec![mark("30")];
            let noted = journal.note_attempt(Channel::Mail, failed, marks.clone());
            noted.await.unwrap();
            let reached = Attempt {
                at: at(2),
                succeeded: true,
            };
            let noted = journal.note_attempt(Channel::Desktop, reached, marks);
            noted.await.unwrap();
            journal.keep_quiet(Some(at(9))).await.unwrap();
        }
        let journal = Journal::open(&path, "pc").unwrap();
        let told = journal.told(Channel::Desktop).await.unwrap();
        assert_eq!(told, HashSet::from([mark("30")]));
        assert!(journal.told(Channel::Mail).await.unwrap().is_empty());
        let attempts = journal.attempts(Channel::Mail, 9).await.unwrap();
        assert_eq!(attempts.len(), 1);
        assert!(!attempts[0].succeeded);
        assert_eq!(journal.quiet_until().await.unwrap(), Some(at(9)));
        journal.keep_quiet(None).await.unwrap();
        assert_eq!(journal.quiet_until().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_certificate_that_is_gone_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite"), "pc").unwrap();
        let seen = |id: &str| Seen {
            id: id.to_owned(),
            certificate: vec![1],
            token: "pkcs11:".to_owned(),
            token_label: "card".to_owned(),
        };
        let kept = journal.keep_seen(vec![seen("a"), seen("b")], Vec::new());
        kept.await.unwrap();
        journal
            .keep_seen(Vec::new(), vec!["a".to_owned()])
            .await
            .unwrap();
        assert_eq!(journal.seen().await.unwrap(), [seen("b")]);
    }
}
