use std::time::Duration;

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::csr::{RequestToSign, SignedRequest};
use crate::testing::{Content, DAY, Key, NOW, name};

const ORIGIN: &str = "https://ca.bank.example";
const NONCE: [u8; 32] = [7; 32];
const MINUTES: Duration = Duration::from_secs(300);

fn certificate(key: &Key) -> Certificate {
    Content::customer(&name(&[("2.5.4.3", "経理01")]), key).self_signed(key)
}

fn claims(certificate: &Certificate) -> ProofClaims {
    ProofClaims {
        purpose: Purpose::Renew,
        nonce: NONCE.to_vec(),
        origin: ORIGIN.to_owned(),
        time: NOW,
        certificate_sha256: certificate.sha256(),
        audit_head: [9; 32],
    }
}

fn expectation(certificate: &Certificate) -> Expectation<'_> {
    Expectation {
        signer: certificate,
        purpose: Purpose::Renew,
        nonce: &NONCE,
        origin: ORIGIN,
        certificate_sha256: certificate.sha256(),
        now: NOW,
        max_age: MINUTES,
    }
}

fn proof(content: &[u8], certificate: &Certificate, key: &Key, claims: &ProofClaims) -> Vec<u8> {
    let proof = ProofToSign::new(content, certificate, claims).unwrap();
    let signature = key.sign(proof.message());
    proof.assemble(&signature).unwrap()
}

#[test]
fn the_bank_gets_back_the_request_and_the_claims() {
    for key in [Key::p256(), Key::p384(), Key::rsa(), Key::ed25519()] {
        let old = certificate(&key);
        let new = Key::p256();
        let request = RequestToSign::renewing(&old, new.spki()).unwrap();
        let signature = new.sign(request.message());
        let request = request.assemble(&signature).unwrap();
        let der = proof(request.der(), &old, &key, &claims(&old));
        let verified = verify(&der, &expectation(&old)).unwrap();
        assert_eq!(verified.claims, claims(&old));
        assert_eq!(SignedRequest::from_der(&verified.content), Ok(request));
    }
}

#[test]
fn a_receipt_is_signed_by_the_new_key_and_names_the_old_certificate() {
    let old = certificate(&Key::p256());
    let key = Key::p384();
    let new = certificate(&key);
    let claims = ProofClaims {
        purpose: Purpose::Receipt,
        ..claims(&old)
    };
    let der = proof(new.der(), &new, &key, &claims);
    let expected = Expectation {
        signer: &new,
        purpose: Purpose::Receipt,
        ..expectation(&old)
    };
    assert_eq!(verify(&der, &expected).unwrap().content, new.der());
    assert_eq!(
        verify(
            &der,
            &Expectation {
                purpose: Purpose::Renew,
                ..expected
            }
        ),
        Err(ProofError::OtherPurpose)
    );
}

#[test]
fn another_implementation_reads_it_and_writes_the_same_bytes() {
    let key = Key::p256();
    let old = certificate(&key);
    let der = proof(b"content", &old, &key, &claims(&old));
    let info = ContentInfo::from_der(&der).unwrap();
    let signed: SignedData = info.content.decode_as().unwrap();
    assert_eq!(signed.to_der().unwrap(), info.content.to_der().unwrap());
    let signer = signed.signer_infos.0.get(0).unwrap();
    assert_eq!(signer.signed_attrs.as_ref().unwrap().len(), 8);
}

