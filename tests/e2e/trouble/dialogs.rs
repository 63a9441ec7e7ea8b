//! Dialogs that cannot be shown, and one on a terminal.

use std::{
    fs::{self, File},
    process::Stdio,
};

use tests::{Course, Home, OpenBank, Scene, Token, programs::openssl, scene::USER, token};

use super::{REFUSED, Words, refused};
use crate::prompts::terminal::Console;

#[test]
fn a_pinentry_that_is_not_there() {
    let desk = Desk::new("/nowhere/pinentry");
    let words: Words<'_> = [
        ("ja", &["確認の画面を出せません", "管理者"]),
        ("en", &["confirmation window can't be shown", "this PC"]),
    ];
    refused(&desk.home, &["renew", USER], REFUSED, words);
    desk.goes_on();
}

#[test]
fn no_display_and_no_terminal() {
    let desk = Desk::new("pinentry");
    let words: Words<'_> = [
        (
            "ja",
            &["確認の画面を出せません", "パソコンの画面の前でログイン"],
        ),
        (
            "en",
            &[
                "confirmation window can't be shown",
                "Log in at the PC's own screen",
            ],
        ),
    ];
    refused(&desk.home, &["renew", USER], REFUSED, words);
    desk.goes_on();
}

#[test]
fn a_page_is_told_that_nobody_can_be_asked() {
    let scene = Scene::new();
    let customer = scene.user();
    let program = scene.home.person.program();
    let aside = program.with_extension("away");
    fs::rename(&program, &aside).unwrap();
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    assert_eq!(course.problem(), "prompt-unavailable");
    assert_eq!(scene.token.objects().len(), 3);
    // It is installed, and the agent need not start again.
    fs::rename(&aside, &program).unwrap();
    scene.renew(&customer);
}

#[test]
fn a_command_asks_on_its_own_terminal() {
    let desk = Desk::new("pinentry");
    let mut console = Console::open();
    let terminal = File::options()
        .read(true)
        .write(true)
        .open(console.name())
        .expect("the terminal is ours");
    let mut koshin = desk.home.koshin(&["renew", USER]);
    koshin
        .env("TERM", "xterm")
        .stdin(terminal)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let koshin = koshin.spawn().expect("koshin was built");
    let person = std::thread::spawn(move || {
        // After the last line of each dialog come its buttons.
        console.answer("受付番号", "\r");
        console.answer("受付番号", &format!("{}\r", token::PIN));
        console
    });
    let ran = koshin.wait_with_output().expect("it is our child");
    let talk = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{talk}");
    drop(person.join().expect("both dialogs were answered"));
    let verified = openssl(&["req", "-verify", "-noout"], &ran.stdout);
    assert!(verified.stderr.contains("verify OK"), "{}", verified.stderr);
}

/// A PC without an agent, with a certificate to renew.
struct Desk {
    home: Home,
    token: Token,
    _bank: OpenBank,
}

impl Desk {
    fn new(pinentry: &str) -> Self {
        let token = Token::new("Desk");
        let home = Home::asking_by(pinentry);
        home.add_module(&token);
        let bank = OpenBank::with(|_| {});
        home.install_profile("mihon", &bank.profile().unwrap());
        let key = token.generate("EC:prime256v1", "01", USER);
        let certificate = bank.certify(USER, &key, 20);
        token.write_certificate(&certificate.der, "01", USER);
        Self {
            home,
            token,
            _bank: bank,
        }
    }

    #[track_caller]
    fn goes_on(&self) {
        let list = self.home.run(&["list"]);
        assert!(list.text().contains(USER), "{}", list.stderr);
        assert_eq!(self.token.objects().len(), 3, "nothing was made");
    }
}
