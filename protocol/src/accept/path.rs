//! The path to a trust anchor, by rustls-webpki, and the usage.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    VerifiedPath, anchor_from_trusted_cert,
};

use super::{AcceptError, Expected, PathError, Usage};
use crate::certificate::Certificate;

/// Finds a path from `certificate` to an issuer of the profile; gives the CA certificates in
/// between, the issuer's first.
pub(super) fn check(
    certificate: &Certificate,
    others: &[Certificate],
    expected: &Expected<'_>,
    time: i64,
) -> Result<Vec<Vec<u8>>, AcceptError> {
    let issuers: Vec<CertificateDer<'_>> = expected
        .issuers
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let path = Path {
        leaf: CertificateDer::from(certificate.der()),
        intermediates: others
            .iter()
            .map(|other| CertificateDer::from(other.der()))
            .collect(),
        anchors: anchors(&issuers)?,
        time: UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time).unwrap_or(0))),
    };
    // First whether there is a path at all, then whether one is for this usage: two answers.
    path.find(AnyPurpose)
        .map_err(|error| AcceptError::Untrusted(PathError(error)))?;
    let chain = path
        .find(KeyUsage::client_auth())
        .map_err(|error| match error {
            webpki::Error::RequiredEkuNotFoundContext(_) => {
                AcceptError::WrongUsage(Usage::ClientAuth)
            }
            error => AcceptError::Untrusted(PathError(error)),
        })?;
    match certificate.key_usage() {
        None => Ok(chain),
        Some(Ok(usage)) if usage.digital_signature() => Ok(chain),
        Some(_) => Err(AcceptError::WrongUsage(Usage::DigitalSignature)),
    }
}

fn anchors<'a>(issuers: &'a [CertificateDer<'a>]) -> Result<Vec<TrustAnchor<'a>>, AcceptError> {
    issuers
        .iter()
        .enumerate()
        .map(|(index, issuer)| {
            anchor_from_trusted_cert(issuer).map_err(|source| AcceptError::Issuer {
                index: index + 1,
                source: PathError(source),
            })
        })
        .collect()
}

struct Path<'a> {
    leaf: CertificateDer<'a>,
    intermediates: Vec<CertificateDer<'a>>,
    anchors: Vec<TrustAnchor<'a>>,
    time: UnixTime,
}

impl Path<'_> {
    fn find(&self, usage: impl ExtendedKeyUsageValidator) -> Result<Vec<Vec<u8>>, webpki::Error> {
        let leaf = EndEntityCert::try_from(&self.leaf)?;
        let path = leaf.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &self.anchors,
            &self.intermediates,
            self.time,
            usage,
            None,
            Some(&may_sign),
        )?;
        Ok(path
            .intermediate_certificates()
            .map(|authority| authority.der().to_vec())
            .collect())
    }
}

/// RFC 5280, section 6.1.4 (n): a CA's `keyUsage`, if it has one, holds `keyCertSign`.
fn may_sign(path: &VerifiedPath<'_>) -> Result<(), webpki::Error> {
    for authority in path.intermediate_certificates() {
        let usage = Certificate::from_der(&authority.der())
            .map_err(|_| webpki::Error::BadDer)?
            .key_usage();
        match usage {
            None => {}
            Some(Ok(usage)) if usage.key_cert_sign() => {}
            // webpki has no error of its own for what it does not check.
            Some(_) => return Err(webpki::Error::EndEntityUsedAsCa),
        }
    }
    Ok(())
}

/// Leaves `extKeyUsage` to a second look.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        for purpose in purposes {
            purpose?;
        }
        Ok(())
    }
}
