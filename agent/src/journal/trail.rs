//! The audit trail: what happened, when, each entry bound to the one before it.
//!
//! The hash of an entry is SHA-256 over the hash before it (32 zero bytes for the first) and
//! the entry's fields, each preceded by its length in bytes as a big-endian 64-bit number.
//! Against the owner of the file it proves nothing by itself; against a head that the bank got
//! with a proof, or that was exported, it does: see [`audit`].

pub mod audit;

use jiff::Timestamp;
use protocol::bridge;
use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension, params};

use super::{JournalError, RenewalId};

/// The hash that binds a trail: 32 bytes.
pub type Head = [u8; 32];

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The renewal.
    pub renewal: RenewalId,
    /// The old certificate's id.
    pub certificate_id: String,
    /// Who drives it then: the page's origin, or `cli`.
    pub owner: String,
    /// Its revision after what happened.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// What happened, as a constant name.
    pub what: String,
    /// The state that the renewal was in then.
    pub state: bridge::State,
}

impl Entry {
    fn hash(&self, before: &Head) -> Head {
        hash(
            before,
            [
                self.renewal.as_str(),
                &self.certificate_id,
                &self.owner,
                &self.revision.to_string(),
                &self.at.as_second().to_string(),
                &self.what,
                &state_text(self.state),
            ],
        )
    }
}

pub(super) fn append(connection: &Connection, entry: &Entry) -> Result<(), JournalError> {
    let hash = entry.hash(&head(connection)?);
    connection.execute(
        "INSERT INTO trail (renewal, certificate_id, owner, revision, at, what, state, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            entry.renewal.as_str(),
            entry.certificate_id,
            entry.owner,
            i64::try_from(entry.revision).unwrap_or(i64::MAX),
            entry.at.as_second(),
            entry.what,
            state_text(entry.state),
            hash,
        ],
    )?;
    Ok(())
}

pub(super) fn head(connection: &Connection) -> Result<Head, JournalError> {
    let last: Option<Head> = connection
        .query_row(
            "SELECT hash FROM trail ORDER BY sequence DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(last.unwrap_or_default())
}

pub(super) fn of(
    connection: &Connection,
    renewal: &RenewalId,
    after: u64,
) -> Result<Vec<Entry>, JournalError> {
    let mut statement = connection.prepare(
        "SELECT revision, at, what, state, certificate_id, owner FROM trail WHERE renewal = ?1 AND revision > ?2 \
         ORDER BY revision",
    )?;
    let mut rows = statement.query(params![
        renewal.as_str(),
        i64::try_from(after).unwrap_or(i64::MAX)
    ])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let state: String = row.get(3)?;
        entries.push(Entry {
            renewal: renewal.clone(),
            certificate_id: row.get(4)?,
            owner: row.get(5)?,
            revision: u64::try_from(row.get::<_, i64>(0)?)
                .map_err(|_| JournalError::Unreadable { what: "revision" })?,
            at: Timestamp::from_second(row.get(1)?)
                .map_err(|_| JournalError::Unreadable { what: "time" })?,
            what: row.get(2)?,
            state: serde_json::from_value(serde_json::Value::String(state)).map_err(|_| {
                JournalError::Unreadable {
                    what: "state's name",
                }
            })?,
        });
    }
    Ok(entries)
}

fn hash(before: &Head, fields: [&str; 7]) -> Head {
    let mut context = Context::new(&SHA256);
    context.update(before);
    for field in fields {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field.as_bytes());
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn state_text(state: bridge::State) -> String {
    serde_json::to_value(state)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .expect("a state's name is a string")
}

#[cfg(test)]
mod tests {
    use protocol::{bridge::Kind, renewal::State};

    use super::*;
    use crate::journal::{Advance, Journal, Record, Target};

    fn record() -> Record {
        let created = Timestamp::from_second(1_700_000_000).unwrap();
        Record {
            id: RenewalId::new([3; 16]),
            profile: "bank".into(),
            owner: "cli".into(),
            module: "softhsm2".into(),
            token: "pkcs11:token=T".into(),
            certificate_id: "00".repeat(32),
            target: Target::Acquisition {
                subject: vec![1],
                alternative_names: Some(vec![4]),
            },
            nonce: vec![2],
            created,
            changed: created,
            revision: 1,
            state: State::Consent {
                kind: Kind::Acquire,
            },
            failure: None,
        }
    }

    #[tokio::test]
    async fn a_renewal_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let journal = Journal::open(&path, "pc").unwrap();
        assert_eq!(journal.head().await.unwrap(), [0; 32]);
        journal.begin(record()).await.unwrap();
        let first = journal.head().await.unwrap();
        let next = Advance {
            state: State::EnterCode { refused: None },
            revision: 2,
            at: record().created,
            owner: "https://ca.example".into(),
            nonce: vec![3],
            module: "softhsm2".into(),
            token: "pkcs11:token=U".into(),
            failure: None,
        };
        journal.advance(&record(), "consented", next).await.unwrap();
        assert_ne!(journal.head().await.unwrap(), first);

        let again = Journal::open(&path, "pc").unwrap();
        let found = again.unfinished().await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].state, State::EnterCode { refused: None });
        assert_eq!(found[0].target, record().target);
        assert_eq!(found[0].token, "pkcs11:token=U");
        assert_eq!(found[0].owner, "https://ca.example");
        let history = again.history(&record().id, 1).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].what, "consented");
        assert_eq!(history[0].hash(&first), again.head().await.unwrap());
    }
}
