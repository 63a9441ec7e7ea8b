//! What is written down before something that a crash may leave half done: what a token showed
//! before an object is made on it, and how often a PIN was refused in a row.

use jiff::Timestamp;
use pkcs11_bridge::KeyType;
use protocol::renewal::State;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Journal, JournalError, RenewalId};

/// Names an object of a token: the first bytes of a hash over its class, id, label and body.
pub type Fingerprint = [u8; 8];

/// What a renewal is about to make on a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creates {
    /// A pair of keys of this type.
    Pair(KeyType),
    /// A certificate.
    Certificate,
}

/// What a token showed right before something was made on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The renewal that makes it.
    pub renewal: RenewalId,
    /// The name of the token's module.
    pub module: String,
    /// The token (RFC 7512 URI).
    pub token: String,
    /// What is made.
    pub creates: Creates,
    /// When the token was looked at.
    pub taken: Timestamp,
    /// The objects of the classes that are made.
    pub objects: Vec<Fingerprint>,
}

impl Journal {
    /// Writes down what a token shows before something is made on it. It stays until the renewal
    /// has what was made, or [`forget_before`](Self::forget_before).
    ///
    /// # Errors
    /// When the journal cannot be written: nothing may be made then.
    pub async fn keep_before(&self, before: Before) -> Result<(), JournalError> {
        self.with(move |connection| {
            connection.execute(
                "INSERT OR REPLACE INTO inventory (renewal, module, token, creates, taken, objects) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    before.renewal.as_str(),
                    before.module,
                    before.token,
                    before.creates.word(),
                    before.taken.as_second(),
                    before.objects.concat(),
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// What tokens showed before something was made on them of which nobody knows the end.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn befores(&self) -> Result<Vec<Before>, JournalError> {
        self.with(|connection| {
            let mut statement = connection
                .prepare("SELECT renewal, module, token, creates, taken, objects FROM inventory")?;
            let mut rows = statement.query([])?;
            let mut befores = Vec::new();
            while let Some(row) = rows.next()? {
                let unreadable = || JournalError::Unreadable {
                    what: "token's inventory",
                };
                let objects: Vec<u8> = row.get(5)?;
                let (objects, rest) = objects.as_chunks();
                if !rest.is_empty() {
                    return Err(unreadable());
                }
                befores.push(Before {
                    renewal: RenewalId::parse(&row.get::<_, String>(0)?).ok_or_else(unreadable)?,
                    module: row.get(1)?,
                    token: row.get(2)?,
                    creates: Creates::parse(&row.get::<_, String>(3)?).ok_or_else(unreadable)?,
                    taken: Timestamp::from_second(row.get(4)?).map_err(|_| unreadable())?,
                    objects: objects.to_vec(),
                });
            }
            Ok(befores)
        })
        .await
    }

    /// Drops what [`keep_before`](Self::keep_before) wrote: the token was compared with it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn forget_before(&self, renewal: &RenewalId) -> Result<(), JournalError> {
        let renewal = renewal.clone();
        self.with(move |connection| forget(connection, &renewal))
            .await
    }

    /// How often in a row the PIN of a token, by its serial number, was refused.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn refused_pins(&self, token: &str) -> Result<u32, JournalError> {
        let token = token.to_owned();
        self.with(move |connection| {
            let count = connection
                .query_row(
                    "SELECT count FROM refused_pin WHERE token = ?1",
                    [token],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(count.unwrap_or(0))
        })
        .await
    }

    /// Writes down how often in a row the PIN of a token was refused: before a try it is counted
    /// as one that is refused, so that a crash in between does not hide it.
    ///
    /// # Errors
    /// When the journal cannot be written: the PIN may not be tried then.
    pub async fn count_refused_pins(&self, token: &str, count: u32) -> Result<(), JournalError> {
        let token = token.to_owned();
        self.with(move |connection| {
            match count {
                0 => connection.execute("DELETE FROM refused_pin WHERE token = ?1", [token])?,
                _ => connection.execute(
                    "INSERT OR REPLACE INTO refused_pin (token, count) VALUES (?1, ?2)",
                    params![token, count],
                )?,
            };
            Ok(())
        })
        .await
    }
}

impl Creates {
    fn word(self) -> &'static str {
        match self {
            Self::Pair(key_type) => key_type.as_str(),
            Self::Certificate => CERTIFICATE,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            CERTIFICATE => Some(Self::Certificate),
            key_type => key_type.parse().ok().map(Self::Pair),
        }
    }
}

const CERTIFICATE: &str = "certificate";

/// Once the renewal has what it made, nothing of it can be half done any more.
pub(super) fn settle(
    connection: &Connection,
    renewal: &RenewalId,
    state: &State,
) -> Result<(), JournalError> {
    if matches!(state, State::KeyReady { .. } | State::Unproven(_)) {
        forget(connection, renewal)?;
    }
    Ok(())
}

fn forget(connection: &Connection, renewal: &RenewalId) -> Result<(), JournalError> {
    connection.execute(
        "DELETE FROM inventory WHERE renewal = ?1",
        [renewal.as_str()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_token_showed_comes_back_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite"), "pc").unwrap();
        let before = Before {
            renewal: RenewalId::new([3; 16]),
            module: "SoftHSM".into(),
            token: "pkcs11:token=T".into(),
            creates: Creates::Certificate,
            taken: Timestamp::from_second(1_700_000_000).unwrap(),
            objects: vec![[1; 8], [2; 8], [2; 8]],
        };
        journal.keep_before(before.clone()).await.unwrap();
        let pair = Before {
            creates: Creates::Pair(KeyType::Rsa2048),
            ..before.clone()
        };
        journal.keep_before(pair.clone()).await.unwrap();
        assert_eq!(
            journal.befores().await.unwrap(),
            [pair],
            "one for each renewal"
        );
        journal.forget_before(&before.renewal).await.unwrap();
        assert_eq!(journal.befores().await.unwrap(), []);
    }

    #[tokio::test]
    async fn refused_pins_are_counted_for_each_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let journal = Journal::open(&path, "pc").unwrap();
        journal.count_refused_pins("5f", 2).await.unwrap();
        let again = Journal::open(&path, "pc").unwrap();
        assert_eq!(again.refused_pins("5f").await.unwrap(), 2);
        assert_eq!(again.refused_pins("60").await.unwrap(), 0);
        again.count_refused_pins("5f", 0).await.unwrap();
        assert_eq!(again.refused_pins("5f").await.unwrap(), 0);
    }
}
