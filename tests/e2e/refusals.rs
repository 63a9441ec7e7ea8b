//! A person who says no, closes a dialog, mistypes or does not know the PIN: each has a code of
//! its own, told in Japanese and English; the old certificate still logs in, nothing is left on
//! the token, and the next try succeeds.

use protocol::bridge::{RenewalView, State, WaitReason};
use reference_bank::CertificateStatus;
use serde_json::json;
use tests::{
    Answer, Course, Customer, Scene,
    aftermath::{brief, refused},
    agent::files_containing,
    course::new_serial,
    token::{self, Token},
};

const RIGHT: Answer = Answer::Pin(token::PIN);
/// Like no byte sequence that is in a file by chance.
const WRONG: Answer = Answer::Pin("58204917");

#[test]
fn no_at_the_first_dialog_makes_nothing() {
    ends_before_the_request(&[Answer::No], State::Cancelled, "consent-declined");
}

#[test]
fn no_at_the_second_dialog_has_the_new_certificate_revoked() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT, Answer::No]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);

    let ended = course.loopback.to_the_end(&course.id);
    assert_eq!(ended.state, State::Cancelled);
    course.loopback.problem(&course.id, "install-declined");
    let told: serde_json::Value = course.page.reject("install-declined").json(200);
    let issued = &scene.bank.certificates_of(customer.id).unwrap()[0];
    assert_eq!(told, json!({ "revoked": [issued.serial] }));
    assert_eq!(issued.status, CertificateStatus::Rejected);
    succeeds_after(&scene, &customer);
}

#[test]
fn a_closed_dialog_is_not_a_no() {
    ends_before_the_request(&[Answer::Cancel], State::Cancelled, "prompt-cancelled");
}

#[test]
fn a_closed_pin_dialog_makes_nothing() {
    let answers = [Answer::Yes, Answer::Cancel];
    ends_before_the_request(&answers, State::Cancelled, "prompt-cancelled");
}

#[test]
fn a_second_dialog_that_was_closed_is_asked_again_when_the_page_comes_back() {
    waits_for_the_person(Answer::Cancel, "prompt-cancelled");
}

#[test]
fn a_second_dialog_that_timed_out_is_asked_again_when_the_page_comes_back() {
    waits_for_the_person(Answer::TimeOut, "prompt-timed-out");
}

#[test]
fn a_dialog_that_nobody_answers_goes_away_in_time() {
    let scene = Scene::with_dialogs_of("1s");
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Hang]);
    ended(&scene, &customer, State::Cancelled, "prompt-timed-out");
    let asked = scene.home.person.asked();
    assert!(
        asked.iter().any(|dialog| dialog.gone.is_some()),
        "{asked:?}"
    );
    scene.is_as_before(&[&customer]);
}

#[test]
fn a_pin_dialog_that_timed_out_makes_nothing() {
    let answers = [Answer::Yes, Answer::TimeOut];
    ends_before_the_request(&answers, State::Cancelled, "prompt-timed-out");
}

#[test]
fn a_wrong_pin_is_said_and_the_right_one_goes_on() {
    let scene = Scene::new();
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, WRONG, RIGHT, Answer::Yes]);
    let visit = scene.visit();
    Course::begin(&scene, &visit, &customer).finish();

    let asked = scene.home.person.asked();
    let commands: Vec<_> = asked.iter().map(|dialog| dialog.command.as_str()).collect();
    assert_eq!(commands, ["CONFIRM", "GETPIN", "GETPIN", "CONFIRM"]);
    assert_eq!(asked[1].error, "");
    assert_ne!(
        asked[2].error, "",
        "the second dialog says that the first PIN was wrong"
    );
}

#[test]
fn three_wrong_pins_end_the_renewal() {
    let answers = [Answer::Yes, WRONG, WRONG, WRONG];
    let scene = ends_before_the_request(&answers, State::Cancelled, "pin-incorrect");
    let typed = scene.home.person.asked();
    let typed = typed.iter().filter(|dialog| dialog.command == "GETPIN");
    assert_eq!(
        typed.count(),
        3 + 1,
        "three refused, and one that succeeded after it"
    );
}

