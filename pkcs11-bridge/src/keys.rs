//! Key pairs: made inside the token, found by their public key, relabelled and removed.

use std::{ffi::c_ulong, fmt, str::FromStr};

use cryptoki::{
    mechanism::{Mechanism, MechanismType},
    object::{Attribute, AttributeInfo, AttributeType, ObjectClass, ObjectHandle},
};
use der::Encode;
use serde::{Deserialize, Serialize};

use crate::{
    TokenError,
    locate::{likely_public_halves, private_half, public_halves},
    object::{Access, Attributes},
    session::OpenToken,
    spki,
};

/// A type of key that Koshin makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyType {
    /// RSA with 2048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA with 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    /// The curve P-256 of FIPS 186.
    #[serde(rename = "p-256")]
    P256,
    /// The curve P-384 of FIPS 186.
    #[serde(rename = "p-384")]
    P384,
    /// The Edwards curve of RFC 8032.
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl KeyType {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::Ed25519,
    ];

    /// The name in configurations and messages, e.g. `rsa-2048`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
            Self::P256 => "p-256",
            Self::P384 => "p-384",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The type of the key in a SubjectPublicKeyInfo (DER), if it is one of these.
    #[must_use]
    pub fn of(spki: &[u8]) -> Option<Self> {
        spki::key_type(spki)
    }

    pub(crate) fn rsa(bits: usize) -> Option<Self> {
        match bits {
            2048 => Some(Self::Rsa2048),
            3072 => Some(Self::Rsa3072),
            4096 => Some(Self::Rsa4096),
            _ => None,
        }
    }

    pub(crate) fn bits(self) -> usize {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
            Self::P256 => 256,
            Self::P384 => 384,
            // As PKCS#11 counts them; the point has 255.
            Self::Ed25519 => 256,
        }
    }

    /// The mechanism that makes such a key.
    pub(crate) fn generation(self) -> MechanismType {
        self.generating().mechanism_type()
    }

    fn generating(self) -> Mechanism<'static> {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => Mechanism::RsaPkcsKeyPairGen,
            Self::P256 | Self::P384 => Mechanism::EccKeyPairGen,
            Self::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
        }
    }

    /// What the public template says about the key itself, in the ways that modules want it.
    fn parameters(self) -> Vec<Vec<Attribute>> {
        let curve = |name: der::asn1::ObjectIdentifier| {
            let name = name.to_der().expect("the name of a curve fits");
            vec![vec![Attribute::EcParams(name)]]
        };
        match self {
            Self::P256 => curve(spki::P256),
            Self::P384 => curve(spki::P384),
            // PKCS#11 3.0 §2.3.10 lets a curve go by its object identifier or by its name;
            // SoftHSM 2.6 knows the name only.
            Self::Ed25519 => [
                vec![Attribute::EcParams(spki::EDWARDS_NAME.to_vec())],
                curve(spki::ED25519).concat(),
            ]
            .to_vec(),
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => vec![vec![
                // An unsigned long has at least 32 bits.
                Attribute::ModulusBits((self.bits() as c_ulong).into()),
                Attribute::PublicExponent(vec![1, 0, 1]),
            ]],
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyType {
    type Err = UnknownKeyType;

    fn from_str(text: &str) -> Result<Self, UnknownKeyType> {
        Self::ALL
            .into_iter()
            .find(|key_type| key_type.as_str() == text)
            .ok_or_else(|| UnknownKeyType(text.to_owned()))
    }
}

/// A text that isn't the name of a [`KeyType`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown type of key {0:?}")]
pub struct UnknownKeyType(String);

/// A pair to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// Its type.
    pub key_type: KeyType,
    /// `CKA_ID` of both halves: 16 random bytes, so that nothing else on the token has it.
    pub id: [u8; 16],
    /// `CKA_LABEL` of both halves.
    pub label: String,
}

/// What a pair that was made here bears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAs {
    /// `CKA_ID` of both halves.
    pub id: [u8; 16],
    /// `CKA_LABEL` of both halves.
    pub label: String,
}

