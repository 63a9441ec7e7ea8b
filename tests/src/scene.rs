//! Everything together: a customer with a token and an agent, and their bank.

use std::path::Path;

use reference_bank::{IssuedCertificate, Policy, ca::RollOver};

use crate::{Agent, Faults, Home, Loopback, OpenBank, Token, Visit, bank};

/// The label of a scene's token.
pub const TOKEN: &str = "Shinkin-Demo";

/// The administrator's ID at the reference bank.
pub const ADMINISTRATOR: &str = "admin-01";

/// A user's ID at the reference bank.
pub const USER: &str = "keiri-01";

/// A bank, a token, a home and an agent there.
pub struct Scene {
    /// The agent; gone first.
    pub agent: Agent,
    /// The bank.
    pub bank: OpenBank,
    /// The token.
    pub token: Token,
    /// The home.
    pub home: Home,
}

/// An ID of the customer's, with the certificate that it logs in with.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The ID.
    pub id: &'static str,
    /// The object id of its key and certificate on the token, hexadecimal.
    pub key: &'static str,
    /// Its certificate.
    pub old: IssuedCertificate,
}

impl Scene {
    /// A scene with the agent running.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn new() -> Self {
        Self::with_settings("")
    }

    /// As [`Scene::new`], with more settings for the agent.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn with_settings(settings: &str) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        home.add_settings(settings);
        Self::at(home, token, |profile| profile)
    }

    /// As [`Scene::new`], at a bank that wants keys of one type, e.g. `rsa-3072`.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn wanting_keys_of(key_type: &str) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        Self::at(home, token, |profile| bank::wanting(key_type, &profile))
    }

    /// As [`Scene::new`], where dialogs that nobody answers stay for this long, e.g. `1s`.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn with_dialogs_of(time: &str) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        home.dialogs_stay(time);
        Self::at(home, token, |profile| profile)
    }

    /// As [`Scene::new`], with a module that goes wrong on order; `more` adds to the home.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn with_faults(more: impl FnOnce(&Home)) -> (Self, Faults) {
        let token = Token::new(TOKEN);
        let home = Home::empty();
        let faults = Faults::on(&token, &home);
        more(&home);
        (Self::at(home, token, |profile| profile), faults)
    }

    /// A scene at a display, at a bank with these rules: see [`Home::at_display`].
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn at_display(pinentry: Option<&Path>, policy: Policy) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::at_display(pinentry);
        home.add_module(&token);
        let bank = OpenBank::with(|options| options.policy = policy);
        Self::of(home, token, bank, |profile| profile)
    }

    /// As [`Scene::new`], at a bank with these rules.
    ///
    /// # Panics
    /// If a part cannot be set up.
    #[must_use]
    pub fn with_policy(policy: Policy) -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        let bank = OpenBank::with(|options| options.policy = policy);
        Self::of(home, token, bank, |profile| profile)
    }

    fn at(home: Home, token: Token, change: impl FnOnce(String) -> String) -> Self {
        Self::of(home, token, OpenBank::with(|_| {}), change)
    }

    fn of(home: Home, token: Token, bank: OpenBank, change: impl FnOnce(String) -> String) -> Self {
        let profile = bank.profile().expect("the bank has a profile");
        home.install_profile("mihon", &change(profile));
        let agent = Agent::start(&home);
        Self {
            agent,
            bank,
            token,
            home,
        }
    }

    /// An ID whose certificate has `days` left, with its key (pkcs11-tool's name for the type) on
    /// the token.
    ///
    /// # Panics
    /// If token or bank refuse.
    #[must_use]
    pub fn customer(&self, id: &'static str, kind: &str, days: i64) -> Customer {
        let key = if id == ADMINISTRATOR { "01" } else { "02" };
        let public_key = self.token.generate(kind, key, id);
        let old = self.bank.certify(id, &public_key, days);
        self.token.write_certificate(&old.der, key, id);
        Customer { id, key, old }
    }

    /// Kills the agent, as a power cut would, and starts another one.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.agent.kill();
        self.agent = Agent::start(&self.home);
    }

    /// The same after the bank's CAs got new keys.
    ///
    /// # Panics
    /// If the bank does not open again.
    #[must_use]
    pub fn after(self, what: RollOver) -> Self {
        Self {
            bank: self.bank.rolled_over(what),
            ..self
        }
    }

    /// The user with a P-256 key and 20 days left.
    #[must_use]
    pub fn user(&self) -> Customer {
        self.customer(USER, "EC:prime256v1", 20)
    }

    /// A browser with the customer's token.
    #[must_use]
    pub fn visit(&self) -> Visit<'_> {
        Visit::new(&self.bank, &self.token)
    }

    /// The agent as the CA's page sees it.
    #[must_use]
    pub fn loopback(&self) -> Loopback {
        Loopback::new(self.agent.port, &self.bank.ca_origin)
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}
