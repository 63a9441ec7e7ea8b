//! Modules that are not there, are none, or crash; tokens that are not there.

use std::fs;

use protocol::bridge::{RenewalView, State, WaitReason};
use serde_json::Value;
use tests::{
    Course, Faults, Home, OpenBank, Scene, Token,
    course::WILLING,
    scene::{ADMINISTRATOR, USER},
};

use super::{REFUSED, SETTINGS, Words, refused};

fn module(home: &Home, name: &str, path: &str) {
    home.add_settings(&format!(
        "[[modules]]\nname = \"{name}\"\npath = \"{path}\"\n"
    ));
}

#[test]
fn no_module_at_all() {
    let words: Words<'_> = [
        ("ja", &["モジュールの指定がなく", "[[modules]]"]),
        ("en", &["no module is named", "[[modules]]"]),
    ];
    let home = Home::empty();
    refused(&home, &["list"], SETTINGS, words);
    refused(&home, &["renew", USER], SETTINGS, words);
}

#[test]
fn a_module_that_is_not_there() {
    let home = Home::empty();
    module(&home, "lost", "/nowhere/lost.so");
    let words: Words<'_> = [
        (
            "ja",
            &["プログラムがありません", "「lost」", "/nowhere/lost.so"],
        ),
        ("en", &["is missing", "“lost”", "/nowhere/lost.so"]),
    ];
    refused(&home, &["list"], SETTINGS, words);
    refused(&home, &["renew", USER], SETTINGS, words);
}

#[test]
fn a_file_that_is_no_module() {
    let home = Home::empty();
    let text = home.path("readme.txt");
    fs::write(&text, "not a library").unwrap();
    module(&home, "text", text.to_str().unwrap());
    let words: Words<'_> = [
        ("ja", &["プログラムがありません", "「text」", "readme.txt"]),
        ("en", &["is missing", "“text”", "readme.txt"]),
    ];
    refused(&home, &["list"], SETTINGS, words);
    refused(&home, &["renew", USER], SETTINGS, words);
}

#[test]
fn a_broken_module_hides_no_token_behind_another() {
    let scene = Scene::with_settings("[[modules]]\nname = \"lost\"\npath = \"/nowhere/lost.so\"\n");
    let customer = scene.user();
    let list = scene.home.run(&["list"]);
    assert!(list.text().contains(USER), "{}", list.stderr);
    assert!(list.stderr.contains("lost: "), "{}", list.stderr);
    let status = scene.home.run(&["status", "--language", "en"]);
    assert_eq!(status.status, Some(0));
    assert!(
        status.text().contains(&scene.token.label),
        "{}",
        status.text()
    );
    assert!(
        status.stderr.contains("warning: lost: "),
        "{}",
        status.stderr
    );
    // What a command looks for in vain may be behind the broken one.
    let absent = scene.home.run(&["renew", "keiri-99", "--language", "en"]);
    assert_eq!(absent.status, Some(SETTINGS));
    assert!(
        absent.stderr.contains("warning: lost: "),
        "{}",
        absent.stderr
    );
    scene.renew(&customer);
}

#[test]
fn no_token() {
    let token = Token::new("Away");
    let home = Home::with_token(&token);
    let bank = OpenBank::with(|_| {});
    home.install_profile("mihon", &bank.profile().unwrap());
    pull(&token);
    let list = home.run(&["list", "--json"]);
    assert_eq!(
        (list.status, list.text().trim()),
        (Some(0), r#"{"certificates":[],"version":1}"#)
    );
    let words: Words<'_> = [
        (
            "ja",
            &["証明書が入ったトークンがありません", "トークンを接続"],
        ),
        ("en", &["no token has a certificate", "put the token in"]),
    ];
    refused(&home, &["renew", USER], REFUSED, words);
}

