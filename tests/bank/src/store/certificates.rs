//! What the CA issued, and what became of it.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::Store;
use crate::{BankError, OldEnds, ca};

/// Where an issued certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// The CA made it; no receipt came.
    Issued,
    /// The new key signed the receipt.
    Delivered,
    /// It was used for a login.
    Active,
    /// Its successor took over, or someone revoked it.
    Revoked,
    /// The customer or the agent refused it.
    Rejected,
}

impl CertificateStatus {
    /// As it stands in the database and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Delivered => "delivered",
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Rejected => "rejected",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "issued" => Self::Issued,
            "delivered" => Self::Delivered,
            "active" => Self::Active,
            "rejected" => Self::Rejected,
            // The table's CHECK admits no other; and an unknown word must not open a door.
            _ => Self::Revoked,
        }
    }
}

/// A certificate that the CA issued.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Whose.
    pub user: String,
    /// SHA-256 of the DER, hexadecimal.
    pub sha256: String,
    /// The certificate.
    pub der: Vec<u8>,
    /// The certificate that it replaces: SHA-256, hexadecimal.
    pub replaces: Option<String>,
    /// The nonce of the proof by which it was issued.
    pub nonce: Option<String>,
    /// Where it stands.
    pub status: CertificateStatus,
    /// Why it was revoked: `superseded` when its successor took over.
    pub reason: Option<String>,
    /// First second of validity, Unix time.
    pub not_before: i64,
    /// Last second of validity, Unix time.
    pub not_after: i64,
    /// When the receipt came, Unix time.
    pub delivered: Option<i64>,
    /// Whether the agent heard that the successor was used for a login.
    pub told: bool,
}

impl IssuedCertificate {
    /// Whether it was acquired by a one-time code.
    #[must_use]
    pub fn is_acquired(&self) -> bool {
        self.replaces.is_none() && self.nonce.is_some()
    }
}

/// A certificate that is to be entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issue<'a> {
    /// Whose.
    pub(crate) user: &'a str,
    /// The certificate.
    pub(crate) der: &'a [u8],
    /// Serial number, hexadecimal.
    pub(crate) serial: &'a str,
    /// Its public key, DER.
    pub(crate) spki: &'a [u8],
    /// First second of validity, Unix time.
    pub(crate) not_before: i64,
    /// Last second of validity, Unix time.
    pub(crate) not_after: i64,
    /// The renewal that it answers.
    pub(crate) renewal: Option<Renewal<'a>>,
    /// Now, Unix time.
    pub(crate) now: i64,
}

/// Where a renewed certificate comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal<'a> {
    /// SHA-256 of the request's DER, hexadecimal.
    pub(crate) csr_sha256: &'a str,
    /// SHA-256 of the old certificate, hexadecimal; `None` for an acquisition.
    pub(crate) replaces: Option<&'a str>,
    /// The nonce in the proof, or for the code.
    pub(crate) nonce: &'a str,
}

