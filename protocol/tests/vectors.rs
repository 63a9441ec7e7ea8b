//! The test vectors of `testdata/vectors`, by this library.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use protocol::{
    certificate::{Certificate, Subject},
    csr::{AcquisitionCode, ExpectedAcquisition, verify_acquisition},
    proof::{Expectation, Purpose, verify_receipt, verify_submission},
};
use serde_json::Value;

#[test]
fn each_vector_has_its_verdict() {
    let vectors: Value = serde_json::from_slice(&read("vectors.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut verdicts = BTreeSet::new();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        if text("purpose") == "acquire" {
            continue;
        }
        let signer = Certificate::from_der(&read(&text("signer"))).unwrap();
        let nonce = bytes(&text("nonce"));
        let receipt = text("purpose") == "receipt";
        let expected = Expectation {
            signer: &signer,
            purpose: if receipt {
                Purpose::Receipt
            } else {
                Purpose::Renew
            },
            nonce: &nonce,
            origin: vectors["origin"].as_str().unwrap(),
            certificate_sha256: bytes(&text("renewed")).try_into().unwrap(),
            now: case["now"].as_i64().unwrap(),
            max_age: Duration::from_secs(vectors["max_age"].as_u64().unwrap()),
        };
        let cms = read(&text("file"));
        let verdict = if receipt {
            verify_receipt(&cms, &expected).map(|claims| {
                assert_eq!(claims.nonce, nonce);
            })
        } else {
            verify_submission(&cms, &expected).map(|submission| {
                assert_eq!(submission.claims.nonce, nonce);
                if let Some(content) = case["content"].as_str() {
                    assert_eq!(submission.request.der(), bytes(content));
                }
            })
        };
        let verdict = verdict.map_or_else(|error| error.reason(), |()| "accepted");
        assert_eq!(
            verdict,
            text("verdict"),
            "{}: {}",
            text("name"),
            text("says")
        );
        verdicts.insert(verdict);
    }
    // Each reason to refuse has its example.
    let all = "accepted from-the-future key other-certificate other-names other-nonce other-origin \
               other-purpose other-receipt other-signer other-subject request signature too-old";
    assert_eq!(verdicts.into_iter().collect::<Vec<_>>().join(" "), all);
}

#[test]
fn each_vector_of_an_acquisition_has_its_verdict() {
    let vectors: Value = serde_json::from_slice(&read("vectors.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut verdicts = BTreeSet::new();
    for case in cases.iter().filter(|case| case["purpose"] == "acquire") {
        let text = |key: &str| case[key].as_str().unwrap();
        let subject = bytes(text("subject"));
        let names = bytes(text("subject_alt_name"));
        let expected = ExpectedAcquisition {
            code: &AcquisitionCode::parse(text("code")).unwrap(),
            subject: &Subject::from_der(&subject, Some(&names)).unwrap(),
            origin: vectors["origin"].as_str().unwrap(),
            nonce: &bytes(text("nonce")),
        };
        let verdict = match verify_acquisition(&read(text("file")), &expected) {
            Ok(request) => {
                assert_eq!(request.subject_der(), subject);
                "accepted"
            }
            Err(error) => error.reason(),
        };
        assert_eq!(
            verdict,
            text("verdict"),
            "{}: {}",
            text("name"),
            text("says")
        );
        verdicts.insert(verdict);
    }
    let all = "accepted no-code other-names other-subject request wrong-code";
    assert_eq!(verdicts.into_iter().collect::<Vec<_>>().join(" "), all);
}

#[test]
fn every_file_belongs_to_a_vector() {
    let vectors = String::from_utf8(read("vectors.json")).unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ["README.md", "ca.der", "vectors.json", "verify.py"].contains(&name.as_str())
            || vectors.contains(&format!("\"{name}\""));
        assert!(known, "no vector names {name}");
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("it is hexadecimal"))
        .collect()
}
