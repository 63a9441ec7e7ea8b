//! A renewal's access to its token: leases, and the PIN for the few minutes that it serves.
//!
//! A PIN that the token accepted serves the later steps of the same renewal, because a fresh
//! process must log in to prove the new key. It is wiped after [`PIN_SERVES`], when the renewal
//! ends and when the token refuses it. A refused PIN is never tried again. The one-time code of an
//! acquisition is kept for as long, until its request is signed.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use pkcs11_bridge::{
    Lease, ModuleSpec, Pin, PinStatus, Spare, TokenError, TokenInfo, TokenUri, WorkerLauncher,
};
use protocol::{
    bridge::ProblemCode,
    csr::AcquisitionCode,
    renewal::{Trouble, TroubleKind},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::ask::Person;
use crate::{
    clock::Clock,
    failure::Failure,
    journal::{Journal, JournalError},
    prompt::{PinPurpose, PinTries},
};

/// How long an accepted PIN serves its renewal.
const PIN_SERVES: Duration = Duration::from_secs(5 * 60);

/// How often the person may mistype before the renewal ends.
const MOST_REFUSALS: u32 = 3;

/// Why a token could not be opened: what the state machine hears, and what the person does.
#[derive(Debug)]
pub(super) struct Stuck {
    pub(super) trouble: Trouble,
    pub(super) failure: Failure,
}

/// A renewal's access to its token.
pub(super) struct Session {
    launcher: WorkerLauncher,
    /// `None` until the token of an acquisition is chosen.
    place: Option<Place>,
    lock_folder: PathBuf,
    journal: Journal,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held<Pin>>>,
    code: Mutex<Option<Held<AcquisitionCode>>>,
    /// Workers for the next leases, started while a person reads.
    spares: Mutex<Vec<Spare>>,
}

/// Where a token is.
pub(super) struct Place {
    pub(super) module: ModuleSpec,
    pub(super) token: TokenUri,
}

struct Held<T> {
    secret: Arc<T>,
    /// When it was accepted, by both clocks: neither a clock that is set nor a PC that sleeps
    /// lets it serve for longer.
    since: (Timestamp, Instant),
}

impl<T> Held<T> {
    fn serves(&self, now: Timestamp) -> bool {
        let limit = SignedDuration::try_from(PIN_SERVES).expect("five minutes fit");
        let (wall, monotonic) = self.since;
        wall <= now && now.duration_since(wall) < limit && monotonic.elapsed() < PIN_SERVES
    }
}

impl Session {
    pub(super) fn new(
        launcher: WorkerLauncher,
        place: Option<Place>,
        lock_folder: PathBuf,
        journal: Journal,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            launcher,
            place,
            lock_folder,
            journal,
            clock,
            held: Mutex::new(None),
            code: Mutex::new(None),
            spares: Mutex::default(),
        }
    }

    /// Has workers for the next leases started, so that they are ready when the person is. They
    /// look at no token before they have a lease.
    pub(super) fn prepare(&self, leases: usize) {
        let Some(place) = &self.place else {
            return;
        };
        let mut spares = self.spares();
        while spares.len() < leases {
            match Spare::start(&self.launcher, &place.module) {
                Ok(spare) => spares.push(spare),
                Err(error) => {
                    debug!(%error, "no worker could be started ahead");
                    return;
                }
            }
        }
    }

    /// Ends the workers that were started ahead.
    pub(super) fn dismiss(&self) {
        self.spares().clear();
    }

    fn spares(&self) -> MutexGuard<'_, Vec<Spare>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the one-time code until the request is signed.
    pub(super) fn keep_code(&self, code: AcquisitionCode) -> Arc<AcquisitionCode> {
        let secret = Arc::new(code);
        let since = (self.clock.now(), Instant::now());
        *slot(&self.code) = Some(Held {
            secret: Arc::clone(&secret),
            since,
        });
        secret
    }

    /// The one-time code, as long as it may be kept.
    pub(super) fn code(&self) -> Option<Arc<AcquisitionCode>> {
        let now = self.clock.now();
        let mut slot = slot(&self.code);
        if slot.as_ref().is_some_and(|held| !held.serves(now)) {
            slot.take();
        }
        slot.as_ref().map(|held| Arc::clone(&held.secret))
    }

    /// Wipes the one-time code.
    pub(super) fn forget_code(&self) {
        slot(&self.code).take();
    }

    /// A lease on the token without a login, in a fresh process.
    pub(super) async fn open(&self, over: &CancellationToken) -> Result<Lease, Stuck> {
        let Some(Place { module, token }) = &self.place else {
            let failure = Failure::new(ProblemCode::Internal).because("no token is chosen");
            return Err(Stuck::fault(failure));
        };
        let spare = self.spares().pop();
        // Another renewal may have the token for as long as a person thinks.
        tokio::select! {
            lease = Lease::open_with(spare, &self.launcher, module, token, &self.lock_folder) => {
                lease.map_err(|error| {
                    let stuck = Stuck::from(error);
                    Stuck {
                        failure: stuck.failure.with("module", &module.name),
                        ..stuck
                    }
                })
            }
            () = over.cancelled() => {
                Err(Stuck::person(Failure::new(ProblemCode::PromptCancelled)))
            }
        }
    }

    /// A lease on the token with a login: by the PIN that was accepted a moment ago, else by
    /// asking the person.
    pub(super) async fn login(
        &self,
        person: &Person,
        why: PinPurpose,
        over: &CancellationToken,
    ) -> Result<Lease, Stuck> {
        let mut lease = self.open(over).await?;
        let status = lease.token().pin;
        if !status.required {
            return Ok(lease);
        }
        if status.locked {
            return Err(Stuck::from(TokenError::PinLocked));
        }
        if status.pin_pad {
            let token = lease.token().clone();
            let pointing = CancellationToken::new();
            let _gone_then = pointing.clone().drop_guard();
            tokio::select! {
                typed = lease.login_on_reader() => typed?,
                () = async {
                    person.point_to_reader(&token, pointing).await;
                    std::future::pending().await
                } => {}
            }
            return Ok(lease);
        }
        if let Some(pin) = self.held() {
            match lease.login(&pin).await {
                Ok(()) => return Ok(lease),
                Err(TokenError::PinIncorrect { .. }) => {
                    // The PIN was changed meanwhile.
                    slot(&self.held).take();
                    self.count_one_more(lease.token()).await;
                    // Another lease on the token would wait for this one.
                    drop(lease);
                    lease = self.open(over).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.ask_and_login(lease, person, why, over).await
    }

    /// A lease with a login only where that needs nobody: the accepted PIN still serves, or the
    /// token has none.
    pub(super) async fn login_unasked(
        &self,
        over: &CancellationToken,
    ) -> Result<Option<Lease>, Stuck> {
        let held = self.held();
        let mut lease = self.open(over).await?;
        let status = lease.token().pin;
        if !status.required {
            return Ok(Some(lease));
        }
        let Some(pin) = held.filter(|_| !status.locked && !status.pin_pad) else {
            return Ok(None);
        };
        match lease.login(&pin).await {
            Ok(()) => Ok(Some(lease)),
            Err(error) => {
                slot(&self.held).take();
                if matches!(error, TokenError::PinIncorrect { .. }) {
                    self.count_one_more(lease.token()).await;
                }
                Err(error.into())
            }
        }
    }

    /// Wipes PIN and code.
    pub(super) fn forget(&self) {
        slot(&self.held).take();
        self.forget_code();
    }

    /// Wipes a PIN or code that has served its time; says when to look at the PIN that has not.
    pub(super) fn pin_ends(&self, now: Timestamp) -> Option<Timestamp> {
        drop(self.code());
        let mut slot = slot(&self.held);
        if slot.as_ref().is_some_and(|held| !held.serves(now)) {
            slot.take();
        }
        let held = slot.as_ref()?;
        let left = PIN_SERVES.saturating_sub(held.since.1.elapsed());
        Some(now + SignedDuration::try_from(left).ok()?)
    }

    async fn ask_and_login(
        &self,
        mut lease: Lease,
        person: &Person,
        why: PinPurpose,
        over: &CancellationToken,
    ) -> Result<Lease, Stuck> {
        let token = counted_by(lease.token()).to_owned();
        let mut in_a_row = self.journal.refused_pins(&token).await;
        let mut refusals = 0;
        let mut status = lease.token().pin;
        loop {
            let before = in_a_row.map_err(Stuck::journal)?;
            let tries = tries(status, before);
            let asked = person.pin(lease.token(), why, tries, refusals > 0, over);
            let pin = Arc::new(asked.await?);
            // A crash during the try must not hide it.
            self.count(&token, before + 1).await?;
            match lease.login(&pin).await {
                Ok(()) => {
                    if let Err(stuck) = self.count(&token, 0).await {
                        warn!(failure = %stuck.failure, "refused PINs stay counted");
                    }
                    let since = (self.clock.now(), Instant::now());
                    *slot(&self.held) = Some(Held { secret: pin, since });
                    debug!("token opened");
                    return Ok(lease);
                }
                Err(TokenError::PinIncorrect { status: after }) => {
                    refusals += 1;
                    in_a_row = Ok(before + 1);
                    warn!(refusals, in_a_row = before + 1, "the token refused the pin");
                    if after.locked {
                        return Err(TokenError::PinLocked.into());
                    }
                    if refusals == MOST_REFUSALS {
                        return Err(TokenError::PinIncorrect { status: after }.into());
                    }
                    status = after;
                    // A session that saw an error is not used again.
                    drop(lease);
                    lease = self.open(over).await?;
                    status = worse(status, lease.token().pin);
                }
                Err(TokenError::PinLength { min, max }) => {
                    // It was no try.
                    self.count(&token, before).await?;
                    in_a_row = Ok(before);
                    refusals += 1;
                    if refusals == MOST_REFUSALS {
                        return Err(TokenError::PinLength { min, max }.into());
                    }
                    drop(lease);
                    lease = self.open(over).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Our own count, for tokens that say nothing of the tries left, or what is not so.
    async fn count(&self, token: &str, in_a_row: u32) -> Result<(), Stuck> {
        let counted = self.journal.count_refused_pins(token, in_a_row).await;
        counted.map_err(Stuck::journal)
    }

    async fn count_one_more(&self, token: &TokenInfo) {
        let token = counted_by(token);
        let counted = match self.journal.refused_pins(token).await {
            Ok(before) => self.journal.count_refused_pins(token, before + 1).await,
            Err(error) => Err(error),
        };
        if let Err(error) = counted {
            warn!(%error, "a refused PIN is not counted");
        }
    }

    fn held(&self) -> Option<Arc<Pin>> {
        self.pin_ends(self.clock.now())?;
        slot(&self.held)
            .as_ref()
            .map(|held| Arc::clone(&held.secret))
    }
}

fn slot<T>(held: &Mutex<Option<Held<T>>>) -> MutexGuard<'_, Option<Held<T>>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By what refused PINs are counted: the serial number, or the label of a token without one.
fn counted_by(token: &TokenInfo) -> &str {
    if token.serial.is_empty() {
        &token.label
    } else {
        &token.serial
    }
}

/// What the person is told of the tries left: what the token says, or our own count, whichever is
/// worse.
fn tries(status: PinStatus, in_a_row: u32) -> PinTries {
    match in_a_row {
        _ if status.final_try => PinTries::Last,
        2.. => PinTries::Refused { in_a_row },
        1 => PinTries::Few,
        0 if status.count_low => PinTries::Few,
        0 => PinTries::Enough,
    }
}

/// Some modules drop a warning that they gave a moment ago.
fn worse(one: PinStatus, other: PinStatus) -> PinStatus {
    PinStatus {
        count_low: one.count_low || other.count_low,
        final_try: one.final_try || other.final_try,
        locked: one.locked || other.locked,
        ..other
    }
}

impl Stuck {
    /// Trouble that only a repair, another token or a fresh renewal ends.
    pub(super) fn fault(failure: Failure) -> Self {
        Self {
            trouble: Trouble {
                kind: TroubleKind::Fault,
                code: failure.code,
            },
            failure,
        }
    }

    /// The journal cannot be read or written: nothing that must be written down may be done.
    pub(super) fn journal(error: JournalError) -> Self {
        Self::fault(Failure::new(ProblemCode::JournalUnavailable).because(error))
    }

    /// A token that could not store something: some say nothing better when they are full.
    pub(super) fn storing(error: TokenError) -> Self {
        if error.is_vague() {
            Self::fault(Failure::new(ProblemCode::TokenMaybeFull).because(error))
        } else {
            error.into()
        }
    }

    /// Trouble that the person can end.
    pub(super) fn person(failure: Failure) -> Self {
        Self {
            trouble: Trouble {
                kind: TroubleKind::Person,
                code: failure.code,
            },
            failure,
        }
    }
}

impl From<TokenError> for Stuck {
    fn from(error: TokenError) -> Self {
        let (kind, code) = match &error {
            // Once one of the two is out, the other is the one.
            TokenError::TokenAmbiguous { .. } => (TroubleKind::Card, ProblemCode::TokenAmbiguous),
            TokenError::TokenNotFound | TokenError::TokenRemoved => {
                (TroubleKind::Card, ProblemCode::TokenNotFound)
            }
            TokenError::TokenFull | TokenError::WriteProtected => {
                (TroubleKind::Fault, ProblemCode::TokenFull)
            }
            TokenError::KeyNotFound => (TroubleKind::Fault, ProblemCode::KeyMissing),
            TokenError::KeyTypeUnsupported => (TroubleKind::Fault, ProblemCode::KeyTypeUnsupported),
            TokenError::PinIncorrect { .. } | TokenError::PinLength { .. } => {
                (TroubleKind::Person, ProblemCode::PinIncorrect)
            }
            TokenError::PinLocked => (TroubleKind::Fault, ProblemCode::PinLocked),
            TokenError::PinExpired | TokenError::PinNotSet => {
                (TroubleKind::Fault, ProblemCode::PinExpired)
            }
            TokenError::Cancelled => (TroubleKind::Person, ProblemCode::PromptCancelled),
            TokenError::ModuleMissing { .. } | TokenError::ModuleUnusable { .. } => {
                (TroubleKind::Fault, ProblemCode::ModuleMissing)
            }
            TokenError::LoginRequired
            | TokenError::NoPinPad
            | TokenError::TemplateRefused
            | TokenError::Module { .. }
            | TokenError::ReadBack { .. }
            | TokenError::Unsuitable { .. }
            | TokenError::WorkerCrashed
            | TokenError::WorkerTimedOut { .. }
            | TokenError::WorkerNonsense => (TroubleKind::Fault, ProblemCode::ModuleFailed),
            TokenError::WorkerStart(_) | TokenError::Lock(_) => {
                (TroubleKind::Fault, ProblemCode::Internal)
            }
        };
        Self {
            trouble: Trouble { kind, code },
            failure: Failure::new(code).because(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(wall: Timestamp, monotonic: Instant) -> Held<()> {
        Held {
            secret: Arc::new(()),
            since: (wall, monotonic),
        }
    }

    #[test]
    fn our_own_count_speaks_where_the_token_says_too_little() {
        let silent = PinStatus::default();
        let low = PinStatus {
            count_low: true,
            ..silent
        };
        let last = PinStatus {
            final_try: true,
            ..low
        };
        assert_eq!(tries(silent, 0), PinTries::Enough);
        assert_eq!(tries(silent, 1), PinTries::Few);
        assert_eq!(tries(low, 0), PinTries::Few);
        assert_eq!(tries(low, 3), PinTries::Refused { in_a_row: 3 });
        assert_eq!(tries(last, 3), PinTries::Last);
    }

    #[test]
    fn a_pin_serves_for_five_minutes_by_both_clocks() {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let held = accepted(noon, Instant::now());
        assert!(held.serves(noon));
        assert!(held.serves(noon + SignedDuration::from_secs(299)));
        assert!(!held.serves(noon + SignedDuration::from_secs(300)));
        assert!(!held.serves(noon - SignedDuration::from_secs(1)));

        let long_ago = Instant::now().checked_sub(PIN_SERVES).unwrap();
        assert!(!accepted(noon, long_ago).serves(noon));
    }
}
