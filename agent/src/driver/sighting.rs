//! What the watch sees of tokens and renewals, and what it lets go on.

use std::{collections::HashSet, sync::Arc};

use pkcs11_bridge::{ModuleSpec, TokenInfo};
use protocol::{
    bridge::WaitReason,
    certificate::Certificate,
    renewal::{Event, State},
};
use tracing::{info, warn};

use super::{Renewals, begin};
use crate::{
    journal::Journal,
    profile::{Profile, Profiles},
};

/// What a look at every token gave.
#[derive(Clone, Debug, Default)]
pub struct Sighting {
    /// The banks' certificates.
    pub certificates: Vec<Sighted>,
    /// The tokens that were there and showed something.
    pub tokens: Vec<TokenInfo>,
}

/// A bank's certificate on a token.
#[derive(Clone, Debug)]
pub struct Sighted {
    /// The certificate.
    pub certificate: Certificate,
    /// The bank's profile.
    pub profile: Arc<Profile>,
    /// Its token.
    pub token: TokenInfo,
}

impl Renewals {
    /// Looks at every token, without a login.
    pub async fn sight(&self) -> Sighting {
        let look = self.shared.look().await;
        let certificates = look.found.into_iter().filter_map(|found| {
            Some(Sighted {
                profile: found.profiles.first().cloned()?,
                certificate: found.certificate,
                token: found.token,
            })
        });
        let certificates = certificates.collect();
        // A token that shows nothing at all may have vanished behind its module's back.
        let tokens = look
            .listings
            .into_iter()
            .flat_map(|listing| listing.tokens.unwrap_or_default())
            .filter(|listing| {
                let inventory = &listing.inventory;
                !(inventory.certificates.is_empty() && inventory.public_keys.is_empty())
            })
            .map(|listing| listing.token)
            .collect();
        Sighting {
            certificates,
            tokens,
        }
    }

    /// Lets the renewals go on that wait for one of these tokens, which have just come.
    pub async fn tokens_came(&self, tokens: &[TokenInfo]) {
        let waiting: Vec<_> = {
            let courses = self.shared.courses();
            let mut all: Vec<_> = courses.values().cloned().collect();
            all.retain(|course| waits_for(&course.now().state, &course.now().token, tokens));
            all
        };
        for course in waiting {
            info!(renewal = %course.now().id, "its token is back");
            if let Err(failure) = course.tell(Event::WaitOver).await {
                warn!(%failure, "a renewal does not go on");
            }
        }
    }

    /// Returns once a renewal may have changed which certificates there are, or waits for a token.
    pub async fn moved(&self) {
        self.shared.moved.notified().await;
    }

    /// Goes by other profiles and modules from now on, and takes up the renewals that wait for
    /// one of these. What is under way keeps the profile that it began with.
    pub async fn replace(&self, profiles: Profiles, modules: Vec<ModuleSpec>) {
        let shared = &self.shared;
        shared.profiles.replace(profiles);
        shared.replace_modules(modules);
        let unfinished = match shared.journal.unfinished().await {
            Ok(unfinished) => unfinished,
            Err(error) => {
                warn!(%error, "could not look for renewals to take up");
                return;
            }
        };
        let under_way: HashSet<_> = shared.courses().keys().cloned().collect();
        for record in unfinished {
            if !record.state.is_final() && !under_way.contains(&record.id) {
                begin::take_up(shared, record);
            }
        }
    }

    /// The banks, as they are now.
    #[must_use]
    pub fn profiles(&self) -> Arc<Profiles> {
        self.shared.profiles.now()
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }
}

/// Whether a renewal in this state gives the watch something to look at: it may have changed
/// which certificates there are, or it waits for a token.
pub(super) fn counts(state: &State) -> bool {
    let waits = matches!(
        state,
        State::Waiting {
            reason: WaitReason::Card,
            ..
        }
    );
    state.installed().is_some() || state.is_final() || waits
}

fn waits_for(state: &State, token: &str, there: &[TokenInfo]) -> bool {
    let State::Waiting {
        reason: WaitReason::Card,
        ..
    } = state
    else {
        return false;
    };
    token
        .parse::<pkcs11_bridge::TokenUri>()
        .is_ok_and(|token| there.iter().any(|one| token.matches(one)))
}
