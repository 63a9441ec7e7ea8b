//! The bank's side: is this proof what it should be?

use std::time::Duration;

use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use ring::digest;
use spki::AlgorithmIdentifierRef;

use super::{MAX_PROOF, ProofClaims, ProofError, Purpose, attributes, signer_identifier};
use crate::asn1::{self, tag};
use crate::certificate::Certificate;
use crate::signature;

/// What the bank expects of a proof.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// Whose key signed: the old certificate for [`Purpose::Renew`], the new one for
    /// [`Purpose::Receipt`].
    pub signer: &'a Certificate,
    /// What it is for.
    pub purpose: Purpose,
    /// The nonce that the bank gave for it. That it is used once is the bank's to see to.
    pub nonce: &'a [u8],
    /// The origin of the bank's own page.
    pub origin: &'a str,
    /// SHA-256 of the certificate that is renewed.
    pub certificate_sha256: [u8; 32],
    /// The bank's time, as Unix time in seconds.
    pub now: i64,
    /// How far the customer's clock at signing may be from `now`, before it or after it.
    pub max_age: Duration,
}

/// A proof that is what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: ProofClaims,
    /// What it is about: the request's DER, or for a receipt the new certificate's.
    pub content: Vec<u8>,
}

/// Verifies a proof or a receipt.
///
/// In this order: readable, from the expected certificate, signed by its key with its key's
/// algorithm, every attribute there, over this content, for this purpose, nonce, origin and
/// certificate, and fresh.
///
/// # Errors
/// The first check that fails. Everything from [`ProofError::MissingAttribute`] on is said of a
/// proof that the signer's key did sign.
pub fn verify(cms_der: &[u8], expected: &Expectation<'_>) -> Result<Verified, ProofError> {
    let parts = bounded(cms_der)?;
    let verified = signed_by(&parts, expected.signer)?;
    check_claims(&verified.claims, expected)?;
    Ok(verified)
}

/// What a proof or a receipt says to somebody who expects nothing of it, such as an auditor: that
/// the key of the certificate within it signed. Whose certificate that is remains to be judged.
///
/// # Errors
/// As [`verify()`], but for the checks against an expectation.
pub fn read(cms_der: &[u8]) -> Result<(Verified, Certificate), ProofError> {
    let parts = bounded(cms_der)?;
    let signer = Certificate::from_der(parts.certificate).map_err(|_| ProofError::OtherSigner)?;
    Ok((signed_by(&parts, &signer)?, signer))
}

fn bounded(cms_der: &[u8]) -> Result<Parts<'_>, ProofError> {
    if cms_der.len() > MAX_PROOF {
        return Err(ProofError::TooLarge(cms_der.len()));
    }
    parse(cms_der).map_err(ProofError::Malformed)
}

fn signed_by(parts: &Parts<'_>, signer: &Certificate) -> Result<Verified, ProofError> {
    if parts.certificate != signer.der() || parts.signer_identifier != signer_identifier(signer) {
        return Err(ProofError::OtherSigner);
    }
    let set = verify_signature(parts, signer)?;
    let (claims, message_digest) = attributes::decode(&set)?;
    let (digest, _) = signature::digest_for(signer.spki_der()).map_err(ProofError::Signature)?;
    if digest::digest(digest, parts.content).as_ref() != message_digest {
        return Err(ProofError::OtherContent);
    }
    Ok(Verified {
        claims,
        content: parts.content.to_vec(),
    })
}

/// The signed attributes as the SET OF that was signed.
fn verify_signature(parts: &Parts<'_>, signer: &Certificate) -> Result<Vec<u8>, ProofError> {
    let spki = signer.spki_der();
    let algorithm = signature::algorithm_for(spki).map_err(ProofError::Signature)?;
    let (_, digest) = signature::digest_for(spki).map_err(ProofError::Signature)?;
    if parts.digest_algorithm != digest {
        return Err(ProofError::Algorithm(parts.digest_algorithm));
    }
    if parts.signature_algorithm.oid != algorithm.oid {
        return Err(ProofError::Algorithm(parts.signature_algorithm.oid));
    }
    let set = asn1::element(tag::SET, &[parts.attributes]);
    signature::verify(spki, &set, parts.signature).map_err(ProofError::Signature)?;
    Ok(set)
}

