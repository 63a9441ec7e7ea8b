//! Writes the test vectors of proofs, receipts and acquisitions: `cargo run -p tests --example
//! vectors` fills `protocol/testdata/vectors`. Keys and signatures are new each time.

mod acquisition;

use std::{fs, path::Path};

use protocol::{
    certificate::Certificate,
    csr::{RequestToSign, SignedRequest},
    proof::{ProofClaims, ProofToSign, Purpose},
};
use serde_json::{Value, json};
use tests::software::{Key, Root, client_auth, element, extension, key_usage, name};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/testdata/vectors");
const ORIGIN: &str = "https://ca.bank.example";
/// 2026-11-22T00:00:00Z.
const NOW: i64 = 1_795_305_600;
const MAX_AGE: i64 = 600;

fn main() {
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder).expect("the project can be written");
    let mut vectors = Vectors {
        cases: Vec::new(),
        root: Root::new(),
    };
    vectors.good();
    vectors.other_claims();
    vectors.altered();
    vectors.other_requests();
    vectors.receipts();
    vectors.cases.extend(acquisition::cases());
    let der = vectors.root.certificate.clone();
    write("ca.der", &der);
    let document =
        json!({ "version": 1, "max_age": MAX_AGE, "origin": ORIGIN, "cases": vectors.cases });
    let mut text = serde_json::to_string_pretty(&document).expect("it is JSON");
    text.push('\n');
    write("vectors.json", text.as_bytes());
}

struct Vectors {
    cases: Vec<Value>,
    root: Root,
}

/// An ID with its key and certificate.
struct Holder {
    key: Key,
    certificate: Certificate,
    /// The name of the certificate's file.
    file: String,
}

impl Vectors {
    fn good(&mut self) {
        for kind in ["p-256", "p-384", "rsa-2048", "ed25519"] {
            let old = self.holder(&format!("old-{kind}"), "経理01", kind);
            let (request, _) = request(&old.certificate);
            let proof = proof(&old, &old.key, request.der(), &claims(&old));
            let says = format!("A proof by a {kind} key, as it should be.");
            let mut case = self.case(&format!("good-{kind}"), &says, &proof, &old, "accepted");
            case["content"] = hex(request.der()).into();
            // OpenSSL 3.0 verifies no Ed25519 signature within a CMS.
            case["openssl"] = (kind != "ed25519").into();
            self.cases.push(case);
        }
    }

    fn other_claims(&mut self) {
        let old = self.holder("old", "経理01", "p-256");
        let (request, _) = request(&old.certificate);
        let good = claims(&old);
        let made = |claims: ProofClaims| proof(&old, &old.key, request.der(), &claims);

        for (name, says, claims, verdict) in [
            (
                "clock-behind",
                "The customer's clock is nine minutes behind: still fresh.",
                ProofClaims {
                    time: NOW - 540,
                    ..good.clone()
                },
                "accepted",
            ),
            (
                "replayed-nonce",
                "Signed in earnest, for the nonce of an earlier login.",
                ProofClaims {
                    nonce: vec![0x11; 32],
                    ..good.clone()
                },
                "other-nonce",
            ),
            (
                "stale-time",
                "Signed eleven minutes ago.",
                ProofClaims {
                    time: NOW - 660,
                    ..good.clone()
                },
                "too-old",
            ),
            (
                "future-time",
                "Signed by a clock that is a day ahead.",
                ProofClaims {
                    time: NOW + 86_400,
                    ..good.clone()
                },
                "from-the-future",
            ),
            (
                "wrong-origin",
                "Made for a page that only looks like the bank's.",
                ProofClaims {
                    origin: "https://ca.bank.examp1e".to_owned(),
                    ..good.clone()
                },
                "other-origin",
            ),
            (
                "origin-with-slash",
                "Origins are compared as text: no slash at the end.",
                ProofClaims {
                    origin: format!("{ORIGIN}/"),
                    ..good.clone()
                },
                "other-origin",
            ),
            (
                "wrong-purpose",
                "A receipt by the old key where a proof is due.",
                ProofClaims {
                    purpose: Purpose::Receipt,
                    ..good.clone()
                },
                "other-purpose",
            ),
        ] {
            self.add(name, says, &made(claims), &old, verdict);
        }

        let other = self.holder("other-id", "経理02", "p-256");
        let stolen = proof(&other, &other.key, request.der(), &claims(&other));
        self.add(
            "other-id",
            "Another ID of the same company signs with its own certificate.",
            &stolen,
            &old,
            "other-signer",
        );
    }

