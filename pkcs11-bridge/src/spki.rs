//! Public keys: from a token's attributes to SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), and
//! what tells one from another.

use der::{
    Decode, Encode, Header, Reader, SliceReader, Tag, Tagged,
    asn1::{Any, BitString, ObjectIdentifier, OctetStringRef, UintRef},
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};

use crate::KeyType;

pub(crate) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(crate) const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Ed25519's `CKA_EC_PARAMS` as the name of a curve: a PrintableString.
pub(crate) const EDWARDS_NAME: &[u8] = b"\x13\x0cedwards25519";
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The key itself: the content of the SPKI's BIT STRING, which is an `RSAPublicKey` or an EC
/// point. Two SPKIs are of one key if this is equal, however their algorithms are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyBits<'a>(&'a [u8]);

impl<'a> KeyBits<'a> {
    /// The key in an SPKI.
    pub(crate) fn of(spki: &'a [u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
        Some(Self(spki.subject_public_key.as_bytes()?))
    }

    /// The bytes, in the form that ring takes a public key.
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// The SPKI of an RSA key, from the unsigned big-endian numbers of a token.
pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let modulus = UintRef::new(modulus).ok()?;
    let exponent = UintRef::new(exponent).ok()?;
    if modulus.is_empty() || exponent.is_empty() {
        return None;
    }
    let key = der_sequence(&[modulus.to_der().ok()?, exponent.to_der().ok()?])?;
    assemble(RSA, Some(Any::null()), &key)
}

/// The SPKI of an EC key, from a token's `CKA_EC_PARAMS` and `CKA_EC_POINT`.
///
/// The parameters must be the name of a curve: an object identifier, for Ed25519 also a text.
/// PKCS#11 wants the point wrapped in an OCTET STRING; some tokens give it bare, some in a BIT
/// STRING.
pub(crate) fn ec(parameters: &[u8], point: &[u8]) -> Option<Vec<u8>> {
    let curve = match parameters {
        EDWARDS_NAME => ED25519,
        parameters => ObjectIdentifier::from_der(parameters).ok()?,
    };
    let is_point = |point: &[u8]| match curve {
        P256 => point.len() == 65 && point[0] == 4,
        P384 => point.len() == 97 && point[0] == 4,
        ED25519 => point.len() == 32,
        _ => matches!(point, [2..=4, _, ..]),
    };
    let unwrapped =
        Any::from_der(point)
            .ok()
            .and_then(|wrapped| match (wrapped.tag(), wrapped.value()) {
                (Tag::OctetString, point) | (Tag::BitString, [0, point @ ..]) => {
                    Some(point.to_vec())
                }
                _ => None,
            });
    let point = unwrapped
        .filter(|point| is_point(point))
        .or_else(|| is_point(point).then(|| point.to_vec()))?;
    if curve == ED25519 {
        // RFC 8410 §3 and §4: the key's own object identifier, and no parameters.
        return assemble(ED25519, None, &point);
    }
    assemble(EC, Some(Any::from_der(parameters).ok()?), &point)
}

/// The SPKI in a certificate, as it stands there.
pub(crate) fn of_certificate(certificate: &[u8]) -> Option<&[u8]> {
    Some(Fields::of(certificate)?.spki)
}

/// The fields of a certificate (RFC 5280 §4.1.2) that a token stores beside it, each as the
/// DER that stands there.
pub(crate) struct Fields<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) spki: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Reads no more of the certificate than it must: a listing does it thousands of times.
    pub(crate) fn of(certificate: &'a [u8]) -> Option<Self> {
        let mut fields = inside(inside(certificate)?)?;
        // version [0] is left out in a v1 certificate.
        if fields.first() == Some(&0xa0) {
            fields = skip(fields)?.1;
        }
        let (serial, fields) = skip(fields)?;
        let (_signature, fields) = skip(fields)?;
        let (issuer, fields) = skip(fields)?;
        let (_validity, fields) = skip(fields)?;
        let (subject, fields) = skip(fields)?;
        let (spki, _) = skip(fields)?;
        Some(Self {
            serial,
            issuer,
            subject,
            spki,
        })
    }
}

/// The type of an SPKI's key, if it is one of ours.
pub(crate) fn key_type(spki: &[u8]) -> Option<KeyType> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    match spki.algorithm.oid {
        RSA => {
            let key = inside(spki.subject_public_key.as_bytes()?)?;
            let modulus = UintRef::from_der(skip(key)?.0).ok()?;
            KeyType::rsa(modulus.as_bytes().len() * 8)
        }
        EC => match spki.algorithm.parameters?.decode_as().ok()? {
            P256 => Some(KeyType::P256),
            P384 => Some(KeyType::P384),
            _ => None,
        },
        ED25519 if spki.algorithm.parameters.is_none() => Some(KeyType::Ed25519),
        _ => None,
    }
}

