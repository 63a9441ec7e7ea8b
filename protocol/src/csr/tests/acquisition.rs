//! Requests that a one-time code authorises.

use super::super::*;
use crate::testing::{Key, name, san};
use zeroize::Zeroizing;

const ORIGIN: &str = "https://ca.example";
const NONCE: &[u8] = &[7; 32];

fn code(byte: u8) -> AcquisitionCode {
    AcquisitionCode::from_random(&Zeroizing::new([byte; 10]))
}

fn subject() -> Subject {
    Subject::from_der(&name(&[("2.5.4.3", "keiri-01")]), Some(&san())).unwrap()
}

fn request(subject: &Subject, key: &Key) -> SignedRequest {
    let request = RequestToSign::acquiring(subject, key.spki(), &code(1), ORIGIN, NONCE).unwrap();
    let signature = key.sign(request.message());
    request.assemble(&signature).unwrap()
}

#[test]
fn the_bank_knows_the_code_in_the_request() {
    for key in [Key::p256(), Key::p384(), Key::rsa(), Key::ed25519()] {
        let request = request(&subject(), &key);
        assert_eq!(request.subject_der(), subject().name_der());
        assert_eq!(request.san_extension_der(), Some(&san()[..]));
        assert_eq!(request.spki_der(), key.spki());
        assert_eq!(request.verify_code(&code(1), ORIGIN, NONCE), Ok(()));
        let again = SignedRequest::from_pem(&request.to_pem()).unwrap();
        assert_eq!(again.verify_code(&code(1), ORIGIN, NONCE), Ok(()));
    }
}

#[test]
fn another_code_origin_or_nonce_is_wrong() {
    let request = request(&subject(), &Key::p256());
    let wrong = Err(CodeError::Wrong);
    assert_eq!(request.verify_code(&code(2), ORIGIN, NONCE), wrong);
    assert_eq!(
        request.verify_code(&code(1), "https://bank.example", NONCE),
        wrong
    );
    assert_eq!(request.verify_code(&code(1), ORIGIN, &[8; 32]), wrong);
}

#[test]
fn a_value_taken_from_another_request_is_wrong() {
    let (honest, thief) = (Key::p256(), Key::p256());
    let value = request(&subject(), &honest).authorisation.unwrap();
    let stolen = asn1::element(tag::OCTET_STRING, &[&value]);
    let forge = |name: &[u8]| {
        let attributes = vec![attribute(ACQUISITION, stolen.clone())];
        let request = RequestToSign::new(name, thief.spki(), attributes).unwrap();
        let signature = thief.sign(request.message());
        request.assemble(&signature).unwrap()
    };
    let own_key = forge(subject().name_der());
    let wrong = Err(CodeError::Wrong);
    assert_eq!(own_key.verify_code(&code(1), ORIGIN, NONCE), wrong);
    let own_name = forge(&name(&[("2.5.4.3", "admin-01")]));
    assert_eq!(own_name.verify_code(&code(1), ORIGIN, NONCE), wrong);
}

#[test]
fn a_request_without_the_attribute_is_not_authorised() {
    let key = Key::p256();
    let request = RequestToSign::new(subject().name_der(), key.spki(), vec![]).unwrap();
    let signature = key.sign(request.message());
    let request = request.assemble(&signature).unwrap();
    let missing = Err(CodeError::Missing);
    assert_eq!(request.verify_code(&code(1), ORIGIN, NONCE), missing);
}

#[test]
fn an_attribute_of_another_form_is_refused() {
    let key = Key::p256();
    let octets = |bytes: &[u8]| asn1::element(tag::OCTET_STRING, &[bytes]);
    let two = attribute(ACQUISITION, octets(&[1; 32]));
    for attributes in [
        vec![attribute(ACQUISITION, octets(&[1; 31]))],
        vec![attribute(ACQUISITION, asn1::bit_string(&[1; 32]))],
        vec![two.clone(), two],
    ] {
        let request = RequestToSign::new(subject().name_der(), key.spki(), attributes).unwrap();
        let signature = key.sign(request.message());
        assert!(matches!(
            request.assemble(&signature),
            Err(CsrError::Malformed(_) | CsrError::Duplicate(ACQUISITION))
        ));
    }
}

#[test]
fn a_short_nonce_is_refused() {
    let key = Key::p256();
    assert_eq!(
        RequestToSign::acquiring(&subject(), key.spki(), &code(1), ORIGIN, &[7; 15]),
        Err(CsrError::NonceLength(15))
    );
}
