//! What CAs of this world issue, as openssl makes it: signatures, names, serial numbers, chains
//! and dates out of the ordinary.

use protocol::{
    accept::AcceptedCertificate,
    bridge::ProblemCode,
    certificate::Certificate,
    csr::SignedRequest,
    proof::{ProofClaims, ProofToSign, Purpose},
};

use super::world::{World, now};

#[test]
fn a_ca_may_sign_with_rsa_pss() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-256", &old);
    for hash in ["sha256", "sha384", "sha512"] {
        let pss = format!("-{hash} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1");
        world.certify("new", "new", "intermediate", "customer", &pss);
        let text = world.openssl("x509 -in new.pem -noout -text").text();
        assert!(text.contains("rsassaPss"), "{text}");
        agreed(&world, &["new", "intermediate"], &["root"], &old);
    }
    // Above the issuing CA too, and on the certificate that signs the proof.
    world.key("pss-root", "rsa:3072");
    world.request("pss-root", "/CN=PSS root", "utf8only");
    let pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1 -days 900";
    world.certify("pss-root", "pss-root", "pss-root", "root", pss);
    world.certify(
        "intermediate",
        "intermediate",
        "pss-root",
        "intermediate",
        pss,
    );
    world.certify("new", "new", "intermediate", "customer", pss);
    agreed(&world, &["intermediate", "new"], &["pss-root"], &old);
    let next = world.certificate("new");
    world.renew("next", "P-256", &next);
}

#[test]
fn a_ca_may_sign_with_ed25519() {
    let world = World::new();
    let old = world.old("old", "ed25519");
    world.renew("new", "ed25519", &old);
    world.key("edwards", "ed25519");
    world.request("edwards", "/CN=Edwards CA", "utf8only");
    world.certify("edwards", "edwards", "root", "root", "-days 900");
    world.certify("new", "new", "edwards", "customer", "-days 365");
    agreed(&world, &["edwards", "new"], &["root"], &old);
}

#[test]
fn names_keep_their_string_types() {
    let world = World::new();
    for (string_mask, subject, types) in [
        (
            "utf8only",
            "/C=JP/O=しんきん商事/CN=経理01",
            &["UTF8STRING", "PRINTABLESTRING"][..],
        ),
        (
            "default",
            "/C=JP/O=Keiri Co/OU=Köln/CN=更新 太郎",
            &["PRINTABLESTRING", "T61STRING", "BMPSTRING"],
        ),
        (
            "nombstr",
            "/C=JP/O=Acme/OU=Zürich/emailAddress=keiri@example.jp/CN=keiri-01",
            &["PRINTABLESTRING", "T61STRING", "IA5STRING"],
        ),
        (
            "pkix",
            "/DC=jp/DC=example/ST=東京都/L=千代田区/CN=經理+UID=01",
            &["BMPSTRING", "IA5STRING"],
        ),
    ] {
        world.key("old", "P-256");
        world.request("old", subject, string_mask);
        world.issue("old", "-days 20", "customer");
        let structure = world.openssl("asn1parse -in old.pem").stdout;
        let structure = String::from_utf8_lossy(&structure);
        for name in types {
            assert!(structure.contains(name), "{name}: {structure}");
        }
        let old = world.certificate("old");
        let request = world.renew("new", "P-256", &old);
        assert_eq!(request.subject_der(), old.subject_der());
        proof_is_agreed(&world, &old, &request);
        world.issue("new", "-days 365", "customer");
        agreed(&world, &["new", "intermediate"], &["root"], &old);
    }
}