#[test]
fn a_page_learns_that_the_token_is_not_there_and_goes_on_when_it_is() {
    let scene = Scene::new();
    let customer = scene.user();
    pull(&scene.token);
    let reply = scene
        .loopback()
        .begin(&customer.old.sha256, "AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(reply.problem_code(), "certificate-not-found");
    put_back(&scene.token);
    scene.renew(&customer);
}

#[test]
fn a_token_that_is_pulled_out_halfway_is_waited_for() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let _ = course.request();
    pull(&scene.token);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let waiting = course
        .loopback
        .until(&course.id, |state| state == State::Waiting);
    assert_eq!(waiting.waiting, Some(WaitReason::Card), "{waiting:?}");

    put_back(&scene.token);
    let again = Course::of(course.loopback.clone(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    let done = again
        .loopback
        .until(&again.id, |state| state == State::Grace);
    assert!(done.receipt.is_some(), "{done:?}");
}

#[test]
fn a_module_that_crashes_while_it_makes_the_key() {
    // The pair is made, and nobody hears of it.
    crashes("C_GenerateKeyPair * after abort");
}

#[test]
fn a_module_that_crashes_while_it_signs() {
    crashes("C_Sign * before abort");
}

#[test]
fn a_module_that_crashes_while_it_logs_in() {
    crashes("C_Login * before abort");
}

#[test]
fn a_module_that_crashes_while_it_writes_the_certificate() {
    let scene = Faulty::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.faults.order("C_CreateObject * before abort");
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let stuck = course.loopback.settled(&course.id);
    assert_eq!(code(&stuck), "module-failed", "{stuck:?}");
    scene.goes_on();
    scene.renew(&customer);
    scene.has_two_pairs();
}

/// The process of the module ends in this call: the page is told, other tokens never notice, and
/// the next try succeeds and leaves nothing behind.
fn crashes(order: &str) {
    let scene = Faulty::new();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    scene.faults.order(order);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    assert_eq!(course.problem(), "module-failed");
    assert!(!scene.faults.fired().is_empty(), "no fault");
    scene.goes_on();
    scene.renew(&customer);
    scene.has_two_pairs();
}

/// A scene whose token is behind a module that crashes on order, with another token beside it.
struct Faulty {
    scene: Scene,
    faults: Faults,
    other: Token,
}

impl Faulty {
    fn new() -> Self {
        let other = Token::new("Other");
        let (scene, faults) = Scene::with_faults(|home| home.add_module(&other));
        let key = other.generate("EC:prime256v1", "07", ADMINISTRATOR);
        let certificate = scene.bank.certify(ADMINISTRATOR, &key, 20);
        other.write_certificate(&certificate.der, "07", ADMINISTRATOR);
        Self {
            scene,
            faults,
            other,
        }
    }

    /// The agent serves the other token, and this one as soon as its module works again.
    #[track_caller]
    fn goes_on(&self) {
        let list: Value = serde_json::from_str(&self.home.run(&["list", "--json"]).text()).unwrap();
        let labels: Vec<_> = list["certificates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|certificate| certificate["token"]["label"].as_str().unwrap())
            .collect();
        assert!(labels.contains(&self.other.label.as_str()), "{list}");
        assert!(labels.contains(&self.token.label.as_str()), "{list}");
        self.faults.no_more();
    }

    #[track_caller]
    fn has_two_pairs(&self) {
        let objects = self.token.objects();
        for class in [
            "Private Key Object",
            "Public Key Object",
            "Certificate Object",
        ] {
            let count = objects
                .iter()
                .filter(|object| object.class == class)
                .count();
            assert_eq!(count, 2, "{class}: {objects:?}");
        }
    }
}

impl std::ops::Deref for Faulty {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

fn code(view: &RenewalView) -> &str {
    let problem = view.problem.as_ref();
    problem.map_or("", |problem| problem.code.as_str())
}

/// SoftHSM2's tokens are folders: without them there is none.
fn pull(token: &Token) {
    let tokens = token.settings().with_file_name("tokens");
    fs::rename(&tokens, tokens.with_extension("away")).unwrap();
    fs::create_dir(&tokens).unwrap();
}

fn put_back(token: &Token) {
    let tokens = token.settings().with_file_name("tokens");
    fs::remove_dir_all(&tokens).unwrap();
    fs::rename(tokens.with_extension("away"), tokens).unwrap();
}
