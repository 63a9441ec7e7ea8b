//! Requests, proofs and answers, with the openssl command line as the independent judge.

mod random;
mod random_usage;
mod shapes;
mod world;

use std::time::Duration;

use protocol::{
    accept::AcceptError,
    bridge::ProblemCode,
    certificate::Certificate,
    csr::SignedRequest,
    proof::{Expectation, ProofClaims, ProofToSign, Purpose, verify},
    signature,
};

use world::{SUBJECT, World, now};

#[test]
fn openssl_agrees_on_rsa_2048() {
    request_proof_and_answer("rsa:2048");
}

#[test]
fn openssl_agrees_on_rsa_3072() {
    request_proof_and_answer("rsa:3072");
}

#[test]
fn openssl_agrees_on_rsa_4096() {
    request_proof_and_answer("rsa:4096");
}

#[test]
fn openssl_agrees_on_p_256() {
    request_proof_and_answer("P-256");
}

#[test]
fn openssl_agrees_on_p_384() {
    request_proof_and_answer("P-384");
}

#[test]
fn openssl_and_gnutls_agree_on_ed25519() {
    request_proof_and_answer("ed25519");
}

/// The formats of a whole renewal where old and new key are of that kind.
fn request_proof_and_answer(kind: &str) {
    let world = World::new();
    let old = world.old("old", kind);
    let request = world.renew("new", kind, &old);
    let name = kind.to_lowercase().replace(':', "-");
    assert_eq!(signature::key_type(request.spki_der()), name);
    openssl_verifies_the_request(&world, &request);
    openssl_verifies_the_proof(&world, kind, &old, &request);

    world.issue("new", "-days 365", "customer");
    let accepted = world.accept(&world.der("new"), "new", &old);
    assert_eq!(
        accepted.expect_err("the intermediate is missing").code(),
        ProblemCode::CertificateUntrusted
    );
    let bundle = [world.read("new.pem"), world.read("intermediate.pem")].concat();
    let accepted = world.accept(&bundle, "new", &old).expect("it is ours");
    assert_eq!(accepted.certificate().der(), world.der("new"));
    assert_eq!(accepted.chain(), [world.der("intermediate")]);
}

fn openssl_verifies_the_request(world: &World, request: &SignedRequest) {
    let verdict = world.openssl("req -verify -noout -in new.csr");
    assert!(verdict.stderr.contains("verify OK"), "{}", verdict.stderr);
    let public = world.openssl("req -in new.csr -noout -pubkey").text();
    world.write("public.pem", public);
    let public = world
        .openssl("pkey -pubin -in public.pem -outform DER")
        .stdout;
    assert_eq!(public, request.spki_der());
    let name = "-noout -subject -nameopt RFC2253,-esc_msb,utf8";
    let requested = world.openssl(&format!("req -in new.csr {name}")).text();
    let old = world.openssl(&format!("x509 -in old.pem {name}")).text();
    assert_eq!(requested, old);
    assert_eq!(
        requested.trim(),
        format!("subject={}", request.subject_text())
    );
    let text = world.openssl("req -in new.csr -noout -text").text();
    assert!(text.contains("keiri-01@example"), "{text}");
    assert!(text.contains("email:keiri@example.jp"), "{text}");

    let mut altered = request.der().to_vec();
    let place = altered.windows(4).position(|bytes| bytes == b"mple");
    altered[place.expect("the address is in it")] ^= 1;
    world.write("altered.csr", &altered);
    let verdict = world.try_openssl("req -verify -noout -inform DER -in altered.csr");
    assert!(!verdict.stderr.contains("verify OK"), "{}", verdict.stderr);
    assert!(SignedRequest::from_der(&altered).is_err());
}

