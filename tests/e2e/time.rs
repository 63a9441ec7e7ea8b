//! The agent's word and the bank's, one second before each boundary of a certificate's life and on
//! it: the shipped program on a clock that stands where it is told to (libfaketime), on a PC whose
//! zone is not Japan's.

use protocol::bridge::{RenewalView, State, Status};
use reference_bank::{
    Language, Order, Policy, Validity,
    time::{DAY, day_text},
};
use tests::{
    Agent, Answer, Home, Loopback, OpenBank, StandingClock, Token, Visit,
    aftermath::refused,
    scene::{TOKEN, USER},
};

/// 2027-03-10 23:59:59 in Japan.
const LAST: i64 = 1_804_690_799;

/// As a bank makes them: 32 bytes, base64url.
const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The key's object id on the token.
const KEY: &str = "02";

#[test]
fn thirty_days_and_no_grace() {
    agree(30, 0);
}

#[test]
fn thirty_days_and_eighty_of_grace() {
    agree(30, 80);
}

#[test]
fn thirty_days_and_ninety_of_grace() {
    agree(30, 90);
}

#[test]
fn thirty_days_and_a_hundred_and_eighty_of_grace() {
    agree(30, 180);
}

#[test]
fn forty_days_and_no_grace() {
    agree(40, 0);
}

#[test]
fn forty_days_and_eighty_of_grace() {
    agree(40, 80);
}

#[test]
fn forty_days_and_ninety_of_grace() {
    agree(40, 90);
}

#[test]
fn forty_days_and_a_hundred_and_eighty_of_grace() {
    agree(40, 180);
}

#[test]
fn a_certificate_that_ends_at_noon_is_renewed_to_the_end_of_the_last_day_of_grace() {
    let noon = LAST - 12 * 3600;
    let pc = Pc::new(30, 80, noon);
    pc.renews(LAST - 30 * DAY, Status::Due, 30);
    pc.renews(noon, Status::Urgent, 0);
    pc.renews(noon + 1, Status::Expired, 0);
    pc.renews(LAST + 80 * DAY, Status::Expired, -80);
    pc.is_too_late(LAST + 80 * DAY + 1, LAST + 80 * DAY);
    let strict = Pc::new(30, 0, noon);
    strict.renews(noon, Status::Urgent, 0);
    strict.is_too_late(noon + 1, noon);
}

/// Walks through a certificate's life at a bank with this window and grace.
#[track_caller]
fn agree(window: i64, grace: i64) {
    let pc = Pc::new(window, grace, LAST);
    let opens = LAST + 1 - (window + 1) * DAY;
    let urgent = LAST + 1 - 11 * DAY;
    let closes = LAST + grace * DAY;
    pc.is_too_early(opens - 1, opens);
    pc.renews(opens, Status::Due, window);
    pc.renews(urgent - 1, Status::Due, 11);
    pc.renews(urgent, Status::Urgent, 10);
    pc.renews(LAST, Status::Urgent, 0);
    if grace > 0 {
        pc.renews(LAST + 1, Status::Expired, -1);
        pc.renews(closes, Status::Expired, -grace);
    }
    pc.is_too_late(closes + 1, closes);
}

/// A customer's PC and the bank, on clocks that stand.
struct Pc {
    agent: Agent,
    clock: StandingClock,
    bank: OpenBank,
    token: Token,
    home: Home,
    certificate: String,
}

impl Pc {
    fn new(window_days: i64, grace_days: i64, not_after: i64) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        let bank = OpenBank::with(|options| {
            options.policy = Policy {
                window_days,
                grace_days,
                ..Policy::default()
            };
        });
        home.install_profile("mihon", &bank.profile().unwrap());
        let public_key = token.generate("EC:prime256v1", KEY, USER);
        let order = Order {
            user: USER,
            public_key: &public_key,
            validity: Validity::Exactly {
                not_before: LAST - 365 * DAY,
                not_after,
            },
        };
        let issued = bank.issue(&order).unwrap();
        token.write_certificate(&issued.der, KEY, USER);
        let clock = StandingClock::new(&home, LAST - 100 * DAY);
        let mut koshin = home.koshin(&["run"]);
        clock.rule(&mut koshin).env("TZ", "America/Los_Angeles");
        Self {
            agent: Agent::start_with(&mut koshin),
            clock,
            bank,
            token,
            home,
            certificate: issued.sha256,
        }
    }

    /// Agent and bank renew at this instant.
    #[track_caller]
    fn renews(&self, now: i64, status: Status, days_left: i64) {
        self.stands_at(now, status, days_left);
        assert_eq!(self.login(), (303, Some("/notice".to_owned())));
        self.home.person.answers(&[Answer::No]);
        let loopback = self.loopback();
        let begun: RenewalView = loopback.begin(&self.certificate, NONCE).json(201);
        let ended = loopback.to_the_end(&begun.id);
        assert_eq!(ended.state, State::Cancelled);
        loopback.problem(&begun.id, "consent-declined");
    }

    /// The bank shows no notice yet, and the agent names the day from which it renews.
    #[track_caller]
    fn is_too_early(&self, now: i64, opens: i64) {
        let days_left = (LAST + 1 - opens) / DAY;
        self.stands_at(now, Status::Valid, days_left);
        assert_eq!(self.login(), (303, Some("/main".to_owned())));
        self.is_refused("too-early", opens);
    }

    /// The bank refuses the login, and the agent names the day on which renewal ended.
    #[track_caller]
    fn is_too_late(&self, now: i64, closed: i64) {
        self.set(now);
        assert_eq!(self.status().0, Status::PastGrace);
        assert_eq!(self.login(), (403, None));
        let problem = self.is_refused("too-late", closed);
        assert!(problem.contains("電子証明書取得"), "{problem}");
    }

    #[track_caller]
    fn is_refused(&self, code: &str, date: i64) -> String {
        let problem = refused(&self.loopback(), code, |loopback| {
            loopback.begin(&self.certificate, NONCE)
        });
        let day = day_text(date, Language::Japanese);
        let detail = problem.detail.unwrap_or_default();
        assert!(detail.contains(&day), "{detail} does not name {day}");
        problem.remedy
    }

    #[track_caller]
    fn stands_at(&self, now: i64, status: Status, days_left: i64) {
        self.set(now);
        assert_eq!(self.status(), (status, days_left));
    }

    fn set(&self, now: i64) {
        self.clock.set(now);
        self.bank.clock().hold(now);
    }

    fn status(&self) -> (Status, i64) {
        let list = self.loopback().certificates().certificates;
        let [certificate] = list.as_slice() else {
            panic!("not one certificate: {list:?}");
        };
        (certificate.status, certificate.days_left)
    }

    /// The status of a login's answer, and where it leads.
    fn login(&self) -> (u16, Option<String>) {
        let reply = Visit::new(&self.bank, &self.token).login(USER, KEY);
        (reply.status, reply.header("location").map(str::to_owned))
    }

    fn loopback(&self) -> Loopback {
        Loopback::new(self.agent.port, &self.bank.ca_origin)
    }
}