#[test]
fn a_subject_may_be_empty_and_its_names_elsewhere() {
    let world = World::new();
    world.key("old", "P-256");
    world.request("old", "/", "utf8only");
    world.issue("old", "-days 20", "person");
    let old = world.certificate("old");
    assert_eq!(old.subject_text(), "");
    let request = world.renew("new", "P-256", &old);
    // Two kinds of otherName (UPN and SmtpUTF8Mailbox), an address, a URI and a directory name,
    // all marked critical as RFC 5280, section 4.1.2.6, has it where the subject is empty.
    assert_eq!(request.san_extension_der(), old.san_extension_der());
    let text = world.openssl("req -in new.csr -noout -text").text();
    for part in [
        "Subject Alternative Name: critical",
        "経理-01@信金.example",
        "email:keiri@example.jp",
        "URI:urn:uuid:6d1c1f1e",
        "DirName:/C=JP/O=Keiri",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    world.issue("new", "-days 365 -copy_extensions copy", "issued");
    let new = agreed(&world, &["new", "intermediate"], &["root"], &old);
    assert_eq!(
        new.certificate().san_extension_der(),
        old.san_extension_der()
    );
}

#[test]
fn serial_numbers_may_have_twenty_bytes() {
    let world = World::new();
    world.key("old", "P-256");
    world.request("old", "/C=JP/CN=keiri-01", "utf8only");
    let twenty = format!("-days 20 -set_serial 0x7f{}", "fe".repeat(19));
    world.certify("old", "old", "intermediate", "customer", &twenty);
    let old = world.certificate("old");
    assert_eq!(old.serial_hex(), format!("7f{}", "fe".repeat(19)));
    let request = world.renew("new", "P-256", &old);
    // The proof names its signer by that number.
    proof_is_agreed(&world, &old, &request);
    for serial in ["7f".repeat(20), "80".repeat(19), "01".to_owned()] {
        let option = format!("-days 365 -set_serial 0x{serial}");
        world.certify("new", "new", "intermediate", "customer", &option);
        let new = agreed(&world, &["new", "intermediate"], &["root"], &old);
        assert_eq!(new.certificate().serial_hex(), serial);
    }
}

#[test]
fn two_intermediates_are_found_in_any_order() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-256", &old);
    world.authority("upper", "/C=JP/CN=上位認証局", Some("root"));
    world.authority("lower", "/C=JP/CN=下位認証局", Some("upper"));
    world.certify("new", "new", "lower", "customer", "-days 365");
    for order in [
        ["new", "lower", "upper", "intermediate"],
        ["root", "upper", "lower", "new"],
        ["upper", "new", "old", "lower"],
    ] {
        let accepted = agreed(&world, &order, &["root"], &old);
        assert_eq!(accepted.chain(), [world.der("lower"), world.der("upper")]);
    }
    // Where the profile has the upper one, it is the anchor.
    let accepted = agreed(&world, &["new", "lower"], &["upper"], &old);
    assert_eq!(accepted.chain(), [world.der("lower")]);
    refused(&world, &["new", "upper"], &["root"], &old);
}

#[test]
fn a_cross_signed_ca_is_trusted_either_way() {
    let world = World::new();
    let old = world.old("old", "P-256");
    world.renew("new", "P-256", &old);
    world.authority("second", "/C=JP/CN=第二ルート認証局", None);
    // Each root certifies the other: a circle for whoever looks for a path.
    world.certify("second-by-root", "second", "root", "root", "-days 900");
    world.certify("root-by-second", "root", "second", "root", "-days 900");
    world.authority("issuing", "/C=JP/CN=発行認証局", Some("second"));
    world.certify("new", "new", "issuing", "customer", "-days 365");
    let answer = ["new", "issuing", "second-by-root", "root-by-second"];
    let through_the_old = [world.der("issuing"), world.der("second-by-root")];
    let accepted = agreed(&world, &answer, &["root"], &old);
    assert_eq!(accepted.chain(), through_the_old);
    let accepted = agreed(&world, &answer, &["second"], &old);
    assert_eq!(accepted.chain(), [world.der("issuing")]);
    agreed(&world, &answer, &["root", "second"], &old);
    // openssl stops at the new root itself, where an answer holds it; we look further.
    let with_roots = world.together(&["second", "root", "new", "issuing", "second-by-root"]);
    let accepted = world.accept(&with_roots, "new", &old).expect("it is ours");
    assert_eq!(accepted.chain(), through_the_old);
    world.authority("stranger", "/C=JP/CN=第二ルート認証局", None);
    refused(&world, &answer, &["stranger"], &old);
}

#[test]
fn a_ca_may_roll_over_in_mid_renewal() {
    let world = World::new();
    let old = world.old("old", "P-256");
    let request = world.renew("new", "P-256", &old);
    proof_is_agreed(&world, &old, &request);
    // A new key under the same name, as a CA's key is rolled over, and a CA with a new name. The
    // profile has the old issuer and the new one.
    for (next, subject) in [
        ("same-name", "/C=JP/CN=しんきん電子証明書認証局"),
        ("new-name", "/C=JP/CN=しんきん電子証明書認証局 G2"),
    ] {
        world.authority(next, subject, None);
        for issuer in ["intermediate", next] {
            world.certify("new", "new", issuer, "customer", "-days 365");
            for profile in [["intermediate", next], [next, "intermediate"]] {
                let accepted = agreed(&world, &["new"], &profile, &old);
                assert!(accepted.chain().is_empty());
            }
        }
        // A PC that lacks the new profile says so, and keeps what it has.
        refused(&world, &["new", next], &["intermediate"], &old);
        // A certificate for the new key by a CA that the PC knows helps it.
        let link = format!("{next}-link");
        world.certify(&link, next, "root", "root", "-days 900");
        agreed(&world, &["new", &link], &["root"], &old);
    }
}

