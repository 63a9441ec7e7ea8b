//! Pages that are reloaded, closed or opened twice, agents that are killed, other sites that ask:
//! one renewal per certificate, one request per renewal, and only for those whom it concerns.

mod killed;
mod others;

use std::{collections::BTreeSet, fs, iter, thread};

use base64ct::{Base64, Encoding as _};
use protocol::{
    bridge::{RenewalView, State},
    certificate::Certificate,
    proof::{self, Expectation, Purpose},
};
use reference_bank::Misbehaviour;
use rustix::fs::{FlockOperation, flock};
use tests::{
    Answer, Course, Customer, Scene,
    course::{WILLING, new_serial},
    scene::{ADMINISTRATOR, USER},
    token,
};

const RIGHT: Answer = Answer::Pin(token::PIN);

#[test]
fn a_page_reloaded_in_any_state_finds_the_same_renewal_and_the_same_request() {
    let scene = Scene::new();
    let customer = scene.user();
    let person = &scene.home.person;
    let [consent, pin, install] = ["consent", "pin", "install"].map(|name| person.gate(name));
    person.answers(&[
        Answer::When("consent", &Answer::Yes),
        Answer::When("pin", &RIGHT),
        Answer::When("install", &Answer::Yes),
    ]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reloaded = || {
        let again = Course::of(scene.loopback(), visit.reload_renewal_page());
        assert_eq!(again.id, course.id);
        again.loopback.view(&again.id)
    };
    let reached = |wanted| course.loopback.until(&course.id, |state| state == wanted);

    reached(State::Consent);
    assert_eq!(reloaded().state, State::Consent);
    consent.open();
    reached(State::Authenticate);
    assert_eq!(reloaded().state, State::Authenticate);
    pin.open();
    let first = course.request();
    let same_request = |view: RenewalView, state| {
        assert_eq!((view.state, &view.csr), (state, &first.csr));
        view
    };
    same_request(reloaded(), State::AwaitingCertificate);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    reached(State::ConsentToInstall);
    same_request(reloaded(), State::ConsentToInstall);

    let token_in_use = fs::File::open(lock_file(&scene)).unwrap();
    flock(&token_in_use, FlockOperation::LockExclusive).unwrap();
    install.open();
    reached(State::InstallIntent);
    same_request(reloaded(), State::InstallIntent);
    drop(token_in_use);

    let done = course.installed();
    let late = same_request(reloaded(), State::Grace);
    assert_eq!(new_serial(&late), new_serial(&done));
    assert_eq!(scene.home.person.asked().len(), WILLING.len());
}

#[test]
fn a_page_reloaded_all_the_time_never_sees_another_request() {
    let scene = Scene::wanting_keys_of("rsa-2048");
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let nonce = course.page.nonce().nonce;
    let loopback = scene.loopback();
    let reload = || -> RenewalView { loopback.begin(&customer.old.sha256, &nonce).json(200) };
    let requests: BTreeSet<_> = thread::scope(|scope| {
        let finished = scope.spawn(|| course.finish());
        let reloads = iter::from_fn(|| (!finished.is_finished()).then(reload));
        reloads
            .inspect(|view| assert_eq!(view.id, course.id))
            .filter_map(|view| view.csr)
            .collect()
    });
    assert_eq!(requests.len(), 1, "{requests:#?}");
    assert_eq!(reload().state, State::Grace);
    assert_eq!(scene.home.person.asked().len(), WILLING.len());
}

#[test]
fn a_browser_closed_after_the_request_goes_on_with_a_fresh_proof_of_the_same_request() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let closed = scene.visit();
    let first = Course::begin(&scene, &closed, &customer);
    let nonce = first.page.nonce().nonce;
    let before = first.request();
    // The CA has issued, and nobody heard of it.
    scene.bank.misbehave(Some(Misbehaviour::AnswerLost));
    let (csr, proof) = (before.csr.as_deref(), before.proof.as_deref());
    let lost = first.page.submit(csr.unwrap(), proof.unwrap());
    assert_eq!(lost.status, 500);
    scene.bank.misbehave(None);

    let visit = scene.visit();
    let again = Course::begin(&scene, &visit, &customer);
    assert_eq!(again.id, first.id);
    assert_ne!(again.page.nonce().nonce, nonce);
    let after = again.request();
    assert_eq!(after.csr, before.csr);
    assert_ne!(after.proof, before.proof);
    again.finish();
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
    assert_eq!(
        scene.home.person.asked().len(),
        WILLING.len(),
        "the accepted PIN serves"
    );
}

#[test]
fn a_browser_closed_at_the_first_dialog_finds_it_still_open() {
    let scene = Scene::new();
    let customer = scene.user();
    let consent = scene.home.person.gate("consent");
    let first_answer = Answer::When("consent", &Answer::Yes);
    scene
        .home
        .person
        .answers(&[first_answer, RIGHT, Answer::Yes]);
    // A nonce that has run out by the time the browser is back.
    let nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let first: RenewalView = scene
        .loopback()
        .begin(&customer.old.sha256, nonce)
        .json(201);

    let visit = scene.visit();
    let again = Course::begin(&scene, &visit, &customer);
    assert_eq!(again.id, first.id);
    consent.open();
    let view = again.request();
    let nonce = again.page.nonce().nonce;
    assert_is_for(&scene, &customer, &view, &nonce, &scene.bank.ca_origin);
    again.finish();
    assert_eq!(scene.home.person.asked().len(), WILLING.len());
}

