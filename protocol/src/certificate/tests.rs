use super::*;
use crate::testing::{Content, DAY, Key, NOW, extension, name, name_with, san};
use proptest::prelude::*;

fn customer() -> Content {
    Content::customer(
        &name(&[("2.5.4.10", "しんきん商事"), ("2.5.4.3", "経理01")]),
        &Key::p256(),
    )
}

fn from(content: &Content) -> Certificate {
    content.self_signed(&Key::p256())
}

#[test]
fn every_field_is_a_copy_of_the_certificate() {
    let content = customer();
    let issuer = name(&[("2.5.4.3", "CA")]);
    let certificate = Certificate::from_der(&content.issue(&issuer, &Key::p384())).unwrap();
    assert_eq!(certificate.subject_der(), content.subject);
    assert_eq!(certificate.issuer_der(), issuer);
    assert_eq!(certificate.spki_der(), content.spki);
    assert_eq!(certificate.san_extension_der(), Some(&san()[..]));
    assert_eq!(certificate.not_before(), NOW - DAY);
    assert_eq!(certificate.not_after(), NOW + 365 * DAY);
    assert_eq!(certificate.subject_text(), "CN=経理01,O=しんきん商事");
    assert_eq!(certificate.common_name().unwrap(), "経理01");
    assert_eq!(certificate.issuer_text(), "CN=CA");
    assert_eq!(certificate.serial_hex(), "1001");
    assert_eq!(certificate.id(), sha256_id(certificate.der()));
    assert_eq!(certificate.id().len(), 64);
    assert!(
        certificate
            .key_usage()
            .unwrap()
            .unwrap()
            .digital_signature()
    );
    assert!(!format!("{certificate:?}").contains("経理"));
}

#[test]
fn serial_numbers_are_written_by_the_byte() {
    let twenty = [&[0][..], &[0xab; 20]].concat();
    for (serial, text) in [
        (vec![0], "00".to_owned()),
        (vec![1], "01".to_owned()),
        (vec![0, 0x80], "80".to_owned()),
        (vec![0x0a, 0xbc], "0abc".to_owned()),
        (twenty, "ab".repeat(20)),
    ] {
        let content = Content {
            serial,
            ..customer()
        };
        assert_eq!(from(&content).serial_hex(), text);
    }
}

#[test]
fn dates_go_past_2050() {
    // 2049-12-31T23:59:59Z is the last UTCTime, 9999-12-31T23:59:59Z the last date of all.
    for not_after in [2_524_607_999, 2_524_608_000, 4_102_444_800, 253_402_300_799] {
        let content = Content {
            not_after,
            ..customer()
        };
        assert_eq!(from(&content).not_after(), not_after);
    }
}

#[test]
fn what_has_no_san_has_none() {
    let content = Content {
        extensions: vec![],
        ..customer()
    };
    let certificate = from(&content);
    assert_eq!(certificate.san_extension_der(), None);
    assert!(certificate.key_usage().is_none());
}

#[test]
fn an_extension_twice_is_refused() {
    let oid = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.9");
    let content = Content {
        extensions: vec![extension(oid, false, b"a"), extension(oid, true, b"b")],
        ..customer()
    };
    let der = content.issue(&content.subject, &Key::p256());
    assert_eq!(
        Certificate::from_der(&der),
        Err(CertificateError::DuplicateExtension(oid))
    );
}

#[test]
fn too_large_or_with_something_behind_it_is_refused() {
    let mut der = from(&customer()).der().to_vec();
    der.push(0);
    assert!(matches!(
        Certificate::from_der(&der),
        Err(CertificateError::Malformed(_))
    ));
    assert_eq!(
        Certificate::from_der(&vec![0x30; MAX_CERTIFICATE + 1]),
        Err(CertificateError::TooLarge(MAX_CERTIFICATE + 1))
    );
}

/// Everything that reads, so that a property can call it all.
fn read(der: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(der) {
        let _ = certificate.subject_text();
        let _ = certificate.issuer_text();
        let _ = certificate.common_name();
        let _ = certificate.serial_hex();
        let _ = certificate.san_extension_der();
        let _ = certificate.key_usage();
        let _ = crate::signature::key_type(certificate.spki_der());
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        read(&bytes);
        read(&asn1::sequence(&[&bytes]));
        let _ = name::text(&bytes);
    }

    #[test]
    fn damaged_certificates_never_panic(
        cut in any::<prop::sample::Index>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..6),
    ) {
        let mut der = from(&customer()).der().to_vec();
        read(&der[..cut.index(der.len())]);
        for (at, bit) in flips {
            let at = at.index(der.len());
            der[at] ^= 1 << bit;
        }
        read(&der);
    }

    #[test]
    fn any_name_is_copied_and_rendered(
        values in proptest::collection::vec((0usize..8, proptest::collection::vec(any::<u8>(), 0..24)), 0..6)
    ) {
        const TAGS: [u8; 8] = [0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e];
        let attributes: Vec<_> = values
            .iter()
            .map(|(tag, value)| ("2.5.4.3", TAGS[*tag], value.as_slice()))
            .collect();
        let subject = name_with(&attributes);
        let certificate = from(&Content { subject: subject.clone(), ..customer() });
        prop_assert_eq!(certificate.subject_der(), subject);
        let text = certificate.subject_text();
        prop_assert!(!text.chars().any(char::is_control));
    }
}