#[test]
fn who_does_not_know_the_pin_uses_up_no_try() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, Answer::Forgotten]);
    let problem = ended(&scene, &customer, State::Cancelled, "pin-unknown");
    assert!(
        problem.problem.unwrap().remedy.contains("0120-000-000"),
        "the help desk is named"
    );
    assert!(!tries_were_used(&scene.token));
    succeeds_after(&scene, &customer);

    // The judge is one that would tell.
    scene.home.person.answers(&[Answer::Yes, WRONG]);
    let other = scene.customer(tests::scene::ADMINISTRATOR, "EC:prime256v1", 20);
    ended(&scene, &other, State::Cancelled, "prompt-cancelled");
    assert!(tries_were_used(&scene.token));
}

#[test]
fn who_asks_before_the_window_learns_the_date() {
    let scene = Scene::new();
    let customer = scene.customer(tests::scene::USER, "EC:prime256v1", 31);
    let problem = refused(&scene.loopback(), "too-early", |loopback| {
        loopback.begin(&customer.old.sha256, NONCE)
    });
    let tomorrow = reference_bank::time::start_of_day_before(customer.old.not_after, 30);
    let day = reference_bank::time::day_text(tomorrow, reference_bank::Language::Japanese);
    let detail = problem.detail.unwrap();
    assert!(detail.contains(&day), "{detail} does not name {day}");
    assert!(scene.home.person.asked().is_empty());
    scene.is_as_before(&[&customer]);
}

#[test]
fn who_asks_too_late_is_told_the_way_on() {
    let scene = Scene::new();
    let customer = scene.customer(tests::scene::USER, "EC:prime256v1", -1);
    let problem = refused(&scene.loopback(), "too-late", |loopback| {
        loopback.begin(&customer.old.sha256, NONCE)
    });
    assert!(problem.remedy.contains("電子証明書取得"), "{problem:?}");
    assert!(scene.home.person.asked().is_empty());
    assert_eq!(scene.token.objects().len(), 3);
}

#[test]
fn neither_a_right_nor_a_wrong_pin_is_written_anywhere() {
    let scene = Scene::new();
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, WRONG, RIGHT, Answer::No]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(
        course.loopback.to_the_end(&course.id).state,
        State::Cancelled
    );
    scene.renew(&customer);

    let (status, log) = scene.agent.stop();
    assert_eq!(status, Some(0));
    for answer in [RIGHT, WRONG] {
        let Answer::Pin(pin) = answer else { continue };
        assert!(!log.contains(pin), "in the log");
        for folder in ["state", "config", "run", "etc"] {
            let found = files_containing(&scene.home.path(folder), pin);
            assert!(found.is_empty(), "{found:?}");
        }
    }
}

/// As a bank makes them: 32 bytes, base64url.
const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A renewal that the person ends with `answers` before there is a request.
#[track_caller]
fn ends_before_the_request(answers: &[Answer], state: State, code: &str) -> Scene {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(answers);
    ended(&scene, &customer, state, code);
    succeeds_after(&scene, &customer);
    scene
}

/// Begins a renewal that ends by itself, so.
#[track_caller]
fn ended(scene: &Scene, customer: &Customer, state: State, code: &str) -> RenewalView {
    let visit = scene.visit();
    let course = Course::begin(scene, &visit, customer);
    let ended = course.loopback.to_the_end(&course.id);
    assert_eq!(ended.state, state, "{}", brief(&ended));
    course.loopback.problem(&course.id, code);
    assert_eq!(ended.csr, None);
    ended
}

#[track_caller]
fn succeeds_after(scene: &Scene, customer: &Customer) {
    scene.is_as_before(&[customer]);
    let renewed = scene.renew(customer);
    assert_ne!(new_serial(&renewed), customer.old.serial);
}

/// The CA has issued: a second dialog without an answer ends nothing.
#[track_caller]
fn waits_for_the_person(answer: Answer, code: &str) {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT, answer]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let waiting = course
        .loopback
        .until(&course.id, |state| state == State::Waiting);
    assert_eq!(waiting.waiting, Some(WaitReason::Person));
    course.loopback.problem(&course.id, code);
    scene.still_logs_in(&customer);

    scene.home.person.answers(&[Answer::Yes]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    again.installed();
    let issued = scene.bank.certificates_of(customer.id).unwrap();
    assert_eq!(issued.len(), 2, "the CA issued once");
}

/// Whether the token counts refused PINs since the last right one, as pkcs11-tool says.
fn tries_were_used(token: &Token) -> bool {
    let slots = token.slots();
    assert!(slots.contains("token flags"), "{slots}");
    slots.contains("user PIN count low")
}
