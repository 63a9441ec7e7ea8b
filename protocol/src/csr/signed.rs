//! A complete request: what the CA receives.

use std::ops::Range;

use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use der::pem::{self, LineEnding};
use der::{Decode, Reader, SliceReader, Tag};
use spki::AlgorithmIdentifierRef;

use super::{ACQUISITION, Authorised, CsrError, MAX_REQUEST};
use crate::asn1;
use crate::certificate::name_text;
use crate::pem::blocks;
use crate::signature;

/// A request whose signature is its own key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    der: Vec<u8>,
    subject: Range<usize>,
    spki: Range<usize>,
    san: Option<Range<usize>>,
    pub(super) authorisation: Option<[u8; 32]>,
}

const PEM_LABEL: &str = "CERTIFICATE REQUEST";

impl SignedRequest {
    /// Reads a request from its DER, without anything behind it, and verifies its signature.
    ///
    /// # Errors
    /// When it is not a request of version 1, asks for something twice, or its signature is not
    /// its key's with that key's one algorithm.
    pub fn from_der(der: &[u8]) -> Result<Self, CsrError> {
        if der.len() > MAX_REQUEST {
            return Err(CsrError::TooLarge(der.len()));
        }
        let parts = parse(der).map_err(CsrError::Malformed)?;
        let san = requested_san(der, &parts)?;
        let authorisation = authorisation(der, &parts)?;
        let spki = &der[parts.spki.clone()];
        let algorithm = signature::algorithm_for(spki).map_err(CsrError::Signature)?;
        if asn1::encoded(&algorithm) != parts.algorithm {
            let named =
                AlgorithmIdentifierRef::from_der(parts.algorithm).map_err(CsrError::Malformed)?;
            return Err(CsrError::Algorithm(named.oid));
        }
        signature::verify(spki, parts.message, parts.signature).map_err(CsrError::Signature)?;
        Ok(Self {
            der: der.to_vec(),
            subject: parts.subject,
            spki: parts.spki,
            san,
            authorisation,
        })
    }

    /// Reads the one `CERTIFICATE REQUEST` (or, as old programs call it, `NEW CERTIFICATE
    /// REQUEST`) of a PEM text.
    ///
    /// # Errors
    /// As [`Self::from_der`], and when there is no such block or more than one.
    pub fn from_pem(pem: &str) -> Result<Self, CsrError> {
        let mut requests = Vec::new();
        for block in blocks(pem.as_bytes()) {
            let block = block.map_err(CsrError::Pem)?;
            if matches!(block.label, PEM_LABEL | "NEW CERTIFICATE REQUEST") {
                requests.push(block.content);
            }
        }
        match requests.as_slice() {
            [request] => Self::from_der(request),
            requests => Err(CsrError::PemCount(requests.len())),
        }
    }

    /// The whole request, as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The whole request as PEM (RFC 7468, section 7), lines of 64 characters ended by LF.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode_string(PEM_LABEL, LineEnding::LF, &self.der)
            .expect("a request that was read is far below PEM's length limit")
    }

    /// The new key: a whole `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.der[self.spki.clone()]
    }

    /// The subject: a whole `Name`.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.der[self.subject.clone()]
    }

    /// The subject as text (RFC 4514).
    #[must_use]
    pub fn subject_text(&self) -> String {
        name_text(self.subject_der())
    }

    /// What a one-time code would authorise by it.
    pub(super) fn authorised<'a>(&'a self, origin: &'a str, nonce: &'a [u8]) -> Authorised<'a> {
        Authorised {
            spki: self.spki_der(),
            subject: self.subject_der(),
            origin,
            nonce,
        }
    }

    /// The subject alternative names that are asked for: the whole `Extension`.
    #[must_use]
    pub fn san_extension_der(&self) -> Option<&[u8]> {
        self.san.clone().map(|range| &self.der[range])
    }
}

