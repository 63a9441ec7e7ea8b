//! The transitions, a function for each group of states. No arm has a wildcard: a new event
//! makes every state say what it does with it.

mod install;
mod request;

use install::{consent_to_install, grace, installing, proven, received, verified};
use request::{authenticate, awaiting, choose_token, consent, enter_code, making};

use super::{Done, Effect, Event, Page, Reply, State, Trouble, TroubleKind};
use crate::bridge::{ProblemCode, WaitReason};

/// What a step gives: the next state, and what is to be done there.
pub(super) type Step = (State, Option<Effect>);

/// The next state and what is to be done in it. An event that a state has no use for leaves it
/// as it is and demands nothing.
#[must_use]
pub fn step(state: State, event: Event) -> (State, Option<Effect>) {
    match state {
        State::Consent { kind } => consent(kind, event),
        State::ChooseToken => choose_token(event),
        State::EnterCode { refused } => enter_code(refused, event),
        State::Authenticate { kind } => authenticate(kind, event),
        State::KeyIntent { .. } | State::KeyReady { .. } => making(state, event),
        State::RequestReady { .. } | State::AwaitingCertificate { .. } => awaiting(state, event),
        State::Received { .. } => received(state, event),
        State::Verified(answered) => verified(answered, event),
        State::ConsentToInstall(answered) => consent_to_install(answered, event),
        State::InstallIntent(_) | State::Unproven(_) => installing(state, event),
        State::Proven(installed) => proven(installed, event),
        State::Grace { installed, due } => grace(installed, due, event),
        State::Waiting { .. } => waiting(state, event),
        State::Retired { .. }
        | State::Cancelled { .. }
        | State::Failed { .. }
        | State::Expired { .. } => ended(state, event),
    }
}

/// How a renewal ends before the new certificate counts.
enum Ending {
    Cancelled(ProblemCode),
    Failed(ProblemCode),
    Expired,
}

impl Ending {
    fn of(trouble: Trouble) -> Self {
        match trouble.kind {
            TroubleKind::Person => Self::Cancelled(trouble.code),
            TroubleKind::Card | TroubleKind::Fault => Self::Failed(trouble.code),
        }
    }
}

/// Coming back demands again what the state demanded. An answer of the CA ends the wait for it.
fn waiting(state: State, event: Event) -> Step {
    let State::Waiting {
        reason,
        until,
        problem,
        resume,
    } = state
    else {
        return (state, None);
    };
    match event {
        Event::Page(Page::Resume) | Event::WaitOver => {
            let effect = demand(&resume);
            (*resume, effect)
        }
        // The CA's word counts while the CA is waited for, and while an answer waits that is
        // good only later: a better one may come first.
        Event::Page(Page::Answer(_) | Page::Later(_) | Page::WrongCode { .. })
            if reason == WaitReason::Bank =>
        {
            step(*resume, event)
        }
        Event::Page(Page::Answer(answer)) if matches!(*resume, State::Received { .. }) => {
            match *resume {
                State::Received { key, signed, .. } => (
                    State::Received {
                        key,
                        signed,
                        answer,
                    },
                    Some(Effect::Check),
                ),
                other => (other, None),
            }
        }
        // Nothing is under way on the token, and a certificate that is not proven to be there
        // may be given up. One that is there, but not proven, may be in use already.
        Event::Page(Page::Cancel) if matches!(*resume, State::InstallIntent(_)) => {
            end(*resume, Ending::Cancelled(ProblemCode::Cancelled))
        }
        // The rule has been met, and the old certificate goes without a person.
        Event::Restarted if matches!(*resume, State::Grace { due: true, .. }) => {
            (*resume, Some(Effect::RemoveOld))
        }
        // What holds the renewal up does not keep the person from ending it.
        Event::Page(Page::Cancel) | Event::TimeUp | Event::OldMayGo => {
            let before = (*resume).clone();
            let (next, effect) = step(*resume, event);
            if next == before && effect.is_none() {
                (wait(reason, until, problem, next), effect)
            } else {
                (next, effect)
            }
        }
        // Waiting for the CA or the card, the proof can still be made anew, where there is one.
        Event::Page(Page::FreshNonce)
            if matches!(
                &*resume,
                State::RequestReady { signed, .. } | State::AwaitingCertificate { signed, .. }
                    if signed.proof.is_some()
            ) =>
        {
            step(*resume, event)
        }
        Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::FreshNonce,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Done(_)
        | Event::Trouble(_)
        | Event::Restarted => (
            State::Waiting {
                reason,
                until,
                problem,
                resume,
            },
            None,
        ),
    }
}

