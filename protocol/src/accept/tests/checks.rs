//! What a certificate must be.

use der::asn1::ObjectIdentifier;

use super::super::*;
use super::{World, lower_name, pem};
use crate::asn1;
use crate::bridge::ProblemCode;
use crate::testing::{
    CLIENT_AUTH, Content, DAY, Key, NOW, SERVER_AUTH, ca, extended_key_usage, extension, key_usage,
    name, name_with,
};

#[test]
fn another_key_is_refused() {
    let mut world = World::new();
    let error = world.refusal(|content| content.spki = Key::p256().spki().to_vec());
    assert_eq!(error, AcceptError::KeyMismatch);
    assert_eq!(error.code(), ProblemCode::CertificateKeyMismatch);
    // The old certificate again, as some CAs send it.
    let again = pem(&[world.old.der()]);
    assert_eq!(world.accept(&again), Err(AcceptError::KeyMismatch));
}

#[test]
fn another_subject_is_refused() {
    let mut world = World::new();
    let error = world.refusal(|content| content.subject = name(&[("2.5.4.3", "経理02")]));
    assert_eq!(
        error,
        AcceptError::SubjectMismatch {
            found: "CN=経理02".to_owned()
        }
    );
    assert_eq!(error.code(), ProblemCode::CertificateSubjectMismatch);
    // The same text in another string type is another subject.
    let key = Key::p256();
    let mut old = Content::customer(&name(&[("2.5.4.3", "x")]), &key);
    old.not_after = NOW + DAY;
    world.old = old.self_signed(&key);
    let error = world.refusal(|content| content.subject = name_with(&[("2.5.4.3", 0x13, b"x")]));
    assert_eq!(error.code(), ProblemCode::CertificateSubjectMismatch);
}

#[test]
fn validity_holds_to_the_second() {
    let mut world = World::new();
    let error = world.refusal(|content| content.not_after = NOW - 1);
    assert_eq!(error, AcceptError::Expired { since: NOW - 1 });
    assert_eq!(error.code(), ProblemCode::CertificateExpired);
    let error = world.refusal(|content| content.not_before = NOW + 1);
    assert_eq!(error, AcceptError::NotYetValid { until: NOW + 1 });
    assert_eq!(error.code(), ProblemCode::CertificateNotYetValid);
    world.content.not_before = NOW;
    assert!(world.accept(&world.answer()).is_ok());
    // The last second is valid, though too early an end for a successor.
    let error = world.refusal(|content| content.not_after = NOW);
    assert_eq!(error.code(), ProblemCode::CertificateNotLater);
}

#[test]
fn it_must_end_later_than_the_old_one() {
    let mut world = World::new();
    let old = world.old.not_after();
    let error = world.refusal(|content| content.not_after = old);
    assert_eq!(error, AcceptError::NotLater { new: old, old });
    assert_eq!(error.code(), ProblemCode::CertificateNotLater);
    world.content.not_after = old + 1;
    assert!(world.accept(&world.answer()).is_ok());
}

#[test]
fn an_acquired_one_has_none_to_outlast() {
    let mut world = World::new();
    world.content.not_after = world.old.not_after();
    let expected = Expected {
        spki_der: world.key.spki(),
        subject_der: world.old.subject_der(),
        later_than: None,
        issuers: std::slice::from_ref(&world.root),
        now: NOW,
    };
    assert!(accept(&world.answer(), &expected).is_ok());
}

#[test]
fn another_ca_is_refused() {
    let world = World::new();
    let stranger = Key::p256();
    let forged = world.content.issue(&lower_name(), &stranger);
    let authority = Content::authority(&lower_name(), &stranger);
    let authority = authority.issue(&lower_name(), &stranger);
    for answer in [
        pem(&[&forged]),
        pem(&[&forged, &authority]),
        pem(&[&forged, &world.lower, &world.upper]),
        pem(&[&world.leaf(), &world.upper]),
    ] {
        let error = world.accept(&answer).unwrap_err();
        assert!(matches!(error, AcceptError::Untrusted(_)), "{error:?}");
        assert_eq!(error.code(), ProblemCode::CertificateUntrusted);
    }
    assert_eq!(
        world.accept(&pem(&[&forged])).unwrap_err().to_string(),
        "the certificate is not from an issuer of the bank"
    );
    assert!(matches!(
        world.accept_from(&world.answer(), &[]),
        Err(AcceptError::Untrusted(_))
    ));
    assert!(matches!(
        world.accept_from(&world.answer(), &[world.root.clone(), vec![0x30]]),
        Err(AcceptError::Issuer { index: 2, .. })
    ));
}

