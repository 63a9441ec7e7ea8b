//! Renewals: what callers may ask of them, and the tasks that carry them out.
//!
//! [`Renewals`] is the way in for the loopback API and for the control socket. Each renewal
//! under way has a task of its own (`course`) that feeds the state machine of
//! `protocol::renewal`, writes the journal, and has what the machine demands done (`perform`).

mod acquire;
mod aim;
mod ask;
mod begin;
mod caller;
mod challenge;
mod course;
mod event;
mod found;
mod install;
mod overview;
mod perform;
mod recovery;
mod refused;
mod retire;
mod session;
mod shared;
mod sighting;
mod status;
mod view;

use std::{path::PathBuf, sync::Arc};

use pkcs11_bridge::{ModuleListing, ModuleSpec, WorkerLauncher};
use protocol::{
    bridge::{
        self, BeginRenewal, CertificateAnswer, Challenge, Outcome, ProblemCode, Progress,
        RenewalView, WaitReason,
    },
    certificate::Certificate,
    renewal::{Bytes, Event, Page, State},
    schedule,
};
use tokio::sync::mpsc;

pub use caller::{Caller, Terminal};
pub use overview::{Overview, SeenCertificate, SeenRenewal};
pub use recovery::{CleanOutcome, Cleaned, Finding, FindingKind, Scope};
pub use refused::{RefusedOrigin, RefusedOrigins};
pub use sighting::{Sighted, Sighting};
pub use status::{AgentStatus, Listing, ModuleStatus, ProfileStatus, TokenStatus};

use crate::{
    clock::Clock,
    failure::Failure,
    journal::{Entry, Journal, JournalError, Record, RenewalId},
    language::{Language, Texts},
    profile::Current,
    prompt::Prompter,
};
use course::Course;
use shared::Shared;

/// The most renewals under way at once.
const MOST_COURSES: usize = 32;

/// What renewals need.
pub struct Setup {
    /// The record of renewals.
    pub journal: Journal,
    /// The banks.
    pub profiles: Current,
    /// The modules in which tokens are looked for.
    pub modules: Vec<ModuleSpec>,
    /// How a worker process is started.
    pub launcher: WorkerLauncher,
    /// Where the lock files of tokens are.
    pub lock_folder: PathBuf,
    /// Asks the person.
    pub prompter: Prompter,
    /// What the person reads.
    pub language: Language,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where pages reach the agent; `None` for a one-shot agent.
    pub port: Option<u16>,
}

/// All renewals of this agent.
#[derive(Clone)]
pub struct Renewals {
    shared: Arc<Shared>,
}