fn ended(state: State, event: Event) -> Step {
    match event {
        Event::Done(Done::Discarded) => match state {
            State::Cancelled { problem, .. } => (
                State::Cancelled {
                    problem,
                    leftover: None,
                },
                None,
            ),
            State::Failed { problem, .. } => (
                State::Failed {
                    problem,
                    leftover: None,
                },
                None,
            ),
            State::Expired { .. } => (State::Expired { leftover: None }, None),
            other => (other, None),
        },
        Event::Done(Done::OldRemoved { key_left }) => match state {
            State::Retired { installed, .. } => (
                State::Retired {
                    installed,
                    old_key_left: key_left,
                },
                None,
            ),
            other => (other, None),
        },
        Event::Done(
            Done::TokenChosen { .. }
            | Done::CodeEntered
            | Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_),
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Trouble(_)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce
            | Page::Cancel,
        )
        | Event::OldMayGo
        | Event::WaitOver
        | Event::TimeUp
        | Event::Restarted => (state, None),
    }
}

/// Ends the renewal; what it may have left on the token is to be discarded.
fn end(state: State, ending: Ending) -> Step {
    let leftover = state.pending();
    let effect = leftover.as_ref().map(|_| Effect::Discard);
    let ended = match ending {
        Ending::Cancelled(problem) => State::Cancelled { problem, leftover },
        Ending::Failed(problem) => State::Failed { problem, leftover },
        Ending::Expired => State::Expired { leftover },
    };
    (ended, effect)
}

/// Keeps the renewal where it is until whoever can help has helped.
fn hold(state: State, trouble: Trouble) -> State {
    match trouble.kind {
        TroubleKind::Card => wait_for_card(state, trouble.code),
        TroubleKind::Person | TroubleKind::Fault => wait_for_person(state, Some(trouble.code)),
    }
}

fn wait_for_card(resume: State, problem: ProblemCode) -> State {
    wait(WaitReason::Card, None, Some(problem), resume)
}

fn wait_for_person(resume: State, problem: Option<ProblemCode>) -> State {
    wait(WaitReason::Person, None, problem, resume)
}

fn wait(
    reason: WaitReason,
    until: Option<i64>,
    problem: Option<ProblemCode>,
    resume: State,
) -> State {
    State::Waiting {
        reason,
        until,
        problem,
        resume: Box::new(resume),
    }
}

/// What a state demands of whoever comes back to it.
fn demand(state: &State) -> Option<Effect> {
    match state {
        State::Consent { .. } => Some(Effect::AskConsent),
        State::ChooseToken => Some(Effect::ChooseToken),
        State::EnterCode { .. } => Some(Effect::AskCode),
        State::Authenticate { .. } => Some(Effect::Login),
        State::KeyIntent { .. } => Some(Effect::MakeKey),
        State::KeyReady { .. } => Some(Effect::SignRequest),
        State::Received { .. } => Some(Effect::Check),
        State::Verified(_) | State::Proven(_) => Some(Effect::Note),
        State::ConsentToInstall(_) => Some(Effect::AskInstall),
        State::InstallIntent(_) => Some(Effect::Write),
        State::Unproven(_) => Some(Effect::Prove),
        State::Grace { due: true, .. } => Some(Effect::RemoveOld),
        State::RequestReady { .. }
        | State::AwaitingCertificate { .. }
        | State::Grace { due: false, .. }
        | State::Retired { .. }
        | State::Waiting { .. }
        | State::Cancelled { .. }
        | State::Failed { .. }
        | State::Expired { .. } => None,
    }
}
