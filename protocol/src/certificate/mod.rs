//! A read-only view on one X.509 certificate (RFC 5280, section 4.1).
//!
//! Reading is lenient where only a verifier has to be strict: any version, any extension, any
//! string type in a name, so that every certificate on a token can be shown. Nothing here says
//! that a certificate may be trusted; that is [`crate::accept`]'s work.
//!
//! Limits: 64 KiB, dates from 1970 to 9999, no extension twice.

mod issuer;
mod name;
mod subject;

use std::fmt;
use std::ops::Range;

use const_oid::db::rfc5280::{ID_CE_KEY_USAGE, ID_CE_SUBJECT_ALT_NAME};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use ring::digest;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::time::Time;

use crate::asn1;

pub use subject::{MAX_SUBJECT, Subject, SubjectError};

pub(crate) use name::text as name_text;

/// The largest certificate that is read, in bytes of DER.
pub const MAX_CERTIFICATE: usize = 64 * 1024;

/// Why some bytes are no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// More than [`MAX_CERTIFICATE`] bytes.
    #[error("the certificate has {0} bytes, more than {MAX_CERTIFICATE}")]
    TooLarge(usize),
    /// Not the DER of a certificate.
    #[error("the certificate cannot be read")]
    Malformed(#[source] der::Error),
    /// The same extension twice (RFC 5280, section 4.2, forbids it).
    #[error("the certificate has the extension {0} twice")]
    DuplicateExtension(ObjectIdentifier),
}

/// A certificate, as its issuer encoded it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// What is signed.
    tbs: Range<usize>,
    /// The content of the signature's AlgorithmIdentifier.
    algorithm: Range<usize>,
    /// The signature's octets.
    signature: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    extensions: Vec<Extension>,
    not_before: i64,
    not_after: i64,
}

/// Where an extension lies in the certificate.
#[derive(Clone, PartialEq, Eq)]
struct Extension {
    oid: ObjectIdentifier,
    whole: Range<usize>,
    value: Range<usize>,
}

impl Certificate {
    /// Reads a certificate from its DER, without anything behind it.
    ///
    /// # Errors
    /// When the bytes are not a certificate within the limits of this module.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLarge(der.len()));
        }
        let certificate = parse(der).map_err(CertificateError::Malformed)?;
        let extensions = &certificate.extensions;
        for (index, extension) in extensions.iter().enumerate() {
            if extensions[..index].iter().any(|e| e.oid == extension.oid) {
                return Err(CertificateError::DuplicateExtension(extension.oid));
            }
        }
        Ok(certificate)
    }

    /// The whole certificate, as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the whole DER.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// [`Self::sha256`] as 64 lower-case hexadecimal digits: how messages name a certificate.
    #[must_use]
    pub fn id(&self) -> String {
        sha256_id(&self.der)
    }

    /// The serial number: lower-case hexadecimal, two digits a byte, without the zero byte that
    /// DER puts before a number whose highest bit is set.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        match &self.der[self.serial.clone()] {
            [0, rest @ ..] if !rest.is_empty() => hex(rest),
            serial => hex(serial),
        }
    }

    /// The subject as text (RFC 4514). For people: compare [`Self::subject_der`] instead.
    #[must_use]
    pub fn subject_text(&self) -> String {
        name::text(self.subject_der())
    }

    /// The issuer as text (RFC 4514). For people: compare [`Self::issuer_der`] instead.
    #[must_use]
    pub fn issuer_text(&self) -> String {
        name::text(self.issuer_der())
    }

    /// The subject's common name, the most specific one where it has several.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        name::common_name(self.subject_der())
    }

    /// Each attribute of the subject in the form of RFC 4514, section 2.3, e.g. `OU=Sales`.
    #[must_use]
    pub fn subject_attributes(&self) -> Vec<String> {
        name::attributes(self.subject_der())
    }

    /// The subject: a whole `Name`, as the issuer encoded it.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.der[self.subject.clone()]
    }

    /// The issuer: a whole `Name`, as the issuer encoded it.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.der[self.issuer.clone()]
    }

    /// The public key: a whole `SubjectPublicKeyInfo`, as the issuer encoded it.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.der[self.spki.clone()]
    }

    /// The subject's alternative names: the whole `Extension` with its object identifier and its
    /// criticality, as the issuer encoded it (RFC 5280, section 4.2.1.6).
    #[must_use]
    pub fn san_extension_der(&self) -> Option<&[u8]> {
        self.extension(ID_CE_SUBJECT_ALT_NAME)
            .map(|extension| &self.der[extension.whole.clone()])
    }

    /// The first second of validity, as Unix time.
    #[must_use]
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// The last second of validity, as Unix time: that second is still valid.
    #[must_use]
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// The content of the serial number's INTEGER.
    pub(crate) fn serial_bytes(&self) -> &[u8] {
        &self.der[self.serial.clone()]
    }

    /// What the key may be used for; `None` where the certificate does not say (RFC 5280,
    /// section 4.2.1.3).
    pub(crate) fn key_usage(&self) -> Option<der::Result<KeyUsage>> {
        self.extension(ID_CE_KEY_USAGE)
            .map(|extension| KeyUsage::from_der(&self.der[extension.value.clone()]))
    }

    fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions.iter().find(|e| e.oid == oid)
    }
}

