//! What states, events and effects are made of.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::bridge::ProblemCode;

/// Bytes that are written as base64 (RFC 4648, section 4) in the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        Base64::encode_string(&self.0)
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Base64::decode_vec(&text)
            .map(Self)
            .map_err(|_| D::Error::custom("not base64"))
    }
}

/// The `CKA_ID` of a pair that Koshin makes: 16 random bytes, written down before the pair is
/// made, so that whatever a crash leaves under it is known to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 16]);

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(self.0.to_vec()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Bytes::deserialize(deserializer)?;
        <[u8; 16]>::try_from(bytes.as_slice())
            .map(Self)
            .map_err(|_| D::Error::custom("a key id has 16 bytes"))
    }
}

/// A pair that was made on the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// Its `CKA_ID`.
    pub id: KeyId,
    /// Its public key: the DER of a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    pub spki: Bytes,
}

impl NewKey {
    /// The pair as something to remove.
    #[must_use]
    pub fn leftover(&self) -> Leftover {
        Leftover {
            key: self.id,
            certificate: None,
        }
    }
}

/// A pair whose request the bank refused, because the one-time code in it was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCode {
    /// The pair, which the next request is for as well.
    pub key: NewKey,
    /// How many more wrong codes the bank takes, where it says so.
    pub tries_left: Option<u32>,
}

/// What the page gets to hand to the CA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedBytes {
    /// The certification request (RFC 2986), DER.
    pub request: Bytes,
    /// The old key's proof (CMS SignedData, RFC 5652), DER; `None` for an acquisition, whose
    /// request speaks for itself.
    pub proof: Option<Bytes>,
    /// The bank's nonce that it is for; the receipt is for the same.
    pub nonce: Bytes,
    /// Who asked when it was signed: the page's origin, or `cli`.
    pub origin: String,
}

/// What an unfinished renewal left on a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// The id of the pair, or of what there is of it.
    pub key: KeyId,
    /// The DER of the certificate that may have been written.
    pub certificate: Option<Bytes>,
}

/// Why something could not be done, and who can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Who can help.
    pub kind: TroubleKind,
    /// What the page and the person are told.
    pub code: ProblemCode,
}

/// Who can help in trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// The token must be put back.
    Card,
    /// The person closed a dialog, let it time out, or does not know the PIN.
    Person,
    /// The token, its module, the certificate or the agent is at fault.
    Fault,
}
