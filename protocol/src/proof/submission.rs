//! What a bank checks before it issues, and before it takes a delivery as done, in one call each.

use super::{Expectation, ProofClaims, ProofError, verify};
use crate::csr::{CsrError, SignedRequest};
use crate::signature;

/// A request that the old key answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The request, to be issued for.
    pub request: SignedRequest,
    /// What the proof says.
    pub claims: ProofClaims,
}

/// Why a submission or a receipt is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// The proof itself.
    #[error("the proof is refused")]
    Proof(#[from] ProofError),
    /// What it answers for is no request, or one that its own key did not sign.
    #[error("the request is refused")]
    Request(#[from] CsrError),
    /// The request is for another subject than the certificate that is renewed.
    #[error("the request is for another subject")]
    OtherSubject,
    /// The request is for other subject alternative names.
    #[error("the request is for other alternative names")]
    OtherNames,
    /// The request is for the old key, or for a type of key that Koshin does not make.
    #[error("the request is for the old key or for one of another type")]
    Key,
    /// The receipt is for another certificate than the one whose key signed it.
    #[error("the receipt is for another certificate")]
    OtherReceipt,
}

/// Verifies a proof and the request in it. What remains to the bank: that the nonce was given to
/// this login and is used once, that the certificate may be renewed today, that the key was never
/// certified before.
///
/// # Errors
/// The first check that fails.
pub fn verify_submission(
    cms_der: &[u8],
    expected: &Expectation<'_>,
) -> Result<Submission, SubmissionError> {
    let verified = verify(cms_der, expected)?;
    let request = SignedRequest::from_der(&verified.content)?;
    let old = expected.signer;
    if request.subject_der() != old.subject_der() {
        return Err(SubmissionError::OtherSubject);
    }
    if request.san_extension_der() != old.san_extension_der() {
        return Err(SubmissionError::OtherNames);
    }
    let key = request.spki_der();
    if key == old.spki_der() || signature::key_type(key) == "other" {
        return Err(SubmissionError::Key);
    }
    Ok(Submission {
        request,
        claims: verified.claims,
    })
}

/// Verifies a receipt: signed by the new certificate's key, over that certificate. From then on
/// the certificate is not delivered again.
///
/// # Errors
/// The first check that fails.
pub fn verify_receipt(
    cms_der: &[u8],
    expected: &Expectation<'_>,
) -> Result<ProofClaims, SubmissionError> {
    let verified = verify(cms_der, expected)?;
    if verified.content != expected.signer.der() {
        return Err(SubmissionError::OtherReceipt);
    }
    Ok(verified.claims)
}

impl SubmissionError {
    /// A stable word for a log, as the test vectors have it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::OtherSubject => "other-subject",
            Self::OtherNames => "other-names",
            Self::Key => "key",
            Self::OtherReceipt => "other-receipt",
            Self::Proof(error) => match error {
                ProofError::OtherSigner => "other-signer",
                ProofError::OtherPurpose => "other-purpose",
                ProofError::OtherNonce => "other-nonce",
                ProofError::OtherOrigin(_) => "other-origin",
                ProofError::OtherCertificate => "other-certificate",
                ProofError::TooOld(_) => "too-old",
                ProofError::FromTheFuture(_) => "from-the-future",
                // What any CMS implementation finds, each with words of its own.
                ProofError::TooLarge(_)
                | ProofError::NonceLength(_)
                | ProofError::Time(_)
                | ProofError::Signature(_)
                | ProofError::Malformed(_)
                | ProofError::Algorithm(_)
                | ProofError::MissingAttribute(_)
                | ProofError::RepeatedAttribute(_)
                | ProofError::AttributeValue(_)
                | ProofError::OtherContent => "signature",
            },
        }
    }
}