impl Store {
    /// Enters a certificate: active if it answers no renewal, else issued. The renewal's nonce
    /// is used up, and what was issued for the same old certificate before and never arrived is
    /// revoked. A request that was answered already gives the certificate that answered it.
    ///
    /// # Errors
    /// When the database refuses, e.g. because the user does not exist.
    pub(crate) fn enter(&self, issue: &Issue<'_>) -> Result<IssuedCertificate, BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let sha256 = ca::hex(&ca::digest(issue.der));
        if let Some(renewal) = &issue.renewal {
            if let Some(earlier) = find(&transaction, "csr_sha256", renewal.csr_sha256)? {
                return Ok(earlier);
            }
            use_up(&transaction, issue, renewal)?;
        }
        let renewal = issue.renewal;
        let status = match renewal {
            Some(_) => CertificateStatus::Issued,
            None => CertificateStatus::Active,
        };
        transaction.execute(
            "INSERT INTO certificates (serial, user, sha256, spki_sha256, der, csr_sha256,
             replaces, nonce, status, not_before, not_after, issued)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                issue.serial,
                issue.user,
                sha256,
                ca::hex(&ca::digest(issue.spki)),
                issue.der,
                renewal.map(|renewal| renewal.csr_sha256),
                renewal.and_then(|renewal| renewal.replaces),
                renewal.map(|renewal| renewal.nonce),
                status.as_str(),
                issue.not_before,
                issue.not_after,
                issue.now
            ],
        )?;
        let entered = find(&transaction, "sha256", &sha256)?;
        transaction.commit()?;
        entered.ok_or(BankError::NoSuchCertificate(sha256))
    }

    /// The certificate with that SHA-256 (hexadecimal).
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn certificate(&self, sha256: &str) -> Result<Option<IssuedCertificate>, BankError> {
        find(&self.lock(), "sha256", sha256)
    }

    /// The certificate that answered the request with that SHA-256 (hexadecimal).
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn answer_to(
        &self,
        csr_sha256: &str,
    ) -> Result<Option<IssuedCertificate>, BankError> {
        find(&self.lock(), "csr_sha256", csr_sha256)
    }

    /// The newest certificate that replaces the given one and was not refused.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn successor(&self, sha256: &str) -> Result<Option<IssuedCertificate>, BankError> {
        let sql = format!(
            "{SELECT} WHERE replaces = ?1 AND status IN ('issued', 'delivered', 'active')
             ORDER BY issued DESC, rowid DESC LIMIT 1"
        );
        Ok(self
            .lock()
            .query_row(&sql, [sha256], certificate)
            .optional()?)
    }

    /// A user's certificates, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn certificates_of(&self, user: &str) -> Result<Vec<IssuedCertificate>, BankError> {
        let sql = format!("{SELECT} WHERE user = ?1 ORDER BY issued DESC, rowid DESC");
        let connection = self.lock();
        let mut statement = connection.prepare(&sql)?;
        let list = statement
            .query_map([user], certificate)?
            .collect::<Result<_, _>>()?;
        Ok(list)
    }

    /// Whether any certificate, of whomever, has that public key (DER).
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn key_is_known(&self, spki: &[u8]) -> Result<bool, BankError> {
        Ok(self.lock().query_row(
            "SELECT EXISTS (SELECT 1 FROM certificates WHERE spki_sha256 = ?1)",
            [ca::hex(&ca::digest(spki))],
            |row| row.get(0),
        )?)
    }

    /// Notes the receipt: issued becomes delivered.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn note_delivery(&self, sha256: &str, now: i64) -> Result<(), BankError> {
        self.lock().execute(
            "UPDATE certificates SET status = 'delivered', delivered = ?2
             WHERE sha256 = ?1 AND status = 'issued'",
            params![sha256, now],
        )?;
        Ok(())
    }

    /// Revokes a certificate whose successor was issued.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn supersede(&self, sha256: &str, now: i64) -> Result<(), BankError> {
        self.lock().execute(SUPERSEDE, params![sha256, now])?;
        Ok(())
    }

    /// Whether this is a certificate that ended when its successor was issued, which has not
    /// arrived: it may still fetch it.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn may_fetch(&self, certificate: &IssuedCertificate) -> Result<bool, BankError> {
        let superseded = certificate.status == CertificateStatus::Revoked
            && certificate.reason.as_deref() == Some("superseded");
        Ok(superseded
            && self
                .successor(&certificate.sha256)?
                .is_some_and(|next| next.status == CertificateStatus::Issued))
    }

    /// Revokes what was issued to replace the given certificate and was not yet used; gives the
    /// serial numbers. If the given one ended for it, it is good again, as one that was on hold
    /// (RFC 5280, section 5.3.1).
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn reject_successors(
        &self,
        replaced: &str,
        reason: &str,
        now: i64,
    ) -> Result<Vec<String>, BankError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "UPDATE certificates SET status = 'rejected', reason = ?2, ended = ?3
             WHERE replaces = ?1 AND status = 'issued' RETURNING serial",
        )?;
        let serials = statement
            .query_map(params![replaced, reason, now], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        connection.execute(
            "UPDATE certificates SET status = 'active', reason = NULL, ended = NULL
             WHERE sha256 = ?1 AND status = 'revoked' AND reason = 'superseded'
             AND NOT EXISTS (SELECT 1 FROM certificates AS next WHERE next.replaces = ?1
                             AND next.status IN ('issued', 'delivered', 'active'))",
            [replaced],
        )?;
        Ok(serials)
    }

    /// Revokes what was issued and not yet used.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn reject(&self, sha256: &str, reason: &str, now: i64) -> Result<(), BankError> {
        self.lock().execute(
            "UPDATE certificates SET status = 'rejected', reason = ?2, ended = ?3
             WHERE sha256 = ?1 AND status = 'issued'",
            params![sha256, reason, now],
        )?;
        Ok(())
    }

    /// Notes that a certificate was used for a login: it becomes active, and the one that it
    /// replaces, unless that ends with its validity, is revoked as superseded.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn note_use(
        &self,
        used: &IssuedCertificate,
        old_ends: OldEnds,
        now: i64,
    ) -> Result<(), BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "UPDATE certificates SET status = 'active', activated = ?2,
             delivered = coalesce(delivered, ?2)
             WHERE sha256 = ?1 AND status IN ('issued', 'delivered')",
            params![used.sha256, now],
        )?;
        if let Some(replaced) = &used.replaces
            && old_ends != OldEnds::Expiry
        {
            transaction.execute(SUPERSEDE, params![replaced, now])?;
        }
        if used.is_acquired() {
            transaction.execute(
                "UPDATE certificates SET status = 'revoked', reason = 'superseded', ended = ?3
                 WHERE user = ?1 AND sha256 <> ?2 AND status = 'active'
                 AND issued <= (SELECT issued FROM certificates WHERE sha256 = ?2)",
                params![used.user, used.sha256, now],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The newest certificate that an ID acquired.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn acquired(&self, user: &str) -> Result<Option<IssuedCertificate>, BankError> {
        let sql = format!(
            "{SELECT} WHERE user = ?1 AND replaces IS NULL AND nonce IS NOT NULL
             ORDER BY issued DESC, rowid DESC LIMIT 1"
        );
        Ok(self
            .lock()
            .query_row(&sql, [user], certificate)
            .optional()?)
    }

    /// Notes that the agent heard of the first login with a renewed certificate.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn note_told(&self, sha256: &str) -> Result<(), BankError> {
        self.lock().execute(
            "UPDATE certificates SET told = 1 WHERE sha256 = ?1",
            [sha256],
        )?;
        Ok(())
    }

    /// Revokes a certificate by its serial number (hexadecimal).
    ///
    /// # Errors
    /// [`BankError::NoSuchCertificate`].
    pub(crate) fn revoke(&self, serial: &str, reason: &str, now: i64) -> Result<(), BankError> {
        let changed = self.lock().execute(
            "UPDATE certificates SET status = 'revoked', reason = ?2, ended = ?3
             WHERE serial = ?1",
            params![serial, reason, now],
        )?;
        match changed {
            0 => Err(BankError::NoSuchCertificate(serial.to_owned())),
            _ => Ok(()),
        }
    }
}

