//! What an answer may look like.

use base64ct::{Base64, Encoding};
use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::asn1::ObjectIdentifier;
use der::pem::{LineEnding, encode_string};
use proptest::prelude::*;

use super::super::*;
use super::{World, lower_name, pem};
use crate::asn1::{self, tag};
use crate::bridge::ProblemCode;
use crate::testing::Content;

fn certs_only(certificates: &[&[u8]]) -> Vec<u8> {
    asn1::sequence(&[
        &asn1::oid(ID_SIGNED_DATA),
        &asn1::element(
            tag::CONTEXT_0,
            &[&asn1::sequence(&[
                &[2, 1, 1],
                &asn1::element(tag::SET, &[]),
                &asn1::sequence(&[&asn1::oid(ID_DATA)]),
                &asn1::element(tag::CONTEXT_0, certificates),
                &asn1::element(tag::SET, &[]),
            ])],
        ),
    ])
}

/// The same with indefinite lengths, and with content in a constructed OCTET STRING.
fn certs_only_ber(certificates: &[&[u8]]) -> Vec<u8> {
    let indefinite = |identifier: u8, parts: &[&[u8]]| {
        [&[identifier, 0x80][..], &parts.concat(), &[0, 0]].concat()
    };
    let octets = indefinite(0x24, &[&[4, 2, 0, 0], &[4, 1, 7]]);
    indefinite(
        tag::SEQUENCE,
        &[
            &asn1::oid(ID_SIGNED_DATA),
            &indefinite(
                tag::CONTEXT_0,
                &[&indefinite(
                    tag::SEQUENCE,
                    &[
                        &[2, 1, 1],
                        &indefinite(tag::SET, &[]),
                        &indefinite(
                            tag::SEQUENCE,
                            &[&asn1::oid(ID_DATA), &indefinite(tag::CONTEXT_0, &[&octets])],
                        ),
                        &indefinite(tag::CONTEXT_0, certificates),
                        &indefinite(tag::SET, &[]),
                    ],
                )],
            ),
        ],
    )
}

/// One answer in every form that is taken.
fn every_form(world: &World, leaf: &[u8]) -> Vec<Vec<u8>> {
    let all: &[&[u8]] = &[&world.lower, &world.upper, leaf];
    let text = String::from_utf8(pem(all)).unwrap();
    let p7b = certs_only(all);
    let ber = certs_only_ber(all);
    let base64 = Base64::encode_string(&p7b);
    let wrapped: String = base64
        .as_bytes()
        .chunks(64)
        .map(|line| format!("{}\r\n", String::from_utf8_lossy(line)))
        .collect();
    let p7_pem = |label: &str, der: &[u8]| {
        encode_string("PKCS7", LineEnding::CRLF, der)
            .unwrap()
            .replace("PKCS7", label)
            .into_bytes()
    };
    vec![
        text.clone().into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        format!("更新が完了しました\n{text}\nsubject=x\n").into_bytes(),
        text.replace("CERTIFICATE", "X509 CERTIFICATE").into_bytes(),
        p7_pem("PKCS7", &p7b),
        p7_pem("PKCS #7 SIGNED DATA", &p7b),
        p7_pem("CMS", &ber),
        [pem(&[leaf]), p7_pem("CMS", &p7b)].concat(),
        p7b,
        ber,
        base64.clone().into_bytes(),
        base64.trim_end_matches('=').as_bytes().to_vec(),
        wrapped.clone().into_bytes(),
        format!("\u{feff}{wrapped}").into_bytes(),
    ]
}

#[test]
fn every_form_and_order_is_taken() {
    let world = World::new();
    for (index, answer) in every_form(&world, &world.leaf()).iter().enumerate() {
        let accepted = world
            .accept(answer)
            .unwrap_or_else(|error| panic!("form {index}: {error:?}"));
        assert_eq!(accepted.certificate().spki_der(), world.key.spki());
        assert_eq!(accepted.chain(), [world.lower.clone(), world.upper.clone()]);
    }
}

#[test]
fn a_lone_certificate_is_enough_where_its_issuer_is_known() {
    let world = World::new();
    let leaf = world.leaf();
    for answer in [leaf.clone(), Base64::encode_string(&leaf).into_bytes()] {
        let accepted = world
            .accept_from(&answer, std::slice::from_ref(&world.lower))
            .unwrap();
        assert_eq!(accepted.certificate().der(), leaf);
        assert!(accepted.chain().is_empty());
        assert!(matches!(
            world.accept(&answer),
            Err(AcceptError::Untrusted(PathError(
                webpki::Error::UnknownIssuer
            )))
        ));
    }
}

