//! Who came with which certificate: what proves a login by mutual TLS.

use rusqlite::params;
use serde::Serialize;

use super::Store;
use crate::BankError;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogEvent {
    /// A login with ID, password and certificate.
    Login,
    /// An acquisition begun with ID and password.
    Acquisition,
    /// The test address for mutual TLS.
    Test,
}

impl LogEvent {
    fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Acquisition => "acquisition",
            Self::Test => "test",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "login" => Self::Login,
            "acquisition" => Self::Acquisition,
            _ => Self::Test,
        }
    }
}

/// A line of the TLS log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// What was asked for.
    pub event: LogEvent,
    /// The ID: the one that logged in, or the certificate's where the login failed before.
    pub user: Option<String>,
    /// The certificate's serial number, hexadecimal; none when none was shown.
    pub serial: Option<String>,
    /// SHA-256 of the certificate's DER, hexadecimal.
    pub sha256: Option<String>,
    /// What the bank thought of the certificate: `good`, `missing`, `expired`, `revoked`, …
    pub certificate: String,
    /// The HTTP status of the answer.
    pub status: u16,
}

impl Store {
    /// Adds a line.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn log(&self, entry: &LogEntry) -> Result<(), BankError> {
        self.lock().execute(
            "INSERT INTO tls_log (time, event, user, serial, sha256, certificate, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                entry.time,
                entry.event.as_str(),
                entry.user,
                entry.serial,
                entry.sha256,
                entry.certificate,
                entry.status
            ],
        )?;
        Ok(())
    }

    /// The whole log, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn read_log(&self) -> Result<Vec<LogEntry>, BankError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT time, event, user, serial, sha256, certificate, status
             FROM tls_log ORDER BY id",
        )?;
        let entries = statement
            .query_map([], |row| {
                Ok(LogEntry {
                    time: row.get(0)?,
                    event: LogEvent::parse(&row.get::<_, String>(1)?),
                    user: row.get(2)?,
                    serial: row.get(3)?,
                    sha256: row.get(4)?,
                    certificate: row.get(5)?,
                    status: row.get(6)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(entries)
    }
}
