//! The old key's proof and the new key's receipt: CMS SignedData (RFC 5652).
//!
//! With the **proof** the customer's old key says: this request is mine. With the **receipt** the
//! new key says: the certificate is installed, and I work. Both have the same form, in DER:
//!
//! ```text
//! ContentInfo { id-signedData, [0] SignedData {
//!     version 1,
//!     digestAlgorithms  { SHA-256, SHA-384 for a P-384 key, SHA-512 for an Ed25519 key (RFC 8419);
//!                         no parameters },
//!     encapContentInfo  { id-data, [0] OCTET STRING
//!                             -- proof: the DER of the CertificationRequest
//!                             -- receipt: the DER of the new certificate },
//!     certificates [0]  { the signer's certificate, and no other },
//!     signerInfos       { SignerInfo {
//!         version 1,
//!         sid  issuerAndSerialNumber of that certificate,
//!         digestAlgorithm    as above,
//!         signedAttrs [0]    the attributes below,
//!         signatureAlgorithm as crate::signature has it for the type of key,
//!         signature          OCTET STRING } } } }
//! ```
//!
//! What is signed is, as RFC 5652, section 5.4, has it, the DER of the attributes as a
//! `SET OF` (identifier 0x31, where the message has 0xA0).
//!
//! | attribute | object identifier | value |
//! | --- | --- | --- |
//! | contentType | 1.2.840.113549.1.9.3 | id-data |
//! | messageDigest | 1.2.840.113549.1.9.4 | digest of the content |
//! | signingTime | 1.2.840.113549.1.9.5 | UTCTime, GeneralizedTime from 2050 |
//! | nonce | 1.3.6.1.4.1.32473.1.1 | OCTET STRING, the bank's, 16 to 64 bytes |
//! | origin | 1.3.6.1.4.1.32473.1.2 | UTF8String, e.g. `https://ca.bank.example`: the page's, from the browser |
//! | purpose | 1.3.6.1.4.1.32473.1.3 | UTF8String, `renew` or `receipt` |
//! | certificate | 1.3.6.1.4.1.32473.1.4 | OCTET STRING, SHA-256 of the DER of the certificate that is renewed |
//! | auditHead | 1.3.6.1.4.1.32473.1.5 | OCTET STRING, 32 bytes: the head of the agent's audit chain |
//!
//! Each is there once, with one value. 1.3.6.1.4.1.32473 is the arc that is set aside for
//! documentation (RFC 5612); a product would put an arc of its own in its place.
//!
//! The bank calls [`verify_submission`] and [`verify_receipt`], which look at the content too;
//! `testdata/vectors` has examples of what they take and refuse. Any CMS implementation can do the same, e.g.
//! `openssl cms -verify -inform DER -in proof.der -CAfile ca.pem -purpose any -binary -out csr.der`
//! with root and intermediates in `ca.pem`; what is in the attributes (`openssl cms -cmsout
//! -print`) remains to be compared then. (OpenSSL 3.0 verifies Ed25519 signatures, but not within a
//! CMS.) The old certificate may have
//! expired within the bank's grace, so its validity is the caller's to judge: [`verify()`] takes the
//! certificate as known and says only that its key signed.

mod attributes;
mod submission;
mod verify;

use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::asn1::ObjectIdentifier;

use crate::asn1::{self, tag};
use crate::certificate::Certificate;
use crate::csr::MAX_REQUEST;
use crate::signature::{self, SignatureError};

pub use submission::{Submission, SubmissionError, verify_receipt, verify_submission};
pub use verify::{Expectation, Verified, read, verify};

/// The largest proof that is read, in bytes of DER.
pub const MAX_PROOF: usize = 256 * 1024;

/// The fewest and the most bytes of a nonce.
pub const NONCE_LENGTH: std::ops::RangeInclusive<usize> = 16..=64;

/// What a key's signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The old key answers for a request.
    Renew,
    /// The new key confirms that its certificate is installed.
    Receipt,
}

impl Purpose {
    /// The word in the signed attribute.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Receipt => "receipt",
        }
    }
}

/// What a proof says besides its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofClaims {
    /// What it is for.
    pub purpose: Purpose,
    /// The bank's nonce, see [`NONCE_LENGTH`].
    pub nonce: Vec<u8>,
    /// The origin of the page that asked, as the browser names it.
    pub origin: String,
    /// When it was signed by the customer's clock, as Unix time in seconds.
    pub time: i64,
    /// SHA-256 of the certificate that is renewed, in a receipt too.
    pub certificate_sha256: [u8; 32],
    /// The head of the agent's audit chain.
    pub audit_head: [u8; 32],
}

