//! Recovery: token, journal and what a token showed before something was made on it, compared.
//!
//! It happens when the agent starts and when a token comes ([`Renewals::token_seen`]), without a
//! login and without a question, and in every lease that has logged in (`Shared::recover`). By
//! itself it removes what bears an id of ours, and half objects that are beyond doubt; of all else
//! it only speaks.

mod clean;
mod compare;
mod report;

use jiff::SignedDuration;
use pkcs11_bridge::{Inventory, Lease, TokenInfo, TokenUri};
use protocol::{
    bridge::WaitReason,
    certificate::Certificate,
    renewal::{Done, Event, State},
};
use tracing::{debug, info, warn};

use super::{
    Renewals,
    aim::Aim,
    course::Course,
    retire::{remove_leftover, remove_unused_pair, stands},
    session::Stuck,
    shared::Shared,
};
use crate::journal::{Before, Creates, Record, RenewalId};

pub use clean::{CleanOutcome, Cleaned};
pub(super) use compare::fingerprints;
pub use report::{Finding, FindingKind, Scope};

/// For how long somebody may be taken to sit in front of a renewal that waits for its token.
const SOMEBODY_WAITS: SignedDuration = SignedDuration::from_mins(10);

impl Renewals {
    /// A token came, or came back, or the agent has just started: renewals that wait for one that
    /// is there go on, if somebody waits for them or nobody need be asked.
    pub async fn token_seen(&self) {
        let shared = &self.shared;
        let waiting: Vec<Course> = shared
            .courses()
            .values()
            .filter(|course| self.may_go_on(course))
            .cloned()
            .collect();
        if waiting.is_empty() {
            return;
        }
        let look = shared.look().await;
        for course in waiting {
            let record = course.now();
            let there = look.listings.iter().any(|listing| {
                let tokens = listing.tokens.iter().flatten();
                listing.module == record.module
                    && tokens
                        .into_iter()
                        .any(|token| is_of(&record.token, &token.token))
            });
            if there {
                debug!(renewal = %record.id, "the token is back");
                // It may have gone on, or ended, meanwhile.
                let _ = course.tell(Event::WaitOver).await;
            }
        }
    }

    fn may_go_on(&self, course: &Course) -> bool {
        let record = course.now();
        let State::Waiting { reason, resume, .. } = &record.state else {
            return false;
        };
        let waited = self.shared.clock.now().duration_since(record.changed);
        // Removing the old certificate asks nobody for anything.
        matches!(**resume, State::Grace { due: true, .. })
            || *reason == WaitReason::Card && course.is_attended() && waited < SOMEBODY_WAITS
    }
}

impl Shared {
    /// Brings a token in order, with a login that is there anyway: removes what calls that were
    /// cut off left half done, and what ended renewals left. What cannot be removed now is looked
    /// at again in the next lease.
    pub(super) async fn recover(&self, lease: &mut Lease, module: &str, current: &RenewalId) {
        match self.journal.held_back().await {
            Ok(None) => {}
            Ok(Some(_)) => return,
            Err(error) => return warn!(%error, "could not look for leftovers"),
        }
        if let Err(stuck) = self.clear_halves(lease, module).await {
            warn!(failure = %stuck.failure, "half objects may stay");
        }
        self.clear_leftovers(lease, module, current).await;
    }

    /// Whether something that the journal says of a token is about the one of this lease. A
    /// module that is called otherwise now may be any.
    pub(super) fn is_here(&self, module: &str, token: &str, lease: &Lease, here: &str) -> bool {
        is_of(token, lease.token()) && (module == here || self.module(module).is_none())
    }

