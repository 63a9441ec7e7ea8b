//! A bank's site and its certification authority, as a stand-in on which Koshin is tried and
//! tested: two HTTPS origins, every screen of a renewal, and a CA that checks what a real one
//! must check.
//!
//! It shows a bank how the two sites fit together; it is not meant to be run by one. Its CA keys
//! lie in files, its users are made up, and it serves a handful of browsers. It never names
//! PKCS#11, never depends on the agent, and never listens where it was not told to.
//!
//! [`Bank::start`] serves in this process, for tests; the program `reference-bank` does the same
//! from the command line.

mod assets;
pub mod ca;
mod error;
mod issue;
mod mail;
mod misbehaviour;
mod page;
mod profile;
mod site;
mod store;
pub mod time;
mod tls;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::JoinHandle;

use ca::{Authorities, RollOver};
use mail::Mailer;
use site::Shared;
use store::Store;
use tls::Listening;

pub use error::BankError;
pub use issue::{Order, Validity};
pub use mail::{MailOptions, MailRound};
pub use misbehaviour::{AnswerForm, Misbehaviour};
pub use page::Language;
pub use store::{
    Application, ApplicationStatus, CertificateStatus, DEMO_PASSWORD, IssuedCertificate, LogEntry,
    LogEvent, Role, User,
};
pub use time::Clock;

/// How to run the bank.
#[derive(Clone, Debug)]
pub struct Options {
    /// The state folder that [`Bank::init`] made.
    pub state: PathBuf,
    /// Where the banking site listens; port 0 takes a free one.
    pub bank_listen: SocketAddr,
    /// Where the CA's site listens; port 0 takes a free one.
    pub ca_listen: SocketAddr,
    /// `https://host[:port]` of the banking site. Without a port, the one that it listens on.
    pub bank_origin: String,
    /// `https://host[:port]` of the CA's site. Without a port, the one that it listens on.
    pub ca_origin: String,
    /// The bank's rules.
    pub policy: Policy,
    /// The bank's clock.
    pub clock: Clock,
    /// The first port on which the pages look for an agent.
    pub first_port: u16,
    /// On how many ports they look.
    pub port_count: u16,
    /// How notices are mailed; none are without it.
    pub mail: Option<MailOptions>,
}

impl Options {
    /// `https://bank.example` and `https://ca.example` on free ports of 127.0.0.2.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0));
        Self {
            state: state.to_owned(),
            bank_listen: listen,
            ca_listen: listen,
            bank_origin: "https://bank.example".to_owned(),
            ca_origin: "https://ca.example".to_owned(),
            policy: Policy::default(),
            clock: Clock::default(),
            first_port: protocol::bridge::FIRST_PORT,
            port_count: protocol::bridge::PORT_COUNT,
            mail: None,
        }
    }
}

/// The bank's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Renewal and the notice after login begin so many days before the expiry.
    pub window_days: i64,
    /// So many days after the expiry a renewal is still taken.
    pub grace_days: i64,
    /// A session ends after so many seconds without a request.
    pub idle_seconds: i64,
    /// When a certificate that was renewed no longer logs in.
    pub old_ends: OldEnds,
    /// An officer of the CA approves each renewal, and the customer may ask again after so many
    /// seconds; without it the CA issues at once.
    pub approval: Option<u64>,
}

/// When a certificate that was renewed no longer logs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OldEnds {
    /// As soon as its successor is issued. Until the receipt it still leads to the CA's page,
    /// where the successor is delivered again, and to nothing else.
    AtIssue,
    /// With the first login that its successor makes.
    #[default]
    FirstLogin,
    /// When it expires.
    Expiry,
}

impl OldEnds {
    /// As a profile's `retire` has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtIssue => "at-issue",
            Self::FirstLogin => "first-login",
            Self::Expiry => "expiry",
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            window_days: 30,
            grace_days: 0,
            idle_seconds: 15 * 60,
            old_ends: OldEnds::default(),
            approval: None,
        }
    }
}

impl Policy {
    /// The customer is told so many days before the expiry.
    #[must_use]
    pub fn notice_days(&self) -> [i64; 2] {
        [self.window_days, 10]
    }
}

/// The reference bank.
pub struct Bank;

impl Bank {
    /// Makes a state folder: CAs, database, and the IDs `admin-01`, `keiri-01` and `soumu-01`,
    /// each with [`DEMO_PASSWORD`].
    ///
    /// # Errors
    /// When the folder holds a bank already, or can't be written.
    pub fn init(state: &Path) -> Result<(), BankError> {
        Store::create(state, issue::UNIT)?;
        Authorities::create(Clock::default().now())?.save(state)
    }

    /// As [`Bank::init`], for another bank with the CAs of the bank in `other`. Its customers'
    /// certificates have this organisational unit.
    ///
    /// # Errors
    /// As [`Bank::init`]; when `other` holds no bank.
    pub fn init_beside(state: &Path, other: &Path, unit: &str) -> Result<(), BankError> {
        let authorities = Authorities::load(other)?;
        Store::create(state, unit)?;
        authorities.save(state)
    }

