//! The CA gets new keys while a renewal waits for its answer: agent and bank together.

use std::fs;

use protocol::bridge::Status;
use reference_bank::{CertificateStatus, ca::RollOver};
use tests::{
    Answer, Course, Scene,
    course::{WILLING, new_serial},
    scene::USER,
    token,
};

const PROFILE: &str = "etc/koshin/profiles/mihon.toml";

/// The profile with the CAs of before and of now, as a bank hands it out for a roll-over.
fn with_both(scene: &Scene) -> String {
    let before = fs::read_to_string(scene.home.path(PROFILE)).unwrap();
    let now = scene.bank.profile().unwrap();
    let issuers = |profile: &str| -> Vec<String> {
        let (_, rest) = profile.split_once("issuers = [\n").unwrap();
        let (list, _) = rest.split_once("]\n").unwrap();
        list.split_inclusive("''',\n").map(str::to_owned).collect()
    };
    let (mut old, new) = (issuers(&before), issuers(&now));
    // The root may have stayed, and is named once.
    old.retain(|issuer| !new.contains(issuer));
    assert!(!old.is_empty());
    let new = new.concat();
    now.replace(&new, &(new.clone() + &old.concat()))
}

/// The names of the certificates that the CA's page sees.
fn listed(scene: &Scene) -> Vec<(String, Status)> {
    let list = scene.loopback().certificates().certificates;
    list.into_iter()
        .map(|certificate| (certificate.serial, certificate.status))
        .collect()
}

#[test]
fn a_new_issuing_ca_below_the_same_root_is_taken_at_once() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let ready = {
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        course.request()
    };
    scene = scene.after(RollOver::Issuing);
    let done = {
        // The customer logs in again, with a certificate of the CA's old key.
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        assert_eq!(course.id, ready.id);
        assert_eq!(course.request().csr, ready.csr);
        course.finish()
    };
    let new = &scene.bank.certificates_of(USER).unwrap()[0];
    assert_eq!(new.serial, new_serial(&done));
    assert_eq!(new.status, CertificateStatus::Delivered);

    // With the profile for the new CA the PC lists, and some day renews, what it issued.
    let profile = with_both(&scene);
    scene.home.install_profile("mihon", &profile);
    scene.restart();
    let old = (customer.old.serial, Status::Due);
    assert_eq!(listed(&scene), [old, (new_serial(&done), Status::Valid)]);
}

#[test]
fn a_new_root_is_refused_until_the_profile_has_it() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let id = {
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        let _request = course.request();
        course.id
    };
    scene = scene.after(RollOver::Root);
    {
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        assert_eq!(course.id, id);
        let refused = course.deliver();
        assert_eq!(refused.problem_code(), "certificate-untrusted");
        scene.still_logs_in(&customer);
    }

    let profile = with_both(&scene);
    scene.home.install_profile("mihon", &profile);
    scene.restart();
    let answers = [
        Answer::Pin(token::PIN),
        Answer::Yes,
        Answer::Pin(token::PIN),
    ];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    // The same request: the CA delivers again what it issued for it.
    assert_eq!(course.id, id);
    let done = course.finish();
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
    let old = (customer.old.serial.clone(), Status::Due);
    assert_eq!(listed(&scene), [old, (new_serial(&done), Status::Valid)]);
}