/// Makes a pair inside the token and answers its SPKI. What the token made is read back: the
/// private half must be sensitive and never extractable. A pair that isn't is removed again,
/// as is what a failure left under the id.
pub(crate) fn generate(token: &mut OpenToken, key: &NewKey) -> Result<Vec<u8>, TokenError> {
    if token.offered(&[key.key_type.generation()]).is_empty() {
        return Err(TokenError::KeyTypeUnsupported);
    }
    // What bears the id afterwards is ours to remove, so nothing may bear it before.
    let in_use = match token.knows_id(&key.id) {
        Some(known) => known,
        None => !token
            .with_session(|session| bearers(session, &key.id))?
            .is_empty(),
    };
    if in_use {
        return Err(TokenError::Unsuitable {
            what: "an id that is in use".to_owned(),
        });
    }
    token.take_id(&key.id);
    let made = generate_with_fallback(token, key).and_then(|()| made(token, key));
    match &made {
        Ok(spki) => token.see(spki, &key.id, false),
        // The failure is what the caller must hear of, whether or not this goes well.
        Err(_) => {
            if let Err(error) = remove_by_id(token, &key.id) {
                tracing::debug!(%error, "cannot clear up after a failed generation");
            }
        }
    }
    made
}

/// Gives both halves another label, and reads it back. They are found by the id that was given
/// to them and the label that they have, else by their public key.
pub(crate) fn relabel_pair(
    token: &mut OpenToken,
    spki: &[u8],
    known: &KnownAs,
    label: &str,
) -> Result<(), TokenError> {
    let mut halves = token.with_session(|session| {
        let label = known.label.as_bytes().to_vec();
        let template = [
            Attribute::Token(true),
            Attribute::Id(known.id.to_vec()),
            Attribute::Label(label),
        ];
        Ok(session.find_objects(&template)?)
    })?;
    if halves.len() != 2 {
        let private = private_half(token, spki)?.ok_or(TokenError::KeyNotFound)?;
        halves = token.with_session(|session| likely_public_halves(session, spki))?;
        halves.push(private.handle);
    }
    let new = [Attribute::Label(label.as_bytes().to_vec())];
    token.with_session(|session| {
        for half in &halves {
            session.update_attributes(*half, &new)?;
        }
        Ok(())
    })?;
    token.with_fresh_session(|session| {
        let kept = halves
            .into_iter()
            .all(|half| Attributes::read(session, half, &[AttributeType::Label]).label == label);
        kept.then_some(()).ok_or_else(|| read_back("the label"))
    })
}

/// Removes both halves, the private one first: without it the public one is harmless, and
/// without the public one the private one might not be found again.
pub(crate) fn remove_pair(token: &mut OpenToken, spki: &[u8]) -> Result<(), TokenError> {
    // The same key may have been imported more than once.
    for _ in 0..MOST_COPIES {
        let Some(half) = private_half(token, spki)? else {
            break;
        };
        token.forget(spki);
        token.with_session(|session| Ok(session.destroy_object(half.handle)?))?;
        token.with_fresh_session(|_| Ok(()))?;
    }
    token.forget(spki);
    if private_half(token, spki)?.is_some() {
        return Err(read_back("the removal of a private key"));
    }
    token.with_session(|session| {
        for half in public_halves(session, spki)? {
            session.destroy_object(half)?;
        }
        Ok(())
    })?;
    token.with_fresh_session(|session| {
        let gone = public_halves(session, spki)?.is_empty();
        gone.then_some(())
            .ok_or_else(|| read_back("the removal of a public key"))
    })
}

/// Removes everything with this id, whole or half.
pub(crate) fn remove_by_id(token: &mut OpenToken, id: &[u8; 16]) -> Result<(), TokenError> {
    token.with_fresh_session(|session| {
        for object in bearers(session, id)? {
            session.destroy_object(object)?;
        }
        Ok(())
    })?;
    token.with_fresh_session(|session| {
        let gone = bearers(session, id)?.is_empty();
        gone.then_some(())
            .ok_or_else(|| read_back("the removal of an object"))
    })
}