    /// Serves both sites until the answer is dropped.
    ///
    /// # Errors
    /// When the folder holds no bank, an origin or the mail's settings can't be used, or a socket
    /// can't be opened.
    pub async fn start(options: Options) -> Result<Running, BankError> {
        let store = Store::open(&options.state)?;
        let authorities = Authorities::load(&options.state)?;
        let bank_host = host(&options.bank_origin)?;
        let ca_host = host(&options.ca_origin)?;
        let bank = Listening::open(options.bank_listen).await?;
        let ca = Listening::open(options.ca_listen).await?;
        let (bank_address, ca_address) = (bank.address(), ca.address());
        // The servers' certificates follow this machine's clock: the browser doesn't travel.
        let now = Clock::default().now();
        let bank_tls = tls::bank_config(&authorities, &bank_host, now)?;
        let ca_tls = tls::ca_config(&authorities, &ca_host, now)?;
        let bank_origin = with_port(&options.bank_origin, bank_address.port());
        let ca_origin = with_port(&options.ca_origin, ca_address.port());
        let shared = Arc::new(Shared::new(
            &options,
            store,
            authorities,
            bank_origin.clone(),
            ca_origin.clone(),
        ));
        let mailer = options.mail.as_ref().map(Mailer::new).transpose()?;
        let mailer = mailer.map(Arc::new);
        let mut tasks = vec![
            bank.serve(bank_tls, site::bank::router(Arc::clone(&shared))),
            ca.serve(ca_tls, site::ca::router(Arc::clone(&shared))),
        ];
        if let Some(mailer) = &mailer {
            let serving = mail::serve(Arc::clone(&shared), Arc::clone(mailer));
            tasks.push(tokio::spawn(serving));
        }
        Ok(Running {
            bank_origin,
            ca_origin,
            bank_address,
            ca_address,
            server_ca: ca::server_ca_file(&options.state),
            user_ca: ca::user_ca_file(&options.state),
            shared,
            mailer,
            tasks,
        })
    }
}

/// A bank that serves. Dropping it ends both sites.
pub struct Running {
    /// The banking site's origin, with its port unless that is 443.
    pub bank_origin: String,
    /// The CA site's origin, with its port unless that is 443.
    pub ca_origin: String,
    /// Where the banking site listens.
    pub bank_address: SocketAddr,
    /// Where the CA's site listens.
    pub ca_address: SocketAddr,
    /// The file with the certificate that a browser must trust, PEM.
    pub server_ca: PathBuf,
    /// The file with the customers' CA certificates, PEM.
    pub user_ca: PathBuf,
    shared: Arc<Shared>,
    mailer: Option<Arc<Mailer>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Issues a certificate without a renewal: as the bank's counter would.
    ///
    /// # Errors
    /// When the user does not exist or the key can't be used.
    pub fn issue(&self, order: &Order<'_>) -> Result<IssuedCertificate, BankError> {
        let shared = &self.shared;
        issue::to_order(
            &shared.store,
            &shared.authorities,
            order,
            shared.clock.now(),
        )
    }

    /// Gives an ID a one-time code, in place of any before.
    ///
    /// # Errors
    /// When the user does not exist.
    pub fn code(&self, user: &str) -> Result<Code, BankError> {
        let now = self.shared.clock.now();
        let (text, expires) = self.shared.store.issue_code(user, now)?;
        Ok(Code { text, expires })
    }

    /// The renewals on which an officer of the CA decides or has decided, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn applications(&self) -> Result<Vec<Application>, BankError> {
        self.shared.store.applications()
    }

    /// An officer approves (or refuses) the renewal of an ID that waits for it.
    ///
    /// # Errors
    /// When none does.
    pub fn decide(&self, user: &str, approve: bool) -> Result<(), BankError> {
        let now = self.shared.clock.now();
        self.shared.store.decide(user, verdict(approve), now)
    }

    /// Revokes a certificate by its serial number (hexadecimal).
    ///
    /// # Errors
    /// When there is none.
    pub fn revoke(&self, serial: &str) -> Result<(), BankError> {
        let now = self.shared.clock.now();
        self.shared.store.revoke(serial, "revoked by the bank", now)
    }

    /// A user's certificates, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn certificates_of(&self, user: &str) -> Result<Vec<IssuedCertificate>, BankError> {
        self.shared.store.certificates_of(user)
    }

    /// The TLS log, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tls_log(&self) -> Result<Vec<LogEntry>, BankError> {
        self.shared.store.read_log()
    }

    /// From now on the CA gets this wrong; `None` makes it behave again.
    pub fn misbehave(&self, misbehaviour: Option<Misbehaviour>) {
        self.shared.set_misbehaviour(misbehaviour);
    }

    /// From now on the CA answers in this form.
    pub fn answer_as(&self, form: AnswerForm) {
        self.shared.set_answer_form(form);
    }

    /// Mails the notices that are due and could not be sent before, without waiting for the next
    /// round. Without mail settings nothing is sent.
    ///
    /// # Errors
    /// When the database refuses. A relay that refuses is counted, and no error.
    pub async fn mail_notices(&self) -> Result<MailRound, BankError> {
        match &self.mailer {
            Some(mailer) => mailer.round(&self.shared).await,
            None => Ok(MailRound::default()),
        }
    }

    /// The organisational unit in the subjects of this bank's customers' certificates.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unit(&self) -> Result<String, BankError> {
        self.shared.store.unit()
    }

    /// Koshin's profile for this bank, TOML.
    ///
    /// # Errors
    /// When a CA certificate is too long for PEM.
    pub fn profile(&self) -> Result<String, BankError> {
        let shared = &self.shared;
        profile::toml(
            &shared.authorities,
            &shared.policy,
            &self.bank_origin,
            &self.ca_origin,
        )
    }

    /// The bank's clock: advancing or holding it moves the bank in time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Issues a certificate into a state folder, whether or not a server runs on it.
