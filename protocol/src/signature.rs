//! Signature algorithms by key type, and their verification in software.
//!
//! | key | `AlgorithmIdentifier` | signature |
//! | --- | --- | --- |
//! | RSA, 2048 to 8192 bits | `sha256WithRSAEncryption`, NULL parameters (RFC 4055) | PKCS #1 v1.5 |
//! | P-256 | `ecdsa-with-SHA256`, no parameters (RFC 5758) | `ECDSA-Sig-Value` as DER |
//! | P-384 | `ecdsa-with-SHA384`, no parameters (RFC 5758) | `ECDSA-Sig-Value` as DER |
//! | Ed25519 | `id-Ed25519`, no parameters (RFC 8410) | 64 bytes, PureEdDSA (RFC 8032) |
//!
//! One key type has exactly one algorithm, so nothing that a peer sends chooses it.

use const_oid::db::{rfc5912, rfc5912::ID_EC_PUBLIC_KEY, rfc8410::ID_ED_25519};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Any, Decode, Reader, Tag};
use ring::digest;
use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierOwned, SubjectPublicKeyInfo};

use crate::asn1;

/// Why a public key or a signature is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The public key is not a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    #[error("the public key cannot be read")]
    Malformed(#[source] der::Error),
    /// The public key's algorithm is none that Koshin signs with.
    #[error("keys of the algorithm {0} are not supported")]
    UnsupportedAlgorithm(ObjectIdentifier),
    /// The elliptic curve is neither P-256 nor P-384.
    #[error("keys on the curve {0} are not supported")]
    UnsupportedCurve(ObjectIdentifier),
    /// The RSA modulus has fewer than 2048 or more than 8192 bits.
    #[error("RSA keys of {0} bits are not supported")]
    UnsupportedRsaSize(usize),
    /// The signature is not the key's over that message.
    #[error("the signature does not verify")]
    Invalid,
}

/// The algorithm that a key signs with.
///
/// # Errors
/// When the key cannot be read or is of a type that Koshin does not sign with.
pub fn algorithm_for(spki_der: &[u8]) -> Result<AlgorithmIdentifierOwned, SignatureError> {
    Ok(match PublicKey::parse(spki_der)? {
        PublicKey::Rsa { .. } => AlgorithmIdentifier {
            oid: rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
            parameters: Some(Any::null()),
        },
        PublicKey::P256(_) => AlgorithmIdentifier {
            oid: rfc5912::ECDSA_WITH_SHA_256,
            parameters: None,
        },
        PublicKey::P384(_) => AlgorithmIdentifier {
            oid: rfc5912::ECDSA_WITH_SHA_384,
            parameters: None,
        },
        PublicKey::Ed25519(_) => AlgorithmIdentifier {
            oid: ID_ED_25519,
            parameters: None,
        },
    })
}

/// Verifies a signature made with the algorithm that [`algorithm_for`] names.
///
/// An empty signature, as a half-made key on a token gives it, does not verify.
///
/// # Errors
/// [`SignatureError::Invalid`] when the signature is not the key's; the others when the key cannot
/// be used.
pub fn verify(spki_der: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match PublicKey::parse(spki_der)? {
        PublicKey::Rsa { pkcs1, .. } => (&algorithms::RSA_PKCS1_2048_8192_SHA256, pkcs1),
        PublicKey::P256(point) => (&algorithms::ECDSA_P256_SHA256_ASN1, point),
        PublicKey::P384(point) => (&algorithms::ECDSA_P384_SHA384_ASN1, point),
        PublicKey::Ed25519(key) => (&algorithms::ED25519, key),
    };
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .map_err(|_| SignatureError::Invalid)
}

/// A key's type as messages and profiles name it: `rsa-2048`, `rsa-3072`, `rsa-4096`, `p-256`,
/// `p-384`, `ed25519`, or `other` for all that Koshin does not renew.
#[must_use]
pub fn key_type(spki_der: &[u8]) -> &'static str {
    match PublicKey::parse(spki_der) {
        Ok(PublicKey::Rsa { bits: 2048, .. }) => "rsa-2048",
        Ok(PublicKey::Rsa { bits: 3072, .. }) => "rsa-3072",
        Ok(PublicKey::Rsa { bits: 4096, .. }) => "rsa-4096",
        Ok(PublicKey::P256(_)) => "p-256",
        Ok(PublicKey::P384(_)) => "p-384",
        Ok(PublicKey::Ed25519(_)) => "ed25519",
        Ok(PublicKey::Rsa { .. }) | Err(_) => "other",
    }
}

/// The digest that goes with a key's signatures, for a CMS `messageDigest` (RFC 5754, section 2;
/// for Ed25519 RFC 8419, section 2.3).
pub(crate) fn digest_for(
    spki_der: &[u8],
) -> Result<(&'static digest::Algorithm, ObjectIdentifier), SignatureError> {
    Ok(match PublicKey::parse(spki_der)? {
        PublicKey::Rsa { .. } | PublicKey::P256(_) => (&digest::SHA256, rfc5912::ID_SHA_256),
        PublicKey::P384(_) => (&digest::SHA384, rfc5912::ID_SHA_384),
        PublicKey::Ed25519(_) => (&digest::SHA512, rfc5912::ID_SHA_512),
    })
}