    async fn clear_halves(&self, lease: &mut Lease, module: &str) -> Result<(), Stuck> {
        let befores = self.journal.befores().await.map_err(Stuck::journal)?;
        let mut inventory: Option<Inventory> = None;
        for before in befores {
            if !self.is_here(&before.module, &before.token, lease, module) {
                continue;
            }
            let now = match &inventory {
                Some(now) => now,
                None => inventory.insert(lease.inventory().await?),
            };
            let record = self.journal.renewal(&before.renewal).await;
            let record = record.map_err(Stuck::journal)?;
            let verdict = compare::compare(&before, &label(&before, record.as_ref()), now);
            for halves in &verdict.ours {
                lease.remove_halves(halves).await?;
                info!(renewal = %before.renewal, class = ?halves.class, count = halves.count,
                    "half objects removed");
            }
            if verdict.doubtful > 0 {
                warn!(renewal = %before.renewal, count = verdict.doubtful,
                    "half objects stay that may be another program's");
            }
            if let Some(certificate) = record.as_ref().and_then(|record| misfiled(record, now)) {
                lease.remove_certificate(&certificate.sha256()).await?;
                info!(renewal = %before.renewal, "a certificate without its id removed");
            }
            inventory = None;
            self.journal
                .forget_before(&before.renewal)
                .await
                .map_err(Stuck::journal)?;
        }
        Ok(())
    }

    async fn clear_leftovers(&self, lease: &mut Lease, module: &str, current: &RenewalId) {
        let records = match self.journal.unfinished().await {
            Ok(records) => records,
            Err(error) => return warn!(%error, "could not look for leftovers"),
        };
        for record in records {
            let here = self.is_here(&record.module, &record.token, lease, module);
            if record.id == *current || !record.state.is_final() || !here {
                continue;
            }
            match clear(lease, &record).await {
                Ok(Some(done)) => {
                    info!(renewal = %record.id, "leftovers of an earlier renewal removed");
                    self.note_cleared(&record, done).await;
                }
                Ok(None) => {}
                Err(stuck) => {
                    warn!(failure = %stuck.failure, "leftovers of an earlier renewal stay");
                    return;
                }
            }
        }
    }

    pub(super) async fn note_cleared(&self, record: &Record, done: Done) {
        let course = self.courses().get(&record.id).cloned();
        let noted = match course {
            Some(course) => course.tell(Event::Done(done)).await.map(drop),
            None => super::course::settle(self, record, done).await,
        };
        if let Err(failure) = noted {
            warn!(%failure, "could not note that leftovers are gone");
        }
    }
}

/// Removes what an ended renewal left on the token, if anything.
pub(super) async fn clear(lease: &mut Lease, record: &Record) -> Result<Option<Done>, Stuck> {
    if let Some(leftover) = record.state.pending() {
        remove_leftover(lease, &leftover).await?;
        return Ok(Some(Done::Discarded));
    }
    if let State::Retired {
        old_key_left: true,
        installed,
    } = &record.state
        && let Ok(Aim::Renewal(old)) = Aim::of(&record.target)
    {
        let inventory = lease.inventory().await?;
        let new = installed.certificate.as_slice();
        remove_unused_pair(lease, &inventory, &old, Some(new)).await?;
        return Ok(Some(Done::OldRemoved { key_left: false }));
    }
    Ok(None)
}

/// The label of what was being made.
fn label(before: &Before, record: Option<&Record>) -> String {
    let name = record
        .and_then(|record| Aim::of(&record.target).ok())
        .map(|aim| aim.name())
        .unwrap_or_default();
    match before.creates {
        Creates::Pair(_) => super::perform::pending(&name),
        Creates::Certificate => name,
    }
}

/// The new certificate, if a copy of it is on the token under no id: its writing was cut off.
fn misfiled(record: &Record, now: &Inventory) -> Option<Certificate> {
    let new = record.state.new_certificate()?;
    now.certificates
        .iter()
        .any(|entry| entry.der == new && entry.id.is_empty())
        .then(|| Certificate::from_der(new).ok())?
}

/// Whether a token's address (RFC 7512 URI) is that of this token.
fn is_of(uri: &str, token: &TokenInfo) -> bool {
    uri.parse::<TokenUri>().is_ok_and(|uri| uri.matches(token))
}
