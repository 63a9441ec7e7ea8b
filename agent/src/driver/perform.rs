//! What the state machine demands, done: the only place where a renewal meets token and person.

use std::sync::Arc;

use getrandom::fill;
use pkcs11_bridge::{Inventory, KeyStatus, KeyType, Lease, NewKey};
use protocol::{
    accept::{AcceptError, AcceptedCertificate, Expected, accept},
    bridge::{Kind, ProblemCode},
    certificate::Certificate,
    csr::RequestToSign,
    proof::{ProofClaims, ProofToSign, Purpose},
    renewal::{Bytes, Done, Effect, Event, KeyId, SignedBytes, State},
};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    aim::Aim,
    ask::Person,
    found::day_text,
    recovery::fingerprints,
    session::{Session, Stuck},
    shared::Shared,
};
use crate::{
    failure::Failure,
    journal::{Before, Creates, Record},
    profile::Profile,
    prompt::PinPurpose,
};

/// What is said of an effect once it is over.
pub(super) struct Performed {
    pub(super) event: Event,
    pub(super) failure: Option<Failure>,
}

/// Everything that the effects of one renewal need.
#[derive(Clone)]
pub(super) struct Performer {
    pub(super) shared: Arc<Shared>,
    pub(super) profile: Arc<Profile>,
    pub(super) aim: Arc<Aim>,
    pub(super) session: Arc<Session>,
    pub(super) person: Arc<Person>,
    /// The expired certificates that the person agreed to part with once an acquired one is
    /// proven. A restart forgets them: then they stay.
    pub(super) parting: Arc<Mutex<Vec<Certificate>>>,
    /// A lease that the next effect goes on with.
    pub(super) lease: Arc<Mutex<Option<Lease>>>,
}

impl Performer {
    /// The same renewal, now that its token is chosen.
    pub(super) fn at(&self, module: &str, token: &str) -> Self {
        // A module that was listed a moment ago is configured.
        let place = self.shared.place(module, token).ok();
        Self {
            session: Arc::new(self.shared.session(place)),
            person: Arc::new(self.person.with_token(token)),
            ..self.clone()
        }
    }

    /// Does what a state demands, and brings it to its end: once `over` fires, dialogs are
    /// withdrawn, but a token's call is waited for.
    pub(super) async fn perform(
        self,
        effect: Effect,
        record: Record,
        over: CancellationToken,
    ) -> Performed {
        let goes_on = match effect {
            Effect::MakeKey | Effect::SignRequest => true,
            Effect::AskConsent
            | Effect::ChooseToken
            | Effect::AskCode
            | Effect::Login
            | Effect::Check
            | Effect::Note
            | Effect::AskInstall
            | Effect::Write
            | Effect::Prove
            | Effect::RemoveOld
            | Effect::Discard => false,
        };
        if !goes_on {
            // A lease that is left would keep this one waiting for its own token.
            self.lease.lock().await.take();
        }
        let done = match effect {
            Effect::AskConsent => self.ask_consent(&over).await,
            Effect::ChooseToken => self.choose_token(&over).await,
            Effect::AskCode => self.ask_code(&record, &over).await,
            Effect::Login => self.login(&record, &over).await,
            Effect::MakeKey => self.make_key(&record).await,
            Effect::SignRequest => self.sign_request(&record, &over).await,
            Effect::Check => Ok(self.check(&record)),
            Effect::Note => Ok(Performed::done(Done::Noted)),
            Effect::AskInstall => self.ask_install(&record, &over).await,
            Effect::Write => self.write(&record, &over).await,
            Effect::Prove => self.prove(&record, &over).await,
            Effect::RemoveOld => self.remove_old(&record, &over).await,
            Effect::Discard => self.discard(&record, &over).await,
        };
        let mut performed = done.unwrap_or_else(Performed::from);
        performed.failure = performed
            .failure
            .map(|failure| self.person.tell_more(failure));
        performed
    }

    async fn ask_consent(&self, over: &CancellationToken) -> Result<Performed, Stuck> {
        // For the lease that makes the key.
        self.session.prepare(1);
        let reply = self.person.consent(over).await?;
        debug!(?reply, "asked for consent to make a key");
        Ok(Event::Person(reply).into())
    }

