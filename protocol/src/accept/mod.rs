//! The CA's answer: from bytes that anyone may have written to a certificate that may be
//! installed.
//!
//! [`accept`] is the only way to an [`AcceptedCertificate`]. It reads the answer ([`MAX_ANSWER`]
//! says how large it may be, [`MAX_CERTIFICATES`] how many certificates it may hold) in any of
//! these forms:
//!
//! - PEM (RFC 7468): blocks `CERTIFICATE`, `X509 CERTIFICATE`, `PKCS7`, `PKCS #7 SIGNED DATA` and
//!   `CMS`, one or several, with text around them and any line ends; other blocks are passed over;
//! - a certificate as DER;
//! - CMS SignedData (RFC 5652), usually certs-only (RFC 8551, section 3.2.3; `.p7b`), as DER or
//!   BER, of indefinite length too; signatures in it mean nothing;
//! - one of the latter two as base64, with or without line breaks and padding.
//!
//! Order means nothing: ours is the certificate with our public key, the others are its chain.
//!
//! Then it checks, in this order, and says which check failed ([`AcceptError`]):
//!
//! 1. an answer that can be read;
//! 2. our key: the `SubjectPublicKeyInfo`, byte for byte;
//! 3. the request's subject, byte for byte; in a renewal that is the old certificate's. It is
//!    stricter than RFC 5280, section 7.1, which lets string types and letter case differ: the CA
//!    got these bytes in the request, and the next renewal copies them again;
//! 4. not expired;
//! 5. valid longer than the old certificate, where there is one;
//! 6. a path by RFC 5280, section 6, to one of the profile's issuers, found and verified by
//!    rustls-webpki. An issuer is a trust anchor whether it is a root or an intermediate: its name
//!    and key count, not its validity (section 6.1.1). What webpki does not look at, each CA in
//!    between may sign certificates (`keyUsage`, where it has one). Revocation is the bank's
//!    business, and no CA certificate counts as the customer's;
//! 7. usage: `digitalSignature` where there is a `keyUsage`, and `clientAuth` where there is an
//!    `extKeyUsage`, in the CAs in between too. A certificate without these extensions may be used
//!    for anything (section 4.2.1.3 and 4.2.1.12), and so is accepted. `anyExtendedKeyUsage` alone
//!    is not enough: TLS servers refuse it;
//! 8. begun. A certificate that passes everything else is worth waiting for, so this comes last,
//!    and its path is checked as of its first second.
//!
//! RSA keys below 2048 bits and SHA-1 are too weak for a path; RSA-PSS and Ed25519 signatures are
//! verified.

mod answer;
mod ber;
mod error;
mod path;

use crate::certificate::Certificate;

pub use crate::pem::PemError;
pub use error::{AcceptError, PathError, Unreadable, Usage};

/// The largest answer that is read, in bytes as it came.
pub const MAX_ANSWER: usize = 1024 * 1024;

/// The most certificates that an answer may hold, ours among them.
pub const MAX_CERTIFICATES: usize = 16;

/// What the answer must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The new key: a whole `SubjectPublicKeyInfo`, as it stood in the request.
    pub spki_der: &'a [u8],
    /// The subject: a whole `Name`, as it stood in the request.
    pub subject_der: &'a [u8],
    /// The last valid second of the certificate that is renewed, as Unix time; `None` for an
    /// acquisition.
    pub later_than: Option<i64>,
    /// The DER of the profile's CA certificates: trust anchors.
    pub issuers: &'a [Vec<u8>],
    /// This PC's time, as Unix time in seconds.
    pub now: i64,
}

/// A certificate that passed every check, and so may be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedCertificate {
    certificate: Certificate,
    chain: Vec<Vec<u8>>,
}

impl AcceptedCertificate {
    /// The new certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The DER of the CA certificates between it and the trust anchor, its issuer's first; empty
    /// where the trust anchor issued it. Neither it nor the trust anchor is among them.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

/// Reads the CA's answer and checks that it holds the certificate that was asked for.
///
/// Where several certificates in it are for our key, the first that passes counts, those that end
/// last being tried first.
///
/// # Errors
/// The first check that fails, in the order of this module's head; with several certificates for
/// our key, what is wrong with the one that ends last.
pub fn accept(answer: &[u8], expected: &Expected<'_>) -> Result<AcceptedCertificate, AcceptError> {
    let certificates = answer::read(answer)?;
    let (mut ours, others): (Vec<_>, Vec<_>) = certificates
        .into_iter()
        .partition(|certificate| certificate.spki_der() == expected.spki_der);
    ours.sort_by_key(|certificate| std::cmp::Reverse(certificate.not_after()));
    let mut first_error = None;
    for certificate in ours {
        match check(&certificate, &others, expected) {
            Ok(chain) => return Ok(AcceptedCertificate { certificate, chain }),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    Err(first_error.unwrap_or(AcceptError::KeyMismatch))
}

/// Everything but readability and key; gives the chain.
fn check(
    certificate: &Certificate,
    others: &[Certificate],
    expected: &Expected<'_>,
) -> Result<Vec<Vec<u8>>, AcceptError> {
    if certificate.subject_der() != expected.subject_der {
        return Err(AcceptError::SubjectMismatch {
            found: certificate.subject_text(),
        });
    }
    if certificate.not_after() < expected.now {
        return Err(AcceptError::Expired {
            since: certificate.not_after(),
        });
    }
    if let Some(old) = expected.later_than
        && certificate.not_after() <= old
    {
        return Err(AcceptError::NotLater {
            new: certificate.not_after(),
            old,
        });
    }
    // What is good only later is checked as of then, and said last: a clock that is behind is
    // the only thing wrong with it.
    let begins = certificate.not_before();
    let chain = path::check(certificate, others, expected, begins.max(expected.now))?;
    if begins > expected.now {
        return Err(AcceptError::NotYetValid { until: begins });
    }
    Ok(chain)
}

#[cfg(test)]
mod tests;
