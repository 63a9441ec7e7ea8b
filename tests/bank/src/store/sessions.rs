//! Sessions of both sites, the tickets that carry a customer from the bank to the CA, and the
//! CA's nonces. Of a secret only its hash is kept.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use rusqlite::{OptionalExtension as _, params};

use super::{Store, hashed};
use crate::{BankError, ca};

/// How long a nonce may be used, in seconds: as long as a customer may take for one renewal,
/// with a night between.
pub(crate) const NONCE_LIFE: i64 = 24 * 60 * 60;

const TICKET_LIFE: i64 = 60;

/// Stands for the certificate of the login in an acquisition.
pub(crate) const NO_CERTIFICATE: &str = "";

/// Which of the two sites a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// The banking site.
    Bank,
    /// The certification authority's site.
    Ca,
}

impl Site {
    fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Ca => "ca",
        }
    }
}

/// A session that is alive.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Whose.
    pub(crate) user: String,
    /// The certificate of the login: SHA-256 of its DER, hexadecimal; [`NO_CERTIFICATE`] where
    /// one is to be acquired.
    pub(crate) certificate: String,
    /// What a form of this session must bring.
    pub(crate) csrf: String,
    /// When it began, Unix time.
    pub(crate) began: i64,
    /// The login before this one, Unix time.
    pub(crate) previous_login: Option<i64>,
}

impl Store {
    /// Opens a session and gives its secret, for a cookie.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn open_session(
        &self,
        site: Site,
        user: &str,
        certificate: &str,
        previous_login: Option<i64>,
        now: i64,
    ) -> Result<String, BankError> {
        let secret = secret();
        self.lock().execute(
            "INSERT INTO sessions
             (secret, site, user, certificate, csrf, began, previous_login, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6)",
            params![
                hashed(&secret),
                site.as_str(),
                user,
                certificate,
                self::secret(),
                now,
                previous_login
            ],
        )?;
        Ok(secret)
    }

    /// The session of a cookie, unless it has been idle for longer than `idle` seconds.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn session(
        &self,
        site: Site,
        secret: &str,
        idle: i64,
        now: i64,
    ) -> Result<Option<Session>, BankError> {
        let connection = self.lock();
        connection.execute("DELETE FROM sessions WHERE seen < ?1", [now - idle])?;
        let session = connection
            .query_row(
                "UPDATE sessions SET seen = ?3 WHERE secret = ?1 AND site = ?2
                 RETURNING user, certificate, csrf, began, previous_login",
                params![hashed(secret), site.as_str(), now],
                |row| {
                    Ok(Session {
                        user: row.get(0)?,
                        certificate: row.get(1)?,
                        csrf: row.get(2)?,
                        began: row.get(3)?,
                        previous_login: row.get(4)?,
                    })
                },
            )
            .optional()?;
        Ok(session)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn close_session(&self, secret: &str) -> Result<(), BankError> {
        self.lock()
            .execute("DELETE FROM sessions WHERE secret = ?1", [hashed(secret)])?;
        Ok(())
    }

    /// A ticket with which the customer appears at the CA: good for a minute, once.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn write_ticket(
        &self,
        user: &str,
        certificate: &str,
        now: i64,
    ) -> Result<String, BankError> {
        let secret = secret();
        self.lock().execute(
            "INSERT INTO tickets (secret, user, certificate, expires) VALUES (?1, ?2, ?3, ?4)",
            params![hashed(&secret), user, certificate, now + TICKET_LIFE],
        )?;
        Ok(secret)
    }

    /// Takes a ticket in: user and certificate of the login, or nothing if it was used or late.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn take_ticket(
        &self,
        secret: &str,
        now: i64,
    ) -> Result<Option<(String, String)>, BankError> {
        let connection = self.lock();
        connection.execute("DELETE FROM tickets WHERE expires < ?1", [now])?;
        Ok(connection
            .query_row(
                "DELETE FROM tickets WHERE secret = ?1 RETURNING user, certificate",
                [hashed(secret)],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?)
    }

    /// The open nonce for renewing that certificate, or a new one, with its end.
    ///
    /// The same one again until it is used or its time is up: the agent finds a renewal again
    /// after a reload, and that renewal's proof names the nonce of the first page.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn nonce(
        &self,
        user: &str,
        certificate: &str,
        now: i64,
    ) -> Result<(String, i64), BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let open = transaction
            .query_row(
                "SELECT value, expires FROM nonces
                 WHERE user = ?1 AND certificate = ?2 AND used IS NULL AND expires > ?3",
                params![user, certificate, now],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let nonce = match open {
            Some(nonce) => nonce,
            None => {
                let (value, expires) = (secret(), now + NONCE_LIFE);
                transaction.execute(
                    "INSERT INTO nonces (value, user, certificate, expires)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![value, user, certificate, expires],
                )?;
                (value, expires)
            }
        };
        transaction.commit()?;
        Ok(nonce)
    }

    /// Every nonce that was given for renewing that certificate, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn nonces_given(
        &self,
        user: &str,
        certificate: &str,
    ) -> Result<Vec<String>, BankError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT value FROM nonces WHERE user = ?1 AND certificate = ?2 ORDER BY rowid DESC",
        )?;
        let given = statement
            .query_map([user, certificate], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(given)
    }
}

/// 32 random bytes, base64url without padding.
fn secret() -> String {
    Base64UrlUnpadded::encode_string(&ca::random::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), "EB-0001").unwrap();
        (folder, store)
    }

    #[test]
    fn a_ticket_works_once_and_for_a_minute() {
        let (_folder, store) = store();
        let ticket = store.write_ticket("keiri-01", "aa", 100).unwrap();
        assert!(store.take_ticket(&ticket, 160).unwrap().is_some());
        assert!(store.take_ticket(&ticket, 160).unwrap().is_none());
        let late = store.write_ticket("keiri-01", "aa", 100).unwrap();
        assert!(store.take_ticket(&late, 161).unwrap().is_none());
    }

    #[test]
    fn an_idle_session_ends_and_belongs_to_one_site() {
        let (_folder, store) = store();
        let secret = store
            .open_session(Site::Bank, "keiri-01", "aa", None, 100)
            .unwrap();
        assert!(
            store
                .session(Site::Ca, &secret, 600, 100)
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .session(Site::Bank, &secret, 600, 700)
                .unwrap()
                .is_some()
        );
        assert!(
            store
                .session(Site::Bank, &secret, 600, 1301)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_nonce_stays_the_same_while_it_is_open() {
        let (_folder, store) = store();
        let (first, _) = store.nonce("keiri-01", "aa", 100).unwrap();
        assert_eq!(store.nonce("keiri-01", "aa", 200).unwrap().0, first);
        assert_ne!(store.nonce("keiri-01", "bb", 200).unwrap().0, first);
        assert_ne!(
            store.nonce("keiri-01", "aa", 100 + NONCE_LIFE).unwrap().0,
            first
        );
    }
}
