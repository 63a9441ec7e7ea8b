mod acquisition;

use super::*;
use crate::testing::{Content, Key, name, name_with, san};
use proptest::prelude::*;

fn old(subject: &[u8], extensions: Vec<Vec<u8>>) -> Certificate {
    let key = Key::p256();
    Content {
        extensions,
        ..Content::customer(subject, &key)
    }
    .self_signed(&key)
}

fn request(old: &Certificate, key: &Key) -> SignedRequest {
    let request = RequestToSign::renewing(old, key.spki()).unwrap();
    let signature = key.sign(request.message());
    request.assemble(&signature).unwrap()
}

#[test]
fn subject_and_alternative_names_are_copies() {
    // A printable country, a Teletex organisation, a BMP common name: string types stay.
    let subject = name_with(&[
        ("2.5.4.6", 0x13, b"JP"),
        ("2.5.4.10", 0x14, b"K\xf6ln"),
        ("2.5.4.3", 0x1e, b"\x66\xf4\x65\xb0"),
    ]);
    for key in [Key::p256(), Key::p384(), Key::rsa(), Key::ed25519()] {
        let request = request(&old(&subject, vec![san()]), &key);
        assert_eq!(request.subject_der(), subject);
        assert_eq!(request.subject_text(), "CN=更新,O=Köln,C=JP");
        assert_eq!(request.san_extension_der(), Some(&san()[..]));
        assert_eq!(request.spki_der(), key.spki());
        assert_eq!(SignedRequest::from_pem(&request.to_pem()), Ok(request));
    }
}

#[test]
fn attributes_are_there_even_when_empty() {
    let key = Key::p256();
    let request = RequestToSign::renewing(&old(&name(&[]), vec![]), key.spki()).unwrap();
    assert!(request.message().ends_with(&[0xa0, 0x00]));
    let signature = key.sign(request.message());
    let request = request.assemble(&signature).unwrap();
    assert_eq!(request.san_extension_der(), None);
}

#[test]
fn only_the_new_key_can_sign() {
    let old = old(&name(&[("2.5.4.3", "x")]), vec![]);
    let key = Key::p256();
    let request = RequestToSign::renewing(&old, key.spki()).unwrap();
    let invalid = Err(CsrError::Signature(SignatureError::Invalid));
    let another = Key::p256().sign(request.message());
    assert_eq!(request.clone().assemble(&another), invalid);
    assert_eq!(request.clone().assemble(&[]), invalid);
    assert_eq!(
        RequestToSign::renewing(&old, old.spki_der()),
        Err(CsrError::SameKey)
    );
    assert!(matches!(
        RequestToSign::renewing(&old, b"no key"),
        Err(CsrError::Signature(SignatureError::Malformed(_)))
    ));
}

#[test]
fn the_bank_refuses_what_was_altered() {
    let key = Key::p256();
    let der = request(&old(&name(&[("2.5.4.3", "keiri")]), vec![san()]), &key)
        .der()
        .to_vec();
    let at = der.windows(5).position(|bytes| bytes == b"keiri").unwrap();
    let mut altered = der.clone();
    altered[at] = b'K';
    assert_eq!(
        SignedRequest::from_der(&altered),
        Err(CsrError::Signature(SignatureError::Invalid))
    );
    assert!(matches!(
        SignedRequest::from_der(&der[..der.len() - 1]),
        Err(CsrError::Malformed(_))
    ));
    assert_eq!(
        SignedRequest::from_der(&vec![0; MAX_REQUEST + 1]),
        Err(CsrError::TooLarge(MAX_REQUEST + 1))
    );
}

#[test]
fn the_algorithm_must_be_the_keys() {
    let key = Key::p256();
    let request = RequestToSign::renewing(&old(&name(&[]), vec![]), key.spki()).unwrap();
    let other = signature::algorithm_for(Key::p384().spki()).unwrap();
    let der = asn1::sequence(&[
        request.message(),
        &asn1::encoded(&other),
        &asn1::bit_string(&key.sign(request.message())),
    ]);
    assert_eq!(
        SignedRequest::from_der(&der),
        Err(CsrError::Algorithm(other.oid))
    );
}

#[test]
fn nothing_may_be_asked_for_twice() {
    let key = Key::p256();
    let attribute = |extensions: &[&[u8]]| {
        asn1::sequence(&[
            &asn1::oid(ID_EXTENSION_REQ),
            &asn1::set_of(vec![asn1::sequence(extensions)]),
        ])
    };
    let build = |attributes: &[&[u8]]| {
        let message = asn1::sequence(&[
            &[2, 1, 0],
            &name(&[]),
            key.spki(),
            &asn1::element(tag::CONTEXT_0, attributes),
        ]);
        let algorithm = asn1::encoded(&signature::algorithm_for(key.spki()).unwrap());
        let signature = asn1::bit_string(&key.sign(&message));
        asn1::sequence(&[&message, &algorithm, &signature])
    };
    let san = san();
    assert!(SignedRequest::from_der(&build(&[&attribute(&[&san])])).is_ok());
    for twice in [
        build(&[&attribute(&[&san, &san])]),
        build(&[&attribute(&[&san]), &attribute(&[&san])]),
    ] {
        assert!(matches!(
            SignedRequest::from_der(&twice),
            Err(CsrError::Duplicate(_))
        ));
    }
}

#[test]
fn a_pem_text_holds_one_request() {
    let pem = request(&old(&name(&[]), vec![]), &Key::p256()).to_pem();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    let renamed = pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    assert!(SignedRequest::from_pem(&renamed.replace('\n', "\r\n")).is_ok());
    assert_eq!(
        SignedRequest::from_pem(&format!("{pem}{pem}")),
        Err(CsrError::PemCount(2))
    );
    assert_eq!(SignedRequest::from_pem(""), Err(CsrError::PemCount(0)));
    assert_eq!(
        SignedRequest::from_pem(&pem[..100]),
        Err(CsrError::Pem(PemError::NoEnd))
    );
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = SignedRequest::from_der(&bytes);
        let _ = SignedRequest::from_der(&asn1::sequence(&[&bytes]));
        let _ = SignedRequest::from_pem(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_requests_are_refused_without_a_panic(
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let der = request(&old(&name(&[("2.5.4.3", "x")]), vec![san()]), &Key::p256());
        let mut der = der.der().to_vec();
        prop_assert!(SignedRequest::from_der(&der[..cut.index(der.len())]).is_err());
        let at = at.index(der.len());
        der[at] ^= 1 << bit;
        prop_assert!(SignedRequest::from_der(&der).is_err());
    }
}