    fn altered(&mut self) {
        let old = self.holder("old-altered", "経理01", "p-256");
        let (request, _) = request(&old.certificate);
        let good = proof(&old, &old.key, request.der(), &claims(&old));

        // Signatures by P-256 differ in length, and only one of the same length fits in.
        let to_sign = ProofToSign::new(request.der(), &old.certificate, &claims(&old))
            .expect("the claims are in bounds");
        let signature = tail_signature(&good);
        let stranger = Key::of("p-256");
        let foreign = std::iter::repeat_with(|| stranger.sign(to_sign.message()))
            .find(|foreign| foreign.len() == signature.len())
            .expect("it is repeated until one fits");
        let other_key = replaced(&good, &signature, &foreign);
        self.add(
            "other-key",
            "The right certificate, the signature by another key.",
            &other_key,
            &old,
            "signature",
        );

        let earlier = ProofClaims {
            nonce: vec![0x11; 32],
            ..claims(&old)
        };
        let earlier = proof(&old, &old.key, request.der(), &earlier);
        let renewed = replaced(&earlier, &[0x11; 32], &nonce());
        self.add(
            "altered-nonce",
            "An earlier proof with today's nonce written over its own.",
            &renewed,
            &old,
            "signature",
        );
        let stale = ProofClaims {
            time: NOW - 86_400,
            ..claims(&old)
        };
        let stale = proof(&old, &old.key, request.der(), &stale);
        let fresh = replaced(&stale, b"261121000000Z", b"261122000000Z");
        self.add(
            "altered-time",
            "Yesterday's proof with today's date written over its own.",
            &fresh,
            &old,
            "signature",
        );
        let elsewhere = ProofClaims {
            origin: "https://ca.bank.examp1e".to_owned(),
            ..claims(&old)
        };
        let elsewhere = proof(&old, &old.key, request.der(), &elsewhere);
        let here = replaced(&elsewhere, b"examp1e", b"example");
        self.add(
            "altered-origin",
            "A proof for a false page with the bank's origin written over it.",
            &here,
            &old,
            "signature",
        );

        let (foreign, _) = self::request(&old.certificate);
        let place = request.spki_der();
        let swapped = replaced(&good, place, foreign.spki_der());
        self.add(
            "altered-request",
            "Another key written into the request after the old key has signed.",
            &swapped,
            &old,
            "signature",
        );
        self.add(
            "cut-off",
            "The last byte is missing.",
            &good[..good.len() - 1],
            &old,
            "signature",
        );
        self.add("empty", "No bytes at all.", &[], &old, "signature");
    }

    /// The old key signs whatever a page that has taken over the agent gives it.
    fn other_requests(&mut self) {
        let old = self.holder("old-requests", "経理01", "p-256");
        let (own, _) = request(&old.certificate);
        let mut unsigned = own.der().to_vec();
        let last = unsigned.len() - 1;
        unsigned[last] ^= 1;
        let other = self.holder("other-subject", "社長", "p-256");
        let (of_other, _) = request(&other.certificate);
        let plain = self.holder_with("other-names", "経理01", Key::of("p-256"), Vec::new());
        let (of_plain, _) = request(&plain.certificate);
        // The same subject and names, so that the old key may sign a request for itself.
        let twin = self.holder("twin", "経理01", "p-256");
        let itself = RequestToSign::renewing(&twin.certificate, old.key.spki())
            .expect("it is not the twin's");
        let signature = old.key.sign(itself.message());
        let itself = itself.assemble(&signature).expect("its key signed");
        for (name, says, content, verdict) in [
            (
                "request-by-other-key",
                "The request's own signature is not its key's: nobody shows that they hold it.",
                unsigned.as_slice(),
                "request",
            ),
            (
                "request-other-subject",
                "A request in another's name.",
                of_other.der(),
                "other-subject",
            ),
            (
                "request-other-names",
                "A request without the alternative names of the old certificate.",
                of_plain.der(),
                "other-names",
            ),
            (
                "request-old-key",
                "A request for the old key once more.",
                itself.der(),
                "key",
            ),
            (
                "request-none",
                "Something that is no request.",
                b"hello",
                "request",
            ),
        ] {
            let proof = proof(&old, &old.key, content, &claims(&old));
            self.add(name, says, &proof, &old, verdict);
        }
    }

    fn receipts(&mut self) {
        let old = self.holder("old-receipts", "経理01", "p-256");
        let new = self.holder("new", "経理01", "p-256");
        let good = ProofClaims {
            purpose: Purpose::Receipt,
            ..claims(&old)
        };
        let sign =
            |by: &Holder, content: &[u8], claims: &ProofClaims| proof(by, &by.key, content, claims);
        let content = new.certificate.der();
        let last = content.len() - 1;
        let damaged = [&content[..last], &[content[last] ^ 1]].concat();
        // The first copy is what was signed; the second is the signer's certificate.
        let altered = replaced(&sign(&new, content, &good), content, &damaged);
        for (name, says, bytes, verdict) in [
            (
                "receipt-good",
                "The new key confirms that its certificate is installed.",
                sign(&new, content, &good),
                "accepted",
            ),
            (
                "receipt-by-old-key",
                "The old key confirms: nothing shows that the new one works.",
                sign(&old, content, &good),
                "other-signer",
            ),
            (
                "receipt-replayed",
                "A receipt for the nonce of another login.",
                sign(
                    &new,
                    content,
                    &ProofClaims {
                        nonce: vec![0x11; 32],
                        ..good.clone()
                    },
                ),
                "other-nonce",
            ),
            (
                "receipt-other-renewal",
                "A receipt that names another old certificate.",
                sign(
                    &new,
                    content,
                    &ProofClaims {
                        certificate_sha256: [0x22; 32],
                        ..good.clone()
                    },
                ),
                "other-certificate",
            ),
            (
                "receipt-other-content",
                "The new key signs for another certificate than its own.",
                sign(&new, old.certificate.der(), &good),
                "other-receipt",
            ),
            (
                "receipt-altered",
                "The certificate in it was altered after signing.",
                altered,
                "signature",
            ),
        ] {
            let mut case = self.case(name, says, &bytes, &new, verdict);
            case["purpose"] = "receipt".into();
            case["renewed"] = old.certificate.id().into();
            self.cases.push(case);
        }
    }