/// Why there is no proof, or none that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The content has more than [`MAX_REQUEST`] bytes, or the proof more than [`MAX_PROOF`].
    #[error("the proof or its content has {0} bytes, too many")]
    TooLarge(usize),
    /// The nonce's length is outside [`NONCE_LENGTH`].
    #[error("a nonce of {0} bytes is too short or too long")]
    NonceLength(usize),
    /// The time is before 1970 or after 9999.
    #[error("the time {0} cannot be written")]
    Time(i64),
    /// The key is of no use, or the signature is not the key's over these attributes.
    #[error("the proof's key or signature is refused")]
    Signature(#[source] SignatureError),
    /// Not the DER of a proof as this module defines it.
    #[error("the proof cannot be read")]
    Malformed(#[source] der::Error),
    /// The certificate in it, or the one that it names as the signer's, is another.
    #[error("the proof is signed with another certificate than expected")]
    OtherSigner,
    /// Digest or signature algorithm are not those for the type of key.
    #[error("the proof's algorithm {0} is not its key's")]
    Algorithm(ObjectIdentifier),
    /// A signed attribute is not there.
    #[error("the proof lacks the signed attribute {0}")]
    MissingAttribute(ObjectIdentifier),
    /// A signed attribute is there twice.
    #[error("the proof has the signed attribute {0} twice")]
    RepeatedAttribute(ObjectIdentifier),
    /// A signed attribute's value is not what this module defines.
    #[error("the proof's signed attribute {0} has a value of the wrong form")]
    AttributeValue(ObjectIdentifier),
    /// The content is not the one that was signed.
    #[error("the proof's content is not the signed one")]
    OtherContent,
    /// It is for another purpose.
    #[error("the proof is for another purpose")]
    OtherPurpose,
    /// It answers another nonce: it is replayed, or the bank has forgotten the nonce.
    #[error("the proof answers another nonce")]
    OtherNonce,
    /// It was made for a page of another origin.
    #[error("the proof was made for the origin {0}")]
    OtherOrigin(String),
    /// It is about another certificate.
    #[error("the proof is about another certificate")]
    OtherCertificate,
    /// It is older than allowed, by the customer's clock.
    #[error("the proof is {0} seconds old, too old")]
    TooOld(u64),
    /// It is from further in the future than allowed, by the customer's clock.
    #[error("the proof is from {0} seconds in the future")]
    FromTheFuture(u64),
}

/// A proof that lacks its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofToSign {
    content: Vec<u8>,
    signer: Certificate,
    digest_algorithm: Vec<u8>,
    signature_algorithm: Vec<u8>,
    attributes: Vec<u8>,
}

impl ProofToSign {
    /// A proof over `content` (the request's DER, or for a receipt the new certificate's) by the
    /// key of the certificate `signer`.
    ///
    /// # Errors
    /// When the content, the nonce or the time is out of bounds, when Koshin cannot sign with that
    /// type of key, or when a [`Purpose::Renew`] is claimed for another certificate than
    /// `signer`.
    pub fn new(
        content: &[u8],
        signer: &Certificate,
        claims: &ProofClaims,
    ) -> Result<Self, ProofError> {
        if content.len() > MAX_REQUEST {
            return Err(ProofError::TooLarge(content.len()));
        }
        if claims.purpose == Purpose::Renew && claims.certificate_sha256 != signer.sha256() {
            return Err(ProofError::OtherCertificate);
        }
        let spki = signer.spki_der();
        let algorithm = signature::algorithm_for(spki).map_err(ProofError::Signature)?;
        let digest = signature::digest_for(spki).map_err(ProofError::Signature)?;
        Ok(Self {
            content: content.to_vec(),
            signer: signer.clone(),
            digest_algorithm: digest_identifier(digest.1),
            signature_algorithm: asn1::encoded(&algorithm),
            attributes: attributes::encode(claims, digest_of(digest.0, content).as_ref())?,
        })
    }

    /// What the signer's key signs: the DER of the attributes as a SET OF.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.attributes
    }

    /// Puts the proof together once its signature verifies. ECDSA signatures come as DER.
    ///
    /// # Errors
    /// When the signature is not the signer's over [`Self::message`].
    pub fn assemble(self, signature: &[u8]) -> Result<Vec<u8>, ProofError> {
        signature::verify(self.signer.spki_der(), &self.attributes, signature)
            .map_err(ProofError::Signature)?;
        let signer_info = asn1::sequence(&[
            &VERSION_1,
            &signer_identifier(&self.signer),
            &self.digest_algorithm,
            // The same attributes under the tag [0] instead of SET.
            &[tag::CONTEXT_0],
            &self.attributes[1..],
            &self.signature_algorithm,
            &asn1::element(tag::OCTET_STRING, &[signature]),
        ]);
        let content = asn1::element(tag::OCTET_STRING, &[&self.content]);
        let signed_data = asn1::sequence(&[
            &VERSION_1,
            &asn1::element(tag::SET, &[&self.digest_algorithm]),
            &asn1::sequence(&[
                &asn1::oid(ID_DATA),
                &asn1::element(tag::CONTEXT_0, &[&content]),
            ]),
            &asn1::element(tag::CONTEXT_0, &[self.signer.der()]),
            &asn1::element(tag::SET, &[&signer_info]),
        ]);
        Ok(asn1::sequence(&[
            &asn1::oid(ID_SIGNED_DATA),
            &asn1::element(tag::CONTEXT_0, &[&signed_data]),
        ]))
    }
}

/// `CMSVersion` 1: plain content, certificates and signer identifier (RFC 5652, section 5.1).
const VERSION_1: [u8; 3] = [tag::INTEGER, 1, 1];

/// `IssuerAndSerialNumber` (RFC 5652, section 10.2.4).
fn signer_identifier(certificate: &Certificate) -> Vec<u8> {
    asn1::sequence(&[
        certificate.issuer_der(),
        &asn1::element(tag::INTEGER, &[certificate.serial_bytes()]),
    ])
}

/// SHA-2 as `AlgorithmIdentifier`: without parameters (RFC 5754, section 2).
fn digest_identifier(digest: ObjectIdentifier) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(digest)])
}

fn digest_of(algorithm: &'static ring::digest::Algorithm, content: &[u8]) -> ring::digest::Digest {
    ring::digest::digest(algorithm, content)
}

#[cfg(test)]
mod tests;