#[test]
fn validity_may_end_past_2050() {
    let world = World::new();
    world.key("old", "P-256");
    world.request("old", "/C=JP/CN=keiri-01", "utf8only");
    // RFC 5280, section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050; the last day of
    // 9999 for a certificate without an end.
    let ends = [
        ("491231235959Z", 2_524_607_999, "UTCTIME"),
        ("20500101000000Z", 2_524_608_000, "GENERALIZEDTIME"),
        ("20991231235959Z", 4_102_444_799, "GENERALIZEDTIME"),
        ("99991231235959Z", 253_402_300_799, "GENERALIZEDTIME"),
    ];
    let issue = |name: &str, end: &str| {
        world.openssl(&format!(
            "ca -config openssl.cnf -batch -notext -in {name}.csr -out {name}.pem -enddate {end}"
        ));
        world.certificate(name)
    };
    let old = issue("old", "491231235958Z");
    world.renew("new", "P-256", &old);
    for (end, unix, form) in ends {
        let new = issue("new", end);
        assert_eq!(new.not_after(), unix);
        let structure = world.openssl("asn1parse -in new.pem").text();
        assert!(structure.contains(form), "{structure}");
        agreed(&world, &["new", "intermediate"], &["root"], &old);
        let past = issue("old", "20500101000001Z");
        if unix <= past.not_after() {
            let answer = world.together(&["new", "intermediate"]);
            let error = world.accept(&answer, "new", &past).expect_err("no later");
            assert_eq!(error.code(), ProblemCode::CertificateNotLater);
        }
    }
}

/// openssl and we find a path from `new.pem` through those files to one of the anchors.
#[track_caller]
fn agreed(
    world: &World,
    answer: &[&str],
    anchors: &[&str],
    old: &Certificate,
) -> AcceptedCertificate {
    let judged = judged(world, answer, anchors);
    assert!(judged, "openssl finds no path from {anchors:?}");
    let accepted = world.accept_from(anchors, &world.together(answer), "new", old);
    accepted.unwrap_or_else(|error| panic!("{answer:?} by {anchors:?}: {error:?}"))
}

/// Neither openssl nor we find a path.
#[track_caller]
fn refused(world: &World, answer: &[&str], anchors: &[&str], old: &Certificate) {
    assert!(!judged(world, answer, anchors), "openssl finds a path");
    let error = world
        .accept_from(anchors, &world.together(answer), "new", old)
        .expect_err("there is no path");
    assert_eq!(error.code(), ProblemCode::CertificateUntrusted);
}

fn judged(world: &World, answer: &[&str], anchors: &[&str]) -> bool {
    world.write("anchors.pem", world.together(anchors));
    world.write("answer.pem", world.together(answer));
    let verify = "verify -purpose sslclient -partial_chain -CAfile anchors.pem
                  -untrusted answer.pem new.pem";
    world.try_openssl(verify).status == Some(0)
}

/// The old certificate's key signs a proof over the request, and openssl verifies it.
#[track_caller]
fn proof_is_agreed(world: &World, old: &Certificate, request: &SignedRequest) {
    let claims = ProofClaims {
        purpose: Purpose::Renew,
        nonce: vec![7; 32],
        origin: "https://ca.bank.example".to_owned(),
        time: now(),
        certificate_sha256: old.sha256(),
        audit_head: [0; 32],
    };
    let proof = ProofToSign::new(request.der(), old, &claims).expect("the claims are in bounds");
    let signature = world.sign("old", "P-256", proof.message());
    let proof = proof.assemble(&signature).expect("openssl signs");
    world.write("proof.der", proof);
    let judged = world.judge_signed("P-256", "proof.der");
    assert_eq!(judged.status, Some(0), "{}", judged.stderr);
    assert_eq!(world.read("content"), request.der());
    let verdict = world.openssl("req -verify -noout -in new.csr");
    assert!(verdict.stderr.contains("verify OK"), "{}", verdict.stderr);
}
