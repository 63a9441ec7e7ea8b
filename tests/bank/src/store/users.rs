//! IDs and passwords.

use std::num::NonZeroU32;

use ring::pbkdf2;
use rusqlite::{OptionalExtension as _, Row, params};

use super::Store;
use crate::{BankError, ca};

/// The password of each of the demo's IDs.
pub const DEMO_PASSWORD: &str = "Mihon-2026";

/// So many wrong passwords in a row close an ID for [`LOCK_SECONDS`].
const FAILURES_UNTIL_LOCK: i64 = 5;
const LOCK_SECONDS: i64 = 15 * 60;

/// An ID of the bank.
#[derive(Clone, Debug)]
pub struct User {
    /// The ID: the common name of its certificates.
    pub id: String,
    /// The person's name in Japanese.
    pub name_ja: String,
    /// The person's name in English.
    pub name_en: String,
    /// Which kind of ID it is.
    pub role: Role,
    /// The registered address.
    pub email: String,
}

/// Which kind of ID it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 管理者ID.
    Administrator,
    /// 利用者ID.
    User,
}

/// What became of a password.
#[derive(Clone, Debug)]
pub(crate) enum PasswordCheck {
    /// It is right.
    Right(User),
    /// ID or password is wrong; which of the two is nobody's business.
    Wrong,
    /// Too many wrong ones: no password is looked at until then.
    Locked {
        /// Unix time.
        until: i64,
    },
}

impl Store {
    /// Checks ID and password, and counts wrong ones.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn check_password(
        &self,
        id: &str,
        password: &str,
        now: i64,
    ) -> Result<PasswordCheck, BankError> {
        let row = self
            .lock()
            .query_row(
                "SELECT id, name_ja, name_en, role, email, salt, password, failures, locked_until
                 FROM users WHERE id = ?1",
                [id],
                |row| {
                    Ok((
                        user(row)?,
                        row.get::<_, Vec<u8>>(5)?,
                        row.get::<_, Vec<u8>>(6)?,
                        row.get::<_, i64>(7)?,
                        row.get::<_, i64>(8)?,
                    ))
                },
            )
            .optional()?;
        let Some((user, salt, expected, failures, locked_until)) = row else {
            // As slow as for an ID that is there.
            derive(&[0; 16], password);
            return Ok(PasswordCheck::Wrong);
        };
        if locked_until > now {
            return Ok(PasswordCheck::Locked {
                until: locked_until,
            });
        }
        if pbkdf2::verify(ALGORITHM, ROUNDS, &salt, password.as_bytes(), &expected).is_ok() {
            self.lock().execute(
                "UPDATE users SET failures = 0, locked_until = 0 WHERE id = ?1",
                [id],
            )?;
            return Ok(PasswordCheck::Right(user));
        }
        let failures = failures + 1;
        if failures < FAILURES_UNTIL_LOCK {
            self.lock().execute(
                "UPDATE users SET failures = ?2 WHERE id = ?1",
                params![id, failures],
            )?;
            return Ok(PasswordCheck::Wrong);
        }
        let until = now + LOCK_SECONDS;
        self.lock().execute(
            "UPDATE users SET failures = 0, locked_until = ?2 WHERE id = ?1",
            params![id, until],
        )?;
        Ok(PasswordCheck::Locked { until })
    }

    /// The user of an ID.
    ///
    /// # Errors
    /// [`BankError::NoSuchUser`].
    pub(crate) fn user(&self, id: &str) -> Result<User, BankError> {
        self.lock()
            .query_row(
                "SELECT id, name_ja, name_en, role, email FROM users WHERE id = ?1",
                [id],
                user,
            )
            .optional()?
            .ok_or_else(|| BankError::NoSuchUser(id.to_owned()))
    }

    /// All IDs.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn users(&self) -> Result<Vec<User>, BankError> {
        let connection = self.lock();
        let mut statement = connection
            .prepare("SELECT id, name_ja, name_en, role, email FROM users ORDER BY id")?;
        let users = statement.query_map([], user)?.collect::<Result<_, _>>()?;
        Ok(users)
    }

    /// Notes a login and gives the time of the one before.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn note_login(&self, id: &str, now: i64) -> Result<Option<i64>, BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let before =
            transaction.query_row("SELECT last_login FROM users WHERE id = ?1", [id], |row| {
                row.get(0)
            })?;
        transaction.execute(
            "UPDATE users SET last_login = ?2 WHERE id = ?1",
            params![id, now],
        )?;
        transaction.commit()?;
        Ok(before)
    }

    pub(super) fn add_demo_users(&self) -> Result<(), BankError> {
        for (id, name_ja, name_en, role) in [
            ("admin-01", "管理 太郎", "Taro Kanri", "administrator"),
            ("keiri-01", "経理 花子", "Hanako Keiri", "user"),
            ("soumu-01", "総務 次郎", "Jiro Soumu", "user"),
        ] {
            let salt: [u8; 16] = ca::random();
            self.lock().execute(
                "INSERT INTO users (id, name_ja, name_en, role, email, salt, password)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id,
                    name_ja,
                    name_en,
                    role,
                    format!("{id}@customer.example"),
                    salt,
                    derive(&salt, DEMO_PASSWORD)
                ],
            )?;
        }
        Ok(())
    }
}

const ALGORITHM: pbkdf2::Algorithm = pbkdf2::PBKDF2_HMAC_SHA256;

/// A sixtieth of what a bank should take: the one password is public, and a test run is no wait.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("the literal is not zero");

fn derive(salt: &[u8], password: &str) -> [u8; 32] {
    let mut out = [0; 32];
    pbkdf2::derive(ALGORITHM, ROUNDS, salt, password.as_bytes(), &mut out);
    out
}

/// The columns id, name_ja, name_en, role and email, in this order.
pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get(3)?;
    Ok(User {
        id: row.get(0)?,
        name_ja: row.get(1)?,
        name_en: row.get(2)?,
        role: if role == "administrator" {
            Role::Administrator
        } else {
            Role::User
        },
        email: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_passwords_close_an_id_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), "EB-0001").unwrap();
        let check = |password, now| store.check_password("keiri-01", password, now).unwrap();
        for _ in 0..4 {
            assert!(matches!(check("wrong", 100), PasswordCheck::Wrong));
        }
        assert!(matches!(
            check("wrong", 100),
            PasswordCheck::Locked { until: 1000 }
        ));
        assert!(matches!(
            check(DEMO_PASSWORD, 999),
            PasswordCheck::Locked { .. }
        ));
        assert!(matches!(
            check(DEMO_PASSWORD, 1000),
            PasswordCheck::Right(_)
        ));
        assert!(matches!(
            store.check_password("nobody", "x", 0).unwrap(),
            PasswordCheck::Wrong
        ));
    }
}
