//! The watch through a year of a certificate, at a clock that goes from deadline to deadline.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use agent::{
    clock::{Clock, bank_day},
    driver::{Renewals, Setup},
    journal::Journal,
    language::{Language, Texts},
    notify::mail::{MailSettings, Security},
    profile::{Profiles, Rank, read},
    prompt::Prompter,
    watch::{Channels, Keeper, Wake},
};
use jiff::Timestamp;
use pkcs11_bridge::{ModuleSpec, WorkerLauncher};
use reference_bank::{Order, Validity, time::DAY};
use tempfile::TempDir;
use tests::{
    OpenBank, Token,
    mailbox::Mailbox,
    programs,
    scene::{TOKEN, USER},
};

/// 2027-03-10 23:59:59 in Japan, a Wednesday.
const LAST: i64 = 1_804_690_799;

#[tokio::test]
async fn a_year_has_the_banks_notices_and_one_on_every_working_day_once_it_is_urgent() {
    let mut pc = Pc::at(LAST - 364 * DAY).await;
    pc.live_until(LAST + 100 * DAY).await;
    assert_eq!(
        pc.days_with_mail(),
        [
            "2027-02-08 あと30日", // a Monday, 30 days before
            "2027-02-28 あと10日", // a Sunday, but the bank's notice day
            "2027-03-01 あと9日",
            "2027-03-02 あと8日",
            "2027-03-03 あと7日",
            "2027-03-04 あと6日",
            "2027-03-05 あと5日",
            "2027-03-08 あと2日",
            "2027-03-09 あと1日",
            "2027-03-10 今日まで",
        ]
    );
}

#[tokio::test]
async fn what_was_missed_is_told_at_once_and_once() {
    // A Saturday, five days before the end, in the evening.
    let mut pc = Pc::at(LAST - 4 * DAY - 4 * 3600).await;
    pc.live_until(LAST + 10 * DAY).await;
    let days = pc.days_with_mail();
    assert_eq!(days[0], "2027-03-06 あと4日");
    assert_eq!(
        days[1..],
        [
            "2027-03-08 あと2日",
            "2027-03-09 あと1日",
            "2027-03-10 今日まで"
        ]
    );
}

