//! An agent that is killed, as by a power cut, and started again.

use protocol::bridge::{RenewalView, State, WaitReason};
use reference_bank::Misbehaviour;
use serde_json::Value;
use tests::{Agent, Answer, Course, Scene, Visit, course::new_serial, scene::USER};

use super::{RIGHT, assert_is_for};

#[test]
fn killed_while_the_certificate_is_awaited_the_page_goes_on() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    let (csr, proof) = (before.csr.as_deref(), before.proof.as_deref());
    let answer: Value = course.page.submit(csr.unwrap(), proof.unwrap()).json(200);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    // The PIN went with the agent: it is asked for again, once.
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let course = Course {
        loopback: scene.loopback(),
        ..course
    };
    let found = course.loopback.certificates();
    assert_eq!(found.certificates[0].renewal.as_ref(), Some(&course.id));
    assert_eq!(course.loopback.view(&course.id).csr, before.csr);
    let reply = course.loopback.deliver(&course.id, &answer);
    assert_eq!(reply.status, 200, "{}", reply.body);
    course.installed();
    let commands = scene.home.person.asked();
    let commands: Vec<_> = commands
        .iter()
        .map(|asked| asked.command.as_str())
        .collect();
    assert_eq!(commands, ["CONFIRM", "GETPIN", "CONFIRM", "GETPIN"]);
}

#[test]
fn killed_at_the_first_dialog_the_page_is_asked_again() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Hang]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let first = Course::begin(&scene, &visit, &customer);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    let waiting = scene
        .loopback()
        .until(&first.id, |state| state == State::Waiting);
    assert_eq!(waiting.waiting, Some(WaitReason::Person));
    scene
        .home
        .person
        .answers(&[Answer::Yes, RIGHT, Answer::Yes]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, first.id);
    again.finish();
}

#[test]
fn killed_at_the_pin_dialog_the_consent_is_asked_for_again() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, Answer::Hang]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let first = Course::begin(&scene, &visit, &customer);
    first
        .loopback
        .until(&first.id, |state| state == State::Authenticate);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    scene
        .home
        .person
        .answers(&[Answer::Yes, RIGHT, Answer::Yes]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, first.id);
    again.finish();
}

#[test]
fn killed_at_the_second_dialog_nothing_issued_is_lost() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, RIGHT, Answer::Hang]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let first = Course::begin(&scene, &visit, &customer);
    assert_eq!(first.deliver().status, 200);
    first
        .loopback
        .until(&first.id, |state| state == State::ConsentToInstall);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);
    scene.still_logs_in(&customer);

    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, first.id);
    again.installed();
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
}

#[test]
fn killed_after_the_installation_the_receipt_is_still_there() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, RIGHT, Answer::Yes]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let first = Course::begin(&scene, &visit, &customer);
    assert_eq!(first.deliver().status, 200);
    let done = first
        .loopback
        .until(&first.id, |state| state == State::Grace);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, first.id);
    let late = again.installed();
    assert_eq!(new_serial(&late), new_serial(&done));
    assert_eq!(late.receipt, done.receipt);
}

#[test]
fn cancelled_after_a_kill_leaves_the_pair_to_the_next_login() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let _request = course.request();
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    let ended: RenewalView = scene.loopback().cancel(&course.id).json(200);
    assert_eq!(ended.state, State::Cancelled);
    let _ended = scene.loopback().to_the_end(&course.id);
    scene.still_logs_in(&customer);
    // Without the PIN nothing can be removed. The login of the next renewal removes it.
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let next = Course::begin(&scene, &visit, &customer);
    let _request = next.request();
    let cancelled: RenewalView = next.loopback.cancel(&next.id).json(200);
    assert_eq!(cancelled.state, State::Cancelled);
    let _ended = next.loopback.to_the_end(&next.id);
    scene.is_as_before(&[&customer]);
}

#[test]
fn a_proof_is_for_the_page_that_asked_last() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let closed = Visit::new(&scene.bank, &scene.token);
    let first = Course::begin(&scene, &closed, &customer);
    let before = first.request();
    scene.bank.misbehave(Some(Misbehaviour::AnswerLost));
    let (csr, proof) = (before.csr.as_deref(), before.proof.as_deref());
    assert_eq!(first.page.submit(csr.unwrap(), proof.unwrap()).status, 500);
    scene.bank.misbehave(None);
    scene.agent.kill();
    scene.agent = Agent::start(&scene.home);

    // A page that nobody sees any more has the PIN asked for, and then another one comes.
    let pin = scene.home.person.gate("pin");
    scene.home.person.answers(&[
        Answer::When("pin", &RIGHT),
        Answer::When("pin", &RIGHT),
        Answer::Yes,
    ]);
    let stale = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let reply = scene.loopback().begin(&customer.old.sha256, stale);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let visit = Visit::new(&scene.bank, &scene.token);
    let again = Course::begin(&scene, &visit, &customer);
    assert_eq!(again.id, first.id);
    let nonce = again.page.nonce().nonce;
    pin.open();
    let after = again.request();
    assert_eq!(after.csr, before.csr);
    assert_is_for(&scene, &customer, &after, &nonce, &scene.bank.ca_origin);
    again.finish();
}
