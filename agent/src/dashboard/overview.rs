//! Certificates, tokens and renewals as the page shows them: texts in the reader's language, times
//! as Unix seconds where something is drawn.

use pkcs11_bridge::readers;
use protocol::bridge::{KeyStatus, Problem, State, Status, WaitReason};
use serde::Serialize;

use crate::{
    driver::{self, ModuleStatus, SeenCertificate, SeenRenewal},
    journal::Entry,
    language::Texts,
};

/// What `GET /data/overview` answers.
#[derive(Serialize)]
pub(super) struct Overview {
    now: i64,
    version: &'static str,
    port: Option<u16>,
    certificates: Vec<Certificate>,
    renewals: Vec<Renewal>,
    modules: Vec<ModuleStatus>,
    /// `None` where there is no smart-card service.
    readers: Option<Vec<Reader>>,
}

#[derive(Serialize)]
struct Certificate {
    id: String,
    name: String,
    bank: String,
    help_desk: Option<String>,
    token: String,
    status: Status,
    status_text: String,
    /// How pressing it is: `calm`, `due`, `urgent` or `over`.
    tone: &'static str,
    begins: i64,
    ends: i64,
    window_opens: i64,
    window_closes: i64,
    /// The timeline in words: the days of validity, and those of renewal.
    valid: String,
    window: String,
    days: String,
    /// What to do, if something is.
    advice: Option<String>,
    subject: String,
    serial: String,
    issuer: String,
    key: String,
    renewal: Option<String>,
    replaced: bool,
}

#[derive(Serialize)]
struct Renewal {
    id: String,
    reference: String,
    name: String,
    bank: String,
    state_text: String,
    /// `going`, `waiting`, `done` or `ended`.
    tone: &'static str,
    over: bool,
    begun: String,
    changed: String,
    revision: u64,
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct Reader {
    name: String,
    card: bool,
}

/// What `GET /data/renewals/ID` answers.
#[derive(Serialize)]
pub(super) struct Steps {
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    time: String,
    text: String,
}

/// What was seen, and the readers at this moment.
pub(super) async fn told(texts: &'static Texts, seen: driver::Overview) -> Overview {
    // The service may take its time to start.
    let readers = tokio::task::spawn_blocking(readers::snapshot).await;
    let readers = readers.ok().and_then(Result::ok);
    let now = seen.now.as_second();
    Overview {
        now,
        version: env!("CARGO_PKG_VERSION"),
        port: seen.port,
        certificates: seen
            .certificates
            .into_iter()
            .map(|one| certificate(texts, one))
            .collect(),
        renewals: seen
            .renewals
            .into_iter()
            .map(|one| renewal(texts, one))
            .collect(),
        modules: seen.modules,
        readers: readers.map(|readers| {
            readers
                .into_iter()
                .map(|reader| Reader {
                    name: reader.name,
                    card: reader.card_present,
                })
                .collect()
        }),
    }
}

/// A renewal's way so far.
pub(super) fn steps(texts: &Texts, entries: &[Entry]) -> Steps {
    let step = |entry: &Entry| Step {
        time: texts.local_time(entry.at.as_second()),
        text: texts.step(&entry.what),
    };
    Steps {
        steps: entries.iter().map(step).collect(),
    }
}

fn certificate(texts: &Texts, seen: SeenCertificate) -> Certificate {
    let SeenCertificate {
        view,
        bank,
        begins,
        ends,
        window_opens,
        window_closes,
        replaced,
    } = seen;
    let (status_id, tone, advice_id) = match view.status {
        _ if replaced => ("dashboard-status-replaced", "done", None),
        Status::NotYetValid => ("dashboard-status-not-yet-valid", "calm", None),
        Status::Valid => ("dashboard-status-valid", "calm", None),
        Status::Due => (
            "dashboard-status-due",
            "due",
            Some("dashboard-advice-renew"),
        ),
        Status::Urgent => (
            "dashboard-status-urgent",
            "urgent",
            Some("dashboard-advice-renew"),
        ),
        Status::Expired => (
            "dashboard-status-expired",
            "urgent",
            Some("dashboard-advice-renew"),
        ),
        Status::PastGrace => (
            "dashboard-status-past-grace",
            "over",
            Some("dashboard-advice-acquire"),
        ),
    };
    let span = |from, to| {
        let (from, to) = (texts.bank_date(from), texts.bank_date(to));
        texts.say("dashboard-span", &[("from", &from), ("to", &to)])
    };
    let days = if view.days_left >= 0 {
        texts.say(
            "dashboard-days-left",
            &[("days", &view.days_left.to_string())],
        )
    } else {
        let ago = view.days_left.unsigned_abs().to_string();
        texts.say("dashboard-days-ago", &[("days", &ago)])
    };
    let key = match view.key.status {
        KeyStatus::Present => view.key.r#type,
        KeyStatus::Unknown => texts.say("dashboard-key-unknown", &[("type", &view.key.r#type)]),
        KeyStatus::Absent => texts.say("dashboard-key-absent", &[("type", &view.key.r#type)]),
    };
    Certificate {
        id: view.id,
        name: view.name,
        help_desk: bank
            .as_ref()
            .map(|bank| bank.help_desk.say(texts.language())),
        bank: bank.map_or_else(
            || texts.say("dashboard-no-bank", &[]),
            |bank| bank.name.say(texts.language()).to_owned(),
        ),
        token: view.token.label,
        status: view.status,
        status_text: texts.say(status_id, &[]),
        tone,
        begins,
        ends,
        window_opens,
        window_closes,
        valid: span(begins, ends),
        window: span(window_opens, window_closes - 1),
        days,
        // What is being done already need not be asked for.
        advice: advice_id
            .filter(|_| view.renewal.is_none())
            .map(|id| texts.say(id, &[])),
        subject: view.subject,
        serial: view.serial,
        issuer: view.issuer,
        key,
        renewal: view.renewal,
        replaced,
    }
}

fn renewal(texts: &Texts, seen: SeenRenewal) -> Renewal {
    let view = seen.view;
    let waits = view.waiting.map(|reason| match reason {
        WaitReason::Card => "cli-waits-for-card",
        WaitReason::Clock => "cli-waits-for-clock",
        WaitReason::Bank => "cli-waits-for-bank",
        WaitReason::Person => "cli-waits-for-person",
    });
    let tone = match view.state {
        State::Retired | State::Grace => "done",
        State::Cancelled | State::Failed | State::Expired => "ended",
        State::Waiting => "waiting",
        _ => "going",
    };
    let begun = view
        .created
        .parse()
        .map_or(seen.changed, |time: jiff::Timestamp| time.as_second());
    Renewal {
        id: view.id,
        reference: seen.reference,
        name: seen.name,
        bank: seen.bank.map_or_else(
            || texts.say("dashboard-no-bank", &[]),
            |bank| bank.name.say(texts.language()).to_owned(),
        ),
        state_text: match waits {
            Some(id) => texts.say(id, &[]),
            None => texts.state(view.state),
        },
        tone,
        over: seen.over,
        begun: texts.local_time(begun),
        changed: texts.local_time(seen.changed),
        revision: view.revision,
        problem: view.problem,
    }
}