    async fn ask_install(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let accepted = self.accepted(record)?;
        // For the lease that writes the certificate, and the one that proves it.
        self.session.prepare(2);
        let expired = self.expired_before(over).await;
        let reply = self
            .person
            .consent_to_install(accepted.certificate(), &expired, over)
            .await?;
        debug!(?reply, "asked for consent to install the certificate");
        *self.parting.lock().await = expired;
        Ok(Event::Person(reply).into())
    }

    /// Opens the token, removes what earlier renewals left there, and looks whether a new key
    /// can be made for the old one.
    async fn login(&self, record: &Record, over: &CancellationToken) -> Result<Performed, Stuck> {
        let why = self.why_pin();
        let mut lease = self.open_token(why, record, over).await?;
        let inventory = lease.inventory().await?;
        if let Some(old) = self.aim.old() {
            look_for(&inventory, old)?;
        }
        let creates = Creates::Pair(self.key_type(&mut lease).await?);
        let id = fresh_id(&inventory, || {
            let mut id = [0; 16];
            fill(&mut id).map(|()| id)
        })
        .map_err(|error| {
            Stuck::fault(Failure::new(ProblemCode::Internal).because(error.to_string()))
        })?;
        self.keep_before(record, creates, &inventory).await?;
        *self.lease.lock().await = Some(lease);
        Ok(Performed::done(Done::LoggedIn(KeyId(id))))
    }

    async fn make_key(&self, record: &Record) -> Result<Performed, Stuck> {
        let State::KeyIntent { key } = &record.state else {
            return Err(misplaced());
        };
        let mut lease = self.lease.lock().await.take().ok_or_else(misplaced)?;
        let new = NewKey {
            key_type: self.key_type(&mut lease).await?,
            id: key.0,
            label: pending(&self.label()),
        };
        let spki = lease.generate(&new).await.map_err(Stuck::storing)?;
        debug!(key_type = %new.key_type, "key made in the token");
        *self.lease.lock().await = Some(lease);
        Ok(Performed::done(Done::KeyMade(spki.into())))
    }

    async fn sign_request(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let State::KeyReady { key, request } = &record.state else {
            return Err(misplaced());
        };
        // After a restart the code must be asked for again, and the token opened.
        let code = match (self.aim.kind(), self.session.code()) {
            (Kind::Renew, _) => None,
            (Kind::Acquire, Some(code)) => Some(code),
            (Kind::Acquire, None) => {
                let code = self.person.code(None, over).await?;
                Some(self.session.keep_code(code))
            }
        };
        let going_on = self.lease.lock().await.take();
        let mut lease = match going_on {
            Some(lease) => lease,
            None => {
                let why = self.why_pin();
                self.open_token(why, record, over).await?
            }
        };
        let spki = key.spki.as_slice();
        let request: Bytes = match request {
            Some(signed_before) => signed_before.clone(),
            None => {
                let to_sign = match &*self.aim {
                    Aim::Renewal(old) => RequestToSign::renewing(old, spki),
                    Aim::Acquisition(subject) => {
                        let code = code.as_deref().ok_or_else(misplaced)?;
                        let (origin, nonce) = (&record.owner, &record.nonce);
                        RequestToSign::acquiring(subject, spki, code, origin, nonce)
                    }
                };
                let to_sign = to_sign.map_err(internal)?;
                let signature = lease.sign(spki, to_sign.message()).await?;
                let request = to_sign.assemble(&signature).map_err(internal)?;
                request.der().to_vec().into()
            }
        };
        let proof = match self.aim.old() {
            Some(old) => Some(
                self.prove_request(&mut lease, old, &request, record)
                    .await?,
            ),
            None => None,
        };
        close(lease).await;
        self.session.forget_code();
        debug!("request signed");
        Ok(Performed::done(Done::Signed(SignedBytes {
            request,
            proof,
            nonce: record.nonce.clone().into(),
            origin: record.owner.clone(),
        })))
    }

    /// The old key answers for the request.
    async fn prove_request(
        &self,
        lease: &mut Lease,
        old: &Certificate,
        request: &Bytes,
        record: &Record,
    ) -> Result<Bytes, Stuck> {
        let asked = Asked {
            nonce: &record.nonce,
            origin: &record.owner,
        };
        let claims = self.claims(Purpose::Renew, &asked, old.sha256()).await?;
        let to_sign = ProofToSign::new(request.as_slice(), old, &claims).map_err(internal)?;
        let signature = lease.sign(old.spki_der(), to_sign.message()).await?;
        let proof = to_sign.assemble(&signature).map_err(internal)?;
        Ok(proof.into())
    }

