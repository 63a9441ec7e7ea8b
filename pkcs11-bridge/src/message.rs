//! What the agent asks its worker and what the worker answers.

use serde::{Deserialize, Serialize};

use crate::{
    CertificateEntry, Halves, KeyEntry, KeyType, KnownAs, ModuleSpec, NewKey, TokenError,
    TokenInfo, token::TokenUri,
};

/// A request. [`Load`](Self::Load) comes first and once; a login with a PIN is a frame of its
/// own kind. Each is answered by [`Answer::Done`], another single answer, or a stream of parts
/// that ends with `Done`; a failure ends each of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Load the module. It is initialised for the first request that needs it.
    Load(ModuleSpec),
    /// Stream all tokens with what they show without a login.
    List,
    /// Stream all tokens with the types of keys that they can make, without their objects.
    Tokens,
    /// Find the token and open a session with it; answered by its [`Answer::Token`].
    Open(TokenUri),
    /// Log in on the reader's own pad.
    LoginOnReader,
    /// Stream what the open token shows.
    Inventory,
    /// Say which of these types of keys is the first that the token can make; answered by
    /// [`Answer::KeyType`].
    FirstMakeable(Vec<KeyType>),
    /// Stream the certificates that the open token shows.
    Certificates,
    /// Make a pair; answered by [`Answer::Bytes`], its SPKI.
    Generate(NewKey),
    /// Sign; answered by [`Answer::Bytes`].
    Sign {
        #[serde(with = "bytes")]
        spki: Vec<u8>,
        #[serde(with = "bytes")]
        message: Vec<u8>,
    },
    /// Sign by the key of a certificate on the token; answered by [`Answer::Bytes`].
    SignByCertificate {
        #[serde(with = "bytes")]
        certificate: Vec<u8>,
        #[serde(with = "bytes")]
        message: Vec<u8>,
    },
    /// Write a certificate under the id of its key.
    WriteCertificate {
        #[serde(with = "bytes")]
        certificate: Vec<u8>,
        #[serde(with = "bytes")]
        spki: Vec<u8>,
        id: [u8; 16],
        label: String,
    },
    /// Give both halves of a pair another label.
    RelabelPair {
        #[serde(with = "bytes")]
        spki: Vec<u8>,
        known: KnownAs,
        label: String,
    },
    /// Remove a certificate by the SHA-256 of its DER.
    RemoveCertificate([u8; 32]),
    /// Remove both halves of a pair.
    RemovePair {
        #[serde(with = "bytes")]
        spki: Vec<u8>,
    },
    /// Remove whatever has this id.
    RemoveById([u8; 16]),
    /// Remove half objects.
    RemoveHalves(Halves),
    /// Log out and end.
    Close,
}

/// An answer, or a part of one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// All that was asked for is done, or all parts have been sent.
    Done,
    /// A token; in a listing, the parts that follow belong to it.
    Token(TokenInfo),
    /// Certificates of the token.
    Certificates(Vec<CertificateEntry>),
    /// Public keys of the token.
    PublicKeys(Vec<KeyEntry>),
    /// Private keys of the token.
    PrivateKeys(Vec<KeyEntry>),
    /// In a listing: the token's objects could not be read.
    Unreadable(TokenError),
    /// A type of key, if there is one.
    KeyType(Option<KeyType>),
    /// An SPKI or a signature.
    Bytes(#[serde(with = "bytes")] Vec<u8>),
    /// The request failed.
    Failed(TokenError),
}

/// Serde for byte strings as one piece; serde's own way is byte by byte, which shows when
/// thousands of certificates are listed.
pub(crate) mod bytes {
    use std::fmt;

    use serde::{Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }

    struct Bytes;

    impl de::Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a byte string")
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }
}
