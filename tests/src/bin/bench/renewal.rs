//! A renewal without people and CA, beside the token's own calls.

use agent::journal::{Advance, Journal, Record, RenewalId};
use tempfile::TempDir;

use crate::{
    measure::{Measure, median, ms},
    office::{self, Agent, Office, Renewed},
    supply::Calls,
};

const ROUNDS: usize = 30;

/// Consent, the PIN, consent.
pub(crate) const DIALOGS: usize = 3;

/// What one renewal took, in milliseconds.
struct Round {
    total: f64,
    people: f64,
    authority: f64,
    commits: f64,
    token: f64,
}

impl Round {
    fn on_top(&self) -> f64 {
        self.total - self.people - self.authority - self.commits - self.token
    }
}

pub(crate) fn measure() -> Vec<Measure> {
    let office = Office::new(office::softhsm);
    let _agent = Agent::start(&office);
    let mut calls = Calls::on(&office.token);
    let ledger = Ledger::beside(&office);
    let mut rounds = Vec::new();
    let mut most = 0;
    for number in 0..=ROUNDS {
        let old = office.customer(&mut calls);
        let renewed = office.renew(&old);
        let people = office.person(DIALOGS);
        let (count, commits) = ledger.commits_of(&office, &renewed);
        let token = calls.time("99", &renewed.der);
        office.end(&renewed);
        calls.clear();
        most = most.max(count);
        // The first one warms up.
        if number > 0 {
            rounds.push(Round {
                total: ms(renewed.total),
                people: ms(people),
                authority: ms(renewed.authority),
                commits,
                token: ms(token),
            });
        }
    }
    let middle = |part: fn(&Round) -> f64| median(&rounds.iter().map(part).collect::<Vec<_>>());
    let from = format!(
        "all {:.1} ms; people {:.1}, CA {:.1}, commits {:.1}, token {:.1}",
        middle(|round| round.total),
        middle(|round| round.people),
        middle(|round| round.authority),
        middle(|round| round.commits),
        middle(|round| round.token),
    );
    vec![
        Measure::at_most(
            15.0,
            "renewal P-256: on top of the token's calls, ms",
            middle(Round::on_top),
            from,
        ),
        Measure::at_most(
            20.0,
            "renewal P-256: commits",
            f64::from(most),
            "entries of the trail, one a commit".to_owned(),
        ),
    ]
}

/// A journal of our own on the same disk, on which commits are timed.
struct Ledger {
    journal: Journal,
    record: std::cell::RefCell<Option<Record>>,
    _folder: TempDir,
}

impl Ledger {
    fn beside(office: &Office) -> Self {
        let folder = TempDir::new_in(office.home.path("state")).expect("the folder can be written");
        let journal = Journal::open(&folder.path().join("journal.sqlite"), "bench");
        Self {
            journal: journal.expect("the folder is new"),
            record: None.into(),
            _folder: folder,
        }
    }

    /// How often a renewal was committed until it was installed, and how long so many commits of
    /// such a renewal take, in milliseconds.
    fn commits_of(&self, office: &Office, renewed: &Renewed) -> (u32, f64) {
        office.block_on(async {
            let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
            let path = office.home.path("state/koshin/journal.sqlite");
            let theirs = Journal::open(&path, machine.trim()).expect("the agent has a journal");
            let id = RenewalId::parse(&renewed.id).expect("the agent gave it");
            let history = theirs.history(&id, 0).await.expect("it can be read");
            let record = theirs.renewal(&id).await.expect("it can be read");
            let record = record.expect("the agent has written it down");
            drop(theirs);
            let count = u32::try_from(history.len()).expect("a renewal has few states");
            let ours = self.record.borrow().clone();
            let ours = match ours {
                Some(ours) => ours,
                None => {
                    let begun = self.journal.begin(record.clone()).await;
                    begun.expect("the folder can be written");
                    self.record.replace(Some(record.clone()));
                    record
                }
            };
            let begin = std::time::Instant::now();
            for _ in 0..count {
                let next = Advance {
                    state: ours.state.clone(),
                    revision: ours.revision,
                    at: ours.changed,
                    owner: ours.owner.clone(),
                    nonce: ours.nonce.clone(),
                    module: ours.module.clone(),
                    token: ours.token.clone(),
                    failure: None,
                };
                let advanced = self.journal.advance(&ours, "timed", next).await;
                advanced.expect("the folder can be written");
            }
            (count, ms(begin.elapsed()))
        })
    }
}
