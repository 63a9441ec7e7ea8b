//! Random extensions of the new certificate: what is accepted is what a TLS client may show, by
//! the letter of RFC 5280 and by openssl.

use std::{fs, path::Path, process::Command};

use proptest::{
    collection::vec,
    prelude::*,
    sample::subsequence,
    test_runner::{Config, TestRunner},
};
use protocol::accept::{Expected, accept};
use tempfile::TempDir;
use tests::{
    programs,
    software::{Key, Root, element, extension, name},
};

use super::world::now;

/// The bits of a KeyUsage (RFC 5280, section 4.2.1.3) that matter here.
const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_AGREEMENT: u8 = 0x08;

/// Purposes of an ExtendedKeyUsage (section 4.2.1.12): the contents of their object identifiers.
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
const PURPOSES: &[&[u8]] = &[
    b"\x2b\x06\x01\x05\x05\x07\x03\x01", // serverAuth
    CLIENT_AUTH,
    b"\x2b\x06\x01\x05\x05\x07\x03\x04", // emailProtection
    b"\x55\x1d\x25\x00",                 // anyExtendedKeyUsage
    b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02", // Microsoft's smart card logon
];

/// All that varies.
#[derive(Clone, Debug)]
struct Case {
    /// The first octet of the bits, and whether it is critical.
    usage: Option<(u8, bool)>,
    purposes: Option<(Vec<&'static [u8]>, bool)>,
    /// Whether it says that it is a CA's.
    authority: Option<bool>,
    /// Of types that nobody knows: content, and whether it is critical.
    unknown: Vec<(Vec<u8>, bool)>,
}

fn case() -> impl Strategy<Value = Case> {
    let usage = (1u8..=0xff, any::<bool>());
    let purposes = (
        subsequence(PURPOSES.to_vec(), 1..=PURPOSES.len()),
        any::<bool>(),
    );
    let unknown = (vec(any::<u8>(), 0..40), proptest::bool::weighted(0.15));
    (
        proptest::option::of(usage),
        proptest::option::of(purposes),
        proptest::option::of(proptest::bool::weighted(0.2)),
        vec(unknown, 0..3),
    )
        .prop_map(|(usage, purposes, authority, unknown)| Case {
            usage,
            purposes,
            authority,
            unknown,
        })
}

impl Case {
    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        if let Some(authority) = self.authority {
            // FALSE is the default, and DER leaves it out.
            let value: &[u8] = if authority { &[1, 1, 0xff] } else { &[] };
            all.push(extension(b"\x55\x1d\x13", true, &element(0x30, value)));
        }
        if let Some((bits, critical)) = self.usage {
            let unused = u8::try_from(bits.trailing_zeros()).expect("there are eight bits");
            all.push(extension(b"\x55\x1d\x0f", critical, &[3, 2, unused, bits]));
        }
        if let Some((purposes, critical)) = &self.purposes {
            let purposes: Vec<u8> = purposes.iter().flat_map(|oid| element(6, oid)).collect();
            let value = element(0x30, &purposes);
            all.push(extension(b"\x55\x1d\x25", *critical, &value));
        }
        all.extend(
            self.unknown
                .iter()
                .zip(1u8..)
                .map(|((value, critical), arc)| {
                    // In the arc for documentation.
                    let oid = [b"\x2b\x06\x01\x04\x01\x81\xfd\x59\x63", &[arc][..]].concat();
                    extension(&oid, *critical, value)
                }),
        );
        all
    }

    /// Whether a TLS client may show it.
    fn serves(&self) -> bool {
        self.signs() && self.is_for_clients() && !self.is_beyond_us() && !self.is_authority()
    }

    fn signs(&self) -> bool {
        self.usage
            .is_none_or(|(bits, _)| bits & DIGITAL_SIGNATURE != 0)
    }

    fn is_for_clients(&self) -> bool {
        let purposes = self.purposes.as_ref();
        purposes.is_none_or(|(purposes, _)| purposes.contains(&CLIENT_AUTH))
    }

    /// Has a critical extension that nobody knows (section 4.2).
    fn is_beyond_us(&self) -> bool {
        self.unknown.iter().any(|(_, critical)| *critical)
    }

    fn is_authority(&self) -> bool {
        self.authority == Some(true)
    }

    /// openssl's client may also agree on keys without signing, and may be a CA.
    fn serves_by_openssl(&self) -> bool {
        let agrees = self
            .usage
            .is_some_and(|(bits, _)| bits & KEY_AGREEMENT != 0);
        (self.signs() || agrees) && self.is_for_clients() && !self.is_beyond_us()
    }
}

#[test]
fn what_is_accepted_is_what_openssl_takes_for_a_client() {
    let root = Root::new();
    let folder = TempDir::new().expect("a temporary folder can be made");
    root.write(folder.path());
    let key = Key::of("p-256");
    let subject = name(&[vec![(b"\x55\x04\x03", 0x0c, "経理01".into())]]);
    let settings = Config {
        cases: 160,
        failure_persistence: None,
        ..Config::default()
    };
    let tried = TestRunner::new(settings).run(&case(), |case| {
        let extensions = case.extensions();
        let answer = root.issue(&[7], &subject, key.spki(), &extensions, "331231235959Z");
        let expected = Expected {
            spki_der: key.spki(),
            subject_der: &subject,
            later_than: None,
            issuers: std::slice::from_ref(&root.certificate),
            now: now(),
        };
        let accepted = accept(&answer, &expected);
        prop_assert_eq!(accepted.is_ok(), case.serves(), "{:?}", accepted);
        if let Ok(accepted) = accepted {
            prop_assert_eq!(accepted.certificate().der(), &answer[..]);
        }
        prop_assert_eq!(
            taken_by_openssl(folder.path(), &answer),
            case.serves_by_openssl()
        );
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

fn taken_by_openssl(folder: &Path, certificate: &[u8]) -> bool {
    fs::write(folder.join("new.der"), certificate).expect("the folder can be written");
    let mut command = Command::new("openssl");
    command
        .args([
            "verify",
            "-purpose",
            "sslclient",
            "-CAfile",
            "root.pem",
            "new.der",
        ])
        .current_dir(folder);
    let ran = programs::try_run(&mut command);
    ran.status == Some(0) && ran.text().contains("OK")
}
