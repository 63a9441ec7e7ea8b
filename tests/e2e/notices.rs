//! What a person is told, and when: a year of the agent's own library on a clock that the test
//! moves, with a real token and a real mail server; and the shipped program on a desktop.

mod year;

use std::fs;

use agent::control::Notices;
use protocol::bridge::Status;
use tests::{
    Agent, Home, OpenBank, Token,
    desktop::Desktop,
    mailbox::{Mailbox, PASSWORD},
    scene::{TOKEN, USER},
    watching::Watching,
};

/// Where the program that shows notices is, as the bus starts it.
const NOTICES: &str = "org.freedesktop.Notifications";

/// A customer whose certificate has so many days left, at this home.
struct Office {
    bank: OpenBank,
    token: Token,
}

impl Office {
    fn at(home: &Home, days: i64) -> Self {
        let token = Token::new(TOKEN);
        let bank = OpenBank::with(|_| {});
        let office = Self { bank, token };
        office.certify("02", days);
        // Last, for an agent that runs: nobody tells it of certificates that are written.
        home.add_module(&office.token);
        home.install_profile("mihon", &office.bank.profile().unwrap());
        office
    }

    fn certify(&self, key: &str, days: i64) {
        let public_key = self.token.generate("EC:prime256v1", key, USER);
        let issued = self.bank.certify(USER, &public_key, days);
        self.token.write_certificate(&issued.der, key, USER);
    }
}

#[test]
fn a_missed_notice_is_shown_at_once_and_its_button_opens_the_banks_page() {
    let desktop = Desktop::bare("ja_JP.UTF-8");
    let mut home = Home::empty();
    desktop.take(&mut home);
    let office = Office::at(&home, 20);
    let agent = Agent::start(&home);
    desktop.wait_for_name(NOTICES);
    let page = desktop.opened_after(|| {
        let [left, top, width, height] = desktop.window("xfce4-notifyd");
        // The two buttons stand at the right in the last line.
        desktop.point(left + width - 149, top + height - 31);
        desktop.click(1);
    });
    assert_eq!(page, office.bank.bank_origin);
    let (status, log) = agent.stop();
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(log.matches("notice shown").count(), 1, "{log}");

    // It was told once; another agent does not tell it again.
    let agent = Agent::start(&home);
    Watching::of(&home).until(|view| view.certificates.iter().any(|one| one.present));
    let (_, log) = agent.stop();
    assert!(!log.contains("notice shown"), "{log}");
}

#[test]
fn no_notice_appears_until_tomorrow_when_they_are_switched_off() {
    let desktop = Desktop::bare("ja_JP.UTF-8");
    let mut home = Home::empty();
    desktop.take(&mut home);
    let agent = Agent::start(&home);
    let mut watching = Watching::of(&home);
    watching.set_notices(Notices::OffUntilTomorrow);
    watching.until(|view| view.quiet_until.is_some());
    let _office = Office::at(&home, 20);
    watching.until(|view| {
        view.certificates
            .iter()
            .any(|one| one.status == Status::Due)
    });
    assert!(!agent.log().contains("notice shown"));
    watching.set_notices(Notices::On);
    desktop.wait_for_name(NOTICES);
    watching.until(|view| view.quiet_until.is_none());
}

#[test]
fn mail_goes_out_once_by_tls_with_a_login_and_without_a_link() {
    let mailbox = Mailbox::protected();
    let home = Home::empty();
    let secret = home.path("mail-password");
    fs::write(&secret, format!("{PASSWORD}\n")).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&secret, private).unwrap();
    home.add_settings(&format!(
        "[notices]\ndesktop = false\n\n[mail]\nhost = \"localhost\"\nport = {}\nca = \"{}\"\n\
         from = \"koshin@example.co.jp\"\nto = [\"keiri@example.co.jp\"]\nuser = \"koshin\"\n\
         password-file = \"{}\"\n\n",
        mailbox.port,
        mailbox.authority().display(),
        secret.display()
    ));
    let office = Office::at(&home, 20);
    let agent = Agent::start(&home);
    let mail = mailbox.next();
    assert!(mail.tls);
    assert_eq!(mail.user.as_deref(), Some("koshin"));
    assert_eq!(mail.to, ["keiri@example.co.jp"]);
    assert!(mail.subject.contains("あと20日"), "{}", mail.subject);
    assert!(mail.text.contains(USER), "{}", mail.text);
    let host = office.bank.bank_origin.trim_start_matches("https://");
    for link in ["http", "://", "www.", host] {
        assert!(!mail.text.contains(link), "{}", mail.text);
    }
    let (_, log) = agent.stop();
    assert!(log.contains("mail sent"), "{log}");
    assert!(!log.contains(PASSWORD));

    let agent = Agent::start(&home);
    Watching::of(&home).until(|view| view.certificates.iter().any(|one| one.present));
    agent.stop();
    assert!(mailbox.rest().is_empty());
}

#[test]
fn a_password_that_others_may_read_is_not_sent() {
    let mailbox = Mailbox::protected();
    let home = Home::empty();
    let secret = home.path("mail-password");
    fs::write(&secret, PASSWORD).unwrap();
    home.add_settings(&format!(
        "[notices]\ndesktop = false\n\n[mail]\nhost = \"localhost\"\nport = {}\nca = \"{}\"\n\
         from = \"koshin@example.co.jp\"\nto = [\"keiri@example.co.jp\"]\nuser = \"koshin\"\n\
         password-file = \"{}\"\n\n",
        mailbox.port,
        mailbox.authority().display(),
        secret.display()
    ));
    let _office = Office::at(&home, 20);
    let agent = Agent::start(&home);
    Watching::of(&home).until(|view| view.certificates.iter().any(|one| one.present));
    let (_, log) = agent.stop();
    assert!(log.contains("others may read the mail password"), "{log}");
    assert!(mailbox.rest().is_empty());
}

#[test]
fn a_profile_that_is_installed_or_removed_counts_without_a_restart() {
    let home = Home::empty();
    let _agent = Agent::start(&home);
    let mut watching = Watching::of(&home);
    watching.until(|view| view.certificates.is_empty());
    let _office = Office::at(&home, 20);
    let view = watching.until(|view| !view.certificates.is_empty());
    assert_eq!(view.certificates[0].name, USER);
    assert_eq!(view.certificates[0].days_left, 20);
    fs::remove_file(home.path("etc/koshin/profiles/mihon.toml")).unwrap();
    watching.until(|view| view.certificates.is_empty());
}

#[test]
fn a_certificate_whose_token_is_away_is_still_watched_and_one_that_was_removed_is_not() {
    let home = Home::empty();
    let office = Office::at(&home, 20);
    let agent = Agent::start(&home);
    let mut watching = Watching::of(&home);
    watching.until(|view| view.certificates.iter().any(|one| one.present));
    let files = office.token.files();
    fs::rename(&files, files.with_extension("pulled")).unwrap();
    fs::create_dir(&files).unwrap();
    watching.look();
    let view = watching.until(|view| view.certificates.iter().any(|one| !one.present));
    assert_eq!(view.certificates[0].days_left, 20);
    drop(watching);
    agent.stop();

    let _agent = Agent::start(&home);
    let mut watching = Watching::of(&home);
    watching.until(|view| view.certificates.iter().any(|one| !one.present));
    office.token.put_back();
    watching.look();
    watching.until(|view| view.certificates.iter().any(|one| one.present));
    let _ = office
        .token
        .tool(&["--delete-object", "--type", "cert", "--id", "02"]);
    watching.look();
    watching.until(|view| view.certificates.is_empty());
}