    fn check(&self, record: &Record) -> Performed {
        match self.accept(record) {
            Some(Ok(accepted)) => {
                debug!(
                    serial = accepted.certificate().serial_hex(),
                    "certificate accepted"
                );
                let der = accepted.certificate().der().to_vec();
                Performed::done(Done::Accepted(der.into()))
            }
            Some(Err(error)) => {
                let event = match error {
                    AcceptError::NotYetValid { until } => Done::NotYetValid(until),
                    _ => Done::Refused(error.code()),
                };
                Performed {
                    event: Event::Done(event),
                    failure: Some(unacceptable(error)),
                }
            }
            None => misplaced().into(),
        }
    }

    /// A lease on the token with a login, in which what was left half done is cleared first.
    pub(super) async fn open_token(
        &self,
        why: PinPurpose,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Lease, Stuck> {
        let mut lease = self.session.login(&self.person, why, over).await?;
        self.recover(&mut lease, record).await;
        Ok(lease)
    }

    pub(super) async fn recover(&self, lease: &mut Lease, record: &Record) {
        self.shared.recover(lease, &record.module, &record.id).await;
    }

    /// Writes down what the token shows, so that what a power cut leaves half done is known.
    pub(super) async fn keep_before(
        &self,
        record: &Record,
        creates: Creates,
        inventory: &Inventory,
    ) -> Result<(), Stuck> {
        let before = Before {
            renewal: record.id.clone(),
            module: record.module.clone(),
            token: record.token.clone(),
            creates,
            taken: self.shared.clock.now(),
            objects: fingerprints(creates, inventory),
        };
        let kept = self.shared.journal.keep_before(before).await;
        kept.map_err(Stuck::journal)
    }

    /// The answer checked once more, because only an [`AcceptedCertificate`] may be written.
    pub(super) fn accepted(&self, record: &Record) -> Result<AcceptedCertificate, Stuck> {
        match self.accept(record) {
            Some(Ok(accepted)) => Ok(accepted),
            Some(Err(error)) => Err(Stuck::fault(unacceptable(error))),
            None => Err(misplaced()),
        }
    }

    fn accept(&self, record: &Record) -> Option<Result<AcceptedCertificate, AcceptError>> {
        let (key, answer) = match &record.state {
            State::Received { key, answer, .. } => (key, answer),
            State::Verified(answered)
            | State::ConsentToInstall(answered)
            | State::InstallIntent(answered)
            | State::Unproven(answered) => (&answered.key, &answered.answer),
            State::Consent { .. }
            | State::ChooseToken
            | State::EnterCode { .. }
            | State::Authenticate { .. }
            | State::KeyIntent { .. }
            | State::KeyReady { .. }
            | State::RequestReady { .. }
            | State::AwaitingCertificate { .. }
            | State::Proven(_)
            | State::Grace { .. }
            | State::Retired { .. }
            | State::Waiting { .. }
            | State::Cancelled { .. }
            | State::Failed { .. }
            | State::Expired { .. } => return None,
        };
        let issuers = self.profile.issuer_ders();
        let expected = Expected {
            spki_der: key.spki.as_slice(),
            subject_der: self.aim.subject_der(),
            later_than: self.aim.old().map(Certificate::not_after),
            issuers: &issuers,
            now: self.shared.clock.now().as_second(),
        };
        Some(accept(answer.as_slice(), &expected))
    }

    pub(super) async fn claims(
        &self,
        purpose: Purpose,
        asked: &Asked<'_>,
        certificate_sha256: [u8; 32],
    ) -> Result<ProofClaims, Stuck> {
        Ok(ProofClaims {
            purpose,
            nonce: asked.nonce.to_vec(),
            origin: asked.origin.to_owned(),
            time: self.shared.clock.now().as_second(),
            certificate_sha256,
            audit_head: self.shared.journal.head().await.map_err(|error| {
                Stuck::fault(Failure::new(ProblemCode::JournalUnavailable).because(error))
            })?,
        })
    }

    /// The bank's first choice that the token can make.
    async fn key_type(&self, lease: &mut Lease) -> Result<KeyType, Stuck> {
        let found = lease.first_makeable(&self.profile.key_types).await?;
        found.ok_or_else(|| Stuck::fault(Failure::new(ProblemCode::KeyTypeUnsupported)))
    }

    pub(super) fn label(&self) -> String {
        self.aim.name()
    }

    pub(super) fn why_pin_again(&self) -> PinPurpose {
        match self.aim.kind() {
            Kind::Renew => PinPurpose::Install,
            Kind::Acquire => PinPurpose::InstallAcquired,
        }
    }

    fn why_pin(&self) -> PinPurpose {
        match self.aim.kind() {
            Kind::Renew => PinPurpose::Renew,
            Kind::Acquire => PinPurpose::Acquire,
        }
    }
}

/// What the bank asked a proof for.
pub(super) struct Asked<'a> {
    pub(super) nonce: &'a [u8],
    pub(super) origin: &'a str,
}

