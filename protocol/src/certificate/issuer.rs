//! Who issued a certificate.

use rustls_pki_types::CertificateDer;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert};

use super::Certificate;

impl Certificate {
    /// Whether this CA's certificate is the issuer's: its subject stands here as issuer, and its
    /// key signed (RFC 5280, sections 4.1.2.4 and 4.1.1.3). A name alone anyone can take.
    ///
    /// A signature in an algorithm that is not read counts as wrong. Nothing is said of validity,
    /// nor of what the CA may do.
    #[must_use]
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        self.issuer_der() == authority.subject_der() && self.is_signed_by(authority)
    }

    fn is_signed_by(&self, authority: &Self) -> bool {
        let authority = CertificateDer::from(authority.der());
        let Ok(key) = EndEntityCert::try_from(&authority) else {
            return false;
        };
        let (message, signature) = (
            &self.der[self.tbs.clone()],
            &self.der[self.signature.clone()],
        );
        // An algorithm of webpki's is for one type of key.
        ALL_VERIFICATION_ALGS
            .iter()
            .filter(|known| *known.signature_alg_id() == self.der[self.algorithm.clone()])
            .any(|known| key.verify_signature(*known, message, signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Content, Key, name};

    fn read(der: &[u8]) -> Certificate {
        Certificate::from_der(der).unwrap()
    }

    #[test]
    fn an_issuer_is_known_by_its_name_and_its_signature() {
        let ca = name(&[("2.5.4.3", "CA")]);
        let customer = Content::customer(&name(&[("2.5.4.3", "keiri-01")]), &Key::p256());
        for key in [Key::rsa(), Key::p256(), Key::p384()] {
            let authority = Content::authority(&ca, &key).self_signed(&key);
            assert!(read(&customer.issue(&ca, &key)).is_issued_by(&authority));
            let impostor = read(&customer.issue(&ca, &Key::p256()));
            assert!(!impostor.is_issued_by(&authority), "the name alone");
            let renamed = read(&customer.issue(&name(&[("2.5.4.3", "Other")]), &key));
            assert!(!renamed.is_issued_by(&authority), "the key alone");
        }
    }
}