struct Parts<'a> {
    message: &'a [u8],
    subject: Range<usize>,
    spki: Range<usize>,
    attributes: Vec<Attribute>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// An attribute, or an extension in one, and where it lies.
struct Attribute {
    oid: ObjectIdentifier,
    /// For an attribute the content of its SET, for an extension the whole `Extension`.
    range: Range<usize>,
}

fn parse(der: &[u8]) -> der::Result<Parts<'_>> {
    asn1::read_all(der, Tag::Sequence, |request| {
        let message = asn1::raw(&mut request.clone(), Tag::Sequence)?;
        let (subject, spki, attributes) = asn1::read_element(request, Tag::Sequence, |info| {
            let version: u8 = info.decode()?;
            if version != 0 {
                return Err(Tag::Integer.value_error().into());
            }
            Tag::peek(info)?.assert_eq(Tag::Sequence)?;
            let subject = asn1::element_range(info)?;
            Tag::peek(info)?.assert_eq(Tag::Sequence)?;
            let spki = asn1::element_range(info)?;
            let attributes = asn1::read_element(info, asn1::context(0, true), |set| {
                let mut attributes = Vec::new();
                while !set.is_finished() {
                    attributes.push(asn1::read_element(set, Tag::Sequence, attribute)?);
                }
                Ok(attributes)
            })?;
            Ok((subject, spki, attributes))
        })?;
        let algorithm = asn1::raw(request, Tag::Sequence)?;
        let signature: BitStringRef<'_> = request.decode()?;
        Ok(Parts {
            message,
            subject,
            spki,
            attributes,
            algorithm,
            signature: signature
                .as_bytes()
                .ok_or_else(|| Tag::BitString.value_error())?,
        })
    })
}

fn attribute(reader: &mut SliceReader<'_>) -> der::Result<Attribute> {
    Ok(Attribute {
        oid: reader.decode()?,
        range: asn1::content_range(reader, Tag::Set)?,
    })
}

/// The one SubjectAltName in the one `extensionRequest`.
fn requested_san(der: &[u8], parts: &Parts<'_>) -> Result<Option<Range<usize>>, CsrError> {
    let Some(request) = only(&parts.attributes, ID_EXTENSION_REQ)? else {
        return Ok(None);
    };
    // Positions are those of the whole request: the reader starts at its first byte.
    let extensions = (|| {
        let mut reader = asn1::reader(&der[..request.end])?;
        reader.read_slice(request.start.try_into()?)?;
        let mut extensions = Vec::new();
        asn1::read_element(&mut reader, Tag::Sequence, |list| {
            while !list.is_finished() {
                let range = asn1::element_range(&mut list.clone())?;
                let oid = asn1::read_element(list, Tag::Sequence, |extension| {
                    let oid = extension.decode()?;
                    extension.read_slice(extension.remaining_len())?;
                    Ok(oid)
                })?;
                extensions.push(Attribute { oid, range });
            }
            Ok(())
        })?;
        reader.finish()?;
        Ok(extensions)
    })()
    .map_err(CsrError::Malformed)?;
    only(&extensions, ID_CE_SUBJECT_ALT_NAME)
}

/// The value of the one attribute of an acquisition.
fn authorisation(der: &[u8], parts: &Parts<'_>) -> Result<Option<[u8; 32]>, CsrError> {
    let Some(range) = only(&parts.attributes, ACQUISITION)? else {
        return Ok(None);
    };
    let value = <&OctetStringRef>::from_der(&der[range]).map_err(CsrError::Malformed)?;
    <[u8; 32]>::try_from(value.as_bytes())
        .map(Some)
        .map_err(|_| CsrError::Malformed(Tag::OctetString.length_error().into()))
}

fn only(attributes: &[Attribute], oid: ObjectIdentifier) -> Result<Option<Range<usize>>, CsrError> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => Ok(Some(one.range.clone())),
        (Some(_), Some(_)) => Err(CsrError::Duplicate(oid)),
    }
}