pub(crate) fn read_back(what: &str) -> TokenError {
    TokenError::ReadBack {
        what: what.to_owned(),
    }
}

const MOST_COPIES: usize = 4;

/// Tries the full templates, then smaller ones: some modules refuse attributes that they give
/// every key anyhow. What came of it is read back in any case.
fn generate_with_fallback(token: &mut OpenToken, key: &NewKey) -> Result<(), TokenError> {
    let name = || {
        [
            Attribute::Token(true),
            Attribute::Id(key.id.to_vec()),
            Attribute::Label(key.label.as_bytes().to_vec()),
        ]
    };
    let public = [Attribute::Verify(true), Attribute::Private(false)];
    let private = [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Sign(true),
        Attribute::Extractable(false),
    ];
    let attempts = [
        (&public[..], &private[..]),
        (&public, &private[..3]),
        (&[], &private[..1]),
    ];
    let mut refusal = TokenError::TemplateRefused;
    for parameters in key.key_type.parameters() {
        for (public, private) in attempts {
            let public_template = [&parameters[..], &name(), public].concat();
            let private_template = [&name(), private].concat();
            let made = token.with_session(|session| {
                session.generate_key_pair(
                    &key.key_type.generating(),
                    &public_template,
                    &private_template,
                )?;
                Ok(())
            });
            match made {
                Err(error @ TokenError::TemplateRefused) => refusal = error,
                // The curve by that name; smaller templates say it no better.
                Err(error @ TokenError::KeyTypeUnsupported) => {
                    refusal = error;
                    break;
                }
                other => return other,
            }
        }
    }
    Err(refusal)
}

/// The SPKI of the pair with the new id, if the token made what it was asked for.
fn made(token: &mut OpenToken, key: &NewKey) -> Result<Vec<u8>, TokenError> {
    token.with_fresh_session(|session| {
        let (mut privates, mut publics) = (Vec::new(), Vec::new());
        for object in bearers(session, &key.id)? {
            let read = Attributes::read(session, object, Attributes::KEY);
            match read.class {
                Some(ObjectClass::PRIVATE_KEY) => privates.push((object, read)),
                Some(ObjectClass::PUBLIC_KEY) => publics.push(read),
                _ => {}
            }
        }
        let (&[(private, ref said)], [public]) = (&privates[..], &publics[..]) else {
            return Err(read_back("a new pair of keys"));
        };
        if !is_protected(session, private, said) {
            return Err(read_back("the protection of a new private key"));
        }
        public
            .spki()
            .filter(|spki| KeyType::of(spki) == Some(key.key_type))
            .ok_or_else(|| read_back("a new public key"))
    })
}

/// Whether a private key is sensitive and can't be extracted. Where the module doesn't tell,
/// the value itself must be unreadable.
fn is_protected(session: &Access<'_>, private: ObjectHandle, read: &Attributes) -> bool {
    if read.sensitive == Some(false) || read.extractable == Some(true) {
        return false;
    }
    let told = read.sensitive.is_some() && read.extractable.is_some();
    told || [AttributeType::Value, AttributeType::PrivateExponent]
        .into_iter()
        .all(|secret| {
            !matches!(
                session.get_attribute_info(private, &[secret]).as_deref(),
                Ok([AttributeInfo::Available(_)])
            )
        })
}

/// Everything with this id. The class may be left open here, and only here: what a module lists
/// besides a token's objects has no id.
pub(crate) fn bearers(
    session: &Access<'_>,
    id: &[u8; 16],
) -> Result<Vec<ObjectHandle>, TokenError> {
    let template = [Attribute::Token(true), Attribute::Id(id.to_vec())];
    Ok(session.find_objects(&template)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_key_types_read_back() {
        for key_type in KeyType::ALL {
            assert_eq!(key_type.to_string().parse(), Ok(key_type));
        }
        assert!("rsa-1024".parse::<KeyType>().is_err());
    }
}
