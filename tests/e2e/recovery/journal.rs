//! The journal: damaged, gone, of an older Koshin, on a full disk, on one that cannot be written.

use std::{fs, path::PathBuf, process::Command};

use protocol::bridge::{RenewalView, State};
use rusqlite::Connection;
use tests::{
    Agent, Answer, Course, Scene, Visit, aftermath, course::WILLING, programs, scene::USER, token,
};

const RIGHT: Answer = Answer::Pin(token::PIN);

/// As a bank makes them: 32 bytes, base64url.
const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn a_damaged_journal_is_set_aside_and_nothing_is_made_or_removed() {
    let mut scene = Scene::new();
    let customer = scene.user();
    // A renewal that leaves a pair, which only the journal knows.
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let _ = course.request();
    scene.agent.kill();
    let before = scene.token.objects();
    let journal = scene.home.path("state/koshin/journal.sqlite");
    let text = "no database, though long enough to be looked at as one ".repeat(99);
    fs::write(&journal, &text).unwrap();
    // Its log would heal it.
    for beside in ["journal.sqlite-wal", "journal.sqlite-shm"] {
        fs::remove_file(journal.with_file_name(beside)).unwrap();
    }

    scene.agent = Agent::start(&scene.home);
    let aside = aside(&scene);
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    scene.home.person.answers(WILLING);
    let problem = aftermath::refused(&scene.loopback(), "journal-set-aside", |loopback| {
        loopback.begin(&customer.old.sha256, NONCE)
    });
    let name = aside.file_name().unwrap().to_str().unwrap();
    assert!(problem.detail.unwrap_or_default().contains(name));
    let refused = scene.home.run(&["renew", USER, "--language", "en"]);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("koshin recover"),
        "{}",
        refused.stderr
    );
    assert_eq!(scene.token.objects(), before);
    assert!(scene.home.run(&["list"]).text().contains(USER));
    scene.still_logs_in(&customer);
    // However often it starts.
    scene.restart();
    let again = scene.loopback().begin(&customer.old.sha256, NONCE);
    assert_eq!(again.problem_code(), "journal-set-aside");
}

#[test]
fn a_renewal_that_was_begun_by_the_first_schema_goes_on_after_the_upgrade() {
    let mut scene = Scene::new();
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    scene.agent.kill();
    let journal = Connection::open(scene.home.path("state/koshin/journal.sqlite")).unwrap();
    // What the later schemas added.
    journal
        .execute_batch(
            "DROP TABLE inventory; DROP TABLE refused_pin; DROP TABLE seen; \
             DROP TABLE notice; DROP TABLE attempt; PRAGMA user_version = 1; \
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    drop(journal);

    scene.agent = Agent::start(&scene.home);
    scene.home.person.answers(&[RIGHT, Answer::Yes, RIGHT]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    let after = again.request();
    assert_eq!(after.csr, before.csr);
    again.finish();
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
}

#[test]
fn on_a_full_disk_nothing_is_made_and_the_renewal_goes_on_once_there_is_room() {
    if !programs::may_mount(
        "recovery::journal::on_a_full_disk_nothing_is_made_and_the_renewal_goes_on_once_there_is_room",
    ) {
        return;
    }
    let disk = Disk::small();
    let mut scene = Scene::new();
    scene.agent.kill();
    scene.home.set("XDG_STATE_HOME", disk.folder.path());
    scene.agent = Agent::start(&scene.home);
    let customer = scene.user();
    let person = &scene.home.person;
    let (consent, install) = (person.gate("consent"), person.gate("install"));
    person.answers(&[
        Answer::When("consent", &Answer::Yes),
        RIGHT,
        Answer::When("install", &Answer::Yes),
    ]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    course
        .loopback
        .until(&course.id, |state| state == State::Consent);
    disk.fill();
    consent.open();
    // What cannot be written down does not happen: the second renewal is refused at once.
    let other = scene.customer(tests::scene::ADMINISTRATOR, "EC:prime256v1", 20);
    let refused = scene.loopback().begin(&other.old.sha256, NONCE);
    assert_eq!(refused.problem_code(), "journal-unavailable");
    assert_eq!(scene.token.objects().len(), 6);
    disk.free();
    let _ = course.request();

    disk.fill();
    let reply = course.deliver();
    assert_eq!(reply.problem_code(), "journal-unavailable");
    assert_eq!(
        course.loopback.view(&course.id).state,
        State::AwaitingCertificate
    );
    disk.free();
    assert_eq!(course.deliver().status, 200);
    install.open();
    course.installed();
    scene.still_logs_in(&other);
}

#[test]
fn on_a_read_only_disk_the_agent_says_so_and_the_renewal_goes_on_afterwards() {
    if !programs::may_mount(
        "recovery::journal::on_a_read_only_disk_the_agent_says_so_and_the_renewal_goes_on_afterwards",
    ) {
        return;
    }
    let disk = Disk::small();
    let mut scene = Scene::new();
    scene.agent.kill();
    scene.home.set("XDG_STATE_HOME", disk.folder.path());
    scene.agent = Agent::start(&scene.home);
    let customer = scene.user();
    scene.home.person.answers(&[Answer::Yes, RIGHT]);
    let visit = Visit::new(&scene.bank, &scene.token);
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    scene.agent.kill();

    disk.remount("ro");
    for language in ["ja", "en"] {
        let refused = scene.home.run(&["status", "--language", language]);
        assert!(
            matches!(refused.status, Some(2 | 3)),
            "{:?} {}",
            refused.status,
            refused.stderr
        );
        let label = if language == "ja" { "対処:" } else { "hint:" };
        assert!(refused.stderr.contains(label), "{}", refused.stderr);
    }
    scene.still_logs_in(&customer);
    disk.remount("rw");
    scene.agent = Agent::start(&scene.home);
    scene.home.person.answers(&[RIGHT, Answer::Yes, RIGHT]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    let after: RenewalView = again.request();
    assert_eq!((after.id, after.csr), (before.id, before.csr));
    again.finish();
}

/// A disk of its own, with room for a journal.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn small() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        disk.mount(&["-t", "tmpfs", "-o", "size=4m,mode=700", "koshin-test"]);
        disk
    }

    fn remount(&self, how: &str) {
        self.mount(&["-o", &format!("remount,bind,{how}")]);
    }

    fn mount(&self, arguments: &[&str]) {
        let mut command = Command::new("mount");
        command.args(arguments).arg(self.folder.path());
        let mounted = programs::try_run(&mut command);
        assert_eq!(mounted.status, Some(0), "{}", mounted.stderr);
    }

    fn filling(&self) -> PathBuf {
        self.folder.path().join("filling")
    }

    fn fill(&self) {
        let full = fs::write(self.filling(), vec![0; 8 << 20]);
        assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }

    fn free(&self) {
        fs::remove_file(self.filling()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        command.args(["--lazy"]).arg(self.folder.path());
        programs::try_run(&mut command);
    }
}

/// The journal that was set aside.
fn aside(scene: &Scene) -> PathBuf {
    let files = fs::read_dir(scene.home.path("state/koshin")).unwrap();
    let mut aside = files.map(|file| file.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("journal.damaged-") && name.ends_with(".sqlite")
    });
    aside.next().expect("it was set aside")
}
