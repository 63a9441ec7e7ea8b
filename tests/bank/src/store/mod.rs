//! The bank's database: one SQLite file in the state folder.
//!
//! Every call is one short statement or transaction under one lock. That is enough for a
//! stand-in that serves a handful of browsers, and keeps each rule ("once", "single use") in
//! the transaction that enforces it.

mod applications;
mod certificates;
mod codes;
mod log;
mod notices;
mod sessions;
mod users;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

pub use applications::{Application, ApplicationStatus};
pub use certificates::{CertificateStatus, IssuedCertificate};
pub(crate) use certificates::{Issue, Renewal};
pub(crate) use codes::CodeVerdict;
pub use log::{LogEntry, LogEvent};
pub(crate) use notices::Expiring;
pub(crate) use sessions::{NO_CERTIFICATE, NONCE_LIFE, Session, Site};
pub(crate) use users::PasswordCheck;
pub use users::{DEMO_PASSWORD, Role, User};

use crate::{BankError, ca};

/// The database. Clones share one connection.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Makes the database of a new state folder, with the demo's users, whose certificates have
    /// this organisational unit.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn create(state: &Path, unit: &str) -> Result<Self, BankError> {
        let path = database(state);
        fs::create_dir_all(state).map_err(|source| BankError::File {
            path: state.to_owned(),
            source,
        })?;
        if path.exists() {
            return Err(BankError::AlreadyInitialised(state.to_owned()));
        }
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        connection.execute("INSERT INTO bank (unit) VALUES (?1)", [unit])?;
        let store = Self::around(connection)?;
        store.add_demo_users()?;
        Ok(store)
    }

    /// Opens the database of a state folder.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(state: &Path) -> Result<Self, BankError> {
        let path = database(state);
        if !path.exists() {
            return Err(BankError::NoState(state.to_owned()));
        }
        Self::around(Connection::open(path)?)
    }

    /// The organisational unit in the subjects of the customers' certificates.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn unit(&self) -> Result<String, BankError> {
        Ok(self
            .lock()
            .query_row("SELECT unit FROM bank", [], |row| row.get(0))?)
    }

    fn around(connection: Connection) -> Result<Self, BankError> {
        // The command line may issue or revoke while a server runs on the same folder.
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA foreign_keys = ON;")?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A statement that panicked has been rolled back, so the connection is sound.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn database(state: &Path) -> PathBuf {
    state.join("bank.sqlite")
}

/// A secret as it lies in the database: its SHA-256, so that a copied file opens no session.
fn hashed(secret: &str) -> String {
    ca::hex(&ca::digest(secret.as_bytes()))
}

/// Times are Unix seconds (in the log RFC 3339); hashes and serial numbers lower-case hexadecimal.
const SCHEMA: &str = "
PRAGMA user_version = 1;
CREATE TABLE bank (
    unit TEXT NOT NULL
) STRICT;
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'user')),
    email TEXT NOT NULL,
    salt BLOB NOT NULL,
    password BLOB NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0,
    last_login INTEGER
) STRICT;
CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    sha256 TEXT NOT NULL UNIQUE,
    spki_sha256 TEXT NOT NULL,
    der BLOB NOT NULL,
    csr_sha256 TEXT UNIQUE,
    replaces TEXT REFERENCES certificates (sha256),
    nonce TEXT,
    status TEXT NOT NULL
        CHECK (status IN ('issued', 'delivered', 'active', 'revoked', 'rejected')),
    reason TEXT,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    issued INTEGER NOT NULL,
    delivered INTEGER,
    activated INTEGER,
    ended INTEGER,
    told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX certificates_by_user ON certificates (user, issued);
CREATE INDEX certificates_by_key ON certificates (spki_sha256);
CREATE TABLE applications (
    csr_sha256 TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    replaces TEXT NOT NULL REFERENCES certificates (sha256),
    nonce TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'refused')),
    requested INTEGER NOT NULL,
    decided INTEGER
) STRICT;
CREATE TABLE notices (
    certificate TEXT NOT NULL REFERENCES certificates (sha256),
    days INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (certificate, days)
) STRICT;
CREATE TABLE nonces (
    value TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    certificate TEXT NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER
) STRICT;
CREATE TABLE codes (
    user TEXT PRIMARY KEY REFERENCES users (id),
    code TEXT,
    expires INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    last_wrong TEXT
) STRICT;
CREATE TABLE tickets (
    secret TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    certificate TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
    secret TEXT PRIMARY KEY,
    site TEXT NOT NULL CHECK (site IN ('bank', 'ca')),
    user TEXT NOT NULL,
    certificate TEXT NOT NULL,
    csrf TEXT NOT NULL,
    began INTEGER NOT NULL,
    previous_login INTEGER,
    seen INTEGER NOT NULL
) STRICT;
CREATE TABLE tls_log (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    event TEXT NOT NULL,
    user TEXT,
    serial TEXT,
    sha256 TEXT,
    certificate TEXT NOT NULL,
    status INTEGER NOT NULL
) STRICT;
";
