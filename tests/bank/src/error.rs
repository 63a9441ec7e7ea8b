//! Why the bank could not start or a command failed.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A fault of the reference bank, for whoever runs it. What its customers see are pages.
#[derive(Debug, Error)]
pub enum BankError {
    /// A file of the state folder cannot be read or written.
    #[error("could not use {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The folder is not one that `init` made.
    #[error("{0} is not a bank's state folder: run `reference-bank init` first")]
    NoState(PathBuf),
    /// The folder holds a bank already.
    #[error("{0} holds a bank already")]
    AlreadyInitialised(PathBuf),
    /// The database refused.
    #[error("the bank's database refused a statement")]
    Database(#[from] rusqlite::Error),
    /// Something could not be encoded or decoded as DER.
    #[error("could not encode or decode DER")]
    Der(#[from] der::Error),
    /// A public key or a request is not what it should be.
    #[error("the {0} cannot be used")]
    Unusable(&'static str),
    /// No such ID.
    #[error("no user has the ID {0}")]
    NoSuchUser(String),
    /// No such certificate.
    #[error("no certificate has the serial number {0}")]
    NoSuchCertificate(String),
    /// Nothing of that ID waits for an officer.
    #[error("no application of {0} waits for approval")]
    NoSuchApplication(String),
    /// The cryptographic library refused, which it does on broken keys only.
    #[error("the key could not be made or used")]
    Key,
    /// An origin is not `https://host` or `https://host:port`.
    #[error("not an https origin: {0}")]
    Origin(String),
    /// A listening socket could not be opened.
    #[error("could not listen on {address}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A mail relay is not `host:port`.
    #[error("not a mail relay: {0}; it is HOST:PORT")]
    MailRelay(String),
    /// An address to which or from which no mail can be sent.
    #[error("not a mail address: {0}")]
    MailAddress(String),
    /// A mail could not be put together.
    #[error("could not write a mail")]
    MailForm(#[source] lettre::error::Error),
    /// The relay took no mail.
    #[error("could not send a mail")]
    MailSending(#[source] lettre::transport::smtp::Error),
    /// The server's TLS configuration was refused.
    #[error("the server's TLS set-up was refused")]
    Tls(#[from] rustls::Error),
}

impl From<ring::error::Unspecified> for BankError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::Key
    }
}

impl From<ring::error::KeyRejected> for BankError {
    fn from(_: ring::error::KeyRejected) -> Self {
        Self::Key
    }
}
