//! What a call that was cut off may leave: objects without an id and without a body, which nobody
//! can use, and which carry no mark of whoever made them.

use cryptoki::object::{
    Attribute, AttributeType, CertificateType, KeyType as TokenKeyType, ObjectClass, ObjectHandle,
};
use cryptoki_sys::CKO_VENDOR_DEFINED;
use serde::{Deserialize, Serialize};

use crate::{
    CertificateEntry, KeyEntry, KeyType, TokenError,
    keys::read_back,
    object::{Access, Attributes, find},
    session::OpenToken,
    spki::Fields,
};

/// A class of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Certificates.
    Certificate,
    /// Public keys.
    PublicKey,
    /// Private keys.
    PrivateKey,
}

impl Class {
    fn of_objects(self) -> ObjectClass {
        match self {
            Self::Certificate => ObjectClass::CERTIFICATE,
            Self::PublicKey => ObjectClass::PUBLIC_KEY,
            Self::PrivateKey => ObjectClass::PRIVATE_KEY,
        }
    }
}

/// Half objects of one class that are to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halves {
    /// Their class.
    pub class: Class,
    /// The type of the key that was being made; an object that says to be of another one is none
    /// of them.
    pub key_type: Option<KeyType>,
    /// The label that they got, unless the call was cut off before; an object with another one is
    /// none of them.
    pub label: String,
    /// How many there are. If there are more or fewer, nothing is removed.
    pub count: usize,
}

impl CertificateEntry {
    /// Whether it is a half object: it has no id, and what it holds is no certificate.
    #[must_use]
    pub fn is_half(&self) -> bool {
        self.id.is_empty() && Fields::of(&self.der).is_none()
    }
}

impl KeyEntry {
    /// Whether it is a half object: it has no id, and nothing tells its public half.
    #[must_use]
    pub fn is_half(&self) -> bool {
        self.id.is_empty() && self.spki.is_none()
    }
}

/// Removes half objects, and looks that they are gone.
pub(crate) fn remove(token: &mut OpenToken, halves: &Halves) -> Result<(), TokenError> {
    let removed = token.with_fresh_session(|session| {
        let found = of(session, halves)?;
        if found.len() != halves.count {
            return Err(TokenError::Unsuitable {
                what: format!("{} half objects where {} were", found.len(), halves.count),
            });
        }
        for &half in &found {
            session.destroy_object(half)?;
        }
        Ok(found.len())
    })?;
    tracing::debug!(removed, class = ?halves.class, "half objects removed");
    token.with_fresh_session(|session| {
        let gone = of(session, halves)?.is_empty();
        gone.then_some(())
            .ok_or_else(|| read_back("the removal of a half object"))
    })
}

fn of(session: &Access<'_>, halves: &Halves) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut found = find(session, halves.class.of_objects(), &[])?;
    found.retain(|&object| is_one(session, object, halves));
    Ok(found)
}

fn is_one(session: &Access<'_>, object: ObjectHandle, halves: &Halves) -> bool {
    let (wanted, kind) = match halves.class {
        Class::Certificate => (Attributes::CERTIFICATE, AttributeType::CertificateType),
        Class::PublicKey => (Attributes::PUBLIC_KEY, AttributeType::KeyType),
        Class::PrivateKey => (Attributes::PRIVATE_KEY, AttributeType::KeyType),
    };
    let read = Attributes::read(session, object, wanted);
    let empty = match halves.class {
        Class::Certificate => Fields::of(&read.value).is_none(),
        Class::PublicKey | Class::PrivateKey => read.spki().is_none(),
    };
    let labelled = read.label.is_empty() || read.label == halves.label;
    read.id.is_empty() && empty && labelled && is_of_type(session, object, kind, halves)
}

/// A half object says nothing of its type, or what a module says of an object that it has just
/// begun, or the right one.
fn is_of_type(
    session: &Access<'_>,
    object: ObjectHandle,
    kind: AttributeType,
    halves: &Halves,
) -> bool {
    let told = session.get_attributes(object, &[kind]).unwrap_or_default();
    told.iter().all(|told| match told {
        Attribute::KeyType(told) => {
            let wanted = halves.key_type.map(token_key_type);
            **told >= CKO_VENDOR_DEFINED || wanted.is_none_or(|wanted| wanted == *told)
        }
        Attribute::CertificateType(told) => {
            **told >= CKO_VENDOR_DEFINED || *told == CertificateType::X_509
        }
        _ => false,
    })
}

fn token_key_type(key_type: KeyType) -> TokenKeyType {
    match key_type {
        KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => TokenKeyType::RSA,
        KeyType::P256 | KeyType::P384 => TokenKeyType::EC,
        KeyType::Ed25519 => TokenKeyType::EC_EDWARDS,
    }
}
