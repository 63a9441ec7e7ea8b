//! What parses bytes that somebody else wrote, one function each: any bytes must come back as a
//! value or an error, in bounded time and memory. `tests/fuzz` tries them by the million, and
//! `cargo test` tries what the fuzzer found worth keeping, in `corpora`.

use std::{fs, hint::black_box};

use agent::profile::{self, Rank};
// The frames' files below look for these at the top of their crate.
use pkcs11_bridge::{
    CertificateEntry, Halves, KeyEntry, KeyType, KnownAs, ModuleSpec, NewKey, TokenError,
    TokenInfo, token,
};
use protocol::{
    accept::{Expected, accept},
    bridge::{BeginRenewal, CertificateAnswer, Outcome},
    certificate::{Certificate, Subject},
    csr::SignedRequest,
    proof,
};

#[allow(dead_code)]
#[path = "../../../pkcs11-bridge/src/frame.rs"]
mod frame;
#[allow(dead_code)]
#[path = "../../../pkcs11-bridge/src/message.rs"]
mod message;

/// The CA of the vectors, which issued what the first of the answers has.
const CA: &[u8] = include_bytes!("../../../protocol/testdata/vectors/ca.der");

/// A parser with its name.
pub type Parser = (&'static str, fn(&[u8]));

/// All of them; each has a target of that name in `tests/fuzz` and a folder in `corpora`.
pub const ALL: &[Parser] = &[
    ("answer", answer),
    ("body", body),
    ("certificate", certificate),
    ("frame", frame),
    ("profile", profile),
    ("proof", proof),
    ("request", request),
];

/// A CA's answer, in any form.
pub fn answer(bytes: &[u8]) {
    let ca = Certificate::from_der(CA).expect("the vectors' CA is a certificate");
    let issuers = [CA.to_vec()];
    // The CA's own key: an answer with its certificate gets past the first checks.
    let expected = Expected {
        spki_der: ca.spki_der(),
        subject_der: ca.subject_der(),
        later_than: None,
        issuers: &issuers,
        now: ca.not_before() + 1,
    };
    let _ = black_box(accept(bytes, &expected));
}

/// Bodies of the loopback API.
pub fn body(bytes: &[u8]) {
    let _ = black_box(serde_json::from_slice::<BeginRenewal>(bytes));
    let _ = black_box(serde_json::from_slice::<CertificateAnswer>(bytes));
    let _ = black_box(serde_json::from_slice::<Outcome>(bytes));
}

/// A certificate, and whatever is shown of it; a subject by itself.
pub fn certificate(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        black_box((
            certificate.subject_text(),
            certificate.issuer_text(),
            certificate.common_name(),
            certificate.subject_attributes(),
            certificate.serial_hex(),
            certificate.not_after(),
        ));
        assert_eq!(certificate.der(), bytes);
    }
    let _ = black_box(Subject::from_der(bytes, Some(bytes)));
}

/// A frame of the agent's or of a worker's.
pub fn frame(bytes: &[u8]) {
    if let Ok(Some(frame)) = frame::read(bytes) {
        let _ = black_box(frame.message::<message::Request>());
        let _ = black_box(frame.message::<message::Answer>());
    }
}

/// A bank's profile.
pub fn profile(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("bank.toml");
    fs::write(&path, bytes).expect("the folder can be written");
    black_box(profile::read(&path, Rank::User));
}

/// A proof or a receipt: CMS SignedData.
pub fn proof(bytes: &[u8]) {
    let _ = black_box(proof::read(bytes));
}

/// A certification request, as DER and as PEM.
pub fn request(bytes: &[u8]) {
    if let Ok(request) = SignedRequest::from_der(bytes) {
        black_box((request.subject_text(), request.to_pem()));
        black_box(request.san_extension_der());
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = black_box(SignedRequest::from_pem(text));
    }
}
