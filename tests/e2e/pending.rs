//! A CA that answers in days: an officer approves each renewal. The renewal waits across pages,
//! agents and a PC that is off, and page or command fetches the certificate.

use std::{fs, fs::File};

use protocol::bridge::{RenewalView, State, WaitReason};
use reference_bank::{ApplicationStatus, Policy, time::DAY};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};
use tests::{
    Agent, Answer, Course, Customer, Scene, StandingClock, Visit,
    course::{WILLING, new_serial},
    scene::USER,
    token::PIN,
};

const RIGHT: Answer = Answer::Pin(PIN);

#[test]
fn approved_while_the_pc_was_off_for_days_it_is_fetched_by_the_page() {
    let mut scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let (first, csr) = apply(&scene, &visit, &customer);
    let began = scene.bank.clock().now();
    scene.agent.kill();

    // The PC is off; the bank's officer is not.
    let clock = StandingClock::new(&scene.home, began + 5 * DAY);
    scene.bank.clock().hold(began + 5 * DAY);
    scene.bank.decide(USER, true).unwrap();
    scene.agent = Agent::start_with(clock.rule(&mut scene.home.koshin(&["run"])));
    let waits = scene.loopback().view(&first.id);
    assert_eq!(waits.csr.as_ref(), Some(&csr), "nothing is lost");

    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let again = Course::begin(&scene, &visit, &customer);
    assert_eq!(again.id, first.id);
    let done = again.finish();
    // One PIN for the request, one to install: the wait itself asks for none.
    assert_eq!(
        asked(&scene),
        ["CONFIRM", "GETPIN", "CONFIRM", "GETPIN"],
        "a proof that is days old is not made anew"
    );
    assert_ne!(new_serial(&done), customer.old.serial);
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
}

#[test]
fn a_page_that_is_reloaded_and_an_agent_that_is_killed_change_nothing() {
    let mut scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let (first, csr) = apply(&scene, &visit, &customer);
    for _ in 0..2 {
        let reply = scene.loopback().deliver(&first.id, &later());
        assert_eq!(reply.status, 200, "{}", reply.body);
        scene.agent.kill();
        scene.agent = Agent::start(&scene.home);
        let waits = scene.loopback().view(&first.id);
        assert_eq!(
            (waits.state, waits.waiting),
            (State::Waiting, Some(WaitReason::Bank))
        );
        assert_eq!(waits.csr.as_ref(), Some(&csr));
    }
    scene.still_logs_in(&customer);
    assert_eq!(scene.bank.applications().unwrap().len(), 1);
    assert_eq!(
        asked(&scene),
        ["CONFIRM", "GETPIN"],
        "nobody is asked while it waits"
    );
}

