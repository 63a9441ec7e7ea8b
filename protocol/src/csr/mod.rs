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
//! The signature is the new key's over the DER of `certificationRequestInfo`, with the algorithm
//! that [`crate::signature`] gives for the type of key.
//!
//! Making a request takes two steps, because the key that signs is in a token:
//! [`RequestToSign::renewing`] gives the bytes to sign, [`RequestToSign::assemble`] takes the
//! signature and gives the [`SignedRequest`]. The bank's side begins at
//! [`SignedRequest::from_der`].

mod signed;

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::ObjectIdentifier;

use crate::asn1::{self, tag};
use crate::certificate::Certificate;
use crate::signature::{self, SignatureError};

pub use crate::pem::PemError;
pub use signed::SignedRequest;

/// The largest request that is read, in bytes of DER.
pub const MAX_REQUEST: usize = 64 * 1024;

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
        let algorithm = signature::algorithm_for(new_spki_der).map_err(CsrError::Signature)?;
        if new_spki_der == old.spki_der() {
            return Err(CsrError::SameKey);
        }
        let extension_request = old.san_extension_der().map(|san| {
            asn1::sequence(&[
                &asn1::oid(ID_EXTENSION_REQ),
                &asn1::set_of(vec![asn1::sequence(&[san])]),
            ])
        });
        let attributes = extension_request.as_deref().unwrap_or_default();
        let message = asn1::sequence(&[
            &asn1::element(tag::INTEGER, &[&[0]]),
            old.subject_der(),
            new_spki_der,
            &asn1::element(tag::CONTEXT_0, &[attributes]),
        ]);
        Ok(Self {
            message,
            spki: new_spki_der.to_vec(),
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

#[cfg(test)]
mod tests;
