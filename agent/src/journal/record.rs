//! A renewal as the journal keeps it.

use std::fmt;

use jiff::Timestamp;
use protocol::renewal::State;
use rusqlite::{Connection, Params, Row, params};

use super::JournalError;
use crate::failure::Reference;

/// The id of a renewal: 16 random bytes as 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RenewalId(String);

impl RenewalId {
    /// From 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// From text as it stands in a path; `None` when it is no id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reference number of this renewal: in its dialogs, its problems and its log lines.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let mut bytes = [0; 8];
        for (byte, digits) in bytes.iter_mut().zip(self.0.as_bytes().chunks(2)) {
            let text = str::from_utf8(digits).expect("an id is ASCII");
            *byte = u8::from_str_radix(text, 16).expect("an id is hexadecimal");
        }
        Reference::from_bytes(bytes)
    }
}

impl fmt::Display for RenewalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a renewal is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A successor for a certificate.
    Renewal {
        /// The old certificate's DER.
        certificate: Vec<u8>,
    },
    /// A first certificate.
    Acquisition {
        /// The subject: the DER of a `Name`.
        subject: Vec<u8>,
        /// The DER of the extension with its alternative names, if any.
        alternative_names: Option<Vec<u8>>,
    },
}

impl Target {
    /// As columns: certificate, subject, alternative names.
    fn columns(&self) -> [Option<&[u8]>; 3] {
        match self {
            Self::Renewal { certificate } => [Some(certificate), None, None],
            Self::Acquisition {
                subject,
                alternative_names,
            } => [None, Some(subject), alternative_names.as_deref()],
        }
    }

    fn from_columns(
        certificate: Option<Vec<u8>>,
        subject: Option<Vec<u8>>,
        alternative_names: Option<Vec<u8>>,
    ) -> Result<Self, JournalError> {
        match (certificate, subject) {
            (Some(certificate), None) => Ok(Self::Renewal { certificate }),
            (None, Some(subject)) => Ok(Self::Acquisition {
                subject,
                alternative_names,
            }),
            _ => Err(JournalError::Unreadable {
                what: "renewal's target",
            }),
        }
    }
}

/// A renewal as the journal keeps it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: RenewalId,
    /// The name of the bank's profile.
    pub profile: String,
    /// Who may drive it: the page's origin, or `cli`.
    pub owner: String,
    /// The name of the token's module.
    pub module: String,
    /// The token (RFC 7512 URI); as the module empty until an acquisition's token is chosen.
    pub token: String,
    /// The old certificate's id: SHA-256 of its DER in hexadecimal. For an acquisition as many
    /// digits that name profile and subject.
    pub certificate_id: String,
    /// What it is for.
    pub target: Target,
    /// The bank's nonce.
    pub nonce: Vec<u8>,
    /// When it began.
    pub created: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// Counts its changes.
    pub revision: u64,
    /// Where it stands.
    pub state: State,
    /// The values for the texts of the state's problem, as JSON.
    pub failure: Option<String>,
}

impl Record {
    pub(super) fn insert(&self, connection: &Connection) -> Result<(), JournalError> {
        let [certificate, subject, alternative_names] = self.target.columns();
        connection.execute(
            "INSERT INTO renewal (id, profile, owner, module, token, certificate_id, certificate, \
             nonce, created, changed, revision, state, failure, final, subject, alternative_names) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15)",
            params![
                self.id.as_str(),
                self.profile,
                self.owner,
                self.module,
                self.token,
                self.certificate_id,
                certificate,
                self.nonce,
                self.created.as_second(),
                self.changed.as_second(),
                i64::try_from(self.revision).unwrap_or(i64::MAX),
                state_to_json(&self.state)?,
                self.failure,
                subject,
                alternative_names,
            ],
        )?;
        Ok(())
    }

    pub(super) fn select(
        connection: &Connection,
        which: &str,
        parameters: impl Params,
    ) -> Result<Vec<Self>, JournalError> {
        let mut statement = connection.prepare(&format!(
            "SELECT id, profile, owner, module, token, certificate_id, certificate, nonce, \
             created, changed, revision, state, failure, subject, alternative_names \
             FROM renewal {which}"
        ))?;
        let mut rows = statement.query(parameters)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(Self::from_row(row)?);
        }
        Ok(records)
    }

    fn from_row(row: &Row<'_>) -> Result<Self, JournalError> {
        let time = |index| -> Result<Timestamp, JournalError> {
            Timestamp::from_second(row.get(index)?)
                .map_err(|_| JournalError::Unreadable { what: "time" })
        };
        let state: String = row.get(11)?;
        Ok(Self {
            id: RenewalId::parse(&row.get::<_, String>(0)?).ok_or(JournalError::Unreadable {
                what: "renewal's id",
            })?,
            profile: row.get(1)?,
            owner: row.get(2)?,
            module: row.get(3)?,
            token: row.get(4)?,
            certificate_id: row.get(5)?,
            target: Target::from_columns(row.get(6)?, row.get(13)?, row.get(14)?)?,
            nonce: row.get(7)?,
            created: time(8)?,
            changed: time(9)?,
            revision: u64::try_from(row.get::<_, i64>(10)?)
                .map_err(|_| JournalError::Unreadable { what: "revision" })?,
            state: serde_json::from_str(&state).map_err(|_| JournalError::Unreadable {
                what: "renewal's state",
            })?,
            failure: row.get(12)?,
        })
    }
}

pub(super) fn state_to_json(state: &State) -> Result<String, JournalError> {
    serde_json::to_string(state).map_err(|_| JournalError::Unreadable {
        what: "renewal's state",
    })
}
