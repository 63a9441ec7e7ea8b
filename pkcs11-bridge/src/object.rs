//! Finding objects and reading their attributes in few calls, from modules of every quality.

use std::num::NonZeroUsize;

use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
};

use crate::{TokenError, module::Module, spki};

/// Handles fetched by one `C_FindObjects`.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(512).expect("not zero");

/// The objects of a class that are on the token. The class is always named: without it some
/// modules also list mechanisms and profiles.
pub(crate) fn find(
    session: &Session,
    class: ObjectClass,
    more: &[Attribute],
) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut template = vec![Attribute::Class(class), Attribute::Token(true)];
    template.extend_from_slice(more);
    let handles = session
        .iter_objects_with_cache_size(&template, AT_ONCE)?
        .collect::<Result<_, _>>()?;
    Ok(handles)
}

/// What an object says of itself, as far as it says it.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) id: Vec<u8>,
    pub(crate) label: String,
    /// The DER of a certificate.
    pub(crate) value: Vec<u8>,
    pub(crate) sensitive: Option<bool>,
    pub(crate) extractable: Option<bool>,
    pub(crate) local: Option<bool>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    curve: Vec<u8>,
    point: Vec<u8>,
    info: Vec<u8>,
}

impl Attributes {
    pub(crate) const CERTIFICATE: &[AttributeType] = &[
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Value,
    ];
    pub(crate) const PUBLIC_KEY: &[AttributeType] = &[
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Local,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcParams,
        AttributeType::EcPoint,
    ];
    pub(crate) const PRIVATE_KEY: &[AttributeType] = &[
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::Local,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcParams,
        AttributeType::EcPoint,
        AttributeType::PublicKeyInfo,
    ];

    /// Reads attributes of an object. What the object doesn't have stays empty.
    ///
    /// One batch serves most modules. One that refuses the batch as a whole is asked for each
    /// attribute by itself; an error there means that the object doesn't tell.
    pub(crate) fn read(session: &Session, object: ObjectHandle, wanted: &[AttributeType]) -> Self {
        let mut read = Self::default();
        match session.get_attributes(object, wanted) {
            Ok(attributes) => attributes.into_iter().for_each(|one| read.take(one)),
            Err(_) => wanted
                .iter()
                .filter_map(|one| session.get_attributes(object, &[*one]).ok())
                .flatten()
                .for_each(|one| read.take(one)),
        }
        read
    }

    /// Reads a certificate, in one call if it isn't unusually long: a token may have many.
    pub(crate) fn of_certificate(module: &Module, session: &Session, object: ObjectHandle) -> Self {
        let wanted = [
            (AttributeType::Value, 4096),
            (AttributeType::Id, 256),
            (AttributeType::Label, 256),
        ];
        match module.read_at_once(session, object, wanted) {
            Some([value, id, label]) => Self {
                value,
                id,
                label: String::from_utf8_lossy(&label).into_owned(),
                ..Self::default()
            },
            None => Self::read(session, object, Self::CERTIFICATE),
        }
    }

    /// Reads a public key, in one call if nothing about it is unusually long.
    pub(crate) fn of_public_key(module: &Module, session: &Session, object: ObjectHandle) -> Self {
        let wanted = [
            (AttributeType::Id, 256),
            (AttributeType::Label, 256),
            (AttributeType::Local, 8),
            (AttributeType::Modulus, 1028),
            (AttributeType::PublicExponent, 64),
            (AttributeType::EcParams, 256),
            (AttributeType::EcPoint, 256),
        ];
        match module.read_at_once(session, object, wanted) {
            Some([id, label, local, modulus, exponent, curve, point]) => Self {
                id,
                label: String::from_utf8_lossy(&label).into_owned(),
                local: truth(&local),
                modulus,
                exponent,
                curve,
                point,
                ..Self::default()
            },
            None => Self::read(session, object, Self::PUBLIC_KEY),
        }
    }

    /// Reads a private key, as [`of_public_key`](Self::of_public_key) does.
    pub(crate) fn of_private_key(module: &Module, session: &Session, object: ObjectHandle) -> Self {
        let wanted = [
            (AttributeType::Id, 256),
            (AttributeType::Label, 256),
            (AttributeType::Sensitive, 8),
            (AttributeType::Extractable, 8),
            (AttributeType::Local, 8),
            (AttributeType::Modulus, 1028),
            (AttributeType::PublicExponent, 64),
            (AttributeType::EcParams, 256),
            (AttributeType::EcPoint, 256),
            (AttributeType::PublicKeyInfo, 2048),
        ];
        match module.read_at_once(session, object, wanted) {
            Some(
                [
                    id,
                    label,
                    sensitive,
                    extractable,
                    local,
                    modulus,
                    exponent,
                    curve,
                    point,
                    info,
                ],
            ) => Self {
                id,
                label: String::from_utf8_lossy(&label).into_owned(),
                sensitive: truth(&sensitive),
                extractable: truth(&extractable),
                local: truth(&local),
                modulus,
                exponent,
                curve,
                point,
                info,
                ..Self::default()
            },
            None => Self::read(session, object, Self::PRIVATE_KEY),
        }
    }

    /// The SPKI of a key that tells its public half.
    pub(crate) fn spki(&self) -> Option<Vec<u8>> {
        spki::rsa(&self.modulus, &self.exponent)
            .or_else(|| spki::ec(&self.curve, &self.point))
            .or_else(|| spki::KeyBits::of(&self.info).map(|_| self.info.clone()))
    }

    fn take(&mut self, attribute: Attribute) {
        match attribute {
            Attribute::Id(id) => self.id = id,
            Attribute::Label(label) => {
                self.label = String::from_utf8_lossy(&label).into_owned();
            }
            Attribute::Value(value) => self.value = value,
            Attribute::Sensitive(sensitive) => self.sensitive = Some(sensitive),
            Attribute::Extractable(extractable) => self.extractable = Some(extractable),
            Attribute::Local(local) => self.local = Some(local),
            Attribute::Modulus(modulus) => self.modulus = modulus,
            Attribute::PublicExponent(exponent) => self.exponent = exponent,
            Attribute::EcParams(curve) => self.curve = curve,
            Attribute::EcPoint(point) => self.point = point,
            Attribute::PublicKeyInfo(info) => self.info = info,
            _ => {}
        }
    }
}

/// A `CK_BBOOL`, where the object has it.
fn truth(value: &[u8]) -> Option<bool> {
    match value {
        [value] => Some(*value != 0),
        _ => None,
    }
}
