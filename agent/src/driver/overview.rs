//! What the dashboard shows at a glance: certificates with their days, modules, renewals.

use std::sync::Arc;

use jiff::Timestamp;
use protocol::{
    bridge::{self, RenewalView},
    schedule,
};
use tokio::sync::watch;

use super::{Caller, Failure, ModuleStatus, Renewals, Texts, found, see, status, unavailable};
use crate::{
    journal::{Entry, Record, RenewalId, Target},
    profile::Profile,
};

/// All that the agent knows at one moment.
#[derive(Debug)]
pub struct Overview {
    /// By the agent's clock.
    pub now: Timestamp,
    /// The port on which pages reach the agent; `None` for a one-shot agent.
    pub port: Option<u16>,
    /// Nearest expiry first.
    pub certificates: Vec<SeenCertificate>,
    /// The modules in which tokens are looked for, with their tokens.
    pub modules: Vec<ModuleStatus>,
    /// The newest first.
    pub renewals: Vec<SeenRenewal>,
}

/// A certificate on a token, and its calendar in Unix seconds.
#[derive(Debug)]
pub struct SeenCertificate {
    /// As every caller sees it.
    pub view: bridge::Certificate,
    /// Its bank, if a profile knows it.
    pub bank: Option<Arc<Profile>>,
    /// Its first second.
    pub begins: i64,
    /// Its last second.
    pub ends: i64,
    /// The first second of the renewal window.
    pub window_opens: i64,
    /// The first second in which it can be renewed no more.
    pub window_closes: i64,
    /// Whether the one that takes its place is in use already.
    pub replaced: bool,
}

/// A renewal, and what its page is not told.
#[derive(Debug)]
pub struct SeenRenewal {
    /// As every caller sees it.
    pub view: RenewalView,
    /// The number that its dialogs show.
    pub reference: String,
    /// Its bank, if the profile is still there.
    pub bank: Option<Arc<Profile>>,
    /// Whose certificate it is about.
    pub name: String,
    /// When it came to where it stands, in Unix seconds.
    pub changed: i64,
    /// Whether it has come to its end.
    pub over: bool,
}

impl Renewals {
    /// Looks at every token, without a login.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview, Failure> {
        let shared = &self.shared;
        let now = shared.clock.now();
        let known = shared.modules();
        let profiles = shared.profiles.now();
        let look = found::look(&shared.launcher, &known, &profiles).await;
        let mut certificates: Vec<_> = look.found.iter().map(|one| seen(one, now)).collect();
        let records = shared.journal.newest(100).await.map_err(unavailable)?;
        for record in records.iter().filter(|record| !record.state.is_final()) {
            let renewed = certificates
                .iter_mut()
                .filter(|one| one.view.id == record.certificate_id);
            for one in renewed {
                one.view.renewal = Some(record.id.as_str().to_owned());
                one.replaced = record.state.installed().is_some();
            }
        }
        let texts = Texts::of(caller.language());
        Ok(Overview {
            now,
            port: shared.port,
            certificates,
            modules: status::modules(&known, texts, look.listings),
            renewals: records
                .iter()
                .rev()
                .map(|record| SeenRenewal {
                    view: see(record, caller),
                    reference: record.id.reference().as_str().to_owned(),
                    bank: profiles.get(&record.profile).cloned(),
                    name: name(record),
                    changed: record.changed.as_second(),
                    over: record.state.is_final(),
                })
                .collect(),
        })
    }

    /// What happened to a renewal so far.
    ///
    /// # Errors
    /// [`ProblemCode::RenewalNotFound`](bridge::ProblemCode::RenewalNotFound); when the journal
    /// cannot be read.
    pub async fn steps(&self, caller: &Caller, id: &RenewalId) -> Result<Vec<Entry>, Failure> {
        let record = self.record(caller, id).await?;
        let history = self.shared.journal.history(&record.id, 0).await;
        history.map_err(unavailable)
    }

    /// Tells of every step of every renewal from now on.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.shared.journal.follow()
    }
}

fn seen(found: &found::Found, now: Timestamp) -> SeenCertificate {
    let bank = found.profiles.first().cloned();
    let policy = found::policy(bank.as_deref());
    let (begins, ends) = (
        found.certificate.not_before(),
        found.certificate.not_after(),
    );
    SeenCertificate {
        view: found.view(bank.as_deref(), now),
        begins,
        ends,
        window_opens: schedule::window_opens(&policy, ends).max(begins),
        window_closes: schedule::window_closes(&policy, ends),
        bank,
        replaced: false,
    }
}

fn name(record: &Record) -> String {
    match (&record.target, super::aim::Aim::of(&record.target)) {
        (Target::Renewal { .. } | Target::Acquisition { .. }, Ok(aim)) => aim.name(),
        (_, Err(_)) => record.id.reference().as_str().to_owned(),
    }
}
