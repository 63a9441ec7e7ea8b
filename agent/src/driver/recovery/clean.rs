//! Clearing up what a person agrees to, one thing after the other, each by its name.

use std::sync::Arc;

use pkcs11_bridge::Lease;
use protocol::{
    bridge::{Problem, ProblemCode},
    certificate::Certificate,
    renewal::Done,
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    Scope, clear,
    report::{Act, Case, Finding, FindingKind, Shown, damaged_journal},
};
use crate::{
    driver::{
        Caller, Renewals,
        aim::Aim,
        ask::Person,
        found,
        perform::close,
        retire::remove_unused_pair,
        session::{Session, Stuck},
        shared::Shared,
        unavailable,
    },
    failure::{Failure, Reference},
    journal::Record,
    language::Texts,
    prompt::PinPurpose,
};

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleaned {
    /// The finding.
    pub finding: Finding,
    /// What became of it.
    pub outcome: CleanOutcome,
    /// Why it could not be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CleanOutcome {
    /// It is in order: removed, written again, or let go on.
    Done,
    /// The person did not agree.
    Kept,
    /// It could not be done.
    Failed,
}

impl Renewals {
    /// What is no longer used, or what nobody knows, as far as it can be seen without a login.
    /// Nobody is asked for anything.
    ///
    /// # Errors
    /// [`ProblemCode::JournalUnavailable`], [`ProblemCode::JournalSetAside`] where only what is no
    /// longer used is meant, and a person must look with `koshin recover` first.
    pub async fn findings(&self, scope: Scope) -> Result<Vec<Finding>, Failure> {
        let shared = &self.shared;
        let held = shared.journal.held_back().await.map_err(unavailable)?;
        look_first(scope, held.as_deref())?;
        let cases = shared.visible(scope).await?;
        let held = held.as_deref().map(damaged_journal);
        let held = held.filter(|finding| scope.has(finding.kind));
        let findings = cases.into_iter().map(|case| case.finding);
        Ok(held.into_iter().chain(findings).collect())
    }

    /// Clears up: names each thing to the person, and does what they agree to. Who asks is in
    /// front of the PC, so the PIN is asked for where a token wants it. `token` is the label of a
    /// token that is looked at with a login in any case.
    ///
    /// # Errors
    /// [`ProblemCode::JournalUnavailable`], [`ProblemCode::JournalSetAside`] where a person must
    /// look with `koshin recover` first; when no dialog can be shown.
    pub async fn clean_up(
        &self,
        caller: &Caller,
        scope: Scope,
        token: Option<String>,
    ) -> Result<Vec<Cleaned>, Failure> {
        let shared = Arc::clone(&self.shared);
        let over = CancellationToken::new();
        let _withdrawn_then = over.clone().drop_guard();
        let cleaning = Cleaning {
            shared: Arc::clone(&shared),
            caller: caller.clone(),
            scope,
            over,
            done: Vec::new(),
        };
        // A token's call is brought to its end, even where the command goes away.
        let task = shared.tasks.spawn(cleaning.run(token));
        task.await
            .map_err(|ended| Failure::new(ProblemCode::Internal).because(ended))?
    }
}

impl Shared {
    async fn visible(&self, scope: Scope) -> Result<Vec<Case>, Failure> {
        let records = self.journal.unfinished().await.map_err(unavailable)?;
        let look = self.look().await;
        let mut cases = Vec::new();
        for listing in &look.listings {
            for token in listing.tokens.iter().flatten() {
                let shown = Shown {
                    module: &listing.module,
                    token: &token.token,
                    inventory: &token.inventory,
                };
                cases.extend(self.cases(&shown, &records));
            }
        }
        cases.retain(|case| scope.has(case.finding.kind));
        Ok(cases)
    }
}

struct Cleaning {
    shared: Arc<Shared>,
    caller: Caller,
    scope: Scope,
    over: CancellationToken,
    done: Vec<Cleaned>,
}

