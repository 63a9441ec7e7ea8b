//! Keys and certificates in software, put together by hand: a second writer of DER beside the one
//! that is tested.

use std::{fs, path::Path};

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};

use crate::programs;

/// A CA that signs with P-256 and SHA-256.
pub struct Root {
    key: Key,
    subject: Vec<u8>,
    /// Its own certificate (DER).
    pub certificate: Vec<u8>,
}

impl Default for Root {
    fn default() -> Self {
        Self::new()
    }
}

impl Root {
    /// A new one.
    ///
    /// # Panics
    /// If the system has no random bytes.
    #[must_use]
    pub fn new() -> Self {
        let mut root = Self {
            key: Key::of("p-256"),
            subject: name(&[vec![(b"\x55\x04\x03", 0x0c, "乱数認証局".into())]]),
            certificate: Vec::new(),
        };
        let extensions = [
            extension(b"\x55\x1d\x13", true, &[0x30, 3, 1, 1, 0xff]),
            extension(b"\x55\x1d\x0f", true, &[3, 2, 1, 6]),
        ];
        let (subject, spki) = (root.subject.clone(), root.key.spki().to_vec());
        root.certificate = root.issue(&[1], &subject, &spki, &extensions, "491231235959Z");
        root
    }

    /// A certificate (DER), valid from 2025 to `end` (UTCTime).
    ///
    /// # Panics
    /// If the system has no random bytes.
    #[must_use]
    pub fn issue(
        &self,
        serial: &[u8],
        subject: &[u8],
        spki: &[u8],
        extensions: &[Vec<u8>],
        end: &str,
    ) -> Vec<u8> {
        let algorithm = element(0x30, &element(6, b"\x2a\x86\x48\xce\x3d\x04\x03\x02"));
        let times = [
            element(0x17, b"250101000000Z"),
            element(0x17, end.as_bytes()),
        ];
        let tbs = [
            element(0xa0, &[2, 1, 2]),
            element(2, serial),
            algorithm.clone(),
            self.subject.clone(),
            element(0x30, &times.concat()),
            subject.to_vec(),
            spki.to_vec(),
            element(0xa3, &element(0x30, &extensions.concat())),
        ];
        let tbs = element(0x30, &tbs.concat());
        let signature = [&[0][..], &self.key.sign(&tbs)].concat();
        element(0x30, &[tbs, algorithm, element(3, &signature)].concat())
    }

    /// `root.pem`, `root.key` and what the root adds to a customer's certificate, as openssl reads
    /// them.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) {
        for (name, what, der) in [
            ("root.pem", "x509 -inform DER", &self.certificate),
            ("root.key", "pkey -inform DER", &self.key.pkcs8),
        ] {
            let arguments: Vec<_> = what.split(' ').collect();
            let pem = programs::openssl(&arguments, der).stdout;
            fs::write(folder.join(name), pem).expect("the folder can be written");
        }
        let customer = "keyUsage = critical,digitalSignature\nextendedKeyUsage = clientAuth\n";
        fs::write(folder.join("customer.ext"), customer).expect("the folder can be written");
    }
}

/// A key pair in software.
pub struct Key {
    pair: Pair,
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// A new one of a type (`p-256`, `p-384`, `ed25519`), or the RSA key that unit tests have
    /// (`rsa-2048`), because ring makes none.
    ///
    /// # Panics
    /// If there is no such type.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        match kind {
            "p-256" => Self::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, P256),
            "p-384" => Self::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, b"\x2b\x81\x04\x00\x22"),
            "rsa-2048" => {
                let pkcs8 = include_bytes!("../../protocol/testdata/rsa-2048.pk8").to_vec();
                let pair = RsaKeyPair::from_pkcs8(&pkcs8).expect("it is a key");
                let public = pair.public_key().as_ref().to_vec();
                let oid = element(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
                let algorithm = [&oid[..], &[5, 0]].concat();
                Self::new(Pair::Rsa(pair), pkcs8, &algorithm, &public)
            }
            "ed25519" => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
                let pkcs8 = made.expect("the system is random").as_ref().to_vec();
                let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).expect("it was just made");
                let public = pair.public_key().as_ref().to_vec();
                let algorithm = element(6, b"\x2b\x65\x70");
                Self::new(Pair::Edwards(pair), pkcs8, &algorithm, &public)
            }
            other => panic!("there is no type {other}"),
        }
    }

    fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &[u8]) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random);
        let pkcs8 = made.expect("the system is random").as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8, &random).expect("it was just made");
        let public = pair.public_key().as_ref().to_vec();
        let ec = element(6, b"\x2a\x86\x48\xce\x3d\x02\x01");
        let algorithm = [ec, element(6, curve)].concat();
        Self::new(Pair::Ec(pair), pkcs8, &algorithm, &public)
    }

    fn new(pair: Pair, pkcs8: Vec<u8>, algorithm: &[u8], public: &[u8]) -> Self {
        let bits = element(3, &[&[0], public].concat());
        let spki = element(0x30, &[element(0x30, algorithm), bits].concat());
        Self { pair, pkcs8, spki }
    }

    /// The public key: SPKI, DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// A signature as a token makes it, ECDSA as DER.
    ///
    /// # Panics
    /// If the system has no random bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.expect("the system is random").as_ref().to_vec()
            }
            Pair::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let random = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("the buffer has the modulus' length");
                signature
            }
        }
    }
}

const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// An element in DER: identifier octet, length, content.
///
/// # Panics
/// From 64 KiB on.
#[must_use]
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => bytes.push(short),
        Ok(long) => bytes.extend([0x81, long]),
        Err(_) => {
            let length = u16::try_from(length).expect("nothing here is that long");
            bytes.push(0x82);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

/// An attribute of a name: the content of its type's object identifier, the string type's
/// identifier octet, the content.
pub type Attribute = (&'static [u8], u8, Vec<u8>);

/// A `Name`, each inner list one relative name.
#[must_use]
pub fn name(relatives: &[Vec<Attribute>]) -> Vec<u8> {
    let sets = relatives.iter().flat_map(|relative| {
        let mut attributes: Vec<Vec<u8>> = relative
            .iter()
            .map(|(oid, tag, value)| {
                element(0x30, &[element(6, oid), element(*tag, value)].concat())
            })
            .collect();
        // DER's order of a SET OF.
        attributes.sort();
        element(0x31, &attributes.concat())
    });
    element(0x30, &sets.collect::<Vec<_>>())
}

/// KeyUsage: digitalSignature.
#[must_use]
pub fn key_usage() -> Vec<u8> {
    extension(b"\x55\x1d\x0f", true, &[3, 2, 7, 0x80])
}

/// ExtendedKeyUsage: clientAuth.
#[must_use]
pub fn client_auth() -> Vec<u8> {
    let purpose = element(6, b"\x2b\x06\x01\x05\x05\x07\x03\x02");
    extension(b"\x55\x1d\x25", false, &element(0x30, &purpose))
}

/// An `Extension`; `oid` is the content of its object identifier.
#[must_use]
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    let parts = [&element(6, oid)[..], critical, &element(4, value)].concat();
    element(0x30, &parts)
}
