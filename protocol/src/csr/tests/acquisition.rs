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

fn verify(request: &SignedRequest, by: u8, origin: &str, nonce: &[u8]) -> &'static str {
    let expected = ExpectedAcquisition {
        code: &code(by),
        subject: &subject(),
        origin,
        nonce,
    };
    verify_acquisition(request.der(), &expected).map_or_else(|error| error.reason(), |_| "taken")
}

#[test]
fn the_bank_knows_the_code_in_the_request() {
    for key in [Key::p256(), Key::p384(), Key::rsa(), Key::ed25519()] {
        let request = request(&subject(), &key);
        assert_eq!(request.subject_der(), subject().name_der());
        assert_eq!(request.san_extension_der(), Some(&san()[..]));
        assert_eq!(request.spki_der(), key.spki());
        assert_eq!(verify(&request, 1, ORIGIN, NONCE), "taken");
    }
}

#[test]
fn another_code_origin_or_nonce_is_wrong() {
    let request = request(&subject(), &Key::p256());
    assert_eq!(verify(&request, 2, ORIGIN, NONCE), "wrong-code");
    let other = "https://bank.example";
    assert_eq!(verify(&request, 1, other, NONCE), "wrong-code");
    assert_eq!(verify(&request, 1, ORIGIN, &[8; 32]), "wrong-code");
}

#[test]
fn a_value_taken_from_another_request_is_wrong() {
    let (honest, thief) = (Key::p256(), Key::p256());
    let value = request(&subject(), &honest).authorisation.unwrap();
    let stolen = asn1::element(tag::OCTET_STRING, &[&value]);
    let forge = |name: &[u8]| {
        let names = extension_request(&san());
        let attributes = vec![attribute(ACQUISITION, stolen.clone()), names];
        let request = RequestToSign::new(name, thief.spki(), attributes).unwrap();
        let signature = thief.sign(request.message());
        request.assemble(&signature).unwrap()
    };
    let own_key = forge(subject().name_der());
    assert_eq!(verify(&own_key, 1, ORIGIN, NONCE), "wrong-code");
    let own_name = forge(&name(&[("2.5.4.3", "admin-01")]));
    assert_eq!(verify(&own_name, 1, ORIGIN, NONCE), "other-subject");
}

#[test]
fn a_request_without_the_attribute_is_not_authorised() {
    let key = Key::p256();
    let made = |attributes| {
        let request = RequestToSign::new(subject().name_der(), key.spki(), attributes).unwrap();
        let signature = key.sign(request.message());
        request.assemble(&signature).unwrap()
    };
    let plain = made(vec![extension_request(&san())]);
    assert_eq!(verify(&plain, 1, ORIGIN, NONCE), "no-code");
    assert_eq!(verify(&made(vec![]), 1, ORIGIN, NONCE), "other-names");
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
