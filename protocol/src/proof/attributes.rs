//! The signed attributes: written from claims, read into claims.

use std::time::Duration;

use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNING_TIME};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{DateTime, Decode, Reader, Tag, Tagged};
use x509_cert::time::Time;

use super::{NONCE_LENGTH, ProofClaims, ProofError, Purpose};
use crate::asn1::{self, tag};

const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.1");
const ORIGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.2");
const PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.3");
const CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.4");
const AUDIT_HEAD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.5");

/// The attributes as `SET OF Attribute`, in DER's order.
pub(super) fn encode(claims: &ProofClaims, digest: &[u8]) -> Result<Vec<u8>, ProofError> {
    if !NONCE_LENGTH.contains(&claims.nonce.len()) {
        return Err(ProofError::NonceLength(claims.nonce.len()));
    }
    let octets = |bytes: &[u8]| asn1::element(tag::OCTET_STRING, &[bytes]);
    let text = |text: &str| asn1::element(tag::UTF8_STRING, &[text.as_bytes()]);
    let time = u64::try_from(claims.time)
        .ok()
        .and_then(|seconds| DateTime::from_unix_duration(Duration::from_secs(seconds)).ok())
        .ok_or(ProofError::Time(claims.time))?;
    let attributes = [
        (ID_CONTENT_TYPE, asn1::oid(ID_DATA)),
        (ID_MESSAGE_DIGEST, octets(digest)),
        (ID_SIGNING_TIME, asn1::encoded(&Time::from(time))),
        (NONCE, octets(&claims.nonce)),
        (ORIGIN, text(&claims.origin)),
        (PURPOSE, text(claims.purpose.as_str())),
        (CERTIFICATE, octets(&claims.certificate_sha256)),
        (AUDIT_HEAD, octets(&claims.audit_head)),
    ];
    Ok(asn1::set_of(
        attributes
            .into_iter()
            .map(|(oid, value)| {
                asn1::sequence(&[&asn1::oid(oid), &asn1::element(tag::SET, &[&value])])
            })
            .collect(),
    ))
}

/// The claims and the `messageDigest` of a `SET OF Attribute`. Attributes that Koshin does not
/// know are passed over: later versions may add some.
pub(super) fn decode(set: &[u8]) -> Result<(ProofClaims, &[u8]), ProofError> {
    let attributes = Attributes::parse(set)?;
    let content_type: ObjectIdentifier = attributes.get(ID_CONTENT_TYPE, |v| v.decode_as().ok())?;
    if content_type != ID_DATA {
        return Err(ProofError::AttributeValue(ID_CONTENT_TYPE));
    }
    let nonce = attributes.octets(NONCE)?;
    if !NONCE_LENGTH.contains(&nonce.len()) {
        return Err(ProofError::NonceLength(nonce.len()));
    }
    let claims = ProofClaims {
        purpose: attributes.get(PURPOSE, purpose)?,
        nonce: nonce.to_vec(),
        origin: attributes.get(ORIGIN, text)?.to_owned(),
        time: attributes.get(ID_SIGNING_TIME, unix_time)?,
        certificate_sha256: attributes.get(CERTIFICATE, hash)?,
        audit_head: attributes.get(AUDIT_HEAD, hash)?,
    };
    Ok((claims, attributes.octets(ID_MESSAGE_DIGEST)?))
}

/// Attributes by type, each with its one value.
struct Attributes<'a>(Vec<(ObjectIdentifier, Option<AnyRef<'a>>)>);

impl<'a> Attributes<'a> {
    fn parse(set: &'a [u8]) -> Result<Self, ProofError> {
        let parsed = asn1::read_all(set, Tag::Set, |set| {
            let mut attributes: Vec<(ObjectIdentifier, Option<AnyRef<'a>>)> = Vec::new();
            while !set.is_finished() {
                attributes.push(asn1::read_element(set, Tag::Sequence, |attribute| {
                    let oid = attribute.decode()?;
                    let values = asn1::content(attribute, Tag::Set)?;
                    // More values than one, or none, are no value of ours.
                    Ok((oid, AnyRef::from_der(values).ok()))
                })?);
            }
            Ok(attributes)
        })
        .map_err(ProofError::Malformed)?;
        for (index, (oid, _)) in parsed.iter().enumerate() {
            if parsed[..index].iter().any(|(other, _)| other == oid) {
                return Err(ProofError::RepeatedAttribute(*oid));
            }
        }
        Ok(Self(parsed))
    }

    fn get<T>(
        &self,
        oid: ObjectIdentifier,
        read: impl FnOnce(AnyRef<'a>) -> Option<T>,
    ) -> Result<T, ProofError> {
        let (_, value) = self
            .0
            .iter()
            .find(|(other, _)| *other == oid)
            .ok_or(ProofError::MissingAttribute(oid))?;
        value.and_then(read).ok_or(ProofError::AttributeValue(oid))
    }

    fn octets(&self, oid: ObjectIdentifier) -> Result<&'a [u8], ProofError> {
        self.get(oid, octets)
    }
}

fn octets(value: AnyRef<'_>) -> Option<&[u8]> {
    value
        .decode_as::<&OctetStringRef>()
        .ok()
        .map(OctetStringRef::as_bytes)
}

fn hash(value: AnyRef<'_>) -> Option<[u8; 32]> {
    octets(value)?.try_into().ok()
}

fn text(value: AnyRef<'_>) -> Option<&str> {
    (value.tag() == Tag::Utf8String)
        .then(|| std::str::from_utf8(value.value()).ok())
        .flatten()
}

fn purpose(value: AnyRef<'_>) -> Option<Purpose> {
    let word = text(value)?;
    [Purpose::Renew, Purpose::Receipt]
        .into_iter()
        .find(|purpose| purpose.as_str() == word)
}

fn unix_time(value: AnyRef<'_>) -> Option<i64> {
    let time = match value.tag() {
        Tag::UtcTime => Time::UtcTime(value.decode_as().ok()?),
        _ => Time::GeneralTime(value.decode_as().ok()?),
    };
    i64::try_from(time.to_unix_duration().as_secs()).ok()
}
