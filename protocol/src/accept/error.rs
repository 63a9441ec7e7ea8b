//! What can be wrong with an answer.

use std::error::Error;
use std::fmt;

use super::{MAX_ANSWER, MAX_CERTIFICATES};
use crate::bridge::ProblemCode;
use crate::certificate::CertificateError;
use crate::pem::PemError;

/// Why a CA's answer is refused: one variant for each check, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// It holds no certificates in a form that is read.
    #[error("the answer holds no certificate that can be read")]
    Unreadable(#[source] Unreadable),
    /// None of its certificates is for our key.
    #[error("the answer holds no certificate for the new key")]
    KeyMismatch,
    /// The certificate's subject is not the request's, byte for byte.
    #[error("the certificate is for another subject")]
    SubjectMismatch {
        /// Its subject as text (RFC 4514), for the person and not for a log.
        found: String,
    },
    /// Its validity is over.
    #[error("the certificate has expired already")]
    Expired {
        /// The last second that was valid, as Unix time.
        since: i64,
    },
    /// Its validity has not begun, by this PC's clock. Not final: the same answer can be accepted
    /// later.
    #[error("the certificate is not valid yet")]
    NotYetValid {
        /// When it begins, as Unix time.
        until: i64,
    },
    /// It ends no later than the certificate that it should succeed.
    #[error("the certificate ends no later than the old one")]
    NotLater {
        /// Its last valid second, as Unix time.
        new: i64,
        /// The old one's last valid second, as Unix time.
        old: i64,
    },
    /// There is no valid path from it to an issuer of the profile.
    #[error("the certificate is not from an issuer of the bank")]
    Untrusted(#[source] PathError),
    /// The profile names an issuer that cannot be read as a CA certificate.
    #[error("the issuer number {index} of the profile cannot be read")]
    Issuer {
        /// Which one, counted from 1.
        index: usize,
        /// What is wrong with it.
        #[source]
        source: PathError,
    },
    /// It is not for client authentication.
    #[error("the certificate is not for client authentication: {0}")]
    WrongUsage(Usage),
}

/// Why an answer cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// More than [`MAX_ANSWER`] bytes.
    #[error("it has {0} bytes, more than {MAX_ANSWER}")]
    TooLarge(usize),
    /// Nothing in it, or nothing but other things than certificates.
    #[error("there is no certificate in it")]
    Empty,
    /// Neither PEM nor DER nor base64.
    #[error("it is neither PEM nor DER nor base64")]
    UnknownForm,
    /// PEM with a block that cannot be read.
    #[error(transparent)]
    Pem(PemError),
    /// It begins like a certificate or CMS and is neither.
    #[error("it is neither a certificate nor CMS SignedData")]
    NotCertificates,
    /// One of its certificates cannot be read.
    #[error(transparent)]
    Certificate(CertificateError),
    /// More than [`MAX_CERTIFICATES`] certificates.
    #[error("it holds more than {MAX_CERTIFICATES} certificates")]
    TooMany,
}

/// Why there is no path to a trust anchor: webpki's finding, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError(pub(super) webpki::Error);

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use webpki::Error as Finding;
        f.write_str(match &self.0 {
            Finding::UnknownIssuer => "its issuer is unknown, or a certificate in between missing",
            Finding::InvalidSignatureForPublicKey => "a signature in its chain does not verify",
            Finding::CertExpired { .. } => "a CA certificate in its chain has expired",
            Finding::CertNotValidYet { .. } => "a CA certificate in its chain is not valid yet",
            Finding::CaUsedAsEndEntity => "it is a CA's certificate",
            Finding::EndEntityUsedAsCa => "a certificate in its chain may not issue certificates",
            Finding::PathLenConstraintViolated => "its chain is longer than a CA in it allows",
            Finding::NameConstraintViolation => "a CA in its chain may not issue for that name",
            Finding::UnsupportedCriticalExtension => {
                "a certificate in its chain has a critical extension that is not supported"
            }
            Finding::UnsupportedSignatureAlgorithmContext(_)
            | Finding::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
                "a certificate in its chain is signed with a weak or unknown algorithm"
            }
            other => return write!(f, "its chain is refused ({other:?})"),
        })
    }
}

impl Error for PathError {}

/// Which usage is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Usage {
    /// `keyUsage` lacks `digitalSignature`, or cannot be read.
    #[error("its keyUsage lacks digitalSignature")]
    DigitalSignature,
    /// `extKeyUsage` of the certificate or of a CA above it lacks `clientAuth`.
    #[error("its extKeyUsage lacks clientAuth")]
    ClientAuth,
}

impl AcceptError {
    /// The stable code of the problem document.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Unreadable(_) => ProblemCode::CertificateUnreadable,
            Self::KeyMismatch => ProblemCode::CertificateKeyMismatch,
            Self::SubjectMismatch { .. } => ProblemCode::CertificateSubjectMismatch,
            Self::Expired { .. } => ProblemCode::CertificateExpired,
            Self::NotYetValid { .. } => ProblemCode::CertificateNotYetValid,
            Self::NotLater { .. } => ProblemCode::CertificateNotLater,
            Self::Untrusted(_) | Self::Issuer { .. } => ProblemCode::CertificateUntrusted,
            Self::WrongUsage(_) => ProblemCode::CertificateWrongUsage,
        }
    }
}

impl From<Unreadable> for AcceptError {
    fn from(cause: Unreadable) -> Self {
        Self::Unreadable(cause)
    }
}
