//! What the state machine demands, done: the only place where a renewal meets token and person.

use std::sync::Arc;

use getrandom::fill;
use pkcs11_bridge::{KeyStatus, KeyType, KnownAs, Lease, NewKey, TokenError};
use protocol::{
    accept::{AcceptError, AcceptedCertificate, Expected, accept},
    bridge::{Kind, ProblemCode},
    certificate::Certificate,
    csr::RequestToSign,
    proof::{ProofClaims, ProofToSign, Purpose},
    renewal::{Bytes, Done, Effect, Event, KeyId, Leftover, SignedBytes, State},
};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    aim::Aim,
    ask::Person,
    found::day_text,
    session::{Session, Stuck},
    shared::Shared,
};
use crate::{failure::Failure, journal::Record, profile::Profile, prompt::PinPurpose};

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
            Effect::MakeKey | Effect::SignRequest | Effect::Relabel => true,
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
            Effect::Relabel => self.relabel(&record).await,
            Effect::RemoveOld => self.remove_old(&over).await,
            Effect::Discard => self.discard(&record, &over).await,
        };
        let mut performed = done.unwrap_or_else(Performed::from);
        performed.failure = performed
            .failure
            .map(|failure| self.person.tell_more(failure));
        performed
    }

    async fn ask_consent(&self, over: &CancellationToken) -> Result<Performed, Stuck> {
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
        let mut lease = self.session.login(&self.person, why, over).await?;
        self.shared.clear_leftovers(&mut lease, record).await;
        if let Some(old) = self.aim.old() {
            look_for(&mut lease, old).await?;
        }
        self.key_type(&mut lease).await?;
        let mut id = [0; 16];
        fill(&mut id).map_err(|error| {
            Stuck::fault(Failure::new(ProblemCode::Internal).because(error.to_string()))
        })?;
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
        let spki = lease.generate(&new).await?;
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
                self.session.login(&self.person, why, over).await?
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

    async fn write(&self, record: &Record, over: &CancellationToken) -> Result<Performed, Stuck> {
        let State::InstallIntent(answered) = &record.state else {
            return Err(misplaced());
        };
        let accepted = self.accepted(record)?;
        let mut lease = self
            .session
            .login(&self.person, self.why_pin_again(), over)
            .await?;
        install(&mut lease, &accepted, &answered.key.id, &self.label()).await?;
        close(lease).await;
        debug!("certificate written and read back");
        Ok(Performed::done(Done::Written))
    }

    /// A fresh process finds the key through the certificate and signs the receipt with it.
    async fn prove(&self, record: &Record, over: &CancellationToken) -> Result<Performed, Stuck> {
        let accepted = self.accepted(record)?;
        let new = accepted.certificate();
        let mut lease = self
            .session
            .login(&self.person, self.why_pin_again(), over)
            .await?;
        let signed = record.state.signed().ok_or_else(misplaced)?;
        let asked = Asked {
            nonce: signed.nonce.as_slice(),
            origin: &signed.origin,
        };
        // An acquisition renews nothing but what it brought.
        let about = self.aim.old().unwrap_or(new).sha256();
        let claims = self.claims(Purpose::Receipt, &asked, about).await?;
        let to_sign = ProofToSign::new(new.der(), new, &claims).map_err(internal)?;
        let signature = match lease
            .sign_by_certificate(new.der(), to_sign.message())
            .await
        {
            Err(TokenError::KeyNotFound) => {
                return Err(Stuck::fault(
                    Failure::new(ProblemCode::ProofFailed).because("the certificate has no key"),
                ));
            }
            other => other?,
        };
        let receipt = to_sign
            .assemble(&signature)
            .map_err(|error| Stuck::fault(Failure::new(ProblemCode::ProofFailed).because(error)))?;
        *self.lease.lock().await = Some(lease);
        debug!("new key proven");
        Ok(Performed::done(Done::Used(receipt.into())))
    }

    async fn relabel(&self, record: &Record) -> Result<Performed, Stuck> {
        let going_on = self.lease.lock().await.take();
        if let (Some(mut lease), State::Proven(installed)) = (going_on, &record.state) {
            let spki = installed.key.spki.as_slice();
            let label = self.label();
            let known = KnownAs {
                id: installed.key.id.0,
                label: pending(&label),
            };
            if let Err(error) = lease.relabel_pair(spki, &known, &label).await {
                warn!(%error, "the token does not rename keys");
            }
            self.part_with_expired(&mut lease).await;
            close(lease).await;
        }
        Ok(Performed::done(Done::Relabelled))
    }

    /// Removes the old certificate, so that no browser offers it any more; its key goes too
    /// where the token can be opened without asking for the PIN.
    async fn remove_old(&self, over: &CancellationToken) -> Result<Performed, Stuck> {
        let old = self.aim.old().ok_or_else(misplaced)?;
        let key_left = match self.session.login_unasked(over).await? {
            Some(mut lease) => {
                lease.remove_certificate(&old.sha256()).await?;
                remove_unused_pair(&mut lease, old.spki_der()).await?;
                close(lease).await;
                false
            }
            None => {
                let mut lease = self.session.open(over).await?;
                lease.remove_certificate(&old.sha256()).await?;
                close(lease).await;
                true
            }
        };
        debug!(key_left, "old certificate removed");
        Ok(Performed::done(Done::OldRemoved { key_left }))
    }

    /// Removes what an ended renewal left, where that needs no PIN; else it goes with the next
    /// login to the same token.
    async fn discard(&self, record: &Record, over: &CancellationToken) -> Result<Performed, Stuck> {
        let Some(leftover) = record.state.pending() else {
            return Ok(Performed::done(Done::Discarded));
        };
        let lease = self.session.login_unasked(over).await?;
        self.session.forget();
        let Some(mut lease) = lease else {
            return Err(Stuck::person(Failure::new(ProblemCode::Cancelled)));
        };
        remove_leftover(&mut lease, &leftover).await?;
        close(lease).await;
        debug!("leftovers removed");
        Ok(Performed::done(Done::Discarded))
    }

    /// The answer checked once more, because only an [`AcceptedCertificate`] may be written.
    fn accepted(&self, record: &Record) -> Result<AcceptedCertificate, Stuck> {
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

    async fn claims(
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

    fn label(&self) -> String {
        self.aim.name()
    }

    fn why_pin_again(&self) -> PinPurpose {
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
struct Asked<'a> {
    nonce: &'a [u8],
    origin: &'a str,
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
fn pending(name: &str) -> String {
    format!("{name} (pending)")
}

/// The old certificate and its key must be there.
async fn look_for(lease: &mut Lease, old: &Certificate) -> Result<(), Stuck> {
    let inventory = lease.inventory().await?;
    let found = inventory
        .certificates
        .iter()
        .find(|entry| entry.der == old.der());
    let missing = match found.map(|entry| entry.key) {
        Some(KeyStatus::Present) => return Ok(()),
        Some(KeyStatus::Unknown | KeyStatus::Absent) => ProblemCode::KeyMissing,
        None => ProblemCode::CertificateNotFound,
    };
    Err(Stuck::fault(Failure::new(missing)))
}

/// Writes a certificate under its key's id and reads it back. Nothing but an accepted one can
/// be written.
async fn install(
    lease: &mut Lease,
    accepted: &AcceptedCertificate,
    id: &KeyId,
    label: &str,
) -> Result<(), Stuck> {
    let certificate = accepted.certificate();
    lease
        .write_certificate(certificate.der(), certificate.spki_der(), &id.0, label)
        .await?;
    Ok(())
}

/// Removes what carries the id of a renewal that came to nothing.
pub(super) async fn remove_leftover(lease: &mut Lease, leftover: &Leftover) -> Result<(), Stuck> {
    if let Some(certificate) = &leftover.certificate
        && let Ok(certificate) = Certificate::from_der(certificate.as_slice())
    {
        lease.remove_certificate(&certificate.sha256()).await?;
    }
    lease.remove_by_id(&leftover.key.0).await?;
    Ok(())
}

/// Removes a pair unless another certificate on the token is for it.
pub(super) async fn remove_unused_pair(lease: &mut Lease, spki: &[u8]) -> Result<(), Stuck> {
    let inventory = lease.inventory().await?;
    let used = inventory.certificates.iter().any(|entry| {
        Certificate::from_der(&entry.der).is_ok_and(|certificate| certificate.spki_der() == spki)
    });
    if used {
        warn!("the old key stays: another certificate is for it");
    } else {
        lease.remove_pair(spki).await?;
    }
    Ok(())
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

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Stuck {
    Stuck::fault(Failure::new(ProblemCode::Internal).because(error))
}

/// The state machine demanded something that its state has no use for.
fn misplaced() -> Stuck {
    Stuck::fault(Failure::new(ProblemCode::Internal).because("an effect out of place"))
}
