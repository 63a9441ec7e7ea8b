//! Certification requests (PKCS #10, RFC 2986).
//!
//! ```text
//! CertificationRequest ::= SEQUENCE {
//!     certificationRequestInfo  SEQUENCE {
//!         version        INTEGER 0,
//!         subject        Name                  -- the old certificate's, byte for byte
//!         subjectPKInfo  SubjectPublicKeyInfo  -- the new key's, as the token gave it
//!         attributes     [0] IMPLICIT SET OF Attribute },
//!     signatureAlgorithm        AlgorithmIdentifier,
//!     signature                 BIT STRING }
//! ```
//!
//! The attributes are there even when the set is empty. Where the old certificate has subject
//! alternative names, the set holds one `extensionRequest` (1.2.840.113549.1.9.14, RFC 2985,
//! section 5.4.2) with one extension: the old certificate's, byte for byte, its criticality
//! included. Nothing else is asked for; validity and usage are the CA's to decide.
//!
//! A request for an **acquisition** has no old certificate. Subject and alternative names are those
//! that the bank gave, byte for byte, and one more attribute shows that the person who holds the
//! bank's one-time code asked for it:
//!
//! ```text
//! acquisition  1.3.6.1.4.1.32473.1.6  OCTET STRING, 32 bytes:
//!     HMAC-SHA-256 (RFC 2104)
//!         key      the code: 16 characters of Crockford's base 32, upper case, without hyphens
//!         message  "koshin-acquisition-1", SubjectPublicKeyInfo, Name, origin, nonce,
//!                  each behind its length in bytes as 4 bytes, the highest first
//! ```
//!
//! The key is the new key's `SubjectPublicKeyInfo` and the name the subject, both as DER and as
//! they stand in the request; the origin is that of the page that asked, in UTF-8, as the agent
//! heard it from the browser; the nonce is the bank's, as bytes. What else is in the request is
//! bound by its signature, because nobody but the holder of that key can make another one. So a
//! page, or a program that passes itself off as the agent, gets no certificate for a key of its
//! own: it never sees the code. A code has 80 bits, so the value does not give it away either.
//! Object identifiers are below the same arc as those of [`crate::proof`].
//!
//! The signature is the new key's over the DER of `certificationRequestInfo`, with the algorithm
//! that [`crate::signature`] gives for the type of key.
//!
//! Making a request takes two steps, because the key that signs is in a token:
//! [`RequestToSign::renewing`] gives the bytes to sign, [`RequestToSign::assemble`] takes the
//! signature and gives the [`SignedRequest`]. The bank's side begins at
//! [`SignedRequest::from_der`], or for an acquisition at [`verify_acquisition`], which looks at
//! the code as well; `testdata/vectors` has examples of what it takes and refuses.

mod acquisition;
mod code;
mod signed;

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::ObjectIdentifier;

use crate::asn1::{self, tag};
use crate::certificate::{Certificate, Subject};
use crate::proof::NONCE_LENGTH;
use crate::signature::{self, SignatureError};

pub use crate::pem::PemError;
pub use acquisition::{AcquisitionError, ExpectedAcquisition, verify_acquisition};
pub use code::{AcquisitionCode, CODE_CHARACTERS};
pub use signed::SignedRequest;

use code::Authorised;

/// The largest request that is read, in bytes of DER.
pub const MAX_REQUEST: usize = 64 * 1024;

