//! What is on a token: certificates, keys, and which belong together.
//!
//! A certificate belongs to the key whose public half it certifies, never to the one that
//! happens to share its id or label. Half objects that a crash left behind are listed as they
//! are, with empty parts.

use std::collections::{HashMap, HashSet};

use cryptoki::object::{ObjectClass, ObjectHandle};
use serde::{Deserialize, Serialize};

use crate::{
    TokenError,
    message::bytes,
    object::{Access, Attributes, find},
    spki::{self, KeyBits},
};

/// The objects of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The certificates, in the token's order.
    pub certificates: Vec<CertificateEntry>,
    /// The public keys.
    pub public_keys: Vec<KeyEntry>,
    /// The private keys; empty before a login, on most tokens.
    pub private_keys: Vec<KeyEntry>,
}

/// A certificate on a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateEntry {
    /// The certificate (`CKA_VALUE`), normally DER; empty in a half object.
    #[serde(with = "bytes")]
    pub der: Vec<u8>,
    /// `CKA_ID`; not unique.
    #[serde(with = "bytes")]
    pub id: Vec<u8>,
    /// `CKA_LABEL`; not unique.
    pub label: String,
    /// Whether its private key is there.
    pub key: KeyStatus,
}

/// Whether a certificate's private key is on the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// It is, going by the private key after a login, by the public key before one.
    Present,
    /// Nothing tells before a login.
    Unknown,
    /// It isn't.
    Absent,
}

/// A public or private key on a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// `CKA_ID`; not unique.
    #[serde(with = "bytes")]
    pub id: Vec<u8>,
    /// `CKA_LABEL`; not unique.
    pub label: String,
    /// The SubjectPublicKeyInfo as DER; `None` where the object doesn't tell its public half
    /// and nothing else on the token tells it without doubt.
    pub spki: Option<Vec<u8>>,
    /// `CKA_SENSITIVE`, of a private key.
    pub sensitive: Option<bool>,
    /// `CKA_EXTRACTABLE`, of a private key.
    pub extractable: Option<bool>,
    /// `CKA_LOCAL`. Not every module keeps it up.
    pub local: Option<bool>,
}

impl Inventory {
    /// Reads the certificates that the session shows; of none is said whether its key is there.
    pub(crate) fn of_certificates(access: &Access<'_>) -> Result<Self, TokenError> {
        Ok(Self {
            certificates: certificates(access)?,
            ..Self::default()
        })
    }

    /// Reads what the session shows: private keys too if `private`, which is after a login, or
    /// on a token that wants none.
    ///
    /// # Errors
    /// Of the searches; an object that can't be read is listed with empty parts.
    pub(crate) fn read(access: &Access<'_>, private: bool) -> Result<Self, TokenError> {
        let mut certificates = certificates(access)?;
        let public_keys = keys(access, ObjectClass::PUBLIC_KEY)?;
        let mut private_keys = Vec::new();
        if private {
            private_keys = keys(access, ObjectClass::PRIVATE_KEY)?;
            name_by_id(&mut private_keys, &public_keys, &certificates);
        }
        mark(&mut certificates, &public_keys, &private_keys, private);
        Ok(Self {
            certificates,
            public_keys,
            private_keys,
        })
    }
}

/// What a token shows before a login, in the order in which it can be told: the public keys, then
/// the certificates one by one, each as soon as it is read.
pub(crate) struct Showing<'s> {
    access: Access<'s>,
    /// The public keys.
    pub(crate) public_keys: Vec<KeyEntry>,
    certificates: Vec<ObjectHandle>,
}

impl<'s> Showing<'s> {
    /// Reads the keys, and finds the certificates.
    ///
    /// # Errors
    /// Of the searches.
    pub(crate) fn begin(access: Access<'s>) -> Result<Self, TokenError> {
        let public_keys = keys(&access, ObjectClass::PUBLIC_KEY)?;
        let certificates = find(&access, ObjectClass::CERTIFICATE, &[])?;
        Ok(Self {
            access,
            public_keys,
            certificates,
        })
    }

    /// The certificates, read as they are asked for.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = CertificateEntry> {
        let known = Known::of(&self.public_keys, KeyStatus::Unknown);
        self.certificates.iter().map(move |object| {
            let mut entry = certificate(&self.access, *object);
            entry.key = known.status(&entry);
            entry
        })
    }
}

