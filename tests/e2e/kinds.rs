//! Every kind of key, through a whole renewal: the request, the proof, what is on the token
//! afterwards and the receipt, with openssl, pkcs11-tool and p11tool as judges.

mod judge;

use base64ct::{Base64, Encoding as _};
use tests::{
    Course, Scene,
    course::{WILLING, new_serial},
    scene::USER,
};

use judge::Judge;

#[test]
fn rsa_2048_is_renewed_by_its_own_kind() {
    renews("rsa:2048", "rsa-2048");
}

#[test]
fn rsa_3072_is_renewed_by_its_own_kind() {
    renews("rsa:3072", "rsa-3072");
}

#[test]
fn rsa_4096_is_renewed_by_its_own_kind() {
    renews("rsa:4096", "rsa-4096");
}

#[test]
fn p_256_is_renewed_by_its_own_kind() {
    renews("EC:prime256v1", "p-256");
}

#[test]
fn p_384_is_renewed_by_its_own_kind() {
    renews("EC:secp384r1", "p-384");
}

// curl logs in with no Ed25519 key on a token, so the way on from one is tested through files.
#[test]
fn a_bank_that_moves_from_p_256_to_ed25519_gets_it() {
    renews("EC:prime256v1", "ed25519");
}

#[test]
fn a_bank_that_moves_from_rsa_to_p_256_gets_it() {
    renews("rsa:2048", "p-256");
}

/// From a certificate on a key of one kind (pkcs11-tool's name) to one of another (Koshin's).
fn renews(old: &str, new: &str) {
    let scene = Scene::wanting_keys_of(new);
    let customer = scene.customer(USER, old, 20);
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);

    let judge = Judge::new(&scene.bank.user_ca);
    let ready = course.request();
    let csr = decoded(ready.csr);
    judge.request(&csr, &customer.old.der, new);
    judge.signed_by(&customer.old.der, &decoded(ready.proof), &csr);

    let done = course.finish();
    let issued = scene.bank.certificates_of(USER).expect("the bank has them");
    let issued = issued
        .iter()
        .find(|issued| issued.serial == new_serial(&done))
        .expect("it is the bank's");
    judge::is_installed(&scene.token, &issued.der, new);
    judge.signed_by(&issued.der, &decoded(done.receipt), &issued.der);
}

fn decoded(base64: Option<String>) -> Vec<u8> {
    let base64 = base64.expect("it is there by now");
    Base64::decode_vec(&base64).expect("the agent sends base64")
}
