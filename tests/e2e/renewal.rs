//! A renewal from the first login to the last, by curl, with every step judged by programs that
//! share no code with Koshin.

use std::{fs, path::PathBuf};

use base64ct::{Base64, Encoding as _};
use protocol::bridge::RenewalView;
use tempfile::TempDir;
use tests::{
    Course, Scene, agent,
    course::{WILLING, new_serial},
    programs::openssl,
    scene::{ADMINISTRATOR, USER},
    token,
};

#[test]
fn a_certificate_is_renewed_and_logs_in_where_the_old_one_is_refused() {
    let scene = Scene::new();
    let customer = scene.user();

    let login = scene.visit().login(USER, customer.key);
    assert_eq!(
        (login.status, login.header("location")),
        (303, Some("/notice"))
    );
    let renewed = scene.renew(&customer);

    let new_key = new_key_id(&scene, &renewed);
    let first = scene.visit();
    assert_eq!(
        first.login(USER, &new_key).header("location"),
        Some("/main")
    );
    assert_eq!(
        scene.bank.last_login(USER),
        Some((new_serial(&renewed), 200))
    );

    let stale = scene.visit().login(USER, customer.key);
    assert_eq!(
        stale.status, 403,
        "the old certificate is revoked by now: {}",
        stale.body
    );
    assert_eq!(
        scene.bank.last_login(USER),
        Some((customer.old.serial, 403))
    );
}

#[test]
fn every_kind_of_key_gives_a_request_and_a_proof_that_openssl_accepts() {
    for (id, kind) in [(USER, "EC:secp384r1"), (ADMINISTRATOR, "rsa:2048")] {
        let scene = Scene::new();
        let customer = scene.customer(id, kind, 20);
        scene.home.person.answers(WILLING);
        let visit = scene.visit();
        let view = Course::begin(&scene, &visit, &customer).request();

        let csr = base64(view.csr.as_deref());
        let judged = openssl(
            &["req", "-inform", "DER", "-verify", "-noout", "-text"],
            &csr,
        );
        assert!(
            judged.stderr.contains("self-signature verify OK"),
            "{}",
            judged.stderr
        );
        assert_eq!(
            subject(&["req", "-inform", "DER"], &csr),
            subject(&["x509", "-inform", "DER"], &customer.old.der),
        );

        let folder = TempDir::new().unwrap();
        let old = file(&folder, "old.der", &customer.old.der);
        let content = folder.path().join("content");
        let proof = base64(view.proof.as_deref());
        let arguments = [
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-binary",
            "-noverify",
            "-certfile",
            &old,
            "-out",
            content.to_str().unwrap(),
        ];
        assert!(
            openssl(&arguments, &proof)
                .stderr
                .contains("Verification successful")
        );
        assert_eq!(
            fs::read(content).unwrap(),
            csr,
            "the proof carries the request"
        );
    }
}

#[test]
fn the_new_key_never_leaves_the_token_and_stands_beside_the_old_one() {
    let scene = Scene::new();
    let customer = scene.user();
    let renewed = scene.renew(&customer);

    let objects = scene.token.objects();
    let certificates: Vec<_> = of_class(&objects, "Certificate Object");
    assert_eq!(certificates.len(), 2, "{objects:#?}");
    let new = certificates
        .iter()
        .find(|object| object.serial == new_serial(&renewed));
    let id = &new.expect("pkcs11-tool finds the new certificate").id;
    let key = of_class(&objects, "Private Key Object")
        .into_iter()
        .find(|key| key.id == *id);
    let access = &key.expect("its key has the same id").access;
    for word in ["sensitive", "never extractable", "local"] {
        assert!(access.contains(word), "{access}");
    }
    let label = &new.expect("as above").label;
    assert!(!label.contains("pending"), "{label}");
}

#[test]
fn an_administrator_and_a_user_are_renewed_at_the_same_time() {
    let scene = Scene::new();
    let customers = [
        scene.customer(ADMINISTRATOR, "EC:prime256v1", 20),
        scene.user(),
    ];
    scene.home.person.answers(&[WILLING, WILLING].concat());
    let visits = [scene.visit(), scene.visit()];
    let courses: Vec<_> = customers
        .iter()
        .zip(&visits)
        .map(|(customer, visit)| Course::begin(&scene, visit, customer))
        .collect();
    for course in &courses {
        course.finish();
    }
    for customer in &customers {
        let newest = &scene.bank.certificates_of(customer.id).unwrap()[0];
        assert_ne!(newest.serial, customer.old.serial);
    }
}

#[test]
fn the_pin_stands_in_no_file_and_in_no_line_of_the_log() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.renew(&customer);
    for folder in ["state", "config", "run"] {
        let found = agent::files_containing(&scene.home.path(folder), token::PIN);
        assert_eq!(found, Vec::<PathBuf>::new());
    }
    let (status, log) = scene.agent.stop();
    assert_eq!(status, Some(0));
    assert!(log.contains("key-made"), "the log tells the story:\n{log}");
    assert!(!log.contains(token::PIN));
}

fn new_key_id(scene: &Scene, renewed: &RenewalView) -> String {
    let objects = scene.token.objects();
    let new = objects
        .iter()
        .find(|object| object.serial == new_serial(renewed));
    new.expect("the new certificate is on the token").id.clone()
}

fn of_class<'a>(objects: &'a [token::Object], class: &str) -> Vec<&'a token::Object> {
    objects
        .iter()
        .filter(|object| object.class == class)
        .collect()
}

fn base64(text: Option<&str>) -> Vec<u8> {
    Base64::decode_vec(text.expect("it is ready")).expect("the API says base64")
}

fn subject(arguments: &[&str], der: &[u8]) -> String {
    openssl(
        &[
            arguments,
            &["-noout", "-subject", "-nameopt", "dump_der,dump_all"],
        ]
        .concat(),
        der,
    )
    .text()
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}
