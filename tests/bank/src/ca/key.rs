//! P-256 keys, hashes and random bytes.

use std::fmt::Write as _;

use der::{Encode as _, asn1::BitString};
use ring::{
    digest::SHA256,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::BankError;

/// A P-256 key pair.
pub struct Key {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, BankError> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())?;
        Self::from_pkcs8(document.as_ref().to_vec())
    }

    /// One that was saved (PKCS#8, DER).
    ///
    /// # Errors
    /// When it is not a P-256 key in PKCS#8.
    pub fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, BankError> {
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &pkcs8,
            &SystemRandom::new(),
        )?;
        let spki = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: const_oid::db::rfc5912::ID_EC_PUBLIC_KEY,
                parameters: Some(der::Any::from(const_oid::db::rfc5912::SECP_256_R_1)),
            },
            subject_public_key: BitString::from_bytes(pair.public_key().as_ref())?,
        }
        .to_der()?;
        Ok(Self { pair, pkcs8, spki })
    }

    /// The private key as PKCS#8, DER.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key as SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// An ECDSA signature with SHA-256, DER.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BankError> {
        let signature = self.pair.sign(&SystemRandom::new(), message)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// SHA-256.
#[must_use]
pub fn digest(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&SHA256, data).as_ref());
    out
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(data: &[u8]) -> String {
    data.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Random bytes.
///
/// # Panics
/// When the system has none: a bank without them must not go on.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).expect("the system gives random bytes");
    out
}