#[test]
fn while_the_ca_is_waited_for_the_token_is_free() {
    let scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let _waiting = apply(&scene, &visit, &customer);
    let locks: Vec<_> = fs::read_dir(scene.home.path("state/koshin/tokens"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!locks.is_empty(), "the token was opened");
    for lock in locks {
        let file = File::open(&lock).unwrap();
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .unwrap_or_else(|error| panic!("{} is held: {error}", lock.display()));
    }
}

#[test]
fn status_says_since_when_and_a_command_brings_the_answer_from_a_file() {
    let scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let (course, csr) = apply(&scene, &visit, &customer);
    let status = scene.home.run(&["status"]);
    assert!(
        status.text().contains("認証局の回答待ちです（"),
        "{}",
        status.text()
    );
    let hint = format!("koshin renew {} --certificate", &customer.old.sha256[..12]);
    assert!(status.stderr.contains(&hint), "{}", status.stderr);

    // The request can be had again, without a dialog.
    let file = scene.home.path("again.csr");
    let printed = scene
        .home
        .run(&["renew", USER, "--csr-out", file.to_str().unwrap()]);
    assert_eq!(printed.status, Some(0), "{}", printed.stderr);
    let pem: String = fs::read_to_string(&file)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    assert_eq!(pem, csr);
    assert_eq!(asked(&scene), ["CONFIRM", "GETPIN"]);

    // The CA's certificate comes by another way, e.g. from the help desk.
    scene.bank.decide(USER, true).unwrap();
    let view = course.loopback.view(&course.id);
    let answer: Value = course
        .page
        .submit(&view.csr.unwrap(), &view.proof.unwrap())
        .json(200);
    let file = scene.home.path("new.pem");
    fs::write(&file, answer["certificate"].as_str().unwrap()).unwrap();
    scene.home.person.answers(&[Answer::Yes]);
    let file = file.to_str().unwrap();
    let brought = scene.home.run(&["renew", USER, "--certificate", file]);
    assert_eq!(brought.status, Some(0), "{}", brought.stderr);

    // The page is still the one that drives it, and hands the receipt in.
    let visit = Visit::new(&scene.bank, &scene.token);
    let page = Course::begin(&scene, &visit, &customer);
    assert_eq!(page.id, course.id);
    page.installed();
    assert_eq!(asked(&scene), ["CONFIRM", "GETPIN", "CONFIRM"]);
}

#[test]
fn a_no_of_the_person_to_a_command_leaves_the_old_certificate() {
    let scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let (course, _) = apply(&scene, &visit, &customer);
    scene.bank.decide(USER, true).unwrap();
    let view = course.loopback.view(&course.id);
    let answer: Value = course
        .page
        .submit(&view.csr.unwrap(), &view.proof.unwrap())
        .json(200);
    let file = scene.home.path("new.pem");
    fs::write(&file, answer["certificate"].as_str().unwrap()).unwrap();
    scene.home.person.answers(&[Answer::No]);
    let file = file.to_str().unwrap();
    let brought = scene.home.run(&["renew", USER, "--certificate", file]);
    assert_eq!(brought.status, Some(1), "{}", brought.stderr);
    assert_eq!(course.problem(), "install-declined");
    scene.is_as_before(&[&customer]);
}

#[test]
fn refused_by_the_officer_the_pair_goes_and_the_next_try_succeeds() {
    let scene = open();
    let customer = scene.user();
    let visit = Visit::new(&scene.bank, &scene.token);
    let (course, csr) = apply(&scene, &visit, &customer);
    scene.bank.decide(USER, false).unwrap();
    let proof = course.loopback.view(&course.id).proof.unwrap();
    let refused = course.page.submit(&csr, &proof);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.json::<Value>(409)["code"], "not-approved");
    let ended: RenewalView = course.loopback.cancel(&course.id).json(200);
    assert_eq!(ended.state, State::Cancelled);
    let _ended = course.loopback.to_the_end(&course.id);
    scene.is_as_before(&[&customer]);

    let visit = Visit::new(&scene.bank, &scene.token);
    let (next, _) = apply(&scene, &visit, &customer);
    assert_ne!(next.id, course.id);
    scene.bank.decide(USER, true).unwrap();
    scene.home.person.answers(&[Answer::Yes]);
    let done = next.finish();
    assert_ne!(new_serial(&done), customer.old.serial);
}

fn open() -> Scene {
    Scene::with_policy(Policy {
        approval: Some(3600),
        ..Policy::default()
    })
}

/// From the login to the CA's word that it answers later, which the agent keeps; with the request.
#[track_caller]
fn apply<'a>(scene: &Scene, visit: &'a Visit<'a>, customer: &Customer) -> (Course<'a>, String) {
    scene.home.person.answers(&WILLING[..2]);
    let course = Course::begin(scene, visit, customer);
    let waiting: RenewalView = course.deliver().json(200);
    assert_eq!(
        (waiting.state, waiting.waiting),
        (State::Waiting, Some(WaitReason::Bank))
    );
    let applied = scene.bank.applications().unwrap();
    let newest = applied.last().map(|application| application.status);
    assert_eq!(newest, Some(ApplicationStatus::Pending));
    (course, waiting.csr.unwrap())
}

fn later() -> Value {
    json!({ "pending": { "retry_after": 3600 } })
}

/// The dialogs so far: confirmations and PIN entries.
fn asked(scene: &Scene) -> Vec<String> {
    let dialogs = scene.home.person.asked().into_iter();
    dialogs.map(|dialog| dialog.command).collect()
}
