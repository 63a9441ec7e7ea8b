//! The certification authorities: one for customers (root and issuing intermediate), one for
//! the two servers. Keys are P-256 and lie in the state folder, as only a demo's may.

mod build;
mod key;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use der::{Decode as _, Encode as _, asn1::OctetString};
use x509_cert::Certificate;

pub use build::{Blueprint, Usage, email_name, host_names, name};
pub use key::{Key, digest, hex, random};

use crate::{BankError, time::DAY};

/// A CA certificate with its key.
pub struct Issuer {
    key: Key,
    certificate: Vec<u8>,
    subject: Vec<u8>,
}

impl Issuer {
    /// A self-signed root.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn root(organisation: &str, common_name: &str, now: i64) -> Result<Self, BankError> {
        let key = Key::generate()?;
        let subject = name(organisation, None, common_name)?;
        let blueprint = Blueprint {
            subject: subject.clone(),
            san: None,
            spki: key.spki().to_vec(),
            not_before: now - DAY,
            not_after: now + 20 * 365 * DAY,
            usage: Usage::Authority { below: None },
        };
        let certificate = build::certificate(&blueprint, &subject, &key, key.spki())?;
        Ok(Self {
            key,
            certificate,
            subject,
        })
    }

    /// A CA below this one that issues leaves only.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn intermediate(
        &self,
        organisation: &str,
        common_name: &str,
        now: i64,
    ) -> Result<Self, BankError> {
        let key = Key::generate()?;
        let subject = name(organisation, None, common_name)?;
        let certificate = self.issue(&Blueprint {
            subject: subject.clone(),
            san: None,
            spki: key.spki().to_vec(),
            not_before: now - DAY,
            not_after: now + 10 * 365 * DAY,
            usage: Usage::Authority { below: Some(0) },
        })?;
        Ok(Self {
            key,
            certificate,
            subject,
        })
    }

    /// A certificate by this issuer: its DER, with a random serial number of 16 bytes.
    ///
    /// # Errors
    /// When the blueprint has parts that are not DER.
    pub fn issue(&self, blueprint: &Blueprint) -> Result<Vec<u8>, BankError> {
        build::certificate(blueprint, &self.subject, &self.key, self.key.spki())
    }

    /// The CA certificate's DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The CA's name: DER.
    #[must_use]
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The CA's key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    fn load(folder: &Path, stem: &str) -> Result<Self, BankError> {
        let key = Key::from_pkcs8(read(&folder.join(format!("{stem}.key.der")))?)?;
        let certificate = read(&folder.join(format!("{stem}.der")))?;
        let subject = Certificate::from_der(&certificate)?
            .tbs_certificate()
            .subject()
            .to_der()?;
        Ok(Self {
            key,
            certificate,
            subject,
        })
    }

    fn save(&self, folder: &Path, stem: &str) -> Result<(), BankError> {
        write(
            &folder.join(format!("{stem}.key.der")),
            self.key.pkcs8(),
            0o600,
        )?;
        write(
            &folder.join(format!("{stem}.der")),
            &self.certificate,
            0o644,
        )
    }
}

/// Which of the customers' CAs get new keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollOver {
    /// The issuing one, below the same root.
    Issuing,
    /// The root, and the issuing one below it.
    Root,
}

/// The organisation that the customers' CAs belong to.
const USER_AUTHORITY: &str = "Mihon Certification Authority";

/// The name of the CA that issues the customers' certificates.
const USER_ISSUING: &str = "Mihon Corporate Banking CA";

/// All CAs of the demo.
pub struct Authorities {
    /// The root above the customers' issuing CA.
    pub user_root: Issuer,
    /// Issues the customers' certificates.
    pub user_issuing: Issuer,
    /// Issues the two servers' certificates.
    pub server_root: Issuer,
}

impl Authorities {
    /// New ones.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn create(now: i64) -> Result<Self, BankError> {
        let user_root = Issuer::root(USER_AUTHORITY, "Mihon Root CA", now)?;
        let user_issuing = user_root.intermediate(USER_AUTHORITY, USER_ISSUING, now)?;
        let server_root = Issuer::root("Mihon Demo", "Mihon Demo Server CA", now)?;
        Ok(Self {
            user_root,
            user_issuing,
            server_root,
        })
    }

    /// Gives the customers' CAs new keys under their old names; what they issued stays good.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn roll_over(&mut self, what: RollOver, now: i64) -> Result<(), BankError> {
        if what == RollOver::Root {
            self.user_root = Issuer::root(USER_AUTHORITY, "Mihon Root CA", now)?;
        }
        self.user_issuing = self
            .user_root
            .intermediate(USER_AUTHORITY, USER_ISSUING, now)?;
        Ok(())
    }

    /// Those of a state folder.
    ///
    /// # Errors
    /// When a file is missing or broken.
    pub fn load(state: &Path) -> Result<Self, BankError> {
        let folder = state.join("ca");
        Ok(Self {
            user_root: Issuer::load(&folder, "user-root")?,
            user_issuing: Issuer::load(&folder, "user-issuing")?,
            server_root: Issuer::load(&folder, "server-root")?,
        })
    }

    /// Writes keys and certificates to the state folder, and beside them what others need as
    /// PEM: `server-ca.pem` for browsers, `user-ca.pem` (issuing CA, root) for a profile.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, state: &Path) -> Result<(), BankError> {
        let folder = state.join("ca");
        fs::create_dir_all(&folder).map_err(|source| file(&folder, source))?;
        self.user_root.save(&folder, "user-root")?;
        self.user_issuing.save(&folder, "user-issuing")?;
        self.server_root.save(&folder, "server-root")?;
        let server = pem(self.server_root.certificate())?;
        write(&server_ca_file(state), server.as_bytes(), 0o644)?;
        let user = pem(self.user_issuing.certificate())? + &pem(self.user_root.certificate())?;
        write(&user_ca_file(state), user.as_bytes(), 0o644)
    }
}

/// Where the demo server CA's certificate lies, PEM.
#[must_use]
pub fn server_ca_file(state: &Path) -> PathBuf {
    state.join("server-ca.pem")
}

/// Where the customers' CA certificates lie, PEM: issuing CA, then root.
#[must_use]
pub fn user_ca_file(state: &Path) -> PathBuf {
    state.join("user-ca.pem")
}

/// A certificate's DER as PEM (RFC 7468).
///
/// # Errors
/// Only when it is too long for PEM.
pub fn pem(der: &[u8]) -> Result<String, BankError> {
    der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der)
        .map_err(|_| BankError::Unusable("certificate"))
}

/// The key identifier of a public key: the left 160 bits of its SHA-256 (RFC 7093, section 2,
/// method 1), so that no SHA-1 is needed.
fn key_identifier(spki: &[u8]) -> Result<OctetString, BankError> {
    let info = spki::SubjectPublicKeyInfoRef::from_der(spki)?;
    let bits = info.subject_public_key.raw_bytes();
    Ok(OctetString::new(&digest(bits)[..20])?)
}

fn read(path: &Path) -> Result<Vec<u8>, BankError> {
    fs::read(path).map_err(|source| file(path, source))
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), BankError> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .and_then(|mut out| out.write_all(content))
        .map_err(|source| file(path, source))
}

fn file(path: &Path, source: std::io::Error) -> BankError {
    BankError::File {
        path: path.to_owned(),
        source,
    }
}
