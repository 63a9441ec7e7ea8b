//! What `koshin status` shows of a running agent.

use pkcs11_bridge::{ModuleListing, ModuleSpec, TokenError};
use protocol::bridge::{Certificate, Problem, RenewalView};
use serde::{Deserialize, Serialize};

use super::{Caller, RefusedOrigin, Renewals, found, session::Stuck};
use crate::{failure::Failure, language::Texts};

/// A running agent, its modules, tokens, banks and renewals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AgentStatus {
    /// The program's version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// The port on which pages reach it; `None` for a one-shot agent.
    pub port: Option<u16>,
    /// The modules in which tokens are looked for.
    pub modules: Vec<ModuleStatus>,
    /// The banks that it knows.
    pub profiles: Vec<ProfileStatus>,
    /// The newest renewals.
    pub renewals: Vec<RenewalView>,
    /// The sites that asked and that no profile lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_origins: Vec<RefusedOrigin>,
}

/// The certificates of every bank, and how each module was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// Nearest expiry first.
    pub certificates: Vec<Certificate>,
    /// As in [`AgentStatus`].
    pub modules: Vec<ModuleStatus>,
}

/// A module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModuleStatus {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Its tokens that are ready for use.
    pub tokens: Vec<TokenStatus>,
    /// Why it can't be used, if it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The cause, for whoever looks into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// A token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenStatus {
    /// Its label.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Its address (RFC 7512 URI).
    pub uri: String,
    /// How many certificates it shows.
    pub certificates: usize,
    /// Whether its PIN is locked.
    pub pin_locked: bool,
}

/// A bank's profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProfileStatus {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: String,
    /// Why it does not count, if it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

impl Renewals {
    /// What `koshin status` shows.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn status(&self, caller: &Caller) -> Result<AgentStatus, Failure> {
        let shared = &self.shared;
        let texts = Texts::of(caller.language());
        let known_modules = shared.modules();
        let profiles = shared.profiles.now();
        let look = found::look(&shared.launcher, &known_modules, &profiles).await;
        let modules = modules(&known_modules, texts, look.listings);
        let known = profiles.all().iter().map(|profile| ProfileStatus {
            id: profile.id.clone(),
            path: profile.path.display().to_string(),
            findings: Vec::new(),
        });
        let rejected = profiles.rejected().iter().map(|rejected| ProfileStatus {
            id: rejected
                .path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default(),
            path: rejected.path.display().to_string(),
            findings: rejected.findings.iter().map(ToString::to_string).collect(),
        });
        Ok(AgentStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            port: shared.port,
            modules,
            profiles: known.chain(rejected).collect(),
            renewals: self.renewals(caller).await?,
            refused_origins: shared.refused.list(),
        })
    }
}

/// How a look at each module went.
pub(super) fn modules(
    known: &[ModuleSpec],
    texts: &Texts,
    listings: Vec<ModuleListing>,
) -> Vec<ModuleStatus> {
    known
        .iter()
        .zip(listings)
        .map(|(module, listing)| {
            let (tokens, error) = match listing.tokens {
                Ok(tokens) => (tokens, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            ModuleStatus {
                name: module.name.clone(),
                path: module.path.display().to_string(),
                tokens: tokens
                    .into_iter()
                    .filter(|listing| listing.token.initialized)
                    .map(|listing| TokenStatus {
                        label: listing.token.label,
                        serial: listing.token.serial,
                        uri: listing.token.uri.to_string(),
                        certificates: listing.inventory.certificates.len(),
                        pin_locked: listing.token.pin.locked,
                    })
                    .collect(),
                cause: error.as_ref().map(TokenError::to_string),
                problem: error.map(|error| {
                    let failure = Stuck::from(error).failure;
                    texts.problem(&failure.with("module", &module.name))
                }),
            }
        })
        .collect()
}
