//! Certificates for unit tests, made with nothing but ring and this crate's own DER.

#![cfg(test)]

use const_oid::db::rfc5280;
use der::DateTime;
use der::asn1::ObjectIdentifier;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use x509_cert::time::Time;

use crate::asn1::{self, tag};
use crate::certificate::Certificate;
use crate::signature;

/// 2026-11-22T00:00:00Z, the day on which the tests take place.
pub(crate) const NOW: i64 = 1_795_305_600;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A key pair with its public key as SubjectPublicKeyInfo.
pub(crate) struct Key {
    pair: Pair,
    spki: Vec<u8>,
}

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl Key {
    pub(crate) fn p256() -> Self {
        Self::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, "1.2.840.10045.3.1.7")
    }

    pub(crate) fn p384() -> Self {
        Self::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, "1.3.132.0.34")
    }

    pub(crate) fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let algorithm = asn1::sequence(&[&asn1::oid(ObjectIdentifier::new_unwrap("1.3.101.112"))]);
        let spki = asn1::sequence(&[&algorithm, &asn1::bit_string(pair.public_key().as_ref())]);
        Self {
            pair: Pair::Ed25519(Box::new(pair)),
            spki,
        }
    }

    /// Always the same: ring makes no RSA keys.
    pub(crate) fn rsa() -> Self {
        let pair = RsaKeyPair::from_pkcs8(include_bytes!("../testdata/rsa-2048.pk8")).unwrap();
        let algorithm = asn1::sequence(&[
            &asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1")),
            &[5, 0],
        ]);
        let spki = asn1::sequence(&[&algorithm, &asn1::bit_string(pair.public_key().as_ref())]);
        Self {
            pair: Pair::Rsa(Box::new(pair)),
            spki,
        }
    }

    fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let identifier = asn1::sequence(&[
            &asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.10045.2.1")),
            &asn1::oid(ObjectIdentifier::new_unwrap(curve)),
        ]);
        let spki = asn1::sequence(&[&identifier, &asn1::bit_string(pair.public_key().as_ref())]);
        Self {
            pair: Pair::Ec(Box::new(pair)),
            spki,
        }
    }

    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// By an RSA key, with PSS and SHA-256.
    pub(crate) fn sign_pss(&self, message: &[u8]) -> Vec<u8> {
        let Pair::Rsa(pair) = &self.pair else {
            panic!("PSS needs an RSA key");
        };
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(
            &RSA_PSS_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        )
        .unwrap();
        signature
    }
}

/// A `Name` of UTF8Strings, one attribute each: `[("2.5.4.3", "経理")]`.
pub(crate) fn name(attributes: &[(&str, &str)]) -> Vec<u8> {
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(oid, value)| (*oid, tag::UTF8_STRING, value.as_bytes()))
        .collect();
    name_with(&attributes)
}

/// A `Name` of strings of any type, given by identifier octet and content.
pub(crate) fn name_with(attributes: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let relatives: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(oid, tag, value)| {
            asn1::set_of(vec![asn1::sequence(&[
                &asn1::oid(ObjectIdentifier::new_unwrap(oid)),
                &asn1::element(*tag, &[value]),
            ])])
        })
        .collect();
    let parts: Vec<&[u8]> = relatives.iter().map(Vec::as_slice).collect();
    asn1::sequence(&parts)
}

/// An `Extension`.
pub(crate) fn extension(oid: ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    let value = asn1::element(tag::OCTET_STRING, &[value]);
    asn1::sequence(&[&asn1::oid(oid), critical, &value])
}

/// KeyUsage by the first octet of its bits: 0x80 digitalSignature, 0x04 keyCertSign.
pub(crate) fn key_usage(bits: u8) -> Vec<u8> {
    let unused = bits.trailing_zeros() as u8;
    extension(rfc5280::ID_CE_KEY_USAGE, true, &[3, 2, unused, bits])
}

/// ExtendedKeyUsage with one purpose.
pub(crate) fn extended_key_usage(purpose: &str) -> Vec<u8> {
    let purposes = asn1::sequence(&[&asn1::oid(ObjectIdentifier::new_unwrap(purpose))]);
    extension(rfc5280::ID_CE_EXT_KEY_USAGE, false, &purposes)
}

/// BasicConstraints of a CA.
pub(crate) fn ca() -> Vec<u8> {
    let value = asn1::sequence(&[&[1, 1, 0xff]]);
    extension(rfc5280::ID_CE_BASIC_CONSTRAINTS, true, &value)
}

/// A SubjectAltName with a UPN and a mail address.
pub(crate) fn san() -> Vec<u8> {
    let upn = asn1::element(
        tag::CONTEXT_0,
        &[
            &asn1::oid(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3")),
            &asn1::element(
                tag::CONTEXT_0,
                &[&asn1::element(tag::UTF8_STRING, &[b"keiri-01@example"])],
            ),
        ],
    );
    let mail = asn1::element(0x81, &[b"keiri@example.jp"]);
    let names = asn1::sequence(&[&upn, &mail]);
    extension(rfc5280::ID_CE_SUBJECT_ALT_NAME, false, &names)
}

/// The purpose of client authentication.
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// The purpose of server authentication.
pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// What is in a certificate that a test makes.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Content {
    /// A customer's certificate, valid for a year from yesterday.
    pub(crate) fn customer(subject: &[u8], key: &Key) -> Self {
        Self {
            serial: vec![0x10, 0x01],
            subject: subject.to_vec(),
            spki: key.spki().to_vec(),
            not_before: NOW - DAY,
            not_after: NOW + 365 * DAY,
            extensions: vec![key_usage(0x80), extended_key_usage(CLIENT_AUTH), san()],
        }
    }

    /// A CA's certificate, valid for ten years.
    pub(crate) fn authority(subject: &[u8], key: &Key) -> Self {
        Self {
            serial: vec![1],
            subject: subject.to_vec(),
            spki: key.spki().to_vec(),
            not_before: NOW - 365 * DAY,
            not_after: NOW + 3650 * DAY,
            extensions: vec![ca(), key_usage(0x06)],
        }
    }

    /// The certificate, signed by an issuer.
    pub(crate) fn issue(&self, issuer: &[u8], key: &Key) -> Vec<u8> {
        let algorithm = asn1::encoded(&signature::algorithm_for(key.spki()).unwrap());
        self.issue_with(issuer, &algorithm, |tbs| key.sign(tbs))
    }

    /// The certificate, signed with an algorithm of one's own.
    pub(crate) fn issue_with(
        &self,
        issuer: &[u8],
        algorithm: &[u8],
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let tbs = asn1::sequence(&[
            &asn1::element(tag::CONTEXT_0, &[&[2, 1, 2]]),
            &asn1::element(tag::INTEGER, &[&self.serial]),
            algorithm,
            issuer,
            &asn1::sequence(&[&time(self.not_before), &time(self.not_after)]),
            &self.subject,
            &self.spki,
            &asn1::element(0xa3, &[&asn1::sequence(&extensions)]),
        ]);
        let signature = asn1::bit_string(&sign(&tbs));
        asn1::sequence(&[&tbs, algorithm, &signature])
    }

    /// The certificate, signed by its own key, as parsed.
    pub(crate) fn self_signed(&self, key: &Key) -> Certificate {
        Certificate::from_der(&self.issue(&self.subject, key)).unwrap()
    }
}

fn time(unix: i64) -> Vec<u8> {
    let date = DateTime::from_unix_duration(std::time::Duration::from_secs(unix as u64)).unwrap();
    asn1::encoded(&Time::from(date))
}