impl Renewals {
    /// Takes up the renewals that the journal has.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn start(setup: Setup) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::new(setup));
        for record in shared.journal.unfinished().await? {
            if !record.state.is_final() {
                begin::take_up(&shared, record);
            }
        }
        Ok(Self { shared })
    }

    /// The sites that were turned away, for whoever turns them away.
    #[must_use]
    pub fn refused_origins(&self) -> &RefusedOrigins {
        &self.shared.refused
    }

    /// The certificates that are the caller's business, nearest expiry first.
    pub async fn certificates(&self, caller: &Caller) -> Vec<bridge::Certificate> {
        self.look(caller, &self.shared.modules()).await.0
    }

    /// The same, and how each module was found.
    pub async fn listing(&self, caller: &Caller) -> Listing {
        let modules = self.shared.modules();
        let (certificates, listings) = self.look(caller, &modules).await;
        let texts = Texts::of(caller.language());
        Listing {
            certificates,
            modules: status::modules(&modules, texts, listings),
        }
    }

    async fn look(
        &self,
        caller: &Caller,
        modules: &[ModuleSpec],
    ) -> (Vec<bridge::Certificate>, Vec<ModuleListing>) {
        let shared = &self.shared;
        let now = shared.clock.now();
        let mut listed = Vec::new();
        let listings = found::each(&shared.launcher, modules, &shared.profiles.now(), |found| {
            let profile = found
                .profiles
                .iter()
                .find(|profile| caller.may_see(&profile.id));
            if profile.is_some() || !matches!(caller, Caller::Page { .. }) {
                let view = found.view(profile.map(Arc::as_ref), now);
                listed.push((found.certificate.not_after(), view));
            }
        })
        .await;
        listed.sort_by_key(|(not_after, _)| *not_after);
        let mut certificates: Vec<_> = listed.into_iter().map(|(_, view)| view).collect();
        for course in shared.courses().values() {
            let record = course.now();
            if record.state.is_final() || !caller.may_see(&record.profile) {
                continue;
            }
            let renewed = certificates
                .iter_mut()
                .filter(|one| one.id == record.certificate_id);
            for one in renewed {
                one.renewal = Some(record.id.as_str().to_owned());
            }
        }
        (certificates, listings)
    }

    /// Begins a renewal, or finds it again; says whether it is new.
    ///
    /// # Errors
    /// When the certificate is not there or not due, the bank's signature is missing or wrong,
    /// the person does not let another site take over, or the journal cannot be written.
    pub async fn begin(
        &self,
        caller: &Caller,
        request: BeginRenewal,
    ) -> Result<(RenewalView, bool), Failure> {
        let (record, new) = begin::begin(&self.shared, caller, &request).await?;
        Ok((see(&record, caller), new))
    }

    /// A renewal. Whoever drives it counts as having fetched what it was shown.
    ///
    /// # Errors
    /// [`ProblemCode::RenewalNotFound`], also for a renewal of another bank.
    pub async fn view(&self, caller: &Caller, id: &RenewalId) -> Result<RenewalView, Failure> {
        let record = self.record(caller, id).await?;
        let fetched =
            matches!(record.state, State::RequestReady { .. }) && record.owner == caller.owner();
        match self.course(&record.id).filter(|_| fetched) {
            Some(course) => {
                let obeyed = course.tell(Event::Page(Page::Fetched)).await?;
                Ok(see(&obeyed.record, caller))
            }
            None => Ok(see(&record, caller)),
        }
    }

    /// What happened to a renewal after a revision: the past, then live until it ends.
    ///
    /// # Errors
    /// [`ProblemCode::RenewalNotFound`]; [`ProblemCode::JournalUnavailable`].
    pub async fn progress(
        &self,
        caller: &Caller,
        id: &RenewalId,
        after: u64,
    ) -> Result<mpsc::Receiver<Progress>, Failure> {
        let record = self.record(caller, id).await?;
        let following = self.course(&record.id).map(|course| course.follow());
        let (sender, receiver) = mpsc::channel(16);
        let journal = self.shared.journal.clone();
        let mut seen = after;
        tokio::spawn(async move {
            let mut following = following;
            loop {
                if let Some(following) = &mut following {
                    following.borrow_and_update();
                }
                let Ok(entries) = journal.history(&record.id, seen).await else {
                    return;
                };
                for entry in entries {
                    seen = entry.revision;
                    if sender.send(told(&entry)).await.is_err() {
                        return;
                    }
                }
                let Some(following) = &mut following else {
                    return;
                };
                tokio::select! {
                    changed = following.changed() => if changed.is_err() { return },
                    () = sender.closed() => return,
                }
            }
        });
        Ok(receiver)
    }

    /// Takes the CA's answer. A refused one leaves the renewal waiting for the right one. A command
    /// may bring it to a page's renewal: the person is asked before anything is installed, and the
    /// receipt stays the page's.
    ///
    /// # Errors
    /// The check that the answer failed; [`ProblemCode::WrongState`];
    /// [`ProblemCode::RenewalNotFound`].
    pub async fn deliver(
        &self,
        caller: &Caller,
        id: &RenewalId,
        answer: CertificateAnswer,
    ) -> Result<RenewalView, Failure> {
        let (record, course) = match caller {
            Caller::Page { .. } => self.driven(caller, id).await?,
            Caller::Cli { .. } => {
                let record = self.record(caller, id).await?;
                let course = self.course(&record.id);
                (
                    record,
                    course.ok_or_else(|| Failure::new(ProblemCode::WrongState))?,
                )
            }
        };
        let mut nonce = None;
        let later = matches!(answer, CertificateAnswer::Pending(_));
        let (event, certificate) = match answer {
            CertificateAnswer::WrongCode(wrong) => {
                // Only a request that is out can have been refused: nothing else takes the nonce.
                if record.state.signed().is_none() {
                    return Err(Failure::new(ProblemCode::WrongState));
                }
                nonce = wrong.nonce;
                let tries_left = wrong.tries_left;
                (Event::Page(Page::WrongCode { tries_left }), None)
            }
            CertificateAnswer::Certificate(text) => {
                let certificate = Bytes::from(text.into_bytes());
                (
                    Event::Page(Page::Answer(certificate.clone())),
                    Some(certificate),
                )
            }
            CertificateAnswer::Pending(pending) => {
                let seconds = i64::try_from(pending.retry_after).unwrap_or(i64::MAX);
                let until = self.shared.clock.now().as_second().saturating_add(seconds);
                (Event::Page(Page::Later(until)), None)
            }
        };
        // The same answer twice is a page that was reloaded, or that is open twice.
        let is_there = |record: &Record| {
            let answer = record.state.answer();
            answer.is_some() && answer == certificate.as_ref().map(Bytes::as_slice)
        };
        if is_there(&record) {
            return Ok(see(&record, caller));
        }
        let mut following = course.follow();
        let obeyed = match &nonce {
            Some(nonce) => course.drive(event, caller, nonce.as_bytes()).await?,
            None => course.assist(event, caller).await?,
        };
        // The check takes no time to speak of; its verdict is the answer.
        let checked = following
            .wait_for(|now| !matches!(now.record.state, State::Received { .. }))
            .await
            .map_or(obeyed.record, |now| Arc::clone(&now.record));
        // Later twice within a second changes nothing either.
        let still_waits = matches!(
            checked.state,
            State::Waiting {
                reason: WaitReason::Bank,
                ..
            }
        );
        let known = is_there(&checked) || later && still_waits;
        if !obeyed.counted && !known {
            return Err(Failure::new(ProblemCode::WrongState));
        }
        match (&checked.state, view::kept_failure(&checked)) {
            (
                State::AwaitingCertificate {
                    refused: Some(_), ..
                },
                Some(failure),
            ) => Err(failure),
            _ => Ok(see(&checked, caller)),
        }
    }

    /// Takes the bank's word on what became of the certificates.
    ///
    /// # Errors
    /// [`ProblemCode::WrongState`] before the new one is proven;
    /// [`ProblemCode::RenewalNotFound`].
    pub async fn outcome(
        &self,
        caller: &Caller,
        id: &RenewalId,
        outcome: Outcome,
    ) -> Result<RenewalView, Failure> {
        let record = self.record(caller, id).await?;
        if record.state.installed().is_none() {
            return Err(Failure::new(ProblemCode::WrongState));
        }
        let rule = self
            .shared
            .profiles
            .now()
            .get(&record.profile)
            .map(|profile| profile.retire);
        let aim = aim::Aim::of(&record.target);
        let (Some(course), Some(rule), Ok(aim::Aim::Renewal(old))) =
            (self.course(&record.id), rule, aim)
        else {
            return Ok(see(&record, caller));
        };
        let now = self.shared.clock.now().as_second();
        let new = record.state.new_certificate();
        let Some(new) = new.and_then(|new| Certificate::from_der(new).ok()) else {
            return Ok(see(&record, caller));
        };
        let valid = new.not_before()..=new.not_after();
        if !schedule::old_may_go(rule, Some(outcome), old.not_after(), valid, now) {
            return Ok(see(&record, caller));
        }
        let obeyed = course.tell(Event::OldMayGo).await?;
        Ok(see(&obeyed.record, caller))
    }

    /// Ends a renewal.
    ///
    /// # Errors
    /// [`ProblemCode::WrongState`] while a certificate is being written, or once it counts;
    /// [`ProblemCode::RenewalNotFound`].
    pub async fn cancel(&self, caller: &Caller, id: &RenewalId) -> Result<RenewalView, Failure> {
        let record = self.record(caller, id).await?;
        if record.state.is_final() {
            return Ok(see(&record, caller));
        }
        // Who sits at the PC may end what a page began, and left behind when it was closed.
        let mine = |record: &Record| {
            record.owner == caller.owner() || matches!(caller, Caller::Cli { .. })
        };
        let Some(course) = self.course(id).filter(|course| mine(&course.now())) else {
            // It may have ended since.
            let record = self.record(caller, id).await?;
            let ended = record.state.is_final().then(|| see(&record, caller));
            return ended.ok_or_else(|| Failure::new(ProblemCode::WrongState));
        };
        let obeyed = course.tell(Event::Page(Page::Cancel)).await?;
        if !obeyed.counted && !obeyed.record.state.is_final() {
            return Err(Failure::new(ProblemCode::WrongState));
        }
        Ok(see(&obeyed.record, caller))
    }

    /// A nonce for a request that the bank signs.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] for a command, of which no bank signs anything; when there is no
    /// randomness.
    pub async fn challenge(&self, caller: &Caller) -> Result<Challenge, Failure> {
        match caller {
            Caller::Page { origin, .. } => self.shared.challenges.give(origin.origin()),
            Caller::Cli { .. } => Err(Failure::new(ProblemCode::NotFound)),
        }
    }

    /// The newest renewals that are the caller's business.
    ///
    /// # Errors
    /// [`ProblemCode::JournalUnavailable`].
    pub async fn renewals(&self, caller: &Caller) -> Result<Vec<RenewalView>, Failure> {
        let records = self.shared.journal.newest(100).await.map_err(unavailable)?;
        Ok(records
            .iter()
            .filter(|record| caller.may_see(&record.profile))
            .map(|record| see(record, caller))
            .collect())
    }

    /// Whether anything is being done for a renewal.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.shared.courses().values().any(Course::is_working)
    }

    /// Returns once a renewal that kept the agent busy has come to rest, or soon after.
    pub async fn rest(&self) {
        let busy = {
            let courses = self.shared.courses();
            courses
                .values()
                .find(|course| course.is_working())
                .map(Course::follow)
        };
        if let Some(mut busy) = busy {
            // An error means that its task has ended, which is rest as well.
            let _ = busy.wait_for(|now| !now.working).await;
        }
    }

    /// Ends all tasks: dialogs are withdrawn, a token's call is waited for and written down.
    pub async fn end(&self) {
        self.shared.ending.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    async fn record(&self, caller: &Caller, id: &RenewalId) -> Result<Arc<Record>, Failure> {
        let missing = || Failure::new(ProblemCode::RenewalNotFound);
        let record = match self.course(id) {
            Some(course) => course.now(),
            None => Arc::new(
                self.shared
                    .journal
                    .renewal(id)
                    .await
                    .map_err(unavailable)?
                    .ok_or_else(missing)?,
            ),
        };
        if caller.may_see(&record.profile) {
            Ok(record)
        } else {
            Err(missing())
        }
    }

    /// A renewal that the caller drives.
    async fn driven(
        &self,
        caller: &Caller,
        id: &RenewalId,
    ) -> Result<(Arc<Record>, Course), Failure> {
        let record = self.record(caller, id).await?;
        let course = self
            .course(&record.id)
            .filter(|_| record.owner == caller.owner());
        course
            .map(|course| (record, course))
            .ok_or_else(|| Failure::new(ProblemCode::WrongState))
    }

    fn course(&self, id: &RenewalId) -> Option<Course> {
        self.shared.courses().get(id).cloned()
    }
}

/// A renewal in the caller's language.
fn see(record: &Record, caller: &Caller) -> RenewalView {
    view::view(record, Texts::of(caller.language()))
}

fn told(entry: &Entry) -> Progress {
    Progress {
        revision: entry.revision,
        state: entry.state,
        at: entry.at.to_string(),
    }
}

fn unavailable(error: JournalError) -> Failure {
    Failure::new(ProblemCode::JournalUnavailable).because(error)
}