/// What a token's search finds a key by.
pub(crate) enum Mark {
    /// `CKA_MODULUS`, which both halves have.
    Modulus(Vec<u8>),
    /// `CKA_EC_POINT` as PKCS#11 wants it, which the public half has.
    Point(Vec<u8>),
}

/// What a token's search finds the key of an SPKI by.
pub(crate) fn mark(spki: &[u8]) -> Option<Mark> {
    let key = KeyBits::of(spki)?.as_bytes();
    if is_rsa(spki) {
        let modulus = UintRef::from_der(skip(inside(key)?)?.0).ok()?;
        return Some(Mark::Modulus(modulus.as_bytes().to_vec()));
    }
    let point = OctetStringRef::new(key).ok()?.to_der().ok()?;
    Some(Mark::Point(point))
}

/// Whether an SPKI is of an RSA key of any size.
pub(crate) fn is_rsa(spki: &[u8]) -> bool {
    SubjectPublicKeyInfoRef::from_der(spki).is_ok_and(|spki| spki.algorithm.oid == RSA)
}

fn assemble(oid: ObjectIdentifier, parameters: Option<Any>, key: &[u8]) -> Option<Vec<u8>> {
    let spki = SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid, parameters },
        subject_public_key: BitString::from_bytes(key).ok()?,
    };
    spki.to_der().ok()
}

fn der_sequence(fields: &[Vec<u8>]) -> Option<Vec<u8>> {
    Any::new(Tag::Sequence, fields.concat()).ok()?.to_der().ok()
}

/// The content of the first element.
fn inside(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::peek(&reader).ok()?;
    let element = reader.tlv_bytes().ok()?;
    let content = usize::try_from(header.length()).ok()?;
    element.get(element.len() - content..)
}

/// The first element, and what follows it.
fn skip(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let element = reader.tlv_bytes().ok()?;
    Some((element, &bytes[element.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256_NAME: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

    fn point() -> Vec<u8> {
        let mut point = vec![4];
        point.extend(1..=64);
        point
    }

    #[test]
    fn a_point_is_taken_wrapped_or_bare() {
        let bare = ec(P256_NAME, &point()).unwrap();
        let octets = ec(P256_NAME, &[&[4, 65], point().as_slice()].concat()).unwrap();
        let bits = ec(P256_NAME, &[&[3, 66, 0], point().as_slice()].concat()).unwrap();
        assert_eq!(bare, octets);
        assert_eq!(bare, bits);
        assert_eq!(key_type(&bare), Some(KeyType::P256));
        assert_eq!(KeyBits::of(&bare).unwrap().as_bytes(), point());
    }

    #[test]
    fn an_edwards_point_is_taken_under_either_name() {
        let point = [7; 32];
        let bare = ec(EDWARDS_NAME, &point).unwrap();
        let wrapped = ec(&[6, 3, 0x2b, 0x65, 0x70], &[&[4, 32], &point[..]].concat());
        assert_eq!(Some(&bare), wrapped.as_ref());
        assert_eq!(
            bare[..12],
            *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
        );
        assert_eq!(key_type(&bare), Some(KeyType::Ed25519));
    }

    #[test]
    fn half_a_key_has_no_spki() {
        assert_eq!(ec(P256_NAME, &[]), None);
        assert_eq!(ec(P256_NAME, &point()[..33]), None);
        assert_eq!(ec(&[], &point()), None);
        assert_eq!(ec(EDWARDS_NAME, &point()), None);
        assert_eq!(ec(EDWARDS_NAME, &[4, 31]), None);
        assert_eq!(rsa(&[], &[1, 0, 1]), None);
        assert_eq!(rsa(&[0xc1; 256], &[]), None);
    }

    #[test]
    fn an_rsa_key_is_the_same_with_and_without_leading_zeros() {
        let plain = rsa(&[0xc1; 256], &[1, 0, 1]).unwrap();
        let padded = rsa(&[&[0], [0xc1; 256].as_slice()].concat(), &[0, 1, 0, 1]).unwrap();
        assert_eq!(plain, padded);
        assert_eq!(key_type(&plain), Some(KeyType::Rsa2048));
        assert!(is_rsa(&plain));
    }

    #[test]
    fn rubbish_is_not_a_certificate() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x82, 0xff, 0xff],
            &[0x30, 2, 0x30, 0],
            &[0; 64],
        ] {
            assert_eq!(of_certificate(bytes), None);
        }
    }
}