#[test]
fn each_claim_that_differs_has_its_error() {
    let key = Key::p256();
    let old = certificate(&key);
    let other = certificate(&Key::p256());
    let der = proof(b"content", &old, &key, &claims(&old));
    let expected = expectation(&old);
    for (expected, error) in [
        (
            Expectation {
                signer: &other,
                ..expected
            },
            ProofError::OtherSigner,
        ),
        (
            Expectation {
                purpose: Purpose::Receipt,
                ..expected
            },
            ProofError::OtherPurpose,
        ),
        (
            Expectation {
                nonce: &[8; 32],
                ..expected
            },
            ProofError::OtherNonce,
        ),
        (
            Expectation {
                origin: "https://bank.example",
                ..expected
            },
            ProofError::OtherOrigin(ORIGIN.to_owned()),
        ),
        (
            Expectation {
                certificate_sha256: [0; 32],
                ..expected
            },
            ProofError::OtherCertificate,
        ),
        (
            Expectation {
                now: NOW + 301,
                ..expected
            },
            ProofError::TooOld(301),
        ),
        (
            Expectation {
                now: NOW - 301,
                ..expected
            },
            ProofError::FromTheFuture(301),
        ),
    ] {
        assert_eq!(verify(&der, &expected), Err(error));
    }
    for now in [NOW - 300, NOW + 300] {
        assert!(verify(&der, &Expectation { now, ..expected }).is_ok());
    }
}

#[test]
fn a_proof_is_only_made_within_its_bounds() {
    let key = Key::p256();
    let old = certificate(&key);
    let new = |content: &[u8], claims: &ProofClaims| ProofToSign::new(content, &old, claims).err();
    for length in [15, 65] {
        let claims = ProofClaims {
            nonce: vec![1; length],
            ..claims(&old)
        };
        assert_eq!(new(b"", &claims), Some(ProofError::NonceLength(length)));
    }
    for time in [-1, i64::MAX] {
        let claims = ProofClaims {
            time,
            ..claims(&old)
        };
        assert_eq!(new(b"", &claims), Some(ProofError::Time(time)));
    }
    let elsewhere = ProofClaims {
        certificate_sha256: [0; 32],
        ..claims(&old)
    };
    assert_eq!(new(b"", &elsewhere), Some(ProofError::OtherCertificate));
    assert_eq!(
        new(&vec![0; MAX_REQUEST + 1], &claims(&old)),
        Some(ProofError::TooLarge(MAX_REQUEST + 1))
    );
    assert_eq!(
        ProofToSign::new(b"", &old, &claims(&old))
            .unwrap()
            .assemble(&Key::p256().sign(b"")),
        Err(ProofError::Signature(SignatureError::Invalid))
    );
}

#[test]
fn the_time_may_be_past_2050() {
    let key = Key::p256();
    let old = certificate(&key);
    let time = 2_524_608_000 + DAY;
    let der = proof(
        b"",
        &old,
        &key,
        &ProofClaims {
            time,
            ..claims(&old)
        },
    );
    let expected = Expectation {
        now: time,
        ..expectation(&old)
    };
    assert_eq!(verify(&der, &expected).unwrap().claims.time, time);
}

/// A proof whose attributes are put together by hand, and properly signed.
fn with_attributes(key: &Key, old: &Certificate, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut proof = ProofToSign::new(b"content", old, &claims(old)).unwrap();
    let mut attributes = asn1::read_all(&proof.attributes, der::Tag::Set, |set| {
        let mut attributes = Vec::new();
        while !der::Reader::is_finished(set) {
            attributes.push(asn1::raw(set, der::Tag::Sequence)?.to_vec());
        }
        Ok(attributes)
    })
    .unwrap();
    edit(&mut attributes);
    proof.attributes = asn1::set_of(attributes);
    let signature = key.sign(proof.message());
    proof.assemble(&signature).unwrap()
}

