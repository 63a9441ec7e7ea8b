//! What is on the token is not what it was.

use std::fs;

use protocol::bridge::{RenewalView, State, WaitReason};
use serde_json::json;
use tests::{
    Agent, Answer, Course, Customer, Home, Scene, Visit,
    course::WILLING,
    scene::{ADMINISTRATOR, USER},
    token::PIN,
};

#[test]
fn the_old_certificate_stays_where_another_program_removed_the_new_one() {
    let scene = Scene::new();
    let customer = scene.user();
    let done = scene.renew(&customer);
    let new = new_id(&scene, &customer);
    scene
        .token
        .tool(&["--delete-object", "--type", "cert", "--id", &new]);
    let loopback = scene.loopback();
    let told = loopback.outcome(&done.id, &json!({ "outcome": "first-login" }));
    assert_eq!(told.status, 200, "{}", told.body);
    loopback.until(&done.id, |state| state == State::Waiting);
    loopback.problem(&done.id, "new-certificate-gone");
    scene.still_logs_in(&customer);
}

#[test]
fn an_old_certificate_that_another_program_removed_is_not_missed() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let _ = course.request();
    for class in ["cert", "privkey", "pubkey"] {
        let delete = ["--delete-object", "--type", class, "--id", customer.key];
        scene.token.tool(&delete);
    }
    let done = course.finish();
    let loopback = scene.loopback();
    let told = loopback.outcome(&done.id, &json!({ "outcome": "first-login" }));
    assert_eq!(told.status, 200, "{}", told.body);
    loopback.until(&done.id, |state| state == State::Retired);
    assert_eq!(scene.token.objects().len(), 3);
}

#[test]
fn what_waits_for_a_token_and_needs_nobody_goes_on_when_the_agent_finds_it() {
    let mut scene = Scene::new();
    let customer = scene.user();
    let done = scene.renew(&customer);
    let files = scene.token.files();
    let pulled = files.with_extension("pulled");
    fs::rename(&files, &pulled).unwrap();
    fs::create_dir(&files).unwrap();
    let told = scene
        .loopback()
        .outcome(&done.id, &json!({ "outcome": "first-login" }));
    assert_eq!(told.status, 200, "{}", told.body);
    let waiting = scene
        .loopback()
        .until(&done.id, |state| state == State::Waiting);
    assert_eq!(waiting.waiting, Some(WaitReason::Card));
    scene.agent.kill();
    fs::remove_dir(&files).unwrap();
    fs::rename(&pulled, &files).unwrap();

    scene.agent = Agent::start(&scene.home);
    let loopback = scene.loopback();
    let asked = scene.home.person.asked().len();
    loopback.until(&done.id, |state| state == State::Retired);
    assert_eq!(scene.home.person.asked().len(), asked, "nobody was asked");
}

#[test]
fn a_renewal_that_nobody_asks_for_any_more_asks_for_no_pin_when_its_token_is_there() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(PIN), Answer::Yes]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let _ = course.request();
    let files = scene.token.files();
    let pulled = files.with_extension("pulled");
    fs::rename(&files, &pulled).unwrap();
    fs::create_dir(&files).unwrap();
    assert_eq!(course.deliver().status, 200);
    course
        .loopback
        .until(&course.id, |state| state == State::Waiting);
    scene.agent.kill();
    fs::remove_dir(&files).unwrap();
    fs::rename(&pulled, &files).unwrap();

    let asked = scene.home.person.asked().len();
    scene.agent = Agent::start(&scene.home);
    // The look at the tokens comes before the answer to a second one.
    let _ = scene.loopback().certificates();
    let view = scene.loopback().view(&course.id);
    assert_eq!(view.state, State::Waiting);
    assert_eq!(scene.home.person.asked().len(), asked, "nobody was asked");
    scene.home.person.answers(&[Answer::Pin(PIN)]);
    Course::of(scene.loopback(), visit.reload_renewal_page()).installed();
}

