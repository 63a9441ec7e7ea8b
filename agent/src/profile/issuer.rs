//! The CA certificates of a profile.

use der::{Decode, Document, Encode};
use jiff::Timestamp;
use protocol::{certificate::Certificate as View, signature};
use x509_cert::{
    Certificate,
    ext::pkix::{BasicConstraints, KeyUsage},
};

use crate::config::Reason;

/// A CA certificate of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    view: View,
    subject: String,
    not_after: Timestamp,
}

impl Issuer {
    /// Every certificate of a PEM text.
    ///
    /// # Errors
    /// [`Reason::NotACertificate`] if there is none or one is malformed, [`Reason::IssuerNotCa`]
    /// and [`Reason::IssuerMayNotSign`] for certificates that cannot issue (RFC 5280, sections
    /// 4.2.1.3 and 4.2.1.9).
    pub fn from_pem(text: &str) -> Result<Vec<Self>, Reason> {
        let documents = pem_documents(text, "CERTIFICATE")
            .map_err(|cause| Reason::NotACertificate { cause })?;
        documents.into_iter().map(Self::from_der).collect()
    }

    /// The certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.view.der()
    }

    /// The certificate, read.
    #[must_use]
    pub fn certificate(&self) -> &View {
        &self.view
    }

    /// Its subject's DER: what stands as issuer in the certificates that it issued.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.view.subject_der()
    }

    /// Its subject as RFC 4514 text.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The last second of its validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    fn from_der(der: Vec<u8>) -> Result<Self, Reason> {
        let malformed = |error: der::Error| Reason::NotACertificate {
            cause: error.to_string(),
        };
        let certificate = Certificate::from_der(&der).map_err(malformed)?;
        let body = certificate.tbs_certificate();
        let subject = body.subject().to_string();
        let constraints = body
            .get_extension::<BasicConstraints>()
            .map_err(malformed)?;
        if !constraints.is_some_and(|(_, constraints)| constraints.ca) {
            return Err(Reason::IssuerNotCa { subject });
        }
        let usage = body.get_extension::<KeyUsage>().map_err(malformed)?;
        if usage.is_some_and(|(_, usage)| !usage.key_cert_sign()) {
            return Err(Reason::IssuerMayNotSign { subject });
        }
        if !own_signature_holds(&certificate).map_err(malformed)? {
            return Err(Reason::IssuerSignature { subject });
        }
        let seconds = body.validity().not_after.to_unix_duration().as_secs();
        let not_after = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .unwrap_or(Timestamp::MAX);
        Ok(Self {
            view: View::from_der(&der).map_err(|error| Reason::NotACertificate {
                cause: error.to_string(),
            })?,
            subject,
            not_after,
        })
    }
}

/// Whether a self-issued certificate is signed by its own key. Signatures by other keys, and
/// those in algorithms that Koshin does not know, are for the path validation of an answer.
fn own_signature_holds(certificate: &Certificate) -> Result<bool, der::Error> {
    let body = certificate.tbs_certificate();
    let key = body.subject_public_key_info().to_der()?;
    let known = signature::algorithm_for(&key)
        .is_ok_and(|algorithm| algorithm.oid == certificate.signature_algorithm().oid);
    if body.subject() != body.issuer() || !known {
        return Ok(true);
    }
    let signed = certificate.signature().raw_bytes();
    Ok(signature::verify(&key, &body.to_der()?, signed).is_ok())
}

/// The DER of each `label` block of a PEM text; there is at least one.
pub(super) fn pem_documents(text: &str, label: &str) -> Result<Vec<Vec<u8>>, String> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let mut documents = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&begin) {
        let block = &rest[start..];
        let length = block
            .find(&end)
            .map(|position| position + end.len())
            .ok_or_else(|| format!("{begin} without its end"))?;
        let (_, document) =
            Document::from_pem(&block[..length]).map_err(|error| error.to_string())?;
        documents.push(document.as_bytes().to_vec());
        rest = &block[length..];
    }
    if documents.is_empty() {
        return Err(format!("no {begin}"));
    }
    Ok(documents)
}
