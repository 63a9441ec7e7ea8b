//! Which customers were told by mail that their certificate expires.

use rusqlite::params;

use super::{Store, User, users};
use crate::BankError;

/// A certificate that is in use and has no successor.
#[derive(Clone, Debug)]
pub(crate) struct Expiring {
    /// Whose.
    pub(crate) user: User,
    /// SHA-256 of its DER, hexadecimal.
    pub(crate) sha256: String,
    /// Last second of validity, Unix time.
    pub(crate) not_after: i64,
    /// The latest notice that was sent, by its days before the expiry.
    pub(crate) last_notice: Option<i64>,
}

impl Store {
    /// The certificates that are valid now, without those whose owner holds one that ends later.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn expiring(&self, now: i64) -> Result<Vec<Expiring>, BankError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT users.id, name_ja, name_en, role, email, held.sha256, held.not_after,
                    (SELECT min(days) FROM notices WHERE certificate = held.sha256)
             FROM certificates AS held JOIN users ON users.id = held.user
             WHERE held.status IN ('active', 'delivered')
               AND ?1 BETWEEN held.not_before AND held.not_after
               AND NOT EXISTS (
                   SELECT 1 FROM certificates AS later
                   WHERE later.user = held.user AND later.status IN ('active', 'delivered')
                     AND later.not_after > held.not_after)
             ORDER BY held.not_after, users.id",
        )?;
        let found = statement
            .query_map([now], |row| {
                Ok(Expiring {
                    user: users::user(row)?,
                    sha256: row.get(5)?,
                    not_after: row.get(6)?,
                    last_notice: row.get(7)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// Notes that the notice of so many days before the expiry was sent.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn note_notice(&self, sha256: &str, days: i64, now: i64) -> Result<(), BankError> {
        self.lock().execute(
            "INSERT INTO notices (certificate, days, sent) VALUES (?1, ?2, ?3)",
            params![sha256, days, now],
        )?;
        Ok(())
    }
}
