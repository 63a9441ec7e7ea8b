//! Signed requests, by a bank that signs whatever it is told.
#![cfg(test)]

use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

use super::*;

const ORIGIN: &str = "https://bank.example";
const NOW: i64 = 1_795_000_000;

/// The bank: signs what it is told, with whatever header.
struct Bank(EcdsaKeyPair);

impl Bank {
    fn new() -> Self {
        let random = SystemRandom::new();
        let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(scheme, pkcs8.as_ref(), &random).unwrap())
    }

    fn key(&self) -> RequestKey {
        RequestKey::from_spki_der(&spki_der(self.0.public_key().as_ref())).unwrap()
    }

    fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(payload));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes());
        let signature = Base64UrlUnpadded::encode_string(signature.unwrap().as_ref());
        format!("{message}.{signature}")
    }
}

/// SubjectPublicKeyInfo of a P-256 key is a fixed head and the point (RFC 5480).
fn spki_der(point: &[u8]) -> Vec<u8> {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    [&HEAD[..], point].concat()
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": TYPE})
}

fn certificate() -> CertificateId {
    CertificateId::from([7; 32])
}

fn nonce(byte: u8) -> Nonce {
    Nonce::from_bytes(&[byte; 32]).unwrap()
}

fn claims() -> Value {
    serde_json::to_value(RequestClaims {
        kind: Kind::Renew,
        certificate: Some(certificate()),
        subject: None,
        subject_alt_name: None,
        nonce: nonce(1),
        challenge: nonce(2),
        origin: ORIGIN.to_owned(),
        exp: Some(NOW + 60),
    })
    .unwrap()
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn check(jws: &str, keys: &[RequestKey]) -> Result<UnredeemedRequest, SignedRequestError> {
    let expected = ExpectedRequest {
        target: &Target::Renew(certificate()),
        nonce: &nonce(1),
        origin: ORIGIN,
        now: NOW,
    };
    verify(jws, keys, &expected)
}

fn refusal(jws: &str, keys: &[RequestKey]) -> SignedRequestError {
    check(jws, keys).expect_err("this request must be refused")
}

#[test]
fn a_request_that_the_bank_signed_counts_once() {
    let bank = Bank::new();
    let jws = bank.sign(&header(), &claims());
    let mut spent = Vec::new();
    let mut spend = |challenge: &Nonce| {
        let fresh = !spent.contains(challenge);
        spent.push(challenge.clone());
        fresh
    };
    let request = check(&jws, &[bank.key()]).unwrap();
    let signed = request.redeem(&mut spend).unwrap();
    assert_eq!(serde_json::to_value(signed.claims()).unwrap(), claims());
    let again = check(&jws, &[bank.key()]).unwrap();
    assert_eq!(
        again.redeem(&mut spend),
        Err(SignedRequestError::ChallengeUnknown)
    );
    assert_eq!(spent, [nonce(2), nonce(2)]);
}

#[test]
fn the_example_of_rfc_7515_appendix_a_3_verifies() {
    let coordinate = |text| Base64UrlUnpadded::decode_vec(text).unwrap();
    let point = [
        vec![4],
        coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ];
    let key = RequestKey::from_spki_der(&spki_der(&point.concat())).unwrap();
    let message =
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9\
                    leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = Base64UrlUnpadded::decode_vec(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    )
    .unwrap();
    assert!(key.verifies(message, &signature));
    assert!(!key.verifies(&message[1..], &signature));
}

#[test]
fn any_other_algorithm_is_refused_whatever_the_signature() {
    let bank = Bank::new();
    for algorithm in ["none", "HS256", "RS256", "ES384", "es256", "EdDSA", ""] {
        let header = with(header(), "alg", json!(algorithm));
        let jws = bank.sign(&header, &claims());
        assert_eq!(
            refusal(&jws, &[bank.key()]),
            SignedRequestError::OtherAlgorithm,
            "{algorithm}"
        );
    }
}

#[test]
fn a_header_cannot_bring_a_key_or_an_extension() {
    let bank = Bank::new();
    let stranger = Bank::new();
    for (member, value) in [
        (
            "jwk",
            json!({ "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA" }),
        ),
        ("jku", json!("https://elsewhere.example/keys")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
    ] {
        let jws = stranger.sign(&with(header(), member, value), &claims());
        assert_eq!(
            refusal(&jws, &[bank.key()]),
            SignedRequestError::Malformed,
            "{member}"
        );
    }
}

#[test]
fn what_the_bank_signed_for_another_purpose_is_refused() {
    let bank = Bank::new();
    let jws = bank.sign(&with(header(), "typ", json!("JWT")), &claims());
    assert_eq!(refusal(&jws, &[bank.key()]), SignedRequestError::OtherType);
}

#[test]
fn each_claim_must_be_what_the_page_asks_for() {
    let bank = Bank::new();
    let other_certificate = CertificateId::from([8; 32]);
    for (member, value, error) in [
        (
            "certificate",
            json!(other_certificate),
            SignedRequestError::OtherCertificate,
        ),
        ("nonce", json!(nonce(9)), SignedRequestError::OtherNonce),
        (
            "origin",
            json!("https://bank.example:8443"),
            SignedRequestError::OtherOrigin,
        ),
        ("exp", json!(NOW), SignedRequestError::Expired),
        ("kind", json!("acquire"), SignedRequestError::OtherKind),
        ("kind", json!("revoke"), SignedRequestError::Malformed),
        ("subject", json!("MAA="), SignedRequestError::OtherSubject),
        ("exp", json!("tomorrow"), SignedRequestError::Malformed),
        ("certificate", json!("first"), SignedRequestError::Malformed),
        ("challenge", json!("AAAA"), SignedRequestError::Malformed),
        ("more", json!(1), SignedRequestError::Malformed),
    ] {
        let jws = bank.sign(&header(), &with(claims(), member, value));
        assert_eq!(refusal(&jws, &[bank.key()]), error, "{member}");
    }
}

#[test]
fn an_expiry_is_optional() {
    let bank = Bank::new();
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("exp");
    assert!(check(&bank.sign(&header(), &claims), &[bank.key()]).is_ok());
}

#[test]
fn keys_roll_over_whatever_the_header_calls_them() {
    let (old, new) = (Bank::new(), Bank::new());
    let both = [old.key(), new.key()];
    let named = with(header(), "kid", json!("2027"));
    for header in [header(), named] {
        assert!(check(&old.sign(&header, &claims()), &both).is_ok());
        assert!(check(&new.sign(&header, &claims()), &both).is_ok());
        assert_eq!(
            refusal(&old.sign(&header, &claims()), &both[1..]),
            SignedRequestError::BadSignature
        );
    }
    assert_eq!(
        refusal(&new.sign(&header(), &claims()), &[]),
        SignedRequestError::BadSignature
    );
}

#[test]
fn the_signature_of_a_stranger_is_refused() {
    let jws = Bank::new().sign(&header(), &claims());
    assert_eq!(
        refusal(&jws, &[Bank::new().key()]),
        SignedRequestError::BadSignature
    );
}

#[test]
fn a_signature_in_another_form_is_refused() {
    let bank = Bank::new();
    let jws = bank.sign(&header(), &claims());
    let (message, signature) = jws.rsplit_once('.').unwrap();
    let raw = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let zero = [0; 64];
    for form in [&raw[..63], &[&raw[..], &[0]].concat(), &[], &zero] {
        let jws = format!("{message}.{}", Base64UrlUnpadded::encode_string(form));
        assert_eq!(
            refusal(&jws, &[bank.key()]),
            SignedRequestError::BadSignature
        );
    }
    for jws in [
        message.to_owned(),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{jws}="),
        format!(" {jws}"),
        format!("{jws}.AAAA"),
        // The JSON serialisation is not the compact one.
        json!({"payload": "e30", "signatures": []}).to_string(),
    ] {
        assert_eq!(
            refusal(&jws, &[bank.key()]),
            SignedRequestError::Malformed,
            "{jws}"
        );
    }
    assert_eq!(
        refusal(&"A".repeat(MAX_REQUEST + 1), &[bank.key()]),
        SignedRequestError::TooLong
    );
}

#[test]
fn a_key_that_is_not_a_public_p256_key_is_refused() {
    let mut other_curve = spki_der(Bank::new().0.public_key().as_ref());
    other_curve[22] = 0x06;
    assert_eq!(
        RequestKey::from_spki_der(&other_curve),
        Err(RequestKeyError::NotP256)
    );
    let mut compressed = spki_der(Bank::new().0.public_key().as_ref());
    compressed[26] = 0x02;
    for unreadable in [&compressed[..], &[], &[0x30, 0x00]] {
        assert_eq!(
            RequestKey::from_spki_der(unreadable),
            Err(RequestKeyError::Unreadable)
        );
    }
}

proptest! {
    #[test]
    fn no_text_passes_or_panics(text in ".{0,400}") {
        prop_assert!(check(&text, &[Bank::new().key()]).is_err());
    }

    #[test]
    fn no_changed_character_passes(position: prop::sample::Index, character in "[A-Za-z0-9_.-]") {
        let bank = Bank::new();
        let jws = bank.sign(&header(), &claims());
        let at = position.index(jws.len());
        let changed = format!("{}{character}{}", &jws[..at], &jws[at + 1..]);
        prop_assume!(changed != jws);
        prop_assert!(check(&changed, &[bank.key()]).is_err());
    }
}

#[test]
fn an_acquisition_is_signed_for_its_subject() {
    let bank = Bank::new();
    let keys = [bank.key()];
    let subject = |id| {
        let name = crate::testing::name(&[("2.5.4.3", id)]);
        Target::Acquire(crate::certificate::Subject::from_der(&name, None).unwrap())
    };
    let members = Members::from(&subject("keiri-01"));
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("certificate");
    claims["kind"] = json!("acquire");
    claims["subject"] = json!(members.subject);
    let jws = bank.sign(&header(), &claims);
    let check = |target: Target| {
        let expected = ExpectedRequest {
            target: &target,
            nonce: &nonce(1),
            origin: ORIGIN,
            now: NOW,
        };
        verify(&jws, &keys, &expected).err()
    };
    assert_eq!(check(subject("keiri-01")), None);
    assert_eq!(
        check(subject("admin-01")),
        Some(SignedRequestError::OtherSubject)
    );
    assert_eq!(
        check(Target::Renew(certificate())),
        Some(SignedRequestError::OtherKind)
    );
}