///
/// # Errors
/// As [`Running::issue`].
pub fn issue(state: &Path, order: &Order<'_>) -> Result<IssuedCertificate, BankError> {
    let store = Store::open(state)?;
    issue::to_order(
        &store,
        &Authorities::load(state)?,
        order,
        Clock::default().now(),
    )
}

/// A one-time code as the bank's counter gives it.
pub struct Code {
    /// Four groups of four characters.
    pub text: zeroize::Zeroizing<String>,
    /// The last second in which it may be used, Unix time.
    pub expires: i64,
}

/// Gives an ID of a state folder a one-time code, in place of any before, whether or not a server
/// runs on it.
///
/// # Errors
/// When the folder holds no bank, or there is no such user.
pub fn code(state: &Path, user: &str) -> Result<Code, BankError> {
    let (text, expires) = Store::open(state)?.issue_code(user, Clock::default().now())?;
    Ok(Code { text, expires })
}

/// Gives the customers' CAs of a state folder new keys. A server on it must be started again.
///
/// # Errors
/// When the folder holds no bank, or can't be written.
pub fn roll_over(state: &Path, what: RollOver) -> Result<(), BankError> {
    let mut authorities = Authorities::load(state)?;
    authorities.roll_over(what, Clock::default().now())?;
    authorities.save(state)
}

/// As [`Running::applications`], whether or not a server runs on the state folder.
///
/// # Errors
/// When the folder holds no bank.
pub fn applications(state: &Path) -> Result<Vec<Application>, BankError> {
    Store::open(state)?.applications()
}

/// As [`Running::decide`], whether or not a server runs on the state folder.
///
/// # Errors
/// When the folder holds no bank, or nothing of that ID waits for approval.
pub fn decide(state: &Path, user: &str, approve: bool) -> Result<(), BankError> {
    Store::open(state)?.decide(user, verdict(approve), Clock::default().now())
}

fn verdict(approve: bool) -> ApplicationStatus {
    if approve {
        ApplicationStatus::Approved
    } else {
        ApplicationStatus::Refused
    }
}

/// Revokes a certificate of a state folder by its serial number (hexadecimal).
///
/// # Errors
/// When there is none.
pub fn revoke(state: &Path, serial: &str) -> Result<(), BankError> {
    Store::open(state)?.revoke(serial, "revoked by the bank", Clock::default().now())
}

/// The TLS log of a state folder, oldest first.
///
/// # Errors
/// When the folder holds no bank.
pub fn tls_log(state: &Path) -> Result<Vec<LogEntry>, BankError> {
    Store::open(state)?.read_log()
}

/// The certificates of a state folder's users, or of one user, newest first.
///
/// # Errors
/// When the folder holds no bank, or there is no such user.
pub fn certificates(state: &Path, user: Option<&str>) -> Result<Vec<IssuedCertificate>, BankError> {
    let store = Store::open(state)?;
    let users = match user {
        Some(id) => vec![store.user(id)?],
        None => store.users()?,
    };
    let mut all = Vec::new();
    for user in users {
        all.extend(store.certificates_of(&user.id)?);
    }
    Ok(all)
}

/// The IDs of a state folder.
///
/// # Errors
/// When the folder holds no bank.
pub fn users(state: &Path) -> Result<Vec<User>, BankError> {
    Store::open(state)?.users()
}

/// Koshin's profile for a state folder's bank under these origins, TOML.
///
/// # Errors
/// When the folder holds no bank, or an origin is none.
pub fn profile(
    state: &Path,
    policy: &Policy,
    bank_origin: &str,
    ca_origin: &str,
) -> Result<String, BankError> {
    host(bank_origin)?;
    host(ca_origin)?;
    profile::toml(&Authorities::load(state)?, policy, bank_origin, ca_origin)
}

/// The host of `https://host` or `https://host:port`.
fn host(origin: &str) -> Result<String, BankError> {
    let refused = || BankError::Origin(origin.to_owned());
    let authority = origin.strip_prefix("https://").ok_or_else(refused)?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let sound = !host.is_empty()
        && host.bytes().all(name)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 443));
    sound.then(|| host.to_owned()).ok_or_else(refused)
}

fn with_port(origin: &str, port: u16) -> String {
    let named = origin.trim_start_matches("https://").contains(':');
    if named || port == 443 {
        origin.to_owned()
    } else {
        format!("{origin}:{port}")
    }
}