#[test]
fn each_ca_in_between_must_be_one() {
    let edits: [fn(&mut Content); 4] = [
        |lower| lower.extensions = vec![key_usage(0x06)],
        |lower| lower.extensions = vec![ca(), key_usage(0x80)],
        |lower| lower.not_after = NOW - 1,
        |lower| {
            let constraints = asn1::sequence(&[&[1, 1, 0xff], &[2, 1, 0]]);
            let oid = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.9");
            lower.extensions = vec![
                extension(
                    const_oid::db::rfc5280::ID_CE_BASIC_CONSTRAINTS,
                    true,
                    &constraints,
                ),
                // Critical, and unknown.
                extension(oid, true, b"\x05\x00"),
            ];
        },
    ];
    for edit in edits {
        let world = World::with_lower(edit);
        assert!(matches!(
            world.accept(&world.answer()),
            Err(AcceptError::Untrusted(_))
        ));
    }
    // Without keyUsage a CA may sign.
    let world = World::with_lower(|lower| lower.extensions = vec![ca()]);
    assert!(world.accept(&world.answer()).is_ok());
}

#[test]
fn usage_must_be_client_authentication() {
    let mut world = World::new();
    for (extensions, usage) in [
        (vec![extended_key_usage(SERVER_AUTH)], Usage::ClientAuth),
        (vec![extended_key_usage("2.5.29.37.0")], Usage::ClientAuth),
        (vec![key_usage(0x20)], Usage::DigitalSignature),
        (
            vec![key_usage(0x40), extended_key_usage(CLIENT_AUTH)],
            Usage::DigitalSignature,
        ),
    ] {
        let error = world.refusal(|content| content.extensions = extensions);
        assert_eq!(error, AcceptError::WrongUsage(usage));
        assert_eq!(error.code(), ProblemCode::CertificateWrongUsage);
    }
    for extensions in [
        vec![],
        vec![key_usage(0xa0)],
        vec![extended_key_usage(CLIENT_AUTH)],
    ] {
        world.content.extensions = extensions;
        assert!(world.accept(&world.answer()).is_ok());
    }
    let world = World::with_lower(|lower| lower.extensions.push(extended_key_usage(SERVER_AUTH)));
    assert_eq!(
        world.accept(&world.answer()),
        Err(AcceptError::WrongUsage(Usage::ClientAuth))
    );
}

#[test]
fn a_ca_certificate_is_not_the_customers() {
    let mut world = World::new();
    let error = world.refusal(|content| content.extensions.push(ca()));
    assert_eq!(
        error,
        AcceptError::Untrusted(PathError(webpki::Error::CaUsedAsEndEntity))
    );
}

#[test]
fn of_several_for_our_key_the_one_that_passes_counts() {
    let mut world = World::new();
    let good = world.leaf();
    world.content.serial = vec![9];
    world.content.not_after += DAY;
    world.content.extensions = vec![extended_key_usage(SERVER_AUTH)];
    let bad = world.leaf();
    for leaves in [[&good, &bad], [&bad, &good]] {
        let answer = pem(&[leaves[0], leaves[1], &world.lower, &world.upper]);
        assert_eq!(world.accept(&answer).unwrap().certificate().der(), good);
    }
}

#[test]
fn shapes_to_come_pass_too() {
    // Twenty bytes of serial number, an end past 2050, an issuer that signs with RSA-PSS.
    let mut world = World::new();
    let authority_key = Key::rsa();
    let authority = Content::authority(&lower_name(), &authority_key);
    let authority = authority.issue(&lower_name(), &authority_key);
    world.content.serial = vec![0x7f; 20];
    world.content.not_after = 2_600_000_000;
    let sha256 = asn1::sequence(&[
        &asn1::oid(ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1")),
        &[5, 0],
    ]);
    let mask = asn1::sequence(&[
        &asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8")),
        &sha256,
    ]);
    let pss = asn1::sequence(&[
        &asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10")),
        &asn1::sequence(&[
            &asn1::element(0xa0, &[&sha256]),
            &asn1::element(0xa1, &[&mask]),
            &asn1::element(0xa2, &[&[2, 1, 32]]),
        ]),
    ]);
    let leaf = world
        .content
        .issue_with(&lower_name(), &pss, |tbs| authority_key.sign_pss(tbs));
    let accepted = world.accept_from(&leaf, &[authority]).unwrap();
    assert_eq!(accepted.certificate().serial_hex(), "7f".repeat(20));
    assert_eq!(accepted.certificate().not_after(), 2_600_000_000);
}
