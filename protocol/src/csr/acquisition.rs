//! What a bank checks before it issues for a one-time code, in one call.

use super::{AcquisitionCode, CsrError, SignedRequest};
use crate::certificate::Subject;
use crate::signature;

/// What the bank expects of a request that a one-time code authorises.
#[derive(Clone, Copy)]
pub struct ExpectedAcquisition<'a> {
    /// The ID's code. That it is used once, ends, and is locked after five wrong tries is the
    /// bank's to see to.
    pub code: &'a AcquisitionCode,
    /// Whom the certificate will name: what the bank gave to the page.
    pub subject: &'a Subject,
    /// The origin of the bank's own page.
    pub origin: &'a str,
    /// The nonce that the bank gave for it.
    pub nonce: &'a [u8],
}

/// Why a request for an acquisition is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcquisitionError {
    /// It is no request, or its own key did not sign it.
    #[error("the request is refused")]
    Request(#[from] CsrError),
    /// It is for another subject than the ID's.
    #[error("the request is for another subject")]
    OtherSubject,
    /// It is for other subject alternative names.
    #[error("the request is for other alternative names")]
    OtherNames,
    /// It is for a type of key that Koshin does not make.
    #[error("the request is for another type of key")]
    Key,
    /// It speaks of no code: whoever made it was not asked for one. No try at the code.
    #[error("the request is not authorised by a code")]
    NoCode,
    /// Another code, or the right one for another key, origin or nonce: which of them, nobody
    /// can tell. It counts as a try, because nothing else tells a guess from a slip.
    #[error("the request is authorised by another code or for something else")]
    WrongCode,
}

/// Verifies a request (DER) by the one-time code. What remains to the bank: that the code may be
/// used today and is used up by what it issues, and that the key was never certified before.
///
/// # Errors
/// The first check that fails. The code comes last, so that nothing else is taken for a guess.
pub fn verify_acquisition(
    request_der: &[u8],
    expected: &ExpectedAcquisition<'_>,
) -> Result<SignedRequest, AcquisitionError> {
    let request = SignedRequest::from_der(request_der)?;
    if request.subject_der() != expected.subject.name_der() {
        return Err(AcquisitionError::OtherSubject);
    }
    if request.san_extension_der() != expected.subject.san_extension_der() {
        return Err(AcquisitionError::OtherNames);
    }
    if signature::key_type(request.spki_der()) == "other" {
        return Err(AcquisitionError::Key);
    }
    let value = request.authorisation.ok_or(AcquisitionError::NoCode)?;
    let authorised = request.authorised(expected.origin, expected.nonce);
    if expected.code.verifies(&authorised, &value) {
        Ok(request)
    } else {
        Err(AcquisitionError::WrongCode)
    }
}

impl AcquisitionError {
    /// A stable word for a log, as the test vectors have it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::OtherSubject => "other-subject",
            Self::OtherNames => "other-names",
            Self::Key => "key",
            Self::NoCode => "no-code",
            Self::WrongCode => "wrong-code",
        }
    }
}