/// A public key of a type that Koshin signs with, in the form that ring takes.
enum PublicKey<'a> {
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1) and the size of its modulus.
    Rsa { bits: usize, pkcs1: &'a [u8] },
    /// An uncompressed point.
    P256(&'a [u8]),
    /// An uncompressed point.
    P384(&'a [u8]),
    /// 32 bytes, a compressed point.
    Ed25519(&'a [u8]),
}

impl<'a> PublicKey<'a> {
    fn parse(spki_der: &'a [u8]) -> Result<Self, SignatureError> {
        let spki = SubjectPublicKeyInfo::<AnyRef<'a>, BitStringRef<'a>>::from_der(spki_der)
            .map_err(SignatureError::Malformed)?;
        let key = spki
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| SignatureError::Malformed(Tag::BitString.value_error().into()))?;
        match spki.algorithm.oid {
            rfc5912::RSA_ENCRYPTION => {
                let bits = rsa_bits(key).map_err(SignatureError::Malformed)?;
                if !(2048..=8192).contains(&bits) {
                    return Err(SignatureError::UnsupportedRsaSize(bits));
                }
                Ok(Self::Rsa { bits, pkcs1: key })
            }
            ID_EC_PUBLIC_KEY => match curve(&spki.algorithm)? {
                rfc5912::SECP_256_R_1 => Ok(Self::P256(key)),
                rfc5912::SECP_384_R_1 => Ok(Self::P384(key)),
                curve => Err(SignatureError::UnsupportedCurve(curve)),
            },
            ID_ED_25519 if spki.algorithm.parameters.is_none() && key.len() == 32 => {
                Ok(Self::Ed25519(key))
            }
            // RFC 8410, section 3: no parameters, not even NULL.
            ID_ED_25519 => Err(SignatureError::Malformed(
                Tag::BitString.value_error().into(),
            )),
            other => Err(SignatureError::UnsupportedAlgorithm(other)),
        }
    }
}

fn curve(algorithm: &AlgorithmIdentifier<AnyRef<'_>>) -> Result<ObjectIdentifier, SignatureError> {
    algorithm
        .parameters
        .ok_or_else(|| Tag::ObjectIdentifier.value_error().into())
        .and_then(|parameters| parameters.decode_as())
        .map_err(SignatureError::Malformed)
}

fn rsa_bits(pkcs1: &[u8]) -> der::Result<usize> {
    asn1::read_all(pkcs1, Tag::Sequence, |key| {
        let modulus: UintRef<'_> = key.decode()?;
        let _exponent: UintRef<'_> = key.decode()?;
        let bytes = modulus.as_bytes();
        let leading = bytes
            .first()
            .map_or(0, |byte| byte.leading_zeros() as usize);
        Ok(bytes.len() * 8 - leading)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Key;

    #[test]
    fn each_key_type_has_its_algorithm() {
        for (key, name, oid) in [
            (Key::rsa(), "rsa-2048", "1.2.840.113549.1.1.11"),
            (Key::p256(), "p-256", "1.2.840.10045.4.3.2"),
            (Key::p384(), "p-384", "1.2.840.10045.4.3.3"),
            (Key::ed25519(), "ed25519", "1.3.101.112"),
        ] {
            let spki = key.spki();
            assert_eq!(key_type(spki), name);
            let algorithm = algorithm_for(spki).unwrap();
            assert_eq!(algorithm.oid.to_string(), oid);
            assert_eq!(algorithm.parameters.is_some(), name.starts_with("rsa"));
            let signature = key.sign(b"message");
            assert_eq!(verify(spki, b"message", &signature), Ok(()));
            assert_eq!(
                verify(spki, b"massage", &signature),
                Err(SignatureError::Invalid)
            );
            assert_eq!(verify(spki, b"message", b""), Err(SignatureError::Invalid));
        }
    }

    #[test]
    fn other_keys_are_named_as_such() {
        // Ed448 (RFC 8410), which no token in use makes.
        let ed448 = [
            0x30, 0x43, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x71, 0x03, 0x3a, 0x00,
        ];
        let ed448 = [&ed448[..], &[7; 57]].concat();
        assert_eq!(key_type(&ed448), "other");
        assert!(matches!(
            algorithm_for(&ed448),
            Err(SignatureError::UnsupportedAlgorithm(_))
        ));
        assert_eq!(key_type(b""), "other");
        assert!(matches!(
            algorithm_for(b"\x30\x00"),
            Err(SignatureError::Malformed(_))
        ));
    }

    #[test]
    fn an_ed25519_key_has_no_parameters_and_32_bytes() {
        let spki = |parameters: &[u8], length| {
            let algorithm = asn1::sequence(&[&asn1::oid(ID_ED_25519), parameters]);
            asn1::sequence(&[&algorithm, &asn1::bit_string(&vec![7; length])])
        };
        assert_eq!(key_type(&spki(&[], 32)), "ed25519");
        for (parameters, length) in [(&[5, 0][..], 32), (&[], 31), (&[], 33), (&[], 0)] {
            let spki = spki(parameters, length);
            assert!(matches!(
                algorithm_for(&spki),
                Err(SignatureError::Malformed(_))
            ));
        }
    }

    #[test]
    fn small_rsa_keys_are_refused() {
        let modulus = asn1::element(asn1::tag::INTEGER, &[&[0], &[0xff; 128]]);
        let pkcs1 = asn1::sequence(&[&modulus, &[2, 3, 1, 0, 1]]);
        let algorithm = asn1::sequence(&[&asn1::oid(rfc5912::RSA_ENCRYPTION), &[5, 0]]);
        let spki = asn1::sequence(&[&algorithm, &asn1::bit_string(&pkcs1)]);
        assert_eq!(
            algorithm_for(&spki),
            Err(SignatureError::UnsupportedRsaSize(1024))
        );
        assert_eq!(key_type(&spki), "other");
    }
}