impl Performed {
    pub(super) fn done(done: Done) -> Self {
        Event::Done(done).into()
    }

    /// Whether it was given up because something else came first.
    pub(super) fn is_withdrawn(&self) -> bool {
        matches!(&self.event, Event::Trouble(trouble) if trouble.code == ProblemCode::PromptCancelled)
    }
}

impl From<Stuck> for Performed {
    fn from(stuck: Stuck) -> Self {
        Self {
            event: Event::Trouble(stuck.trouble),
            failure: Some(stuck.failure),
        }
    }
}

/// The label of a pair whose certificate is not there yet.
pub(super) fn pending(name: &str) -> String {
    format!("{name}{PENDING}")
}

/// How the label of a pair ends whose certificate is not there yet.
pub(super) const PENDING: &str = " (pending)";

/// An id that nothing on the token has: what bears it later is ours to remove.
fn fresh_id<E>(
    inventory: &Inventory,
    mut draw: impl FnMut() -> Result<[u8; 16], E>,
) -> Result<[u8; 16], E> {
    loop {
        let id = draw()?;
        let keys = inventory.public_keys.iter().chain(&inventory.private_keys);
        let certificates = inventory.certificates.iter().map(|entry| &entry.id);
        if keys
            .map(|key| &key.id)
            .chain(certificates)
            .all(|used| *used != id)
        {
            return Ok(id);
        }
    }
}

/// The old certificate and its key must be there.
fn look_for(inventory: &Inventory, old: &Certificate) -> Result<(), Stuck> {
    let missing = match key_status(inventory, old) {
        Some(KeyStatus::Present) => return Ok(()),
        Some(KeyStatus::Unknown | KeyStatus::Absent) => ProblemCode::KeyMissing,
        None => ProblemCode::CertificateNotFound,
    };
    Err(Stuck::fault(Failure::new(missing)))
}

/// Whether the key of a certificate is there; `None` if the certificate itself is not.
pub(super) fn key_status(inventory: &Inventory, certificate: &Certificate) -> Option<KeyStatus> {
    let mut copies = inventory
        .certificates
        .iter()
        .filter(|entry| entry.der == certificate.der());
    copies.next().map(|entry| entry.key)
}

pub(super) async fn close(lease: Lease) {
    if let Err(error) = lease.close().await {
        warn!(%error, "the token's worker did not end well");
    }
}

/// Why an answer is refused, with the day that the person should know.
fn unacceptable(error: AcceptError) -> Failure {
    let failure = Failure::new(error.code());
    let failure = match error {
        AcceptError::Expired { since: day } | AcceptError::NotYetValid { until: day } => {
            failure.with("date", day_text(day))
        }
        _ => failure,
    };
    failure.because(error)
}

pub(super) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Stuck {
    Stuck::fault(Failure::new(ProblemCode::Internal).because(error))
}

/// The state machine demanded something that its state has no use for.
pub(super) fn misplaced() -> Stuck {
    Stuck::fault(Failure::new(ProblemCode::Internal).because("an effect out of place"))
}

#[cfg(test)]
mod tests {
    use pkcs11_bridge::KeyEntry;

    use super::*;

    #[test]
    fn an_id_that_something_on_the_token_has_already_is_not_taken() {
        let used = KeyEntry {
            id: vec![1; 16],
            label: String::new(),
            spki: None,
            sensitive: None,
            extractable: None,
            local: None,
        };
        let inventory = Inventory {
            private_keys: vec![used],
            ..Inventory::default()
        };
        let mut drawn = [[1; 16], [2; 16]].into_iter();
        let id = fresh_id(&inventory, || drawn.next().ok_or(()));
        assert_eq!(id, Ok([2; 16]));
    }
}