fn openssl_verifies_the_proof(
    world: &World,
    kind: &str,
    old: &Certificate,
    request: &SignedRequest,
) {
    let claims = ProofClaims {
        purpose: Purpose::Renew,
        nonce: b"a nonce of the bank's".to_vec(),
        origin: "https://ca.bank.example".to_owned(),
        time: now(),
        certificate_sha256: old.sha256(),
        audit_head: [0x5a; 32],
    };
    let proof = ProofToSign::new(request.der(), old, &claims).expect("the claims are in bounds");
    let signature = world.sign("old", kind, proof.message());
    let proof = proof.assemble(&signature).expect("openssl signs");
    world.write("proof.der", &proof);

    assert_eq!(world.judge_signed(kind, "proof.der").status, Some(0));
    assert_eq!(world.read("content"), request.der());
    let print = world
        .openssl("cms -cmsout -print -inform DER -in proof.der")
        .text();
    for expected in ["1.3.6.1.4.1.32473.1.3", "renew", "https://ca.bank.example"] {
        assert!(print.contains(expected), "{print}");
    }
    let expected = Expectation {
        signer: old,
        purpose: Purpose::Renew,
        nonce: &claims.nonce,
        origin: &claims.origin,
        certificate_sha256: old.sha256(),
        now: now(),
        max_age: Duration::from_secs(300),
    };
    let verified = verify(&proof, &expected).expect("it is what was made");
    assert_eq!(
        (verified.claims.nonce, verified.content),
        (claims.nonce.clone(), request.der().to_vec())
    );

    // In the content, in a signed attribute.
    for signed in [&b"keiri@example"[..], b"renew"] {
        let mut altered = proof.clone();
        let place = altered
            .windows(signed.len())
            .position(|bytes| bytes == signed);
        altered[place.expect("it is in the proof")] ^= 1;
        world.write("altered.der", &altered);
        assert_ne!(world.judge_signed(kind, "altered.der").status, Some(0));
        assert!(verify(&altered, &expected).is_err());
    }
}

#[test]
fn openssl_verifies_the_receipt() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-384", &old);
    world.issue("new", "-days 365", "customer");
    let new = world.certificate("new");
    let claims = ProofClaims {
        purpose: Purpose::Receipt,
        nonce: vec![1; 32],
        origin: "https://ca.bank.example".to_owned(),
        time: now(),
        certificate_sha256: old.sha256(),
        audit_head: [0; 32],
    };
    let receipt = ProofToSign::new(new.der(), &new, &claims).expect("the claims are in bounds");
    let signature = world.sign("new", "P-384", receipt.message());
    let receipt = receipt.assemble(&signature).expect("openssl signs");
    world.write("receipt.der", receipt);
    world.openssl(
        "cms -verify -binary -inform DER -in receipt.der -out content -CAfile authorities.pem
         -purpose sslclient",
    );
    assert_eq!(world.read("content"), new.der());
}

#[test]
fn answers_by_openssl_are_taken_in_every_form() {
    let world = World::new();
    let old = world.old("old", "rsa:2048");
    world.renew("new", "P-256", &old);
    world.issue("new", "-days 365", "customer");
    world.openssl("verify -purpose sslclient -CAfile root.pem -untrusted intermediate.pem new.pem");
    world.openssl("ca -config openssl.cnf -gencrl -out crl.pem");
    let chain = [world.read("intermediate.pem"), world.read("new.pem")].concat();
    world.write("chain.pem", chain);
    world.openssl("crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out new.p7b");
    for form in [
        "storeutl -certs -text chain.pem",
        "crl2pkcs7 -nocrl -certfile chain.pem",
        "crl2pkcs7 -nocrl -certfile chain.pem -outform DER",
        "crl2pkcs7 -in crl.pem -certfile chain.pem",
        "pkcs7 -inform DER -in new.p7b -print_certs -text",
        "base64 -in new.p7b",
        "base64 -A -in new.p7b",
        // Signed as well, because this is how openssl writes BER: as a stream.
        "cms -sign -binary -nodetach -stream -outform DER -in crl.pem -certfile chain.pem
         -signer root.pem -inkey root.key",
        "cms -sign -binary -nodetach -outform PEM -in crl.pem -certfile chain.pem
         -signer root.pem -inkey root.key",
    ] {
        let answer = world.openssl(form).stdout;
        let indefinite = answer.starts_with(&[0x30, 0x80]);
        assert_eq!(indefinite, form.contains("-stream"), "{form}");
        let accepted = world.accept(&answer, "new", &old);
        let accepted = accepted.unwrap_or_else(|error| panic!("{form}: {error:?}"));
        assert_eq!(accepted.certificate().der(), world.der("new"), "{form}");
        assert_eq!(accepted.chain(), [world.der("intermediate")], "{form}");
    }
}

