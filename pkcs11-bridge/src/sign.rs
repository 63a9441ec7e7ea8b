//! Signatures by keys on the token. None counts before software has verified it: a module may
//! answer "done" with an empty signature, or with one by another key of the same id.

use cryptoki::{
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
};
use der::{Encode, asn1::UintRef};
use ring::{digest, signature};

use crate::{
    KeyType, TokenError,
    keys::read_back,
    locate::{PrivateHalf, bearing, likely, others},
    object::{Access, Attributes, find},
    session::OpenToken,
    spki::{self, KeyBits},
};

/// Signs by the private key of a public key: PKCS#1 v1.5 with SHA-256 (RFC 8017 §8.2), or
/// ECDSA as DER with SHA-256 on P-256 and SHA-384 on P-384 (RFC 5758 §3.2), or Ed25519 over the
/// message itself (RFC 8032 §5.1).
pub(crate) fn sign(
    token: &mut OpenToken,
    spki: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, TokenError> {
    let scheme = Scheme::of(spki).ok_or(TokenError::KeyTypeUnsupported)?;
    let likely = likely(token, spki)?;
    let mut failure = None;
    if let Some(signature) = by_first(token, scheme, &likely, spki, message, &mut failure)? {
        return Ok(signature);
    }
    let others = others(token, spki, &likely)?;
    if let Some(signature) = by_first(token, scheme, &others, spki, message, &mut failure)? {
        return Ok(signature);
    }
    Err(failure.unwrap_or(TokenError::KeyNotFound))
}

/// As [`sign`], by the key of a certificate (DER) that is on the token. The key is found through
/// it, as other programs find it: by its id; where that leads nowhere, by its public key.
pub(crate) fn sign_by_certificate(
    token: &mut OpenToken,
    certificate: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, TokenError> {
    let spki = spki::of_certificate(certificate).ok_or_else(|| TokenError::Unsuitable {
        what: "a certificate that cannot be read".to_owned(),
    })?;
    let scheme = Scheme::of(spki).ok_or(TokenError::KeyTypeUnsupported)?;
    let id = token
        .with_session(|session| id_of(session, certificate))?
        .ok_or(TokenError::KeyNotFound)?;
    let keys = token.with_session(|session| bearing(session, &id))?;
    match by_first(token, scheme, &keys, spki, message, &mut None)? {
        Some(signature) => Ok(signature),
        None => sign(token, spki, message),
    }
}

/// The id of a certificate that is on the token.
fn id_of(session: &Access<'_>, certificate: &[u8]) -> Result<Option<Vec<u8>>, TokenError> {
    let wanted = [AttributeType::Id, AttributeType::Value];
    let id = |found: Vec<ObjectHandle>| {
        found
            .into_iter()
            .map(|object| Attributes::read(session, object, &wanted))
            .find(|read| read.value == certificate)
            .map(|read| read.id)
    };
    // A module may refuse to search by so long a value, or search badly.
    let value = [Attribute::Value(certificate.to_vec())];
    let likely = find(session, ObjectClass::CERTIFICATE, &value).unwrap_or_default();
    match id(likely) {
        Some(id) => Ok(Some(id)),
        None => Ok(id(find(session, ObjectClass::CERTIFICATE, &[])?)),
    }
}

/// A signature by the first key that makes one which verifies; `failure` is the last of the
/// others'.
fn by_first(
    token: &mut OpenToken,
    scheme: Scheme,
    keys: &[PrivateHalf],
    spki: &[u8],
    message: &[u8],
    failure: &mut Option<TokenError>,
) -> Result<Option<Vec<u8>>, TokenError> {
    for key in keys {
        match with_fallback(token, scheme, key.handle, spki, message) {
            Ok(signature) => {
                token.see(spki, &key.id, true);
                return Ok(Some(signature));
            }
            Err(error @ (TokenError::TokenRemoved | TokenError::LoginRequired)) => {
                return Err(error);
            }
            // A half object, or another key of the same id: the right one may follow.
            Err(error) => *failure = Some(error),
        }
    }
    Ok(None)
}

/// Whether a private key is that of a public key, by a signature that verifies. The message
/// can't be mistaken for anything that is signed in earnest.
pub(crate) fn proves(
    token: &mut OpenToken,
    key: &PrivateHalf,
    spki: &[u8],
) -> Result<bool, TokenError> {
    let Some(scheme) = Scheme::of(spki) else {
        return Ok(false);
    };
    match with_fallback(token, scheme, key.handle, spki, b"koshin: is this the key?") {
        Ok(_) => Ok(true),
        Err(TokenError::ReadBack { .. } | TokenError::KeyTypeUnsupported) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a signature in the form of [`sign`] verifies.
pub(crate) fn verifies(spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Some(scheme), Some(key)) = (Scheme::of(spki), KeyBits::of(spki)) else {
        return false;
    };
    signature::UnparsedPublicKey::new(scheme.verification(), key.as_bytes())
        .verify(message, signature)
        .is_ok()
}

#[derive(Clone, Copy)]
enum Scheme {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Scheme {
    fn of(spki: &[u8]) -> Option<Self> {
        match KeyType::of(spki) {
            Some(KeyType::P256) => Some(Self::P256),
            Some(KeyType::P384) => Some(Self::P384),
            Some(KeyType::Ed25519) => Some(Self::Ed25519),
            // An old key may have a size that is not made any more.
            Some(KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096) | None => {
                spki::is_rsa(spki).then_some(Self::Rsa)
            }
        }
    }

    /// Best first: the token hashes, then only the last step is the token's.
    fn mechanisms(self) -> &'static [MechanismType] {
        match self {
            Self::Rsa => &[MechanismType::SHA256_RSA_PKCS, MechanismType::RSA_PKCS],
            Self::P256 => &[MechanismType::ECDSA_SHA256, MechanismType::ECDSA],
            Self::P384 => &[MechanismType::ECDSA_SHA384, MechanismType::ECDSA],
            Self::Ed25519 => &[MechanismType::EDDSA],
        }
    }

    fn verification(self) -> &'static dyn signature::VerificationAlgorithm {
        match self {
            Self::Rsa => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::P256 => &signature::ECDSA_P256_SHA256_ASN1,
            Self::P384 => &signature::ECDSA_P384_SHA384_ASN1,
            Self::Ed25519 => &signature::ED25519,
        }
    }
}

fn with_fallback(
    token: &mut OpenToken,
    scheme: Scheme,
    key: ObjectHandle,
    spki: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, TokenError> {
    for mechanism in token.offered(scheme.mechanisms()) {
        match token.with_session(|session| attempt(session, scheme, mechanism, key, spki, message))
        {
            // Listed, and refused all the same.
            Err(TokenError::KeyTypeUnsupported) => {}
            other => return other,
        }
    }
    Err(TokenError::KeyTypeUnsupported)
}

fn attempt(
    session: &Access<'_>,
    scheme: Scheme,
    mechanism: MechanismType,
    key: ObjectHandle,
    spki: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, TokenError> {
    let (mechanism, input) = match mechanism {
        MechanismType::SHA256_RSA_PKCS => (Mechanism::Sha256RsaPkcs, message.to_vec()),
        MechanismType::ECDSA_SHA256 => (Mechanism::EcdsaSha256, message.to_vec()),
        MechanismType::ECDSA_SHA384 => (Mechanism::EcdsaSha384, message.to_vec()),
        MechanismType::EDDSA => (
            Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)),
            message.to_vec(),
        ),
        MechanismType::RSA_PKCS => {
            let hash = digest::digest(&digest::SHA256, message);
            let input = [SHA256_DIGEST_INFO, hash.as_ref()].concat();
            (Mechanism::RsaPkcs, input)
        }
        _ => {
            let algorithm = match scheme {
                Scheme::P384 => &digest::SHA384,
                Scheme::Rsa | Scheme::P256 | Scheme::Ed25519 => &digest::SHA256,
            };
            let hash = digest::digest(algorithm, message);
            (Mechanism::Ecdsa, hash.as_ref().to_vec())
        }
    };
    let signature = session.module.sign(session, &mechanism, key, &input)?;
    let forms = match scheme {
        Scheme::Rsa | Scheme::Ed25519 => [Some(signature), None],
        // A few modules answer DER already.
        Scheme::P256 | Scheme::P384 => [ecdsa_der(&signature), Some(signature)],
    };
    forms
        .into_iter()
        .flatten()
        .find(|form| verifies(spki, message, form))
        .ok_or_else(|| read_back("a signature"))
}

/// The beginning of a DigestInfo with SHA-256 (RFC 8017 §9.2, note 1); the hash follows.
const SHA256_DIGEST_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// PKCS#11's form of an ECDSA signature, r and s of equal length, as the DER of RFC 3279
/// §2.2.3.
fn ecdsa_der(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.is_empty() || !raw.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let numbers = [r, s].map(|number| UintRef::new(number).ok()?.to_der().ok());
    let [Some(r), Some(s)] = numbers else {
        return None;
    };
    der::asn1::Any::new(der::Tag::Sequence, [r, s].concat())
        .ok()?
        .to_der()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_signatures_become_der() {
        let der = ecdsa_der(&[0x80, 0x01, 0x00, 0x7f]).unwrap();
        assert_eq!(der, [0x30, 8, 2, 3, 0, 0x80, 1, 2, 1, 0x7f]);
        assert_eq!(ecdsa_der(&[]), None);
        assert_eq!(ecdsa_der(&[1, 2, 3]), None);
    }
}
