//! Requests that a one-time code authorises, or not.

use protocol::{
    certificate::Subject,
    csr::{AcquisitionCode, RequestToSign, SignedRequest},
};
use serde_json::{Value, json};
use tests::software::{Key, element, name};

use super::{ORIGIN, alternative_names, hex, nonce, replaced, write};

/// The ID's code as the bank prints it.
const CODE: &str = "K7QM-0Z3T-9XWB-41RD";
/// Another one, which the bank never gave.
const OTHER_CODE: &str = "K7QM-0Z3T-9XWB-41RE";
/// The attribute with the value by the code: 1.3.6.1.4.1.32473.1.6.
const ATTRIBUTE: &[u8] = b"\x2b\x06\x01\x04\x01\x81\xfd\x59\x01\x06";

pub fn cases() -> Vec<Value> {
    let id = subject("経理01", true);
    let mut cases = Vec::new();
    let mut add = |name: &str, says: &str, request: &[u8], verdict: &str| {
        cases.push(case(name, says, request, verdict));
    };

    for kind in ["p-256", "p-384", "rsa-2048", "ed25519"] {
        let request = acquiring(&id, &Key::of(kind));
        let says = format!("The right code, for a {kind} key.");
        let name = format!("acquire-good-{kind}");
        add(&name, &says, request.der(), "accepted");
    }

    let key = Key::of("p-256");
    let good = acquiring(&id, &key);
    let made = |code: &str, origin: &str, nonce: &[u8]| sign(&id, &key, code, origin, nonce);
    for (name, says, request) in [
        (
            "acquire-wrong-code",
            "One character of the code is another.",
            made(OTHER_CODE, ORIGIN, &nonce()),
        ),
        (
            "acquire-replayed-nonce",
            "The right code, for the nonce of an earlier login: a request that is sent again.",
            made(CODE, ORIGIN, &[0x11; 32]),
        ),
        (
            "acquire-other-origin",
            "The right code, typed at a page that only looks like the bank's.",
            made(CODE, "https://ca.bank.examp1e", &nonce()),
        ),
    ] {
        add(name, says, request.der(), "wrong-code");
    }
    let stolen = value_of(&good);
    let thief = Key::of("p-256");
    add(
        "acquire-other-key",
        "A page puts the value of an honest request into a request for a key of its own.",
        &forged(&id, &thief, vec![attribute(&stolen)]),
        "wrong-code",
    );
    let mut flipped = stolen.clone();
    flipped[31] ^= 1;
    add(
        "acquire-altered-value",
        "The value is altered, and the holder of the key signs that.",
        &forged(&id, &key, vec![attribute(&flipped)]),
        "wrong-code",
    );
    add(
        "acquire-no-code",
        "A request that was made without a code, as any program makes one.",
        &forged(&id, &key, Vec::new()),
        "no-code",
    );

    let other = subject("経理02", true);
    add(
        "acquire-other-id",
        "The right code, for the name of another ID.",
        acquiring(&other, &key).der(),
        "other-subject",
    );
    let bare = subject("経理01", false);
    add(
        "acquire-other-names",
        "The right code, without the alternative names that the bank gave.",
        acquiring(&bare, &key).der(),
        "other-names",
    );

    let mut unsigned = good.der().to_vec();
    let last = unsigned.len() - 1;
    unsigned[last] ^= 1;
    for (name, says, request) in [
        (
            "acquire-by-other-key",
            "The request's own signature is not its key's: nobody shows that they hold it.",
            unsigned,
        ),
        (
            "acquire-altered-attribute",
            "The value is altered after the key has signed.",
            replaced(good.der(), &stolen, &flipped),
        ),
        (
            "acquire-altered-subject",
            "Another ID is written into the request after the key has signed.",
            replaced(good.der(), "経理01".as_bytes(), "経理02".as_bytes()),
        ),
        (
            "acquire-two-values",
            "The attribute is there twice: which one counts must not be a question.",
            forged(&id, &key, vec![attribute(&flipped), attribute(&stolen)]),
        ),
        (
            "acquire-short-value",
            "The value has 16 bytes instead of 32.",
            forged(&id, &key, vec![attribute(&stolen[..16])]),
        ),
        (
            "acquire-cut-off",
            "The last byte is missing.",
            good.der()[..last].to_vec(),
        ),
        ("acquire-empty", "No bytes at all.", Vec::new()),
    ] {
        add(name, says, &request, "request");
    }
    cases
}

fn case(name: &str, says: &str, request: &[u8], verdict: &str) -> Value {
    let file = format!("{name}.der");
    write(&file, request);
    let id = subject("経理01", true);
    json!({
        "name": name,
        "says": says,
        "file": file,
        "purpose": "acquire",
        "code": CODE,
        "subject": hex(id.name_der()),
        "subject_alt_name": hex(id.san_extension_der().unwrap_or_default()),
        "nonce": hex(&nonce()),
        "openssl": true,
        "verdict": verdict,
    })
}

fn subject(common_name: &str, with_names: bool) -> Subject {
    let name = name(&[
        vec![(b"\x55\x04\x06", 0x13, b"JP".to_vec())],
        vec![(b"\x55\x04\x0a", 0x0c, "しんきん商事".into())],
        vec![(b"\x55\x04\x03", 0x0c, common_name.into())],
    ]);
    let names = with_names.then(|| alternative_names("経理01"));
    Subject::from_der(&name, names.as_deref()).expect("it is a subject")
}

fn acquiring(subject: &Subject, key: &Key) -> SignedRequest {
    sign(subject, key, CODE, ORIGIN, &nonce())
}

fn sign(subject: &Subject, key: &Key, code: &str, origin: &str, nonce: &[u8]) -> SignedRequest {
    let code = AcquisitionCode::parse(code).expect("it has the form of a code");
    let request = RequestToSign::acquiring(subject, key.spki(), &code, origin, nonce)
        .expect("the nonce is in bounds");
    let signature = key.sign(request.message());
    request.assemble(&signature).expect("its key signed")
}

/// The value by the code in a request.
fn value_of(request: &SignedRequest) -> Vec<u8> {
    let der = request.der();
    let place = der
        .windows(ATTRIBUTE.len())
        .position(|window| window == ATTRIBUTE)
        .expect("the attribute is there");
    // The SET and the OCTET STRING in it have two bytes each before their content.
    let start = place + ATTRIBUTE.len() + 4;
    der[start..start + 32].to_vec()
}

fn attribute(value: &[u8]) -> Vec<u8> {
    let set = element(0x31, &element(0x04, value));
    element(0x30, &[element(0x06, ATTRIBUTE), set].concat())
}

/// A request as a program with openssl makes it: these attributes, and the names. P-256 only.
fn forged(subject: &Subject, key: &Key, attributes: Vec<Vec<u8>>) -> Vec<u8> {
    let extensions = element(0x30, subject.san_extension_der().unwrap_or_default());
    let requested = [
        element(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e"),
        element(0x31, &extensions),
    ];
    let mut attributes = [attributes, vec![element(0x30, &requested.concat())]].concat();
    attributes.sort();
    let message = [
        element(0x02, &[0]),
        subject.name_der().to_vec(),
        key.spki().to_vec(),
        element(0xa0, &attributes.concat()),
    ];
    let message = element(0x30, &message.concat());
    let signature = [&[0][..], &key.sign(&message)].concat();
    let ecdsa_with_sha256 = element(0x06, b"\x2a\x86\x48\xce\x3d\x04\x03\x02");
    let parts = [
        message,
        element(0x30, &ecdsa_with_sha256),
        element(0x03, &signature),
    ];
    element(0x30, &parts.concat())
}
