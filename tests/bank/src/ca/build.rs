//! X.509 certificates (RFC 5280), put together from x509-cert's types.

use const_oid::{AssociatedOid, ObjectIdentifier, db};
use der::{
    Any, Decode as _, Encode as _, Sequence,
    asn1::{
        BitString, GeneralizedTime, Ia5String, OctetString, PrintableString, SetOfVec, UtcTime,
        Utf8StringRef,
    },
};
use spki::AlgorithmIdentifierOwned;
use x509_cert::{
    attr::AttributeTypeAndValue,
    ext::{
        Extension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
            SubjectAltName, SubjectKeyIdentifier, name::GeneralName,
        },
    },
    serial_number::SerialNumber,
    time::{Time, Validity},
};

use super::{Key, key_identifier, random};
use crate::BankError;

/// What a certificate shall say.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The subject: DER of a Name, taken byte for byte.
    pub subject: Vec<u8>,
    /// The subject's alternative names: DER of the whole Extension, taken byte for byte.
    pub san: Option<Vec<u8>>,
    /// The public key: DER of a SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// First second of validity, Unix time.
    pub not_before: i64,
    /// Last second of validity, Unix time.
    pub not_after: i64,
    /// What the key may do.
    pub usage: Usage,
}

/// What a certificate's key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Log in by TLS.
    Client,
    /// Serve TLS.
    Server,
    /// Issue certificates, with at most that many CAs below.
    Authority {
        /// The path length constraint.
        below: Option<u8>,
    },
}

/// DER of a Name with C=JP, O, OU where given, and CN, as UTF8String except for the country.
///
/// # Errors
/// When a part is too long for DER.
pub fn name(
    organisation: &str,
    unit: Option<&str>,
    common_name: &str,
) -> Result<Vec<u8>, BankError> {
    let country = Any::encode_from(&PrintableString::new("JP")?)?;
    let mut parts = vec![attribute(db::rfc4519::COUNTRY_NAME, country)?];
    parts.push(text(db::rfc4519::ORGANIZATION_NAME, organisation)?);
    if let Some(unit) = unit {
        parts.push(text(db::rfc4519::ORGANIZATIONAL_UNIT_NAME, unit)?);
    }
    parts.push(text(db::rfc4519::COMMON_NAME, common_name)?);
    Ok(parts.to_der()?)
}

/// DER of a subjectAltName extension with one e-mail address.
///
/// # Errors
/// When the address is not ASCII.
pub fn email_name(address: &str) -> Result<Vec<u8>, BankError> {
    let names = SubjectAltName(vec![GeneralName::Rfc822Name(Ia5String::new(address)?)]);
    Ok(extension(false, &names)?.to_der()?)
}

/// DER of a subjectAltName extension with host names.
///
/// # Errors
/// When a name is not ASCII.
pub fn host_names(hosts: &[&str]) -> Result<Vec<u8>, BankError> {
    let names = hosts
        .iter()
        .map(|host| Ok(GeneralName::DnsName(Ia5String::new(host)?)))
        .collect::<Result<_, der::Error>>()?;
    Ok(extension(false, &SubjectAltName(names))?.to_der()?)
}

/// A signed certificate.
pub(super) fn certificate(
    blueprint: &Blueprint,
    issuer: &[u8],
    issuer_key: &Key,
    issuer_spki: &[u8],
) -> Result<Vec<u8>, BankError> {
    let tbs = Tbs {
        version: 2,
        serial: serial()?,
        signature: ecdsa_with_sha256(),
        issuer: Any::from_der(issuer)?,
        validity: Validity::new(time(blueprint.not_before)?, time(blueprint.not_after)?),
        subject: Any::from_der(&blueprint.subject)?,
        public_key: Any::from_der(&blueprint.spki)?,
        extensions: extensions(blueprint, issuer_spki)?,
    };
    let signature = issuer_key.sign(&tbs.to_der()?)?;
    Ok(Signed {
        tbs,
        algorithm: ecdsa_with_sha256(),
        signature: BitString::from_bytes(&signature)?,
    }
    .to_der()?)
}

/// x509-cert's own TBSCertificate can only be made by its builder, which needs the signature
/// traits of RustCrypto; and this one keeps names and key byte for byte.
#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    validity: Validity,
    subject: Any,
    public_key: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Signed {
    tbs: Tbs,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

fn extensions(blueprint: &Blueprint, issuer_spki: &[u8]) -> Result<Vec<Extension>, BankError> {
    let (constraints, key_usage) = match blueprint.usage {
        Usage::Client | Usage::Server => (
            BasicConstraints {
                ca: false,
                path_len_constraint: None,
            },
            KeyUsage(KeyUsages::DigitalSignature.into()),
        ),
        Usage::Authority { below } => (
            BasicConstraints {
                ca: true,
                path_len_constraint: below,
            },
            KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
        ),
    };
    let mut list = vec![
        extension(true, &constraints)?,
        extension(true, &key_usage)?,
        extension(
            false,
            &SubjectKeyIdentifier(key_identifier(&blueprint.spki)?),
        )?,
        extension(
            false,
            &AuthorityKeyIdentifier {
                key_identifier: Some(key_identifier(issuer_spki)?),
                ..Default::default()
            },
        )?,
    ];
    match blueprint.usage {
        Usage::Client => list.push(purpose(db::rfc5280::ID_KP_CLIENT_AUTH)?),
        Usage::Server => list.push(purpose(db::rfc5280::ID_KP_SERVER_AUTH)?),
        Usage::Authority { .. } => {}
    }
    if let Some(names) = &blueprint.san {
        list.push(Extension::from_der(names)?);
    }
    Ok(list)
}

fn purpose(oid: ObjectIdentifier) -> Result<Extension, BankError> {
    extension(false, &ExtendedKeyUsage(vec![oid]))
}

fn extension<T: AssociatedOid + der::Encode>(
    critical: bool,
    value: &T,
) -> Result<Extension, BankError> {
    Ok(Extension {
        extn_id: T::OID,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

/// 16 random bytes with a leading zero bit, so that the integer is positive and never shrinks.
fn serial() -> Result<SerialNumber, BankError> {
    let mut bytes: [u8; 16] = random();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}

/// UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, section 4.1.2.5).
fn time(seconds: i64) -> Result<Time, BankError> {
    let seconds = u64::try_from(seconds).map_err(|_| BankError::Unusable("date"))?;
    let duration = std::time::Duration::from_secs(seconds);
    Ok(match UtcTime::from_unix_duration(duration) {
        Ok(time) => time.into(),
        Err(_) => GeneralizedTime::from_unix_duration(duration)?.into(),
    })
}

fn ecdsa_with_sha256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: db::rfc5912::ECDSA_WITH_SHA_256,
        parameters: None,
    }
}

fn text(oid: ObjectIdentifier, value: &str) -> Result<SetOfVec<AttributeTypeAndValue>, BankError> {
    attribute(oid, Any::encode_from(&Utf8StringRef::new(value)?)?)
}

fn attribute(
    oid: ObjectIdentifier,
    value: Any,
) -> Result<SetOfVec<AttributeTypeAndValue>, BankError> {
    let mut set = SetOfVec::new();
    set.insert(AttributeTypeAndValue { oid, value })?;
    Ok(set)
}