#[test]
fn every_attribute_is_needed_once_and_in_its_form() {
    let key = Key::p256();
    let old = certificate(&key);
    let outcome = |der: &[u8]| verify(der, &expectation(&old)).map(|_| ()).unwrap_err();
    for index in 0..8 {
        let gone = with_attributes(&key, &old, |all| {
            all.remove(index);
        });
        assert!(matches!(outcome(&gone), ProofError::MissingAttribute(_)));
        let twice = with_attributes(&key, &old, |all| {
            let attribute = all[index].clone();
            all.push(attribute);
        });
        assert!(matches!(outcome(&twice), ProofError::RepeatedAttribute(_)));
        let empty = with_attributes(&key, &old, |all| {
            let oid = asn1::read_all(&all[index], der::Tag::Sequence, |attribute| {
                let oid = asn1::raw(attribute, der::Tag::ObjectIdentifier)?.to_vec();
                asn1::raw(attribute, der::Tag::Set)?;
                Ok(oid)
            })
            .unwrap();
            all[index] = asn1::sequence(&[&oid, &asn1::element(tag::SET, &[&[5, 0]])]);
        });
        assert!(matches!(outcome(&empty), ProofError::AttributeValue(_)));
    }
    let more = with_attributes(&key, &old, |all| {
        let oid = asn1::oid(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.99"));
        all.push(asn1::sequence(&[&oid, &asn1::element(tag::SET, &[])]));
    });
    assert!(verify(&more, &expectation(&old)).is_ok());
}

#[test]
fn content_and_algorithms_cannot_be_exchanged() {
    let key = Key::p256();
    let old = certificate(&key);
    let der = proof(b"content", &old, &key, &claims(&old));
    let replace = |from: &[u8], to: &[u8]| {
        let at = der.windows(from.len()).rposition(|w| w == from).unwrap();
        [&der[..at], to, &der[at + from.len()..]].concat()
    };
    let outcome = |der: &[u8]| verify(der, &expectation(&old)).map(|_| ()).unwrap_err();
    assert_eq!(
        outcome(&replace(b"content", b"CONTENT")),
        ProofError::OtherContent
    );
    assert_eq!(
        outcome(&replace(b"renew", b"Renew")),
        ProofError::Signature(SignatureError::Invalid)
    );
    // ecdsa-with-SHA256 becomes ecdsa-with-SHA384, and SHA-256 becomes SHA-384.
    let from = asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"));
    let to = asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"));
    assert!(matches!(
        outcome(&replace(&from, &to)),
        ProofError::Algorithm(_)
    ));
    let from = asn1::oid(ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"));
    let to = asn1::oid(ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"));
    assert!(matches!(
        outcome(&replace(&from, &to)),
        ProofError::Algorithm(_)
    ));
    assert_eq!(
        outcome(&vec![0x30; MAX_PROOF + 1]),
        ProofError::TooLarge(MAX_PROOF + 1)
    );
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let old = certificate(&Key::p256());
        prop_assert!(verify(&bytes, &expectation(&old)).is_err());
        prop_assert!(verify(&asn1::sequence(&[&bytes]), &expectation(&old)).is_err());
        let _ = attributes::decode(&asn1::element(tag::SET, &[&bytes]));
    }

    #[test]
    fn damaged_proofs_are_refused_without_a_panic(
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let key = Key::p256();
        let old = certificate(&key);
        let mut der = proof(b"content", &old, &key, &claims(&old));
        prop_assert!(verify(&der[..cut.index(der.len())], &expectation(&old)).is_err());
        let at = at.index(der.len());
        der[at] ^= 1 << bit;
        // What is neither signed nor compared says the same twice (SignedData's digest algorithms).
        if let Ok(verified) = verify(&der, &expectation(&old)) {
            prop_assert_eq!(verified.claims, claims(&old));
            prop_assert_eq!(verified.content, b"content");
        }
    }
}

#[test]
fn an_auditor_reads_the_head_of_a_proof_that_its_own_certificate_signed() {
    let key = Key::p256();
    let old = certificate(&key);
    let der = proof(b"content", &old, &key, &claims(&old));
    let (verified, signer) = read(&der).unwrap();
    assert_eq!(verified.claims.audit_head, [9; 32]);
    assert_eq!(signer.der(), old.der());

    // Every byte of the head is signed.
    let head = der.windows(32).position(|bytes| bytes == [9; 32]).unwrap();
    for at in head..head + 32 {
        let mut forged = der.clone();
        forged[at] ^= 1;
        assert!(
            matches!(read(&forged), Err(ProofError::Signature(_))),
            "byte {at}"
        );
    }
}