#[test]
fn a_ca_with_a_database_issues_what_was_asked_for() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-256", &old);
    for signed_with in [
        "",
        "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32",
    ] {
        world.openssl(&format!(
            "ca -config openssl.cnf -batch -notext -in new.csr -out new.pem {signed_with}
             -enddate 20510101000000Z"
        ));
        let answer = [world.read("new.pem"), world.read("intermediate.pem")].concat();
        let accepted = world.accept(&answer, "new", &old).expect("it is ours");
        let new = accepted.certificate();
        assert_eq!(new.subject_der(), old.subject_der());
        assert_eq!(new.san_extension_der(), old.san_extension_der());
        assert_eq!(new.not_after(), 2_556_144_000);
        let serial = world.openssl("x509 -in new.pem -noout -serial").text();
        assert_eq!(
            serial.trim().to_lowercase(),
            format!("serial={}", new.serial_hex())
        );
        world.write("new.der", new.der());
        let digest = world.openssl("dgst -sha256 -r new.der").text();
        assert!(digest.starts_with(&new.id()), "{digest}");
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-256", &old);
    world.key("other", "P-256");
    world.openssl("pkey -in other.key -pubout -out other.pem");
    world.key("stranger", "rsa:2048");
    world.request("stranger", "/C=JP/CN=しんきん電子証明書認証局", "utf8only");
    world.openssl(
        "x509 -req -in stranger.csr -signkey stranger.key -days 30 -out stranger.pem
         -extfile openssl.cnf -extensions root",
    );
    let issue = "x509 -req -in new.csr -CA intermediate.pem -CAkey intermediate.key -CAcreateserial
                 -days 365 -extfile openssl.cnf -extensions";
    let database = "ca -config openssl.cnf -batch -notext -in new.csr";
    for (command, code) in [
        (
            format!("{issue} customer -force_pubkey other.pem"),
            ProblemCode::CertificateKeyMismatch,
        ),
        (
            format!("{issue} customer -subj /CN=other"),
            ProblemCode::CertificateSubjectMismatch,
        ),
        (
            format!("{database} -startdate 200101000000Z -enddate 210101000000Z"),
            ProblemCode::CertificateExpired,
        ),
        (
            format!("{database} -startdate 300101000000Z -enddate 310101000000Z"),
            ProblemCode::CertificateNotYetValid,
        ),
        (
            format!("{issue} customer -days 10"),
            ProblemCode::CertificateNotLater,
        ),
        (
            format!("{issue} customer -CA stranger.pem -CAkey stranger.key"),
            ProblemCode::CertificateUntrusted,
        ),
        (
            format!("{issue} server"),
            ProblemCode::CertificateWrongUsage,
        ),
        (
            format!("{issue} signer-only-of-contracts"),
            ProblemCode::CertificateWrongUsage,
        ),
    ] {
        let certificate = world.openssl(&command).stdout;
        let answer = [certificate, world.read("intermediate.pem")].concat();
        let error = world.accept(&answer, "new", &old);
        let error = error.expect_err(&command);
        assert_eq!(error.code(), code, "{command}: {error:?}");
        if let AcceptError::NotYetValid { until } = error {
            assert_eq!(until, 1_893_456_000);
        }
    }
}

#[test]
fn openssl_renders_names_alike() {
    let world = World::new();
    world.key("name", "P-256");
    for (string_mask, subject, types) in [
        ("utf8only", SUBJECT, ["UTF8STRING", "PRINTABLESTRING"]),
        (
            "utf8only",
            "/C=JP/O=a, b + c/CN= #<1>;\"x\"/serialNumber=7",
            ["UTF8STRING", "PRINTABLESTRING"],
        ),
        (
            "default",
            "/C=JP/O=更新/CN=Köln",
            ["BMPSTRING", "T61STRING"],
        ),
        (
            "pkix",
            "/DC=example/UID=u/ST=東京都/L=千代田区/street=x/emailAddress=a@b.example",
            ["BMPSTRING", "IA5STRING"],
        ),
    ] {
        world.request("name", subject, string_mask);
        world.issue("name", "-days 1", "customer");
        // It prints a TeletexString as it stands, which is not UTF-8.
        let structure = world.openssl("asn1parse -in name.pem").stdout;
        let structure = String::from_utf8_lossy(&structure);
        assert!(
            types.iter().all(|name| structure.contains(name)),
            "{structure}"
        );
        let judge = "x509 -in name.pem -noout -subject -nameopt RFC2253,-esc_msb,utf8";
        let judged = world.openssl(judge).text();
        // RFC 4514 and openssl write this one's name in different cases.
        let ours = world.certificate("name").subject_text();
        let ours = ours.replace("STREET=", "street=");
        assert_eq!(judged.trim_end_matches('\n'), format!("subject={ours}"));
    }
}
