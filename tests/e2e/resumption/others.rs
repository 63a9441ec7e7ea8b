//! Others than the page that began: another site of the same bank, another bank, a stranger.

use protocol::bridge::{Problem, RenewalView, State};
use serde_json::{Value, json};
use tests::{Answer, Course, Loopback, OpenBank, Scene, aftermath::refused};

use super::{RIGHT, assert_is_for};

const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn another_site_of_the_bank_goes_on_once_the_person_agrees() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[
        Answer::Yes,
        RIGHT,
        Answer::Yes, // over to the banking site
        Answer::Yes, // and back
        Answer::Yes,
    ]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();

    let other = Loopback::new(scene.agent.port, &scene.bank.bank_origin);
    let found: RenewalView = other.begin(&customer.old.sha256, NONCE).json(200);
    assert_eq!(found.id, course.id);
    let over = other.settled(&course.id);
    assert_eq!(over.csr, before.csr);
    assert_is_for(&scene, &customer, &over, NONCE, &scene.bank.bank_origin);
    let asked = scene.home.person.asked();
    for origin in [&scene.bank.bank_origin, &scene.bank.ca_origin] {
        let text = &asked.last().unwrap().description;
        assert!(text.contains(origin), "{text} does not name {origin}");
    }
    refused(&course.loopback, "wrong-state", |loopback| {
        loopback.cancel(&course.id)
    });

    let back = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(back.id, course.id);
    back.finish();
    assert_eq!(scene.home.person.asked().len(), 5);
}

#[test]
fn another_site_of_the_bank_gets_nothing_if_the_person_does_not_agree() {
    for (answer, code) in [
        (Answer::No, "consent-declined"),
        (Answer::Cancel, "prompt-cancelled"),
        (Answer::TimeOut, "prompt-timed-out"),
    ] {
        let scene = Scene::new();
        let customer = scene.user();
        scene
            .home
            .person
            .answers(&[Answer::Yes, RIGHT, answer, Answer::Yes]);
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        let before = course.request();
        let other = Loopback::new(scene.agent.port, &scene.bank.bank_origin);
        let reply = other.begin(&customer.old.sha256, NONCE);
        let problem: Problem = reply.json(reply.status);
        assert_eq!(problem.code.as_str(), code, "{problem:?}");
        refused(&other, "wrong-state", |loopback| {
            loopback.cancel(&course.id)
        });

        let after = course.request();
        assert_eq!((after.csr, after.proof), (before.csr, before.proof));
        course.finish();
    }
}

#[test]
fn another_bank_sees_and_does_nothing() {
    let mut scene = Scene::new();
    let customer = scene.user();
    let other_bank = OpenBank::with(|options| {
        options.bank_origin = "https://bank.another.example".to_owned();
        options.ca_origin = "https://ca.another.example".to_owned();
    });
    let profile = other_bank.profile().unwrap();
    let profile = profile
        .replace("みほん", "べつの")
        .replace("Mihon", "Another");
    scene.home.install_profile("another", &profile);
    scene.restart();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let _request = course.request();

    for origin in [&other_bank.bank_origin, &other_bank.ca_origin] {
        let other = Loopback::new(scene.agent.port, origin);
        assert_eq!(other.certificates().certificates, []);
        refused(&other, "certificate-not-found", |other| {
            other.begin(&customer.old.sha256, NONCE)
        });
        let answer = json!({ "certificate": "AAAA" });
        let outcome = json!({ "outcome": "first-login" });
        let path = format!("/v1/renewals/{}", course.id);
        refused(&other, "renewal-not-found", |other| {
            other.call("GET", &path).send()
        });
        refused(&other, "renewal-not-found", |other| {
            other.call("GET", &format!("{path}/events?after=0")).send()
        });
        refused(&other, "renewal-not-found", |other| {
            other.deliver(&course.id, &answer)
        });
        refused(&other, "renewal-not-found", |other| {
            other.outcome(&course.id, &outcome)
        });
        refused(&other, "renewal-not-found", |other| {
            other.cancel(&course.id)
        });
    }
    assert_eq!(
        scene.home.person.asked().len(),
        2,
        "nobody was asked for it"
    );
    let state = course.loopback.view(&course.id).state;
    assert_eq!(state, State::AwaitingCertificate);
}

#[test]
fn a_stranger_hears_nothing() {
    let scene = Scene::new();
    let customer = scene.user();
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let stranger = Loopback::new(scene.agent.port, origin);
        let reply = stranger.begin(&customer.old.sha256, NONCE);
        assert_eq!(
            (reply.status, reply.exit),
            (0, 52),
            "{origin}: {}",
            reply.body
        );
    }
    assert!(scene.home.person.asked().is_empty());
    let found: Value = scene.loopback().call("GET", "/v1/agent").send().json(200);
    assert_eq!(found["product"], "koshin");
}