/// Shows the hash only: a subject does not belong into a log.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.id())
    }
}

/// SHA-256 of a certificate's DER as 64 lower-case hexadecimal digits: how messages name a
/// certificate.
#[must_use]
pub fn sha256_id(der: &[u8]) -> String {
    hex(&sha256(der))
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}

/// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }`
fn parse(der: &[u8]) -> der::Result<Certificate> {
    asn1::read_all(der, Tag::Sequence, |certificate| {
        let tbs = asn1::element_range(&mut certificate.clone())?;
        let mut parsed = asn1::read_element(certificate, Tag::Sequence, |tbs| parse_tbs(der, tbs))?;
        parsed.tbs = tbs;
        parsed.algorithm = asn1::content_range(certificate, Tag::Sequence)?;
        let whole = asn1::content_range(&mut certificate.clone(), Tag::BitString)?;
        let octets: BitStringRef<'_> = certificate.decode()?;
        parsed.signature = whole.end - octets.raw_bytes().len()..whole.end;
        Ok(parsed)
    })
}

/// The fields of `TBSCertificate` in their order; what is around them is not known yet.
fn parse_tbs(der: &[u8], tbs: &mut SliceReader<'_>) -> der::Result<Certificate> {
    if asn1::next_is(tbs, asn1::context(0, true)) {
        let _version: u8 = asn1::read_element(tbs, asn1::context(0, true), |v| v.decode())?;
    }
    let serial = asn1::content_range(tbs, Tag::Integer)?;
    if serial.is_empty() {
        return Err(Tag::Integer.value_error().into());
    }
    asn1::raw(tbs, Tag::Sequence)?;
    let issuer = name_range(der, tbs)?;
    let (not_before, not_after) = asn1::read_element(tbs, Tag::Sequence, |validity| {
        Ok((time(validity)?, time(validity)?))
    })?;
    let subject = name_range(der, tbs)?;
    Tag::peek(tbs)?.assert_eq(Tag::Sequence)?;
    let spki = asn1::element_range(tbs)?;
    for unique_id in 1..=2 {
        if asn1::next_is(tbs, asn1::context(unique_id, false)) {
            tbs.tlv_bytes()?;
        }
    }
    let mut extensions = Vec::new();
    if asn1::next_is(tbs, asn1::context(3, true)) {
        asn1::read_element(tbs, asn1::context(3, true), |tagged| {
            asn1::read_element(tagged, Tag::Sequence, |list| {
                while !list.is_finished() {
                    extensions.push(parse_extension(list)?);
                }
                Ok(())
            })
        })?;
    }
    Ok(Certificate {
        der: der.to_vec(),
        tbs: 0..0,
        algorithm: 0..0,
        signature: 0..0,
        serial,
        issuer,
        subject,
        spki,
        extensions,
        not_before,
        not_after,
    })
}

/// `Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
fn parse_extension(list: &mut SliceReader<'_>) -> der::Result<Extension> {
    let whole = asn1::element_range(&mut list.clone())?;
    asn1::read_element(list, Tag::Sequence, |extension| {
        let oid = extension.decode()?;
        if asn1::next_is(extension, Tag::Boolean) {
            extension.tlv_bytes()?;
        }
        let value = asn1::content_range(extension, Tag::OctetString)?;
        Ok(Extension { oid, whole, value })
    })
}

fn name_range(der: &[u8], reader: &mut SliceReader<'_>) -> der::Result<Range<usize>> {
    Tag::peek(reader)?.assert_eq(Tag::Sequence)?;
    let range = asn1::element_range(reader)?;
    name::check(&der[range.clone()])?;
    Ok(range)
}

fn time(reader: &mut SliceReader<'_>) -> der::Result<i64> {
    let element = AnyRef::decode(reader)?;
    let time = match element.tag() {
        Tag::UtcTime => Time::UtcTime(element.decode_as()?),
        _ => Time::GeneralTime(element.decode_as()?),
    };
    i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| der::ErrorKind::DateTime.into())
}

#[cfg(test)]
mod tests;