#[tokio::test]
async fn once_it_is_renewed_nobody_is_told_any_more() {
    let mut pc = Pc::at(LAST - 12 * DAY).await;
    pc.live_until(LAST - 7 * DAY).await;
    let before = pc.days_with_mail();
    assert_eq!(before.len(), 5, "{before:?}");
    pc.certify("03", LAST - 7 * DAY, LAST + 365 * DAY);
    pc.wake(Wake::Renewal).await;
    pc.live_until(LAST + 300 * DAY).await;
    assert_eq!(pc.days_with_mail(), Vec::<String>::new());
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_asked_again_after_an_hour_then_two_and_so_on() {
    let mut pc = Pc::at(LAST - 20 * DAY).await;
    pc.close_mailbox();
    let attempts = pc.attempts_until(LAST - 18 * DAY).await;
    let hours: Vec<i64> = attempts
        .iter()
        .map(|at| (at - attempts[0]) / 3600)
        .collect();
    assert_eq!(hours, [0, 1, 3, 7, 15, 31]);
}

/// A clock that a test moves.
struct Travel(Mutex<Timestamp>);

impl Clock for Travel {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A PC with the watch of an agent, a token with a certificate that ends on [`LAST`], and mail.
struct Pc {
    clock: Arc<Travel>,
    keeper: Keeper,
    renewals: Renewals,
    token: Token,
    bank: OpenBank,
    mailbox: Option<Mailbox>,
    _folder: TempDir,
}

impl Pc {
    async fn at(now: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = Token::new(TOKEN);
        let bank = OpenBank::with(|_| {});
        let path = folder.path().join("mihon.toml");
        fs::write(&path, bank.profile().unwrap()).unwrap();
        let (profile, findings) = read(&path, Rank::Installed);
        assert_eq!(findings, []);
        let clock = Arc::new(Travel(Mutex::new(moment(now))));
        let module = ModuleSpec {
            name: "token".to_owned(),
            path: Token::module(),
            environment: [(
                "SOFTHSM2_CONF".to_owned(),
                token.settings().display().to_string(),
            )]
            .into(),
            reserved: None,
            time_limit: ModuleSpec::TIME_LIMIT,
        };
        let setup = Setup {
            journal: Journal::open(&folder.path().join("journal.sqlite"), "pc").unwrap(),
            profiles: Arc::new(Profiles::of(profile)).into(),
            modules: vec![module],
            launcher: WorkerLauncher {
                program: programs::built("koshin"),
                arguments: vec!["worker".into()],
            },
            lock_folder: folder.path().to_owned(),
            prompter: Prompter::new("pinentry".into(), std::time::Duration::from_secs(1)),
            language: Language::Japanese,
            clock: clock.clone(),
            port: None,
        };
        let renewals = Renewals::start(setup).await.unwrap();
        let mailbox = Mailbox::open();
        let mail = MailSettings {
            host: "localhost".to_owned(),
            port: mailbox.port,
            security: Security::None,
            authority: None,
            from: "koshin@example.co.jp".parse().unwrap(),
            to: vec!["keiri@example.co.jp".parse().unwrap()],
            login: None,
        };
        let channels = Channels {
            desktop: false,
            mail: Some(mail),
        };
        let texts = Texts::of(Language::Japanese);
        let keeper = Keeper::begin(renewals.clone(), clock.clone(), texts, channels, None);
        let pc = Self {
            keeper: keeper.await.unwrap(),
            clock,
            renewals,
            token,
            bank,
            mailbox: Some(mailbox),
            _folder: folder,
        };
        pc.certify("02", LAST - 365 * DAY, LAST);
        pc
    }

    fn certify(&self, key: &str, not_before: i64, not_after: i64) {
        let public_key = self.token.generate("EC:prime256v1", key, USER);
        let issued = self.bank.issue(&Order {
            user: USER,
            public_key: &public_key,
            validity: Validity::Exactly {
                not_before,
                not_after,
            },
        });
        self.token
            .write_certificate(&issued.unwrap().der, key, USER);
    }

    async fn wake(&mut self, wake: Wake) {
        self.keeper.turn(wake).await;
        while !self.keeper.is_idle() {
            let wake = self.keeper.next().await;
            self.keeper.turn(wake).await;
        }
    }

    /// Goes from deadline to deadline.
    async fn live_until(&mut self, end: i64) {
        self.wake(Wake::Asked).await;
        loop {
            let deadline = self.keeper.deadline().unwrap();
            assert!(deadline > self.clock.now(), "the watch would not rest");
            if deadline.as_second() > end {
                *self.clock.0.lock().unwrap() = moment(end);
                return;
            }
            *self.clock.0.lock().unwrap() = deadline;
            self.wake(Wake::Due).await;
        }
    }

    /// The days in Japan on which mails came, with what their subjects say is left.
    fn days_with_mail(&self) -> Vec<String> {
        let mails = self.mailbox.as_ref().unwrap().rest();
        let day = |mail: &tests::mailbox::Mail| {
            let day = bank_day(mail.date).unwrap();
            let left = mail.subject.split(['（', '）']).nth(1);
            let left = left.map_or("今日まで", |left| left);
            format!("{day} {left}")
        };
        mails.iter().map(day).collect()
    }

    fn close_mailbox(&mut self) {
        self.mailbox = None;
    }

    async fn attempts_until(&mut self, end: i64) -> Vec<i64> {
        self.live_until(end).await;
        let journal = self.renewals.journal();
        let attempts = journal.attempts(agent::journal::Channel::Mail, 99).await;
        let mut attempts: Vec<_> = attempts
            .unwrap()
            .iter()
            .map(|attempt| attempt.at.as_second())
            .collect();
        attempts.reverse();
        attempts
    }
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