impl Cleaning {
    async fn run(mut self, token: Option<String>) -> Result<Vec<Cleaned>, Failure> {
        let held = self.shared.journal.held_back().await.map_err(unavailable)?;
        look_first(self.scope, held.as_deref())?;
        let visible = self.shared.visible(self.scope).await?;
        let mut places: Vec<(String, String)> = Vec::new();
        for case in &visible {
            let place = (case.module.clone(), case.token.clone());
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if let Some(label) = &token {
            let look = found::look(
                &self.shared.launcher,
                &self.shared.modules(),
                &self.shared.profiles.now(),
            )
            .await;
            for listing in &look.listings {
                for listed in listing.tokens.iter().flatten() {
                    let place = (listing.module.clone(), listed.token.uri.to_string());
                    if listed.token.label == *label && !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
        }
        for (module, uri) in places {
            let of_token = |case: &&Case| case.module == module && case.token == uri;
            let cases: Vec<Case> = visible.iter().filter(of_token).cloned().collect();
            let named = uri.parse::<pkcs11_bridge::TokenUri>().ok();
            let label = named.and_then(|uri| uri.token).unwrap_or_default();
            if token.as_ref().is_some_and(|wanted| *wanted != label) {
                continue;
            }
            self.clean_token(&module, &uri, cases, token.is_some())
                .await?;
        }
        if let Some(file) = held {
            self.let_go_on(&file).await?;
        }
        Ok(self.done)
    }

    /// Asks about what can be seen without a login, logs in, asks about the rest, and does it.
    async fn clean_token(
        &mut self,
        module: &str,
        uri: &str,
        cases: Vec<Case>,
        look_closer: bool,
    ) -> Result<(), Failure> {
        let mut answers = Vec::new();
        for case in &cases {
            answers.push((case.finding.id.clone(), self.agreed(case).await?));
        }
        if !look_closer && answers.iter().all(|(_, agreed)| !agreed) {
            self.kept(cases);
            return Ok(());
        }
        let place = self.shared.place(module, uri)?;
        let session = self.shared.session(Some(place));
        let mut lease = match self.login(&session, cases.first()).await {
            Ok(lease) => lease,
            Err(stuck) => {
                self.failed(cases, &stuck);
                return Ok(());
            }
        };
        let records = self.shared.journal.unfinished().await;
        let records = records.map_err(unavailable)?;
        let now = match lease.inventory().await {
            Ok(inventory) => self.shared.cases(
                &Shown {
                    module,
                    token: lease.token(),
                    inventory: &inventory,
                },
                &records,
            ),
            Err(error) => {
                self.failed(cases, &error.into());
                return Ok(());
            }
        };
        for case in now {
            if !self.scope.has(case.finding.kind) {
                continue;
            }
            let asked = answers.iter().find(|(id, _)| *id == case.finding.id);
            let agreed = match asked {
                Some((_, agreed)) => *agreed,
                None => self.agreed(&case).await?,
            };
            if !agreed {
                self.kept(vec![case]);
                continue;
            }
            match self.act(&mut lease, &case).await {
                Ok(()) => {
                    info!(kind = ?case.finding.kind, id = case.finding.id, "cleared up");
                    self.note(case, CleanOutcome::Done, None);
                }
                Err(stuck) => self.failed(vec![case], &stuck),
            }
        }
        session.forget();
        close(lease).await;
        Ok(())
    }

    async fn login(&self, session: &Session, first: Option<&Case>) -> Result<Lease, Stuck> {
        let person = self.person(first)?;
        session
            .login(&person, PinPurpose::CleanUp, &self.over)
            .await
    }

    async fn agreed(&self, case: &Case) -> Result<bool, Failure> {
        let person = self.person(Some(case)).map_err(|stuck| stuck.failure)?;
        person.agree_to_clean(&case.finding, &self.over).await
    }

    async fn let_go_on(&mut self, file: &str) -> Result<(), Failure> {
        let finding = damaged_journal(file);
        let person = self.person(None).map_err(|stuck| stuck.failure)?;
        let agreed = person.agree_to_clean(&finding, &self.over).await?;
        if agreed {
            self.shared.journal.go_on().await.map_err(unavailable)?;
        }
        self.done.push(Cleaned {
            finding,
            outcome: if agreed {
                CleanOutcome::Done
            } else {
                CleanOutcome::Kept
            },
            problem: None,
        });
        Ok(())
    }

    async fn act(&self, lease: &mut Lease, case: &Case) -> Result<(), Stuck> {
        match &case.act {
            Act::Remove {
                certificate,
                renewal,
            } => self.remove(lease, certificate, renewal.as_deref()).await,
            Act::Clear(record) => {
                if let Some(done) = clear(lease, record).await? {
                    self.shared.note_cleared(record, done).await;
                }
                Ok(())
            }
            Act::RemoveId(id) => Ok(lease.remove_by_id(id).await?),
            Act::RemoveHalves(halves) => Ok(lease.remove_halves(halves).await?),
            Act::Rewrite(record) => rewrite(lease, record).await,
        }
    }

    async fn remove(
        &self,
        lease: &mut Lease,
        old: &Certificate,
        renewal: Option<&Record>,
    ) -> Result<(), Stuck> {
        // What is on the token may have changed while the person thought.
        let inventory = lease.inventory().await?;
        let installed = renewal.and_then(|record| record.state.installed());
        if let Some(installed) = installed {
            super::stands(&inventory, installed.certificate.as_slice())?;
        }
        lease.remove_certificate(&old.sha256()).await?;
        let new = installed.map(|installed| installed.certificate.as_slice());
        remove_unused_pair(lease, &inventory, old, new).await?;
        if let Some(record) = renewal {
            let done = Done::OldRemoved { key_left: false };
            self.shared.note_cleared(record, done).await;
        }
        Ok(())
    }

    /// The person, as somebody of the bank that a case is about, or else of any.
    fn person(&self, case: Option<&Case>) -> Result<Person, Stuck> {
        let of_case = case.and_then(|case| case.profile.clone());
        let any = || self.shared.profiles.now().all().first().cloned();
        let profile = of_case.or_else(any).ok_or_else(|| {
            let none = Failure::new(ProblemCode::CertificateNotFound);
            Stuck::fault(none.because("there is no bank's profile"))
        })?;
        let finding = case.map(|case| &case.finding);
        Ok(Person::clearing_up(
            &self.shared,
            &self.caller,
            &profile,
            finding.map_or("", |finding| &finding.name),
            finding.map_or("", |finding| &finding.token),
            Reference::fresh().as_str(),
        ))
    }

    fn kept(&mut self, cases: Vec<Case>) {
        for case in cases {
            self.note(case, CleanOutcome::Kept, None);
        }
    }

    fn failed(&mut self, cases: Vec<Case>, stuck: &Stuck) {
        let texts = Texts::of(self.caller.language());
        for case in cases {
            let problem = texts.problem(&stuck.failure);
            self.note(case, CleanOutcome::Failed, Some(problem));
        }
    }

    fn note(&mut self, case: Case, outcome: CleanOutcome, problem: Option<Problem>) {
        self.done.push(Cleaned {
            finding: case.finding,
            outcome,
            problem,
        });
    }
}

/// As long as nobody knows what the journal knew, nothing is offered as no longer used.
fn look_first(scope: Scope, held: Option<&str>) -> Result<(), Failure> {
    match held {
        Some(file) if scope == Scope::Retire => {
            Err(Failure::new(ProblemCode::JournalSetAside).with("file", file))
        }
        _ => Ok(()),
    }
}

/// Writes a certificate again that was accepted, written and proven before, and is in the journal
/// since.
async fn rewrite(lease: &mut Lease, record: &Record) -> Result<(), Stuck> {
    let Some(installed) = record.state.installed() else {
        return Ok(());
    };
    let name = Aim::of(&record.target).map_err(Stuck::fault)?.name();
    let certificate = installed.certificate.as_slice();
    let key = &installed.key;
    lease
        .write_certificate(certificate, key.spki.as_slice(), &key.id.0, &name)
        .await
        .map_err(Stuck::storing)
}

impl FindingKind {
    /// As the texts of dialogs and tables select it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ExpiredCertificate => "expired-certificate",
            Self::OldCertificate => "old-certificate",
            Self::OldKey => "old-key",
            Self::GivenUp => "given-up",
            Self::UnknownKey => "unknown-key",
            Self::HalfObject => "half-object",
            Self::MissingCertificate => "missing-certificate",
            Self::DamagedJournal => "damaged-journal",
        }
    }
}
