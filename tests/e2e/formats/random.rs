//! Random names, extensions, serial numbers and claims: request, proof and acceptance give back
//! what went in, byte for byte, and openssl agrees.

use std::{fs, path::Path, process::Command, time::Duration};

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use protocol::{
    accept::{Expected, accept},
    certificate::Certificate,
    csr::{RequestToSign, SignedRequest},
    proof::{Expectation, ProofClaims, ProofToSign, Purpose, verify},
};
use tempfile::TempDir;
use tests::{
    programs,
    software::{Attribute, Key, Root, client_auth, element, extension, key_usage, name},
};

use super::world::now;

#[test]
fn whatever_goes_in_comes_back() {
    let root = Root::new();
    run(96, |case| {
        round_trip(&case, &root, None);
    });
}

#[test]
fn whatever_goes_in_comes_back_through_openssl() {
    let root = Root::new();
    let folder = TempDir::new().expect("a temporary folder can be made");
    root.write(folder.path());
    run(24, |case| round_trip(&case, &root, Some(folder.path())));
}

fn run(cases: u32, property: impl Fn(Case)) {
    let settings = Config {
        cases,
        failure_persistence: None,
        // Each attempt to find a smaller failure may run openssl twice.
        max_shrink_iters: 200,
        ..Config::default()
    };
    let tried = TestRunner::new(settings).run(&case(), |case| {
        property(case);
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

/// Old certificate, request, proof, new certificate; with a folder, openssl verifies the proof and
/// issues the new certificate, else we do.
fn round_trip(case: &Case, root: &Root, folder: Option<&Path>) {
    let old_key = Key::of(case.old_kind);
    let new_key = Key::of(case.new_kind);
    let mut extensions = vec![key_usage(), client_auth()];
    extensions.extend(case.alternative.iter().map(|(critical, names)| {
        let names: Vec<u8> = names.iter().flat_map(general_name).collect();
        extension(b"\x55\x1d\x11", *critical, &element(0x30, &names))
    }));
    extensions.extend(case.unknown.iter().zip(1u8..).map(|(value, arc)| {
        // Types that nobody knows, in the arc for documentation.
        let oid = [b"\x2b\x06\x01\x04\x01\x81\xfd\x59\x63", &[arc][..]].concat();
        extension(&oid, false, value)
    }));
    let subject = name(&case.subject);
    let old = root.issue(
        &case.serial,
        &subject,
        old_key.spki(),
        &extensions,
        "271231235959Z",
    );
    let old = Certificate::from_der(&old).expect("it is a certificate");
    assert_eq!(old.subject_der(), subject);

    let request = RequestToSign::renewing(&old, new_key.spki()).expect("the key is new");
    let signature = new_key.sign(request.message());
    let request = request.assemble(&signature).expect("the key signed");
    assert_eq!(request.subject_der(), subject);
    assert_eq!(request.subject_text(), old.subject_text());
    assert_eq!(request.san_extension_der(), old.san_extension_der());
    assert_eq!(
        SignedRequest::from_pem(&request.to_pem()).as_ref(),
        Ok(&request)
    );

    let claims = ProofClaims {
        purpose: Purpose::Renew,
        nonce: case.nonce.clone(),
        origin: case.origin.clone(),
        time: case.time,
        certificate_sha256: old.sha256(),
        audit_head: case.audit_head,
    };
    let proof = ProofToSign::new(request.der(), &old, &claims).expect("the claims are in bounds");
    let signature = old_key.sign(proof.message());
    let proof = proof.assemble(&signature).expect("the key signed");
    let expected = Expectation {
        signer: &old,
        purpose: Purpose::Renew,
        nonce: &claims.nonce,
        origin: &claims.origin,
        certificate_sha256: old.sha256(),
        now: claims.time,
        max_age: Duration::ZERO,
    };
    let verified = verify(&proof, &expected).expect("it is what was made");
    assert_eq!(verified.claims, claims);
    assert_eq!(verified.content, request.der());

    let answer = match folder {
        Some(folder) => judged(folder, &request, &proof),
        None => root.issue(&[1], &subject, new_key.spki(), &extensions, "331231235959Z"),
    };
    let accepted = accept(
        &answer,
        &Expected {
            spki_der: new_key.spki(),
            subject_der: old.subject_der(),
            later_than: Some(old.not_after()),
            issuers: std::slice::from_ref(&root.certificate),
            now: now(),
        },
    )
    .expect("it is ours");
    assert_eq!(accepted.certificate().subject_der(), subject);
    assert_eq!(
        accepted.certificate().san_extension_der(),
        old.san_extension_der()
    );
}

/// openssl verifies the proof and issues for the request, which it verifies first.
fn judged(folder: &Path, request: &SignedRequest, proof: &[u8]) -> Vec<u8> {
    fs::write(folder.join("new.csr"), request.der()).expect("the folder can be written");
    fs::write(folder.join("proof.der"), proof).expect("the folder can be written");
    let openssl = |arguments: &str| programs::run(&mut command(folder, arguments));
    let verdict = openssl("req -verify -noout -inform DER -in new.csr").stderr;
    assert!(verdict.contains("verify OK"), "{verdict}");
    let verify = "cms -verify -binary -inform DER -in proof.der -CAfile root.pem -purpose any";
    assert_eq!(openssl(verify).stdout, request.der());
    let issue = openssl(
        "x509 -req -inform DER -in new.csr -CA root.pem -CAkey root.key -set_serial 1 -days 2000
         -copy_extensions copy -extfile customer.ext -outform DER",
    );
    issue.stdout
}

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(arguments.split_whitespace())
        .current_dir(folder);
    command
}

/// All that varies.
#[derive(Clone, Debug)]
struct Case {
    old_kind: &'static str,
    new_kind: &'static str,
    serial: Vec<u8>,
    /// Relative names, each of one or several attributes: type, string type, content.
    subject: Vec<Vec<Attribute>>,
    /// Critical or not, and the names.
    alternative: Option<(bool, Vec<General>)>,
    unknown: Vec<Vec<u8>>,
    nonce: Vec<u8>,
    origin: String,
    time: i64,
    audit_head: [u8; 32],
}

/// An alternative name.
#[derive(Clone, Debug)]
enum General {
    /// A UPN.
    Upn(String),
    /// rfc822Name [1], dNSName [2], uniformResourceIdentifier [6].
    Text(u8, String),
    Directory(Vec<Vec<Attribute>>),
    Address(Vec<u8>),
}

fn case() -> impl Strategy<Value = Case> {
    // OpenSSL 3.0 verifies no Ed25519 signature within a CMS, so the old key is of another kind.
    let kinds = (
        select(vec!["p-256", "p-384"]),
        select(vec!["p-256", "p-384", "ed25519"]),
    );
    let serial = (1u8..0x80, vec(any::<u8>(), 0..20));
    let alternative = proptest::option::of((any::<bool>(), vec(general(), 1..5)));
    let claims = (
        vec(any::<u8>(), 16..=64),
        "https://[a-z0-9.-]{1,60}(:[0-9]{1,5})?",
        0..4_102_444_800i64,
        any::<[u8; 32]>(),
    );
    let unknown = vec(vec(any::<u8>(), 0..80), 0..3);
    (kinds, serial, subject(), alternative, unknown, claims).prop_map(
        |(kinds, (first, rest), subject, alternative, unknown, claims)| Case {
            old_kind: kinds.0,
            new_kind: kinds.1,
            serial: [&[first][..], &rest].concat(),
            subject,
            alternative,
            unknown,
            nonce: claims.0,
            origin: claims.1,
            time: claims.2,
            audit_head: claims.3,
        },
    )
}

fn subject() -> impl Strategy<Value = Vec<Vec<Attribute>>> {
    vec(vec(attribute(), 1..3), 0..7)
}

/// Common name, serial number, locality, organisation, unit, title, or a type that nobody knows;
/// in UTF8String, PrintableString, TeletexString, BMPString, IA5String or UniversalString.
fn attribute() -> impl Strategy<Value = Attribute> {
    let types: Vec<&'static [u8]> = vec![
        b"\x55\x04\x03",
        b"\x55\x04\x05",
        b"\x55\x04\x07",
        b"\x55\x04\x0a",
        b"\x55\x04\x0b",
        b"\x55\x04\x0c",
        b"\x2b\x06\x01\x04\x01\x81\xfd\x59\x01",
    ];
    let value = prop_oneof![
        "\\PC{1,20}".prop_map(|text| (0x0c, text.into_bytes())),
        "[A-Za-z0-9 '()+,./:=?-]{1,20}".prop_map(|text| (0x13, text.into_bytes())),
        vec(prop_oneof![0x20..0x7fu8, 0xa0..=0xffu8], 1..20).prop_map(|bytes| (0x14, bytes)),
        "[ぁ-んァ-ヶ一-龠a-z]{1,20}".prop_map(|text| {
            let units: Vec<u16> = text.encode_utf16().collect();
            (0x1e, units.into_iter().flat_map(u16::to_be_bytes).collect())
        }),
        "[!-~]{1,20}".prop_map(|text| (0x16, text.into_bytes())),
        "\\PC{1,9}".prop_map(|text| {
            let points = text.chars().flat_map(|c| u32::from(c).to_be_bytes());
            (0x1c, points.collect())
        }),
    ];
    (select(types), value).prop_map(|(oid, (tag, value))| (oid, tag, value))
}

fn general() -> impl Strategy<Value = General> {
    prop_oneof![
        "\\PC{1,30}".prop_map(General::Upn),
        "[a-z0-9.]{1,20}@[a-z0-9-]{1,20}".prop_map(|text| General::Text(0x81, text)),
        "[a-z0-9-]{1,20}(\\.[a-z]{2,9}){1,3}".prop_map(|text| General::Text(0x82, text)),
        "[a-z]{3,8}:[!-~]{1,40}".prop_map(|text| General::Text(0x86, text)),
        subject().prop_map(General::Directory),
        prop_oneof![vec(any::<u8>(), 4), vec(any::<u8>(), 16)].prop_map(General::Address),
    ]
}

fn general_name(name_of: &General) -> Vec<u8> {
    match name_of {
        General::Upn(text) => {
            let oid = element(6, b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03");
            let value = element(0xa0, &element(0x0c, text.as_bytes()));
            element(0xa0, &[oid, value].concat())
        }
        General::Text(tag, text) => element(*tag, text.as_bytes()),
        General::Directory(relatives) => element(0xa4, &name(relatives)),
        General::Address(bytes) => element(0x87, bytes),
    }
}