fn certificates(access: &Access<'_>) -> Result<Vec<CertificateEntry>, TokenError> {
    let found = find(access, ObjectClass::CERTIFICATE, &[])?;
    let entries = found.into_iter().map(|object| certificate(access, object));
    Ok(entries.collect())
}

fn certificate(access: &Access<'_>, object: ObjectHandle) -> CertificateEntry {
    let read = Attributes::read(access, object, Attributes::CERTIFICATE);
    CertificateEntry {
        der: read.value,
        id: read.id,
        label: read.label,
        key: KeyStatus::Unknown,
    }
}

fn keys(access: &Access<'_>, class: ObjectClass) -> Result<Vec<KeyEntry>, TokenError> {
    let wanted = if class == ObjectClass::PUBLIC_KEY {
        Attributes::PUBLIC_KEY
    } else {
        Attributes::PRIVATE_KEY
    };
    let entries = find(access, class, &[])?.into_iter().map(|object| {
        let read = Attributes::read(access, object, wanted);
        KeyEntry {
            spki: read.spki(),
            id: read.id,
            label: read.label,
            sensitive: read.sensitive,
            extractable: read.extractable,
            local: read.local,
        }
    });
    Ok(entries.collect())
}

/// An EC private key seldom tells its point. It then has the public key of its id, provided
/// that this id has exactly one public key and one private key.
fn name_by_id(
    private_keys: &mut [KeyEntry],
    public_keys: &[KeyEntry],
    certificates: &[CertificateEntry],
) {
    let mut named: HashMap<&[u8], Option<&[u8]>> = HashMap::new();
    let halves = public_keys
        .iter()
        .filter_map(|key| Some((key.id.as_slice(), key.spki.as_deref()?)));
    let certified = certificates.iter().filter_map(|certificate| {
        Some((
            certificate.id.as_slice(),
            spki::of_certificate(&certificate.der)?,
        ))
    });
    for (id, spki) in halves.chain(certified).filter(|(id, _)| !id.is_empty()) {
        named
            .entry(id)
            .and_modify(|known| {
                if known.is_some_and(|known| KeyBits::of(known) != KeyBits::of(spki)) {
                    *known = None;
                }
            })
            .or_insert(Some(spki));
    }
    let mut bearers: HashMap<Vec<u8>, usize> = HashMap::new();
    for key in private_keys.iter() {
        *bearers.entry(key.id.clone()).or_default() += 1;
    }
    for key in private_keys.iter_mut().filter(|key| key.spki.is_none()) {
        if bearers.get(&key.id) == Some(&1) {
            key.spki = named
                .get(key.id.as_slice())
                .copied()
                .flatten()
                .map(<[u8]>::to_vec);
        }
    }
}

fn mark(
    certificates: &mut [CertificateEntry],
    public_keys: &[KeyEntry],
    private_keys: &[KeyEntry],
    private: bool,
) {
    let known = if private {
        Known::of(private_keys, KeyStatus::Absent)
    } else {
        Known::of(public_keys, KeyStatus::Unknown)
    };
    for certificate in certificates {
        certificate.key = known.status(certificate);
    }
}

/// The keys by which certificates are told to have one.
struct Known<'k> {
    /// The ids of keys whose public half is unknown: each may belong to any certificate of its id.
    doubtful: HashSet<&'k [u8]>,
    keys: HashSet<KeyBits<'k>>,
    otherwise: KeyStatus,
}

impl<'k> Known<'k> {
    fn of(keys: &'k [KeyEntry], otherwise: KeyStatus) -> Self {
        let silent = keys
            .iter()
            .filter(|key| key.spki.is_none() && !key.id.is_empty());
        Self {
            doubtful: silent.map(|key| key.id.as_slice()).collect(),
            keys: keys
                .iter()
                .filter_map(|key| KeyBits::of(key.spki.as_deref()?))
                .collect(),
            otherwise,
        }
    }

    fn status(&self, certificate: &CertificateEntry) -> KeyStatus {
        if self.keys.is_empty() && self.doubtful.is_empty() {
            return self.otherwise;
        }
        let bits = spki::of_certificate(&certificate.der).and_then(KeyBits::of);
        match bits {
            Some(bits) if self.keys.contains(&bits) => KeyStatus::Present,
            _ if self.doubtful.contains(certificate.id.as_slice()) => KeyStatus::Unknown,
            _ => self.otherwise,
        }
    }
}