#[test]
fn pem_inside_of_der_is_not_the_answer() {
    let world = World::new();
    let content = asn1::element(tag::OCTET_STRING, &[&pem(&[world.old.der()])]);
    let signed_data = asn1::sequence(&[
        &[2, 1, 1],
        &asn1::element(tag::SET, &[]),
        &asn1::sequence(&[
            &asn1::oid(ID_DATA),
            &asn1::element(tag::CONTEXT_0, &[&content]),
        ]),
        &asn1::element(tag::CONTEXT_0, &[&world.leaf(), &world.lower, &world.upper]),
        &asn1::element(tag::SET, &[]),
    ]);
    let answer = asn1::sequence(&[
        &asn1::oid(ID_SIGNED_DATA),
        &asn1::element(tag::CONTEXT_0, &[&signed_data]),
    ]);
    assert!(world.accept(&answer).is_ok());
    // Text that begins with the character whose code is a SEQUENCE's identifier.
    let text = [b"0 s:CN=x\n", &world.answer()[..]].concat();
    assert!(world.accept(&text).is_ok());
}

#[test]
fn what_cannot_be_read_says_why() {
    let world = World::new();
    let truncated = &world.leaf()[..100];
    let many: Vec<Vec<u8>> = (0..17)
        .map(|serial| {
            Content {
                serial: vec![serial + 1],
                ..world.content.clone()
            }
            .issue(&lower_name(), &world.lower_key)
        })
        .collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let enveloped = asn1::sequence(&[
        &asn1::oid(ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3")),
        &asn1::element(tag::CONTEXT_0, &[&asn1::sequence(&[])]),
    ]);
    let key = encode_string("PRIVATE KEY", LineEnding::LF, b"x").unwrap();
    for (answer, expected) in [
        (
            vec![b'A'; MAX_ANSWER + 1],
            Unreadable::TooLarge(MAX_ANSWER + 1),
        ),
        (vec![], Unreadable::Empty),
        (b" \r\n".to_vec(), Unreadable::Empty),
        (key.into_bytes(), Unreadable::Empty),
        (certs_only(&[]), Unreadable::Empty),
        (b"<html>502</html>".to_vec(), Unreadable::UnknownForm),
        (vec![0xff; 64], Unreadable::UnknownForm),
        (vec![b'A'; MAX_ANSWER], Unreadable::NotCertificates),
        (b"\x30\x00".to_vec(), Unreadable::NotCertificates),
        (truncated.to_vec(), Unreadable::NotCertificates),
        (enveloped, Unreadable::NotCertificates),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA".to_vec(),
            Unreadable::Pem(PemError::NoEnd),
        ),
        (pem(&many), Unreadable::TooMany),
        (certs_only(&many), Unreadable::TooMany),
    ] {
        let error = world.accept(&answer).unwrap_err();
        assert_eq!(error, AcceptError::Unreadable(expected));
        assert_eq!(error.code(), ProblemCode::CertificateUnreadable);
    }
    let damaged = pem(&[&world.leaf(), truncated]);
    assert!(matches!(
        world.accept(&damaged),
        Err(AcceptError::Unreadable(Unreadable::Certificate(_)))
    ));
    // Sixteen are not too many, and a repeated one counts once.
    assert!(
        world
            .accept(&pem(&[
                &many[..14],
                &[&world.lower, &world.upper, &world.lower]
            ]
            .concat()))
            .is_ok()
    );
}

#[test]
fn a_mebibyte_of_rubbish_is_refused_at_once() {
    let world = World::new();
    for rubbish in [
        [0x30, 0x80].repeat(MAX_ANSWER / 2),
        b"-----BEGIN A----------END A-----".repeat(MAX_ANSWER / 32),
        b"-----BEGIN CERTIFICATE-----".repeat(MAX_ANSWER / 27),
        certs_only(&[&[0x31, 0x00].repeat(MAX_ANSWER / 2 - 100)]),
    ] {
        assert!(rubbish.len() <= MAX_ANSWER);
        assert_eq!(
            world.accept(&rubbish).unwrap_err().code(),
            ProblemCode::CertificateUnreadable
        );
    }
}

proptest! {
    #[test]
    fn random_answers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let world = World::new();
        for answer in [
            bytes.clone(),
            asn1::sequence(&[&bytes]),
            certs_only(&[&bytes]),
            Base64::encode_string(&bytes).into_bytes(),
            pem(&[&bytes]),
        ] {
            prop_assert!(world.accept(&answer).is_err());
        }
    }

    #[test]
    fn damaged_answers_never_panic(
        form in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..4),
    ) {
        let world = World::new();
        let leaf = world.leaf();
        let mut forms = every_form(&world, &leaf);
        let mut answer = forms.swap_remove(form.index(forms.len()));
        let _ = world.accept(&answer[..cut.index(answer.len())]);
        for (at, bit) in flips {
            let at = at.index(answer.len());
            answer[at] ^= 1 << bit;
        }
        // Whatever is damaged, only a certificate that the issuer signed is ever accepted.
        if let Ok(accepted) = world.accept(&answer) {
            prop_assert_eq!(accepted.certificate().der(), leaf);
        }
    }
}