const SUPERSEDE: &str = "UPDATE certificates SET status = 'revoked', reason = 'superseded', \
                         ended = ?2 WHERE sha256 = ?1 AND status = 'active'";

const SELECT: &str = "SELECT serial, user, sha256, der, replaces, nonce, status, reason, \
                      not_before, not_after, delivered, told FROM certificates";

fn use_up(
    transaction: &Transaction<'_>,
    issue: &Issue<'_>,
    renewal: &Renewal<'_>,
) -> Result<(), BankError> {
    transaction.execute(
        "UPDATE nonces SET used = ?2 WHERE value = ?1",
        params![renewal.nonce, issue.now],
    )?;
    let Some(replaced) = renewal.replaces else {
        transaction.execute(
            "UPDATE certificates SET status = 'rejected', reason = 'replaced', ended = ?2
             WHERE user = ?1 AND replaces IS NULL AND nonce IS NOT NULL AND status = 'issued'",
            params![issue.user, issue.now],
        )?;
        return super::codes::use_up(transaction, issue.user);
    };
    transaction.execute(
        "UPDATE certificates SET status = 'rejected', reason = 'replaced', ended = ?2
         WHERE replaces = ?1 AND status = 'issued'",
        params![replaced, issue.now],
    )?;
    Ok(())
}

fn find(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Option<IssuedCertificate>, BankError> {
    let sql = format!("{SELECT} WHERE {column} = ?1");
    Ok(connection
        .query_row(&sql, [value], certificate)
        .optional()?)
}

fn certificate(row: &Row<'_>) -> rusqlite::Result<IssuedCertificate> {
    let status: String = row.get(6)?;
    Ok(IssuedCertificate {
        serial: row.get(0)?,
        user: row.get(1)?,
        sha256: row.get(2)?,
        der: row.get(3)?,
        replaces: row.get(4)?,
        nonce: row.get(5)?,
        status: CertificateStatus::parse(&status),
        reason: row.get(7)?,
        not_before: row.get(8)?,
        not_after: row.get(9)?,
        delivered: row.get(10)?,
        told: row.get(11)?,
    })
}
