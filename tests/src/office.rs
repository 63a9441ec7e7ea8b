//! A customer of two banks: their profiles on one agent, any number of tokens.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
};

use reference_bank::IssuedCertificate;
use rustix::fs::{CWD, Mode, mkfifoat};

use crate::{
    Agent, Course, Faults, Home, Loopback, OpenBank, Token, Visit, course::WILLING,
    visit::RenewalPage,
};

/// The names of the banks' profiles.
pub const PROFILES: [&str; 2] = ["mihon", "betsuno"];

/// The banks' names as the profiles have them, in Japanese.
pub const NAMES: [&str; 2] = ["みほん信用金庫", "べつの信用金庫"];

/// The unit in the subjects of the second bank's certificates.
const SECOND_UNIT: &str = "EB-0002";

/// What the two banks have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing but the names of their CAs.
    Nothing,
    /// The CA.
    Ca,
    /// The CA, and the origin of its site.
    CaSite,
}

/// Two banks, tokens, a home and an agent there.
pub struct Office {
    /// The agent; gone first.
    pub agent: Agent,
    /// The banks.
    pub banks: [OpenBank; 2],
    /// The tokens, each behind a module of its own.
    pub tokens: Vec<Token>,
    /// What goes wrong at each of them.
    pub faults: Vec<Faults>,
    /// The home.
    pub home: Home,
}

/// An ID at one of the banks, with the certificate that it logs in with.
#[derive(Clone, Debug)]
pub struct Member {
    /// At which bank.
    pub bank: usize,
    /// On which token.
    pub token: usize,
    /// The ID.
    pub id: &'static str,
    /// The object id of its key and certificate on the token, hexadecimal.
    pub key: &'static str,
    /// Its certificate.
    pub old: IssuedCertificate,
}

impl Office {
    /// An office with the agent running, and so many tokens.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn new(sharing: Sharing, tokens: usize) -> Self {
        Self::in_home(Home::empty(), sharing, tokens)
    }

    /// The same, in a home that is there.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn in_home(home: Home, sharing: Sharing, tokens: usize) -> Self {
        let tokens: Vec<_> = (1..=tokens)
            .map(|number| Token::new(&format!("Shinkin-{number}")))
            .collect();
        let faults: Vec<_> = tokens
            .iter()
            .map(|token| Faults::on(token, &home))
            .collect();
        let first = OpenBank::with(|_| {});
        let second = second(&first, sharing);
        let office_of = |bank: &OpenBank| bank.profile().expect("the bank has a profile");
        let [mihon, betsuno] = [office_of(&first), office_of(&second)];
        let betsuno = betsuno
            .replace("みほん", "べつの")
            .replace("Mihon", "Betsuno");
        let banks = [first, second];
        for ((id, profile), bank) in PROFILES.iter().zip([mihon, betsuno]).zip(&banks) {
            let subject = match sharing {
                Sharing::Nothing => String::new(),
                Sharing::Ca | Sharing::CaSite => {
                    let unit = bank.unit().expect("the bank has one");
                    format!("subject = [\"OU={unit}\"]\n")
                }
            };
            home.install_profile(id, &(subject + &profile));
        }
        let agent = Agent::start(&home);
        Self {
            agent,
            banks,
            tokens,
            faults,
            home,
        }
    }

    /// An ID at a bank, with a P-256 key and 20 days left, on a token.
    ///
    /// # Panics
    /// If token or bank refuse.
    #[must_use]
    pub fn member(&self, bank: usize, token: usize, id: &'static str, key: &'static str) -> Member {
        let public_key = self.tokens[token].generate("EC:prime256v1", key, id);
        let old = self.banks[bank].certify(id, &public_key, 20);
        self.tokens[token].write_certificate(&old.der, key, id);
        Member {
            bank,
            token,
            id,
            key,
            old,
        }
    }

    /// A browser with a member's token, at the member's bank.
    #[must_use]
    pub fn visit(&self, member: &Member) -> Visit<'_> {
        Visit::new(&self.banks[member.bank], &self.tokens[member.token])
    }

    /// The agent as the page of the CA's site for a bank sees it.
    #[must_use]
    pub fn loopback(&self, bank: usize) -> Loopback {
        Loopback::new(self.agent.port, &self.banks[bank].ca_origin)
    }

    /// From the login of a member to 更新.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    #[must_use]
    pub fn begin<'a>(&self, visit: &'a Visit<'a>, member: &Member) -> Course<'a> {
        Course::of(self.loopback(member.bank), at_page(visit, member))
    }

    /// A whole renewal with a willing person.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    pub fn renew(&self, member: &Member) {
        self.home.person.answers(WILLING);
        let visit = self.visit(member);
        self.begin(&visit, member).finish();
    }

    /// A person who agrees to so many renewals, in whatever order the dialogs come.
    pub fn person_is_willing(&self, renewals: usize) {
        self.home.person.answers(&WILLING.repeat(renewals));
    }

    /// From now on a token waits in this call, the next time that it comes; opening what is
    /// answered succeeds once it has come, and dropping that lets it go on.
    ///
    /// # Panics
    /// If there is no such call.
    #[must_use]
    pub fn hold(&self, token: usize, call: &str) -> HeldCall {
        let faults = &self.faults[token];
        let pipe = faults.folder().join("held");
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).expect("it is held once");
        faults.order(&format!("{call} 1 before wait held"));
        HeldCall { pipe }
    }
}

/// A call in which a token waits.
pub struct HeldCall {
    pipe: std::path::PathBuf,
}

impl HeldCall {
    /// Waits until the call has come; it goes on when the value is dropped.
    ///
    /// # Panics
    /// If the pipe is gone.
    #[must_use]
    pub fn has_come(&self) -> File {
        let pipe = fs::OpenOptions::new().write(true).open(&self.pipe);
        pipe.expect("the pipe is there")
    }
}

/// From the login of a member to the CA's page.
#[track_caller]
fn at_page<'a>(visit: &'a Visit<'a>, member: &Member) -> RenewalPage<'a> {
    let login = visit.login(member.id, member.key);
    assert_eq!(login.header("location"), Some("/notice"), "{}", login.body);
    let page = visit.renewal_page(member.key);
    assert_eq!(
        page.certificate, member.old.sha256,
        "the certificate of this login"
    );
    page
}

/// A second bank at addresses of its own.
fn second(first: &OpenBank, sharing: Sharing) -> OpenBank {
    let address = |last, port| SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), port));
    match sharing {
        Sharing::Nothing => OpenBank::with(|options| {
            options.bank_listen = address(3, 0);
            options.ca_listen = address(3, 0);
            options.bank_origin = "https://bank.betsuno.example".to_owned();
            options.ca_origin = "https://ca.betsuno.example".to_owned();
        }),
        Sharing::Ca => first.beside(SECOND_UNIT, |options| {
            options.bank_listen = address(3, 0);
            options.ca_listen = address(3, 0);
            options.bank_origin = "https://bank.betsuno.example".to_owned();
            options.ca_origin = "https://ca.betsuno.example".to_owned();
        }),
        // One origin, with a server for each bank behind it.
        Sharing::CaSite => first.beside(SECOND_UNIT, |options| {
            options.bank_listen = address(3, 0);
            options.ca_listen = address(4, first.ca_address.port());
            options.bank_origin = "https://bank.betsuno.example".to_owned();
            options.ca_origin = first.ca_origin.clone();
        }),
    }
}
