//! `koshin list --all`, `koshin retire` and `koshin recover`: each thing named, confirmed and done,
//! and nothing else.

use std::fs;

use protocol::bridge::{RenewalView, State};
use serde_json::{Value, json};
use tests::{
    Agent, Answer, Course, Customer, Scene, Visit, programs::Ran, scene::USER, token::PIN,
};

const RIGHT: Answer = Answer::Pin(PIN);

#[test]
fn an_old_certificate_is_offered_once_the_new_one_is_proven_and_goes_if_the_person_agrees() {
    let scene = Scene::new();
    let customer = scene.user();
    assert_eq!(
        found(&scene),
        [] as [&str; 0],
        "the only one is not offered"
    );
    let done = scene.renew(&customer);
    assert_eq!(found(&scene), ["old-certificate"]);
    // `koshin recover` is for what went wrong.
    assert_eq!(
        kinds(&scene.home.run(&["recover", "--dry-run", "--json"])),
        [] as [&str; 0]
    );

    scene.home.person.answers(&[Answer::No]);
    let declined = scene.home.run(&["retire"]);
    assert_eq!(declined.status, Some(1), "{}", declined.stderr);
    assert_eq!(scene.token.objects().len(), 6);
    scene.still_logs_in(&customer);

    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let retired = scene.home.run(&["retire"]);
    assert_eq!(retired.status, Some(0), "{}", retired.stderr);
    let asked = scene.home.person.asked();
    let named = &asked[asked.len() - 2].description;
    assert!(
        named.contains(USER) && named.contains(&scene.token.label),
        "{named}"
    );
    scene
        .loopback()
        .until(&done.id, |state| state == State::Retired);
    let left = scene.token.objects();
    assert!(
        left.len() == 3 && left.iter().all(|one| one.id != customer.key),
        "{left:?}"
    );
    assert_eq!(found(&scene), [] as [&str; 0]);
}

#[test]
fn an_expired_certificate_goes_only_where_it_cannot_be_renewed_or_has_a_successor() {
    let scene = Scene::new();
    let expired = |key: &str, days| {
        let public_key = scene.token.generate("EC:prime256v1", key, USER);
        let certificate = scene.bank.certify(USER, &public_key, days);
        scene.token.write_certificate(&certificate.der, key, USER);
        certificate
    };
    let _ = expired("07", -5);
    assert_eq!(found(&scene), ["expired-certificate"], "past the grace");
    let current = expired("08", 300);
    assert_eq!(found(&scene), ["expired-certificate"]);
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    assert_eq!(scene.home.run(&["retire"]).status, Some(0));
    let left = scene.token.objects();
    assert!(
        left.len() == 3 && left.iter().all(|one| one.id == "08"),
        "{left:?}"
    );
    assert_eq!(scene.token.certificate("08"), current.der);
}

#[test]
fn what_a_given_up_renewal_left_is_shown_without_a_pin_and_goes_with_one() {
    let mut scene = Scene::new();
    let customer = scene.user();
    let course = begun(&scene, &customer);
    scene.restart();
    let cancelled: RenewalView = scene.loopback().cancel(&course).json(200);
    assert_eq!(cancelled.state, State::Cancelled);
    let asked = scene.home.person.asked().len();
    assert_eq!(found(&scene), ["given-up"]);
    assert_eq!(
        kinds(&scene.home.run(&["recover", "--dry-run", "--json"])),
        ["given-up"]
    );
    assert_eq!(scene.home.person.asked().len(), asked, "nobody was asked");
    assert_eq!(scene.token.objects().len(), 5);

    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    assert_eq!(scene.home.run(&["recover"]).status, Some(0));
    scene.is_as_before(&[&customer]);
    scene.renew(&customer);
}

#[test]
fn after_a_damaged_journal_the_person_looks_decides_and_goes_on() {
    let mut scene = Scene::new();
    let customer = scene.user();
    let _ = begun(&scene, &customer);
    scene.agent.kill();
    let journal = scene.home.path("state/koshin/journal.sqlite");
    fs::write(
        &journal,
        "no database, though long enough to look like one ".repeat(99),
    )
    .unwrap();
    for beside in ["journal.sqlite-wal", "journal.sqlite-shm"] {
        fs::remove_file(journal.with_file_name(beside)).unwrap();
    }
    scene.agent = Agent::start(&scene.home);
    let would = scene.home.run(&["recover", "--dry-run", "--json"]);
    assert_eq!(kinds(&would), ["damaged-journal", "unknown-key"]);
    assert_eq!(scene.home.run(&["retire"]).status, Some(1), "first look");
    assert_eq!(scene.token.objects().len(), 5);

    // The key goes; the decision to go on is one of its own.
    scene.home.person.answers(&[Answer::Yes, RIGHT, Answer::No]);
    assert_eq!(scene.home.run(&["recover"]).status, Some(1));
    scene.is_as_before(&[&customer]);
    let nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let held = scene.loopback().begin(&customer.old.sha256, nonce);
    assert_eq!(held.problem_code(), "journal-set-aside");
    scene.home.person.answers(&[Answer::Yes]);
    assert_eq!(scene.home.run(&["recover"]).status, Some(0));
    scene.renew(&customer);
}

#[test]
fn without_a_journal_a_pending_key_is_recognised_and_nothing_removed_without_asking() {
    let mut scene = Scene::new();
    let customer = scene.user();
    let _ = begun(&scene, &customer);
    scene.agent.kill();
    for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
        fs::remove_file(scene.home.path("state/koshin").join(file)).unwrap();
    }
    scene.agent = Agent::start(&scene.home);
    assert_eq!(found(&scene), ["unknown-key"]);
    scene.renew(&customer);
    assert_eq!(
        scene.token.objects().len(),
        8,
        "two pairs with certificates, and one without"
    );

    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    assert_eq!(scene.home.run(&["recover"]).status, Some(0));
    assert_eq!(scene.token.objects().len(), 6);
}

#[test]
fn a_new_certificate_that_another_program_removed_is_written_again() {
    let scene = Scene::new();
    let customer = scene.user();
    let done = scene.renew(&customer);
    let objects = scene.token.objects();
    let new = objects.iter().find(|one| one.id != customer.key).unwrap();
    let before = scene.token.certificate(&new.id);
    let delete = ["--delete-object", "--type", "cert", "--id", &new.id];
    scene.token.tool(&delete);
    assert_eq!(found(&scene), ["missing-certificate"]);
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    assert_eq!(scene.home.run(&["recover"]).status, Some(0));
    assert_eq!(scene.token.certificate(&new.id), before);

    let told = json!({ "outcome": "first-login" });
    assert_eq!(scene.loopback().outcome(&done.id, &told).status, 200);
    scene
        .loopback()
        .until(&done.id, |state| state == State::Retired);
}

/// A renewal up to the request; its id.
fn begun(scene: &Scene, customer: &Customer) -> String {
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(scene, &visit, customer);
    course.request().id
}

/// What `koshin list --all` finds beside the certificates.
fn found(scene: &Scene) -> Vec<String> {
    kinds(&scene.home.run(&["list", "--all", "--json"]))
}

fn kinds(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.text()).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let kind = |finding: &Value| finding["kind"].as_str().unwrap().to_owned();
    findings.iter().map(kind).collect()
}