fn check_claims(claims: &ProofClaims, expected: &Expectation<'_>) -> Result<(), ProofError> {
    if claims.purpose != expected.purpose {
        return Err(ProofError::OtherPurpose);
    }
    if claims.nonce != expected.nonce {
        return Err(ProofError::OtherNonce);
    }
    if claims.origin != expected.origin {
        return Err(ProofError::OtherOrigin(claims.origin.clone()));
    }
    if claims.certificate_sha256 != expected.certificate_sha256 {
        return Err(ProofError::OtherCertificate);
    }
    let distance = claims.time.abs_diff(expected.now);
    if distance > expected.max_age.as_secs() {
        return Err(if claims.time < expected.now {
            ProofError::TooOld(distance)
        } else {
            ProofError::FromTheFuture(distance)
        });
    }
    Ok(())
}

struct Parts<'a> {
    content: &'a [u8],
    certificate: &'a [u8],
    signer_identifier: &'a [u8],
    digest_algorithm: ObjectIdentifier,
    /// The content of `signedAttrs`, without its identifier and length.
    attributes: &'a [u8],
    signature_algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

/// Exactly the form that the module's head defines: one certificate, one signer, nothing optional.
fn parse(cms: &[u8]) -> der::Result<Parts<'_>> {
    asn1::read_all(cms, Tag::Sequence, |content_info| {
        expect_oid(content_info, ID_SIGNED_DATA)?;
        asn1::read_element(content_info, asn1::context(0, true), |explicit| {
            asn1::read_element(explicit, Tag::Sequence, parse_signed_data)
        })
    })
}

fn parse_signed_data<'a>(signed_data: &mut SliceReader<'a>) -> der::Result<Parts<'a>> {
    expect_version_1(signed_data)?;
    asn1::raw(signed_data, Tag::Set)?;
    let content = asn1::read_element(signed_data, Tag::Sequence, |encapsulated| {
        expect_oid(encapsulated, ID_DATA)?;
        asn1::read_element(encapsulated, asn1::context(0, true), |explicit| {
            octets(explicit)
        })
    })?;
    let certificate = asn1::read_element(signed_data, asn1::context(0, true), |set| {
        asn1::raw(set, Tag::Sequence)
    })?;
    asn1::read_element(signed_data, Tag::Set, |signers| {
        asn1::read_element(signers, Tag::Sequence, |signer| {
            expect_version_1(signer)?;
            Ok(Parts {
                content,
                certificate,
                signer_identifier: asn1::raw(signer, Tag::Sequence)?,
                digest_algorithm: AlgorithmIdentifierRef::decode(signer)?.oid,
                attributes: asn1::content(signer, asn1::context(0, true))?,
                signature_algorithm: signer.decode()?,
                signature: octets(signer)?,
            })
        })
    })
}

fn expect_oid(reader: &mut SliceReader<'_>, expected: ObjectIdentifier) -> der::Result<()> {
    let oid: ObjectIdentifier = reader.decode()?;
    if oid == expected {
        Ok(())
    } else {
        Err(der::ErrorKind::OidUnknown { oid }.into())
    }
}

fn expect_version_1(reader: &mut SliceReader<'_>) -> der::Result<()> {
    match reader.decode()? {
        1u8 => Ok(()),
        _ => Err(Tag::Integer.value_error().into()),
    }
}

fn octets<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a [u8]> {
    reader
        .decode::<&OctetStringRef>()
        .map(OctetStringRef::as_bytes)
}
