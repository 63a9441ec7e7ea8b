//! One-time codes for acquisitions: one for each ID at a time, single use, good for a week, and
//! locked after five wrong tries. A wrong code shows only as a request that it does not fit.

use protocol::csr::{AcquisitionCode, AcquisitionError};
use rusqlite::{OptionalExtension as _, Transaction, params};
use zeroize::Zeroizing;

use super::Store;
use crate::{BankError, ca, time::DAY};

/// How long a code may be used, in seconds.
const CODE_LIFE: i64 = 7 * DAY;

/// So many requests that the code does not fit lock it.
const TRIES: i64 = 5;

/// What became of a request that a code should authorise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodeVerdict {
    /// The code fits.
    Right,
    /// Refused for another reason, which is no try at the code.
    Refused(AcquisitionError),
    /// Another code, or something altered on the way.
    Wrong {
        /// So many more of them lock the code.
        tries_left: i64,
    },
    /// Five wrong tries: the ID needs another code.
    Locked,
    /// It is too old.
    Expired,
    /// It was used, or the ID never had one.
    Absent,
}

impl Store {
    /// Gives an ID a code, in place of any before; and its end, Unix time.
    ///
    /// # Errors
    /// [`BankError::NoSuchUser`].
    pub(crate) fn issue_code(
        &self,
        user: &str,
        now: i64,
    ) -> Result<(Zeroizing<String>, i64), BankError> {
        let user = self.user(user)?;
        let code = AcquisitionCode::from_random(&Zeroizing::new(ca::random()));
        let (text, expires) = (code.grouped(), now + CODE_LIFE);
        self.lock().execute(
            "INSERT OR REPLACE INTO codes (user, code, expires) VALUES (?1, ?2, ?3)",
            params![user.id, text.as_str(), expires],
        )?;
        Ok((text, expires))
    }

    /// Lets a request be checked by the code of an ID, and counts a wrong one: once, however often
    /// the same request comes.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn check_code(
        &self,
        user: &str,
        request_sha256: &str,
        now: i64,
        check: impl FnOnce(&AcquisitionCode) -> Result<(), AcquisitionError>,
    ) -> Result<CodeVerdict, BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let row = transaction
            .query_row(
                "SELECT code, expires, failures, last_wrong FROM codes WHERE user = ?1",
                [user],
                |row| {
                    Ok((
                        row.get::<_, Option<String>>(0)?.map(Zeroizing::new),
                        row.get::<_, i64>(1)?,
                        row.get::<_, i64>(2)?,
                        row.get::<_, Option<String>>(3)?,
                    ))
                },
            )
            .optional()?;
        let Some((text, expires, failures, last_wrong)) = row else {
            return Ok(CodeVerdict::Absent);
        };
        if failures >= TRIES {
            return Ok(CodeVerdict::Locked);
        }
        let Some(code) = text.and_then(|text| AcquisitionCode::parse(&text)) else {
            return Ok(CodeVerdict::Absent);
        };
        if now > expires {
            return Ok(CodeVerdict::Expired);
        }
        let failures = match check(&code) {
            Ok(()) => return Ok(CodeVerdict::Right),
            Err(AcquisitionError::WrongCode) if last_wrong.as_deref() == Some(request_sha256) => {
                failures
            }
            Err(AcquisitionError::WrongCode) => failures + 1,
            Err(other) => return Ok(CodeVerdict::Refused(other)),
        };
        transaction.execute(
            "UPDATE codes SET failures = ?2, last_wrong = ?3 WHERE user = ?1",
            params![user, failures, request_sha256],
        )?;
        transaction.commit()?;
        Ok(match TRIES - failures {
            ..=0 => CodeVerdict::Locked,
            tries_left => CodeVerdict::Wrong { tries_left },
        })
    }
}

/// A code is used up with the certificate that it brought, in one transaction.
pub(super) fn use_up(transaction: &Transaction<'_>, user: &str) -> Result<(), BankError> {
    transaction.execute("UPDATE codes SET code = NULL WHERE user = ?1", [user])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), "EB-0001").unwrap();
        (folder, store)
    }

    fn tried(
        store: &Store,
        request: &str,
        now: i64,
        result: Result<(), AcquisitionError>,
    ) -> CodeVerdict {
        store
            .check_code("keiri-01", request, now, |_| result)
            .unwrap()
    }

    #[test]
    fn five_wrong_requests_lock_a_code_and_another_one_opens_the_id() {
        let (_folder, store) = store();
        store.issue_code("keiri-01", 100).unwrap();
        let wrong = || Err(AcquisitionError::WrongCode);
        // A request that comes again, as after a reload, is one try.
        for (request, tries_left) in [("a", 4), ("a", 4), ("b", 3), ("c", 2), ("d", 1)] {
            let verdict = tried(&store, request, 100, wrong());
            assert_eq!(verdict, CodeVerdict::Wrong { tries_left });
        }
        assert_eq!(tried(&store, "e", 100, wrong()), CodeVerdict::Locked);
        assert_eq!(tried(&store, "f", 100, Ok(())), CodeVerdict::Locked);
        store.issue_code("keiri-01", 100).unwrap();
        assert_eq!(tried(&store, "f", 100, Ok(())), CodeVerdict::Right);
    }

    #[test]
    fn a_code_ends_and_a_request_without_one_is_no_try() {
        let (_folder, store) = store();
        assert_eq!(tried(&store, "a", 100, Ok(())), CodeVerdict::Absent);
        store.issue_code("keiri-01", 100).unwrap();
        for _ in 0..9 {
            let verdict = tried(&store, "a", 100, Err(AcquisitionError::NoCode));
            assert_eq!(verdict, CodeVerdict::Refused(AcquisitionError::NoCode));
        }
        let end = 100 + CODE_LIFE;
        assert_eq!(tried(&store, "a", end, Ok(())), CodeVerdict::Right);
        assert_eq!(tried(&store, "a", end + 1, Ok(())), CodeVerdict::Expired);
    }

    #[test]
    fn only_an_id_gets_a_code() {
        let (_folder, store) = store();
        assert!(store.issue_code("nobody", 100).is_err());
    }
}