#[test]
fn two_tabs_at_once_share_one_renewal_and_its_dialogs() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let login = visit.login(customer.id, customer.key);
    assert_eq!(login.status, 303, "{}", login.body);
    let page = visit.renewal_page(customer.key);
    let nonce = page.nonce().nonce;

    let tab = || scene.loopback().begin(&customer.old.sha256, &nonce);
    let replies = at_once([&tab, &tab]);
    let mut statuses = replies.each_ref().map(|reply| reply.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    let [one, two] = replies.map(|reply| reply.json::<RenewalView>(reply.status));
    assert_eq!(one.id, two.id);

    let loopback = scene.loopback();
    let view = loopback.settled(&one.id);
    let (csr, proof) = (view.csr.unwrap(), view.proof.unwrap());
    // Both ask the CA, which issues once and delivers twice.
    let answers: [serde_json::Value; 2] = [(); 2].map(|()| page.submit(&csr, &proof).json(200));
    assert_eq!(answers[0], answers[1]);
    let tab = || loopback.deliver(&one.id, &answers[0]);
    for reply in at_once([&tab, &tab]) {
        // The slower one may come while the faster one's answer is looked at.
        if reply.status != 200 {
            assert_eq!(reply.problem_code(), "wrong-state");
        }
    }
    Course {
        loopback,
        page,
        id: one.id,
    }
    .installed();
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
    assert_eq!(scene.home.person.asked().len(), WILLING.len());
}

#[test]
fn a_no_for_one_id_does_not_disturb_the_other() {
    let scene = Scene::new();
    let (administrator, user) = (
        scene.customer(ADMINISTRATOR, "EC:prime256v1", 20),
        scene.user(),
    );
    let install = scene.home.person.gate("install");
    let last_answer = Answer::When("install", &Answer::Yes);
    scene
        .home
        .person
        .answers(&[Answer::Yes, RIGHT, last_answer]);
    let visits = [scene.visit(), scene.visit()];
    let going_on = Course::begin(&scene, &visits[0], &administrator);
    let reply = going_on.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    install.open();

    scene.home.person.answers(&[Answer::No]);
    let declined = Course::begin(&scene, &visits[1], &user);
    assert_ne!(declined.id, going_on.id);
    assert_eq!(declined.problem(), "consent-declined");
    going_on.installed();
    scene.still_logs_in(&user);
    scene.renew(&user);
}

#[test]
fn a_cancelled_renewal_takes_its_dialog_away() {
    let scene = Scene::new();
    let customer = scene.user();
    let person = &scene.home.person;
    // Nobody opens this gate: the dialog is there for as long as it may be.
    let _gate = person.gate("never");
    for answers in [
        vec![Answer::When("never", &Answer::Yes)],
        vec![Answer::Yes, Answer::When("never", &RIGHT)],
        vec![Answer::Yes, RIGHT, Answer::When("never", &Answer::Yes)],
    ] {
        person.answers(&answers);
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        let at = match answers.len() {
            1 => State::Consent,
            2 => State::Authenticate,
            _ => {
                assert_eq!(course.deliver().status, 200);
                State::ConsentToInstall
            }
        };
        course.loopback.until(&course.id, |state| state == at);
        let cancelled: RenewalView = course.loopback.cancel(&course.id).json(200);
        assert_eq!(cancelled.state, State::Cancelled);
        let ended = course.loopback.to_the_end(&course.id);
        assert_eq!(ended.state, State::Cancelled);
        course.loopback.problem(&course.id, "cancelled");
        assert_eq!(course.page.reject("cancelled").status, 200);
        scene.is_as_before(&[&customer]);
    }
    scene.renew(&customer);
}

/// The proof names this nonce and this origin.
#[track_caller]
fn assert_is_for(
    scene: &Scene,
    customer: &Customer,
    view: &RenewalView,
    nonce: &str,
    origin: &str,
) {
    let proof = Base64::decode_vec(view.proof.as_deref().unwrap()).unwrap();
    let verified = proof::verify(
        &proof,
        &Expectation {
            signer: &Certificate::from_der(&customer.old.der).unwrap(),
            purpose: Purpose::Renew,
            nonce: &base64ct::Base64UrlUnpadded::decode_vec(nonce).unwrap(),
            origin,
            certificate_sha256: Certificate::from_der(&customer.old.der).unwrap().sha256(),
            now: scene.bank.clock().now(),
            max_age: std::time::Duration::from_secs(3600),
        },
    );
    let verified = verified.unwrap_or_else(|error| panic!("{error}"));
    let csr = Base64::decode_vec(view.csr.as_deref().unwrap()).unwrap();
    assert_eq!(verified.content, csr);
}

/// The file whose lock says that a token is in use.
fn lock_file(scene: &Scene) -> std::path::PathBuf {
    let folder = scene.home.path("state/koshin/tokens");
    let files: Vec<_> = fs::read_dir(folder).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap().unwrap().path()
}

fn at_once<T: Send, const N: usize>(calls: [&(dyn Fn() -> T + Sync); N]) -> [T; N] {
    thread::scope(|scope| {
        calls
            .map(|call| scope.spawn(call))
            .map(|thread| thread.join().unwrap())
    })
}