    fn add(&mut self, name: &str, says: &str, proof: &[u8], old: &Holder, verdict: &str) {
        let case = self.case(name, says, proof, old, verdict);
        self.cases.push(case);
    }

    /// A case about a proof; its files are written.
    fn case(&self, name: &str, says: &str, proof: &[u8], signer: &Holder, verdict: &str) -> Value {
        let file = format!("{name}.der");
        write(&file, proof);
        write(&signer.file, signer.certificate.der());
        json!({
            "name": name,
            "says": says,
            "file": file,
            "purpose": "renew",
            "signer": signer.file,
            "renewed": signer.certificate.id(),
            "nonce": hex(&nonce()),
            "now": NOW,
            "openssl": true,
            "verdict": verdict,
        })
    }

    fn holder(&self, file: &str, common_name: &str, kind: &str) -> Holder {
        let names = vec![alternative_names(common_name)];
        self.holder_with(file, common_name, Key::of(kind), names)
    }

    fn holder_with(&self, file: &str, common_name: &str, key: Key, names: Vec<Vec<u8>>) -> Holder {
        let subject = name(&[
            vec![(b"\x55\x04\x06", 0x13, b"JP".to_vec())],
            vec![(b"\x55\x04\x0a", 0x0c, "しんきん商事".into())],
            vec![(b"\x55\x04\x03", 0x0c, common_name.into())],
        ]);
        let extensions = [vec![key_usage(), client_auth()], names].concat();
        let serial = protocol::certificate::sha256_id(key.spki());
        let serial = [&[0x10][..], &serial.as_bytes()[..15]].concat();
        let der = self
            .root
            .issue(&serial, &subject, key.spki(), &extensions, "490101000000Z");
        Holder {
            key,
            certificate: Certificate::from_der(&der).expect("it is a certificate"),
            file: format!("{file}.cer"),
        }
    }
}

/// An extension with a UPN.
fn alternative_names(common_name: &str) -> Vec<u8> {
    let upn = [
        element(6, b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03"),
        element(0xa0, &element(0x0c, common_name.as_bytes())),
    ];
    let names = element(0x30, &element(0xa0, &upn.concat()));
    extension(b"\x55\x1d\x11", false, &names)
}

fn nonce() -> Vec<u8> {
    (0..32).collect()
}

fn claims(old: &Holder) -> ProofClaims {
    ProofClaims {
        purpose: Purpose::Renew,
        nonce: nonce(),
        origin: ORIGIN.to_owned(),
        time: NOW,
        certificate_sha256: old.certificate.sha256(),
        audit_head: [0xa5; 32],
    }
}

/// A request for the successor of a certificate, with its key.
fn request(old: &Certificate) -> (SignedRequest, Key) {
    let key = Key::of("p-256");
    let request = RequestToSign::renewing(old, key.spki()).expect("the key is new");
    let signature = key.sign(request.message());
    (request.assemble(&signature).expect("its key signed"), key)
}

fn proof(signer: &Holder, key: &Key, content: &[u8], claims: &ProofClaims) -> Vec<u8> {
    let proof = ProofToSign::new(content, &signer.certificate, claims);
    let proof = proof.expect("the claims are in bounds");
    let signature = key.sign(proof.message());
    proof.assemble(&signature).expect("its key signed")
}

/// The signature at a proof's end: an OCTET STRING of fewer than 128 bytes.
fn tail_signature(proof: &[u8]) -> Vec<u8> {
    let start = (proof.len() - 80..proof.len())
        .find(|&at| proof[at] == 4 && usize::from(proof[at + 1]) == proof.len() - at - 2)
        .expect("a proof by P-256 ends so");
    proof[start + 2..].to_vec()
}

/// Bytes written over others of the same length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "nothing else moves");
    let place = bytes.windows(old.len()).position(|window| window == old);
    let place = place.expect("they are in it");
    [&bytes[..place], new, &bytes[place + old.len()..]].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(name: &str, bytes: &[u8]) {
    fs::write(Path::new(FOLDER).join(name), bytes).expect("the project can be written");
}
