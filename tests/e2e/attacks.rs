//! Callers who mean harm, or who come all at once.

use std::{sync::Barrier, thread};

use protocol::bridge::{CertificateList, RenewalView, State};
use serde_json::{Value, json};
use tests::{
    Answer, Course, Customer, Loopback, Scene, course::WILLING, curl::Reply, pinentry::Asked,
};

/// As a bank makes them: 32 bytes, base64url.
const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn pages_that_begin_at_once_find_one_renewal_and_the_person_one_dialog() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Hang]);
    let loopback = scene.loopback();
    let replies = at_once(|| loopback.begin(&customer.old.sha256, NONCE));

    let begun = replies.iter().filter(|reply| reply.status == 201).count();
    let ids: Vec<String> = replies
        .into_iter()
        .map(|reply| reply.json::<RenewalView>(reply.status).id)
        .collect();
    assert_eq!(begun, 1);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let ended: RenewalView = loopback.cancel(&ids[0]).json(200);
    assert_eq!(ended.state, State::Cancelled);
    assert!(shown(&scene).len() <= 1, "{:?}", shown(&scene));
    scene.is_as_before(&[&customer]);
}

#[test]
fn a_renewal_that_many_cancel_at_once_is_cancelled_for_all_of_them() {
    let scene = Scene::new();
    let customer = scene.user();
    let loopback = scene.loopback();
    scene.home.person.answers(&[Answer::Hang]);
    let begun: RenewalView = loopback.begin(&customer.old.sha256, NONCE).json(201);
    for reply in at_once(|| loopback.cancel(&begun.id)) {
        let ended: RenewalView = reply.json(200);
        assert_eq!(ended.state, State::Cancelled);
    }
    scene.is_as_before(&[&customer]);
}

#[test]
fn the_certificate_that_comes_from_several_pages_at_once_is_taken_once() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let view = course.request();
    let answer: Value = course
        .page
        .submit(
            view.csr.as_deref().unwrap(),
            view.proof.as_deref().unwrap_or_default(),
        )
        .json(200);
    for reply in at_once(|| course.loopback.deliver(&course.id, &answer)) {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    course.installed();
    assert_eq!(scene.token.objects().len(), 6);
}

#[test]
fn a_bank_cannot_tell_another_bank_s_renewal_from_none() {
    let mut scene = Scene::new();
    let other = other_bank(&mut scene);
    let customer = scene.user();
    let id = waiting_for_the_person(&scene, &customer);

    let unknown = "0123456789abcdef0123456789abcdef";
    for (method, path, body) in [
        ("GET", "", None),
        ("GET", "/events?after=0", None),
        ("PUT", "/certificate", Some(json!({ "certificate": "x" }))),
        (
            "PUT",
            "/certificate",
            Some(json!({ "pending": { "retry_after": 1 } })),
        ),
        (
            "POST",
            "/outcome",
            Some(json!({ "outcome": "first-login" })),
        ),
        ("DELETE", "", None),
    ] {
        let told = [id.as_str(), unknown].map(|id| {
            let call = other.call(method, &format!("/v1/renewals/{id}{path}"));
            let call = match &body {
                Some(body) => call.json(body),
                None => call,
            };
            let reply = call.send();
            let mut problem: Value = reply.json(reply.status);
            problem["reference"] = Value::Null;
            (reply.status, problem)
        });
        assert_eq!(told[0], told[1], "{method} {path}");
        assert!((400..500).contains(&told[0].0), "{method} {path} {told:?}");
    }
    let seen: CertificateList = other.certificates();
    assert!(seen.certificates.iter().all(|one| one.renewal.is_none()));
    let begun = other.begin(&customer.old.sha256, NONCE);
    assert_eq!(begun.problem_code(), "certificate-not-found");

    let mine = scene.loopback();
    assert_eq!(mine.view(&id).state, State::Consent);
    let ended: RenewalView = mine.cancel(&id).json(200);
    assert_eq!(ended.state, State::Cancelled);
}

/// The answers to as many equal calls as a page can have under way, and a few more.
fn at_once(call: impl Fn() -> Reply + Sync) -> Vec<Reply> {
    const CALLERS: usize = 12;
    let start = Barrier::new(CALLERS);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    call()
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("the caller ends"))
            .collect()
    })
}

fn shown(scene: &Scene) -> Vec<Asked> {
    let mut asked = scene.home.person.asked();
    asked.retain(|dialog| dialog.gone.is_none());
    asked
}

/// A second bank that shares the first one's CA: the agent as a page of it sees it.
fn other_bank(scene: &mut Scene) -> Loopback {
    const ORIGIN: &str = "https://other-bank.example";
    let profile = scene.bank.profile().expect("the bank has a profile");
    // They share the CA, and their customers have other units.
    let own = scene.bank.unit().expect("the bank has one");
    let serving = |unit: &str, profile: &str| format!("subject = [\"OU={unit}\"]\n{profile}");
    let other = profile
        .replace("みほん信用金庫", "べつの信用金庫")
        .replace("Mihon Shinkin Bank", "Other Shinkin Bank")
        .replace(&scene.bank.bank_origin, ORIGIN)
        .replace(&scene.bank.ca_origin, "https://ca.other-bank.example");
    let home = &scene.home;
    home.install_profile("mihon", &serving(&own, &profile));
    home.install_profile("other", &serving("EB-0002", &other));
    scene.restart();
    Loopback::new(scene.agent.port, ORIGIN)
}

/// A renewal of the first bank's, at its first dialog.
fn waiting_for_the_person(scene: &Scene, customer: &Customer) -> String {
    scene.home.person.answers(&[Answer::Hang]);
    let begun = scene.loopback().begin(&customer.old.sha256, NONCE);
    begun.json::<RenewalView>(201).id
}
