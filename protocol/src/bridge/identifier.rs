//! Strings of the API that have a form of their own, parsed once.

use std::{fmt, str::FromStr};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names a certificate by the SHA-256 of its whole DER: 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(
    value_type = String,
    pattern = "^[0-9a-f]{64}$",
    example = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
)]
pub struct CertificateId(String);

impl CertificateId {
    /// Hexadecimal digits in an id.
    pub const DIGITS: usize = 64;

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<[u8; 32]> for CertificateId {
    fn from(sha256: [u8; 32]) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        Self(
            sha256
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .map(|digit| char::from(HEX[usize::from(digit)]))
                .collect(),
        )
    }
}

impl FromStr for CertificateId {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for CertificateId {
    type Error = IdentifierError;

    fn try_from(text: String) -> Result<Self, IdentifierError> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == Self::DIGITS && text.bytes().all(digit) {
            Ok(Self(text))
        } else {
            Err(IdentifierError::CertificateId)
        }
    }
}

impl From<CertificateId> for String {
    fn from(id: CertificateId) -> Self {
        id.0
    }
}

impl AsRef<str> for CertificateId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Random bytes that may be used once: 16 to 64 bytes, base64url without padding
/// (RFC 4648, section 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(
    value_type = String,
    pattern = "^[0-9A-Za-z_-]{22,86}$",
    example = "u1bIzj0cJvKcBzJ8rGJrNqzmqXcU0a3JvX0O5c8b3yk"
)]
pub struct Nonce(Vec<u8>);

impl Nonce {
    /// The fewest bytes: 128 bits that nobody guesses.
    pub const MIN: usize = 16;
    /// The most bytes.
    pub const MAX: usize = 64;

    /// A nonce of these bytes.
    ///
    /// # Errors
    ///
    /// [`IdentifierError::Nonce`] when there are fewer than [`Self::MIN`] or more than
    /// [`Self::MAX`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdentifierError> {
        if (Self::MIN..=Self::MAX).contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(IdentifierError::Nonce)
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Nonce {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        // The longest text first: a body's whole 64 KiB need no decoding to be refused.
        if text.len() > Self::MAX.div_ceil(3) * 4 {
            return Err(IdentifierError::Nonce);
        }
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| IdentifierError::Nonce)?;
        Self::from_bytes(&bytes)
    }
}

impl TryFrom<String> for Nonce {
    type Error = IdentifierError;

    fn try_from(text: String) -> Result<Self, IdentifierError> {
        text.parse()
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        Base64UrlUnpadded::encode_string(&nonce.0)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

/// Why a string is not what its place in the API demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not a certificate's id.
    #[error("a certificate is named by 64 lower-case hexadecimal digits")]
    CertificateId,
    /// Not a nonce.
    #[error("a nonce is 16 to 64 bytes in base64url without padding")]
    Nonce,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_certificate_id_has_exactly_its_form() {
        let id = CertificateId::from([0xab; 32]);
        assert_eq!(id.as_str(), "ab".repeat(32));
        for wrong in [
            "",
            &"a".repeat(63),
            &"a".repeat(65),
            &"A".repeat(64),
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert_eq!(
                wrong.parse::<CertificateId>(),
                Err(IdentifierError::CertificateId),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_nonce_outside_its_sizes_or_alphabet_is_refused() {
        for wrong in [
            "",
            &"A".repeat(20),
            &"A".repeat(88),
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAA+/",
            "AAAAAAAAAAAAAAAAAAAAAA\n",
            // Trailing bits that are not zero would give one nonce several texts.
            "AAAAAAAAAAAAAAAAAAAAAB",
        ] {
            assert_eq!(
                wrong.parse::<Nonce>(),
                Err(IdentifierError::Nonce),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_nonce_survives_its_text(bytes in proptest::collection::vec(any::<u8>(), 16..=64)) {
            let nonce = Nonce::from_bytes(&bytes).unwrap();
            prop_assert_eq!(nonce.to_string().parse::<Nonce>().unwrap(), nonce);
        }

        #[test]
        fn a_certificate_id_survives_its_text(sha256: [u8; 32]) {
            let id = CertificateId::from(sha256);
            prop_assert_eq!(id.to_string().parse::<CertificateId>().unwrap(), id);
        }
    }
}
