//! A renewal without people and CA, beside the token's own calls.

use std::fs;

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
        let before = Commits::of(&office);
        let renewed = office.renew(&old);
        let after = Commits::of(&office);
        let people = office.person(DIALOGS);
        let (count, commits) = ledger.commits_of(&office, &renewed, after.since(&before));
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
            "the most of any renewal, counted in the journal's log".to_owned(),
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
    ///
    /// SQLite may have begun its log anew meanwhile; then each entry of the trail counts as one.
    fn commits_of(&self, office: &Office, renewed: &Renewed, counted: Option<u32>) -> (u32, f64) {
        office.block_on(async {
            let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
            let path = office.home.path("state/koshin/journal.sqlite");
            let theirs = Journal::open(&path, machine.trim()).expect("the agent has a journal");
            let id = RenewalId::parse(&renewed.id).expect("the agent gave it");
            let history = theirs.history(&id, 0).await.expect("it can be read");
            let record = theirs.renewal(&id).await.expect("it can be read");
            let record = record.expect("the agent has written it down");
            drop(theirs);
            let entries = u32::try_from(history.len()).expect("a renewal has few states");
            let count = counted.unwrap_or(entries);
            assert!(count >= entries, "{entries} entries in {count} commits");
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

/// The commits in the agent's write-ahead log (SQLite's file format, section 4).
struct Commits {
    /// The log's salt, which changes when SQLite begins it anew.
    salt: [u8; 8],
    count: u32,
}

impl Commits {
    fn of(office: &Office) -> Self {
        let log = fs::read(office.home.path("state/koshin/journal.sqlite-wal"));
        let log = log.expect("the agent has a journal");
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        let (header, mut frames) = log.split_at_checked(32).unwrap_or((&[0; 32], &[]));
        let page = usize::try_from(number(&header[8..12])).expect("a page is small");
        let salt: [u8; 8] = header[16..24].try_into().expect("eight bytes");
        let mut count = 0;
        while let Some((frame, rest)) = frames.split_at_checked(24 + page) {
            // What follows is of an earlier log.
            if frame[8..16] != salt {
                break;
            }
            // The size of the database after a commit; in all other frames it is zero.
            count += u32::from(number(&frame[4..8]) != 0);
            frames = rest;
        }
        Self { salt, count }
    }

    /// How many there are more; `None` where the log was begun anew.
    fn since(&self, before: &Self) -> Option<u32> {
        (self.salt == before.salt).then(|| self.count - before.count)
    }
}