#[test]
fn a_copy_of_the_token_behind_another_module_is_left_as_it_is() {
    let copy = tests::Token::new("to be replaced");
    let (scene, _faults) = Scene::with_faults(|home: &Home| home.add_module(&copy));
    let customer = scene.user();
    // The same label, serial number and content.
    fs::remove_dir_all(copy.files()).unwrap();
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([scene.token.files(), copy.files()])
        .status();
    assert!(copied.unwrap().success());

    // A renewal that is given up halfway, and one that is not.
    scene.home.person.answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let visit = scene.visit();
    let given_up = Course::begin(&scene, &visit, &customer);
    let _ = given_up.request();
    let cancelled: RenewalView = given_up.loopback.cancel(&given_up.id).json(200);
    assert_eq!(cancelled.state, State::Cancelled);
    let done = scene.renew(&customer);
    let loopback = scene.loopback();
    let told = loopback.outcome(&done.id, &json!({ "outcome": "first-login" }));
    assert_eq!(told.status, 200, "{}", told.body);
    loopback.until(&done.id, |state| state == State::Retired);
    let mut counts = [scene.token.files(), copy.files()].map(objects);
    counts.sort_unstable();
    assert_eq!(counts, [3, 3], "the one that was used, and its copy");
    assert!(scene.home.run(&["list"]).text().contains(USER));
}

#[test]
fn a_certificate_that_was_cut_off_before_its_id_was_written_is_made_whole() {
    let (mut scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    faults.order("C_CreateObject 1 before kill both");
    assert_eq!(course.deliver().status, 200);
    scene.agent.wait();
    assert_eq!(faults.fired().len(), 1);
    faults.no_more();
    // What a power cut in the middle of the call leaves: the certificate, under no id; and
    // another program's, of which the journal says nothing.
    let issued = scene.bank.certificates_of(USER).unwrap();
    let new = issued.iter().find(|one| one.serial != customer.old.serial);
    let new = new.expect("the CA has issued").der.clone();
    let file = scene.home.path("cut-off.der");
    fs::write(&file, &new).unwrap();
    let write = ["--write-object", file.to_str().unwrap(), "--type", "cert"];
    scene.token.tool(&write);
    let other = scene
        .bank
        .certify(ADMINISTRATOR, &scene.token.public_key(customer.key), 20);
    fs::write(&file, &other.der).unwrap();
    scene.token.tool(&write);

    scene.agent = Agent::start(&scene.home);
    scene.home.person.answers(&[Answer::Pin(PIN)]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    assert_eq!(again.installed().csr, before.csr);
    let objects = scene.token.objects();
    let certificates = objects
        .iter()
        .filter(|object| object.class == "Certificate Object");
    let ids: Vec<_> = certificates.map(|object| object.id.as_str()).collect();
    assert_eq!(
        ids.len(),
        3,
        "the old one, the new one, another program's: {ids:?}"
    );
    assert_eq!(ids.iter().filter(|id| id.is_empty()).count(), 1, "{ids:?}");
}

#[test]
fn a_token_that_cannot_store_a_key_may_be_full_and_nothing_is_left() {
    full("C_GenerateKeyPair");
}

#[test]
fn a_token_that_cannot_store_the_certificate_may_be_full_and_it_is_written_later() {
    let (scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    faults.order("C_CreateObject * before fail CKR_GENERAL_ERROR");
    assert_eq!(course.deliver().status, 200);
    course
        .loopback
        .until(&course.id, |state| state == State::Waiting);
    course.loopback.problem(&course.id, "token-maybe-full");
    assert!(!faults.fired().is_empty());
    scene.still_logs_in(&customer);

    // There is room again.
    faults.no_more();
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    assert_eq!(again.installed().csr, before.csr);
}

fn full(call: &str) {
    let (scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    for (answer, code) in [
        ("CKR_GENERAL_ERROR", "token-maybe-full"),
        ("CKR_DEVICE_MEMORY", "token-full"),
    ] {
        faults.order(&format!("{call} * before fail {answer}"));
        scene.home.person.answers(WILLING);
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        assert_eq!(course.problem(), code);
        assert!(!faults.fired().is_empty());
        faults.no_more();
        let _ = course.loopback.to_the_end(&course.id);
        scene.is_as_before(&[&customer]);
    }
    scene.renew(&customer);
}

/// How many objects a folder of SoftHSM2's holds, by its files.
fn objects(folder: std::path::PathBuf) -> usize {
    let token = fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let files = fs::read_dir(token).unwrap();
    files
        .filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            let name = name.to_str().unwrap();
            name.ends_with(".object") && name != "token.object"
        })
        .count()
}

/// The object id of the new pair, hexadecimal.
fn new_id(scene: &Scene, customer: &Customer) -> String {
    let objects = scene.token.objects();
    let new = objects.iter().find(|object| object.id != customer.key);
    new.expect("there is a new pair").id.clone()
}
