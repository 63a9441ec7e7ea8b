//! What a CA may get wrong: the agent says which check failed, in Japanese and English, writes
//! nothing, and leaves nothing once the page has given up; the old certificate still logs in, and
//! the next try succeeds.

use protocol::bridge::{RenewalView, State, WaitReason};
use reference_bank::{AnswerForm, CertificateStatus, Misbehaviour};
use serde_json::{Value, json};
use tests::{
    Course, Customer, Scene,
    aftermath::refused,
    course::{WILLING, new_serial},
    scene::USER,
};

#[test]
fn a_certificate_for_another_key_is_refused() {
    is_refused(Misbehaviour::WrongKey, "certificate-key-mismatch");
}

#[test]
fn a_certificate_for_another_subject_is_refused() {
    is_refused(Misbehaviour::OtherSubject, "certificate-subject-mismatch");
}

#[test]
fn a_certificate_from_another_ca_of_the_same_name_is_refused() {
    is_refused(Misbehaviour::OtherIssuer, "certificate-untrusted");
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    is_refused(Misbehaviour::Expired, "certificate-expired");
}

#[test]
fn a_certificate_that_ends_with_the_old_one_is_refused() {
    is_refused(Misbehaviour::NotLater, "certificate-not-later");
}

#[test]
fn a_certificate_for_servers_is_refused() {
    is_refused(Misbehaviour::WrongUsage, "certificate-wrong-usage");
}

#[test]
fn four_kibibytes_of_rubbish_are_refused() {
    is_refused(Misbehaviour::Rubbish(4096), "certificate-unreadable");
}

#[test]
fn a_mebibyte_of_rubbish_is_refused() {
    is_refused(Misbehaviour::Rubbish(1024 * 1024), "body-too-large");
}

#[test]
fn a_certificate_that_is_not_yet_valid_waits_and_can_be_given_up() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene
        .bank
        .misbehave(Some(Misbehaviour::NotYetValid(2 * 86_400)));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let waiting: RenewalView = course.deliver().json(200);
    assert_eq!(
        (waiting.state, waiting.waiting),
        (State::Waiting, Some(WaitReason::Clock))
    );
    let problem = course
        .loopback
        .problem(&course.id, "certificate-not-yet-valid");
    let begins = scene.bank.certificates_of(USER).unwrap()[0].not_before;
    let day = reference_bank::time::day_text(begins, reference_bank::Language::Japanese);
    let detail = problem.detail.unwrap_or_default();
    assert!(detail.contains(&day), "{detail} does not name {day}");
    gives_up(&scene, &customer, &course, "certificate-not-yet-valid");
}

#[test]
fn a_certificate_that_begins_in_a_moment_is_installed_then() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.bank.misbehave(Some(Misbehaviour::NotYetValid(4)));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    course.installed();
}

#[test]
fn the_right_certificate_is_taken_after_a_wrong_answer() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.bank.misbehave(Some(Misbehaviour::Rubbish(100)));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    assert_eq!(course.deliver().problem_code(), "certificate-unreadable");
    scene.bank.misbehave(None);
    course.finish();
}

#[test]
fn every_form_in_which_a_ca_answers_is_read() {
    for form in [
        AnswerForm::PemRootFirst,
        AnswerForm::Base64,
        AnswerForm::Pkcs7,
    ] {
        let scene = Scene::new();
        let customer = scene.user();
        scene.bank.answer_as(form);
        let renewed = scene.renew(&customer);
        assert_ne!(new_serial(&renewed), customer.old.serial, "{form:?}");
    }
}

#[test]
fn a_ca_that_answers_later_is_asked_again() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.bank.misbehave(Some(Misbehaviour::Pending {
        answers: 1,
        retry_after: 3600,
    }));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let waiting: RenewalView = course.deliver().json(200);
    assert_eq!(
        (waiting.state, waiting.waiting),
        (State::Waiting, Some(WaitReason::Bank))
    );
    course.finish();
}

#[test]
fn an_answer_that_was_lost_is_delivered_again_for_the_same_request() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.bank.misbehave(Some(Misbehaviour::AnswerLost));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let view = course.request();
    let (csr, proof) = (view.csr.unwrap(), view.proof.unwrap());
    assert_eq!(course.page.submit(&csr, &proof).status, 500);

    scene.bank.misbehave(None);
    course.finish();
    let issued = scene.bank.certificates_of(USER).unwrap();
    assert_eq!(issued.len(), 2, "the CA issued once: {issued:#?}");
}

/// The CA's answer to a sound request is refused for `code`.
#[track_caller]
fn is_refused(misbehaviour: Misbehaviour, code: &str) {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.bank.misbehave(Some(misbehaviour));
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let view = course.request();
    let with_pair = scene.token.objects();
    let answer: Value = course
        .page
        .submit(&view.csr.unwrap(), &view.proof.unwrap())
        .json(200);
    refused(&course.loopback, code, |loopback| {
        loopback.deliver(&course.id, &answer)
    });

    assert_eq!(scene.token.objects(), with_pair, "nothing was written");
    scene.still_logs_in(&customer);
    let stays = course.loopback.view(&course.id);
    assert_eq!(stays.state, State::AwaitingCertificate);
    gives_up(&scene, &customer, &course, code);
}

/// The page tells the CA, and ends the renewal; then all is as it was.
#[track_caller]
fn gives_up(scene: &Scene, customer: &Customer, course: &Course<'_>, code: &str) {
    let told: Value = course.page.reject(code).json(200);
    let issued = &scene.bank.certificates_of(USER).unwrap()[0];
    assert_eq!(told, json!({ "revoked": [issued.serial] }));
    assert_eq!(issued.status, CertificateStatus::Rejected);
    let cancelled: RenewalView = course.loopback.cancel(&course.id).json(200);
    assert_eq!(cancelled.state, State::Cancelled);
    let ended = course.loopback.to_the_end(&course.id);
    assert_eq!(ended.csr, None);
    scene.is_as_before(&[customer]);

    scene.bank.misbehave(None);
    let renewed = scene.renew(customer);
    assert_ne!(new_serial(&renewed), customer.old.serial);
}