/// The attribute of an acquisition.
const ACQUISITION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.6");

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsrError {
    /// The key is of no use, or the signature is not the key's over this request.
    #[error("the request's key or signature is refused")]
    Signature(#[source] SignatureError),
    /// The new key is the old certificate's: a renewal makes a new one.
    #[error("the request's key is the old certificate's")]
    SameKey,
    /// The bank's nonce has fewer or more bytes than a proof's.
    #[error("a nonce of {0} bytes is too short or too long")]
    NonceLength(usize),
    /// More than [`MAX_REQUEST`] bytes.
    #[error("the request has {0} bytes, more than {MAX_REQUEST}")]
    TooLarge(usize),
    /// Not the DER of a request of version 1.
    #[error("the request cannot be read")]
    Malformed(#[source] der::Error),
    /// The PEM cannot be read.
    #[error("the request's PEM cannot be read")]
    Pem(#[source] PemError),
    /// No block, or more than one, says CERTIFICATE REQUEST.
    #[error("the PEM holds {0} requests instead of one")]
    PemCount(usize),
    /// The signature's algorithm is not the one for the type of key.
    #[error("the request is signed with the algorithm {0}, which is not its key's")]
    Algorithm(ObjectIdentifier),
    /// The attribute or the requested extension is there twice.
    #[error("the request has {0} twice")]
    Duplicate(ObjectIdentifier),
}

/// A request that lacks its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestToSign {
    message: Vec<u8>,
    spki: Vec<u8>,
    algorithm: Vec<u8>,
}

impl RequestToSign {
    /// A request for the successor of `old` with a new key, given as `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When Koshin cannot sign with a key of that type, or the key is not new.
    pub fn renewing(old: &Certificate, new_spki_der: &[u8]) -> Result<Self, CsrError> {
        if new_spki_der == old.spki_der() {
            return Err(CsrError::SameKey);
        }
        let attributes = Vec::from_iter(old.san_extension_der().map(extension_request));
        Self::new(old.subject_der(), new_spki_der, attributes)
    }

    /// A request for a first certificate of `subject`, authorised by the one-time code for a page
    /// of `origin` and the bank's nonce.
    ///
    /// # Errors
    /// When Koshin cannot sign with a key of that type, or the nonce is too short or too long.
    pub fn acquiring(
        subject: &Subject,
        new_spki_der: &[u8],
        code: &AcquisitionCode,
        origin: &str,
        nonce: &[u8],
    ) -> Result<Self, CsrError> {
        if !NONCE_LENGTH.contains(&nonce.len()) {
            return Err(CsrError::NonceLength(nonce.len()));
        }
        let value = code.authenticate(&Authorised {
            spki: new_spki_der,
            subject: subject.name_der(),
            origin,
            nonce,
        });
        let value = asn1::element(tag::OCTET_STRING, &[&value]);
        let mut attributes = vec![attribute(ACQUISITION, value)];
        attributes.extend(subject.san_extension_der().map(extension_request));
        Self::new(subject.name_der(), new_spki_der, attributes)
    }

    fn new(subject: &[u8], spki: &[u8], attributes: Vec<Vec<u8>>) -> Result<Self, CsrError> {
        let algorithm = signature::algorithm_for(spki).map_err(CsrError::Signature)?;
        let set = asn1::set_of(attributes);
        let message = asn1::sequence(&[
            &asn1::element(tag::INTEGER, &[&[0]]),
            subject,
            spki,
            // The same attributes under the tag [0] instead of SET.
            &[tag::CONTEXT_0],
            &set[1..],
        ]);
        Ok(Self {
            message,
            spki: spki.to_vec(),
            algorithm: asn1::encoded(&algorithm),
        })
    }

    /// What the new key signs: the DER of `certificationRequestInfo`.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Puts the request together once its signature verifies. ECDSA signatures come as DER.
    ///
    /// # Errors
    /// When the signature is not the new key's over [`Self::message`].
    pub fn assemble(self, signature: &[u8]) -> Result<SignedRequest, CsrError> {
        signature::verify(&self.spki, &self.message, signature).map_err(CsrError::Signature)?;
        let der = asn1::sequence(&[&self.message, &self.algorithm, &asn1::bit_string(signature)]);
        SignedRequest::from_der(&der)
    }
}

/// `extensionRequest` with one extension.
fn extension_request(extension: &[u8]) -> Vec<u8> {
    attribute(ID_EXTENSION_REQ, asn1::sequence(&[extension]))
}

fn attribute(oid: ObjectIdentifier, value: Vec<u8>) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oid), &asn1::set_of(vec![value])])
}

#[cfg(test)]
mod tests;
