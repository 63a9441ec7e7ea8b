//! Requests that wait for an officer of the CA: what was applied for, and what was decided.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Store;
use crate::BankError;

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationStatus {
    /// Nobody has decided.
    Pending,
    /// The certificate is issued when the request comes again.
    Approved,
    /// The request is never answered with a certificate.
    Refused,
}

impl ApplicationStatus {
    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "pending" => Self::Pending,
            "approved" => Self::Approved,
            // The table's CHECK admits no other; and an unknown word must not open a door.
            _ => Self::Refused,
        }
    }
}

/// A request that an officer of the CA decides on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// SHA-256 of the request's DER, hexadecimal.
    pub csr_sha256: String,
    /// Whose.
    pub user: String,
    /// The certificate that is to be renewed: SHA-256, hexadecimal.
    pub replaces: String,
    /// The nonce of its proof.
    pub(crate) nonce: String,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// When it came, Unix time.
    pub requested: i64,
    /// When it was decided, Unix time.
    pub decided: Option<i64>,
}

impl Store {
    /// Enters a request that passed every check; another one for the same certificate that was not
    /// refused is withdrawn with that.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn apply(&self, application: &Application) -> Result<(), BankError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "DELETE FROM applications WHERE replaces = ?1 AND status <> 'refused'",
            [&application.replaces],
        )?;
        transaction.execute(
            "INSERT INTO applications (csr_sha256, user, replaces, nonce, status, requested)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                application.csr_sha256,
                application.user,
                application.replaces,
                application.nonce,
                application.status.as_str(),
                application.requested,
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The application of that request (SHA-256, hexadecimal).
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn application(&self, csr_sha256: &str) -> Result<Option<Application>, BankError> {
        find(&self.lock(), "csr_sha256", csr_sha256)
    }

    /// The newest application for renewing that certificate (SHA-256, hexadecimal), as long as nothing
    /// that was issued for it has been installed or given up.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn application_for(
        &self,
        certificate: &str,
    ) -> Result<Option<Application>, BankError> {
        find(&self.lock(), "replaces", certificate)
    }

    /// All of them, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn applications(&self) -> Result<Vec<Application>, BankError> {
        let sql = format!("{SELECT} ORDER BY requested, rowid");
        let connection = self.lock();
        let mut statement = connection.prepare(&sql)?;
        let list = statement
            .query_map([], application)?
            .collect::<Result<_, _>>()?;
        Ok(list)
    }

    /// An officer's word on the application of an ID that is still pending.
    ///
    /// # Errors
    /// [`BankError::NoSuchApplication`].
    pub(crate) fn decide(
        &self,
        user: &str,
        status: ApplicationStatus,
        now: i64,
    ) -> Result<(), BankError> {
        let changed = self.lock().execute(
            "UPDATE applications SET status = ?2, decided = ?3
             WHERE user = ?1 AND status = 'pending'",
            params![user, status.as_str(), now],
        )?;
        match changed {
            0 => Err(BankError::NoSuchApplication(user.to_owned())),
            _ => Ok(()),
        }
    }
}

/// What was issued for an application and has left the CA's hands ends it.
const SELECT: &str = "SELECT csr_sha256, user, replaces, nonce, status, requested, decided
     FROM applications WHERE NOT EXISTS (
         SELECT 1 FROM certificates
         WHERE certificates.csr_sha256 = applications.csr_sha256
           AND certificates.status <> 'issued')";

fn find(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Option<Application>, BankError> {
    let sql = format!("{SELECT} AND {column} = ?1 ORDER BY rowid DESC LIMIT 1");
    Ok(connection
        .query_row(&sql, [value], application)
        .optional()?)
}

fn application(row: &Row<'_>) -> rusqlite::Result<Application> {
    let status: String = row.get(4)?;
    Ok(Application {
        csr_sha256: row.get(0)?,
        user: row.get(1)?,
        replaces: row.get(2)?,
        nonce: row.get(3)?,
        status: ApplicationStatus::parse(&status),
        requested: row.get(5)?,
        decided: row.get(6)?,
    })
}
