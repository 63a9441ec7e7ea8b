//! Finding objects and reading their attributes in few calls, from modules of every quality.

use std::{num::NonZeroUsize, ops::Deref};

use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
};
use cryptoki_sys::CK_ULONG;

use crate::{TokenError, module::Module, spki};

/// A session, with the module whose calls cryptoki makes in more pieces than it must.
pub(crate) struct Access<'s> {
    pub(crate) module: &'s Module,
    pub(crate) session: &'s Session,
}

impl Deref for Access<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

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
    pub(crate) class: Option<ObjectClass>,
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
    /// Of a key whose half is not known yet.
    pub(crate) const KEY: &[AttributeType] = &[
        AttributeType::Class,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcParams,
        AttributeType::EcPoint,
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
    /// One call serves most modules. Of an object with an unusually long attribute the lengths
    /// are asked for first. A module that refuses the batch as a whole is asked for each
    /// attribute by itself; an error there means that the object doesn't tell.
    pub(crate) fn read(
        access: &Access<'_>,
        object: ObjectHandle,
        wanted: &[AttributeType],
    ) -> Self {
        let mut read = Self::default();
        let rooms: Vec<_> = wanted.iter().map(|kind| (*kind, room(*kind))).collect();
        if let Some(values) = access.module.read_at_once(access, object, &rooms) {
            for (kind, value) in wanted.iter().zip(values) {
                read.take_raw(*kind, value);
            }
            return read;
        }
        match access.get_attributes(object, wanted) {
            Ok(attributes) => attributes.into_iter().for_each(|one| read.take(one)),
            Err(_) => wanted
                .iter()
                .filter_map(|one| access.get_attributes(object, &[*one]).ok())
                .flatten()
                .for_each(|one| read.take(one)),
        }
        read
    }

    /// The SPKI of a key that tells its public half.
    pub(crate) fn spki(&self) -> Option<Vec<u8>> {
        spki::rsa(&self.modulus, &self.exponent)
            .or_else(|| spki::ec(&self.curve, &self.point))
            .or_else(|| spki::KeyBits::of(&self.info).map(|_| self.info.clone()))
    }

    fn take_raw(&mut self, kind: AttributeType, value: Vec<u8>) {
        match kind {
            AttributeType::Class => self.class = class(&value),
            AttributeType::Id => self.id = value,
            AttributeType::Label => self.label = String::from_utf8_lossy(&value).into_owned(),
            AttributeType::Value => self.value = value,
            AttributeType::Sensitive => self.sensitive = truth(&value),
            AttributeType::Extractable => self.extractable = truth(&value),
            AttributeType::Local => self.local = truth(&value),
            AttributeType::Modulus => self.modulus = value,
            AttributeType::PublicExponent => self.exponent = value,
            AttributeType::EcParams => self.curve = value,
            AttributeType::EcPoint => self.point = value,
            AttributeType::PublicKeyInfo => self.info = value,
            _ => {}
        }
    }

    fn take(&mut self, attribute: Attribute) {
        match attribute {
            Attribute::Class(class) => self.class = Some(class),
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

/// The bytes that are kept for an attribute: more than an ordinary one has.
fn room(kind: AttributeType) -> usize {
    match kind {
        AttributeType::Value => 4096,
        AttributeType::PublicKeyInfo => 2048,
        AttributeType::Modulus => 1028,
        AttributeType::Class
        | AttributeType::Sensitive
        | AttributeType::Extractable
        | AttributeType::Local => 16,
        _ => 256,
    }
}

/// A `CK_OBJECT_CLASS`, where the object has it.
fn class(value: &[u8]) -> Option<ObjectClass> {
    let number = CK_ULONG::from_ne_bytes(value.try_into().ok()?);
    ObjectClass::try_from(number).ok()
}

/// A `CK_BBOOL`, where the object has it.
fn truth(value: &[u8]) -> Option<bool> {
    match value {
        [value] => Some(*value != 0),
        _ => None,
    }
}
