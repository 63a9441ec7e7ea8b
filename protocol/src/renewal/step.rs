//! The transitions, a function for each group of states. No arm has a wildcard: a new event
//! makes every state say what it does with it.

use super::{Answered, Done, Effect, Event, Installed, Page, Reply, State, Trouble, TroubleKind};
use crate::bridge::{ProblemCode, WaitReason};

/// What a step gives: the next state, and what is to be done there.
pub(super) type Step = (State, Option<Effect>);

/// The next state and what is to be done in it. An event that a state has no use for leaves it
/// as it is and demands nothing.
#[must_use]
pub fn step(state: State, event: Event) -> (State, Option<Effect>) {
    match state {
        State::Consent => consent(event),
        State::Authenticate => authenticate(event),
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

/// Nothing is on the token yet: every no ends the renewal, and a restart waits for the person.
fn consent(event: Event) -> Step {
    match event {
        Event::Person(Reply::Yes) => (State::Authenticate, Some(Effect::Login)),
        Event::Person(Reply::No) => end(
            State::Consent,
            Ending::Cancelled(ProblemCode::ConsentDeclined),
        ),
        Event::Trouble(trouble) => end(State::Consent, Ending::of(trouble)),
        Event::Page(Page::Cancel) => end(State::Consent, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(State::Consent, Ending::Expired),
        Event::Restarted => (wait_for_person(State::Consent, None), None),
        Event::Done(_)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver => (State::Consent, None),
    }
}

fn authenticate(event: Event) -> Step {
    let state = State::Authenticate;
    match event {
        Event::Done(Done::LoggedIn(key)) => (State::KeyIntent { key }, Some(Effect::MakeKey)),
        Event::Trouble(trouble) => match trouble.kind {
            TroubleKind::Card => (wait_for_card(state, trouble.code), None),
            TroubleKind::Person | TroubleKind::Fault => end(state, Ending::of(trouble)),
        },
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        Event::Restarted => (wait_for_person(State::Consent, None), None),
        Event::Done(
            Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_)
            | Done::Relabelled
            | Done::OldRemoved { .. }
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

/// A pair is being made or is there without a request. Trouble ends the renewal, because a
/// fresh one costs the person as little as going on; what is on the token goes with it.
fn making(state: State, event: Event) -> Step {
    match event {
        Event::Done(done) => match (state, done) {
            (State::KeyIntent { key }, Done::KeyMade(spki)) => (
                State::KeyReady {
                    key: super::NewKey { id: key, spki },
                },
                Some(Effect::SignRequest),
            ),
            (State::KeyReady { key }, Done::Signed(signed)) => {
                (State::RequestReady { key, signed }, None)
            }
            (
                state,
                Done::LoggedIn(_)
                | Done::KeyMade(_)
                | Done::Signed(_)
                | Done::Noted
                | Done::Accepted(_)
                | Done::Refused(_)
                | Done::NotYetValid(_)
                | Done::Written
                | Done::Used(_)
                | Done::Relabelled
                | Done::OldRemoved { .. }
                | Done::Discarded,
            ) => (state, None),
        },
        Event::Trouble(trouble) => end(state, Ending::of(trouble)),
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        // A pair whose making was cut off may be half a pair: it is given up, and removed with
        // the next login. A whole one is signed for as soon as the person is back.
        Event::Restarted => match state {
            State::KeyReady { .. } => (wait_for_person(state, None), None),
            cut_off => {
                let (ended, _) = end(cut_off, Ending::Failed(ProblemCode::Internal));
                (ended, None)
            }
        },
        Event::Person(Reply::Yes | Reply::No)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

/// The request is out or may be: the same request is handed out again and again, and only a
/// word of the person, the page or the clock ends it.
fn awaiting(state: State, event: Event) -> Step {
    let (key, signed, fetched, refused) = match state {
        State::RequestReady { key, signed } => (key, signed, false, None),
        State::AwaitingCertificate {
            key,
            signed,
            refused,
        } => (key, signed, true, refused),
        other => return (other, None),
    };
    let same = |key, signed| {
        if fetched {
            State::AwaitingCertificate {
                key,
                signed,
                refused,
            }
        } else {
            State::RequestReady { key, signed }
        }
    };
    match event {
        Event::Page(Page::Fetched) => (
            State::AwaitingCertificate {
                key,
                signed,
                refused,
            },
            None,
        ),
        Event::Page(Page::Answer(answer)) => (
            State::Received {
                key,
                signed,
                answer,
            },
            Some(Effect::Check),
        ),
        Event::Page(Page::Later(until)) => {
            let resume = State::AwaitingCertificate {
                key,
                signed,
                refused: None,
            };
            (wait(WaitReason::Bank, Some(until), None, resume), None)
        }
        Event::Page(Page::Cancel) => {
            end(same(key, signed), Ending::Cancelled(ProblemCode::Cancelled))
        }
        Event::Trouble(trouble) => end(same(key, signed), Ending::of(trouble)),
        Event::TimeUp => end(same(key, signed), Ending::Expired),
        Event::Done(_)
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver
        | Event::Restarted => (same(key, signed), None),
    }
}

fn received(state: State, event: Event) -> Step {
    let State::Received {
        key,
        signed,
        answer,
    } = state
    else {
        return (state, None);
    };
    let same = |key, signed, answer| State::Received {
        key,
        signed,
        answer,
    };
    match event {
        Event::Done(Done::Accepted(certificate)) => (
            State::Verified(Answered {
                key,
                signed,
                answer,
                certificate,
            }),
            Some(Effect::Note),
        ),
        Event::Done(Done::Refused(code)) => (
            State::AwaitingCertificate {
                key,
                signed,
                refused: Some(code),
            },
            None,
        ),
        Event::Done(Done::NotYetValid(from)) => (
            wait(
                WaitReason::Clock,
                Some(from),
                Some(ProblemCode::CertificateNotYetValid),
                same(key, signed, answer),
            ),
            None,
        ),
        Event::Trouble(trouble) => end(same(key, signed, answer), Ending::of(trouble)),
        Event::Page(Page::Cancel) => end(
            same(key, signed, answer),
            Ending::Cancelled(ProblemCode::Cancelled),
        ),
        Event::TimeUp => end(same(key, signed, answer), Ending::Expired),
        Event::Restarted | Event::WaitOver | Event::Page(Page::Resume) => {
            (same(key, signed, answer), Some(Effect::Check))
        }
        Event::Done(
            Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Written
            | Done::Used(_)
            | Done::Relabelled
            | Done::OldRemoved { .. }
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_))
        | Event::OldMayGo => (same(key, signed, answer), None),
    }
}

fn verified(answered: Answered, event: Event) -> Step {
    match event {
        Event::Done(Done::Noted) => (State::ConsentToInstall(answered), Some(Effect::AskInstall)),
        Event::Page(Page::Cancel) => end(
            State::Verified(answered),
            Ending::Cancelled(ProblemCode::Cancelled),
        ),
        Event::TimeUp => end(State::Verified(answered), Ending::Expired),
        Event::Restarted => (
            wait_for_person(State::ConsentToInstall(answered), None),
            None,
        ),
        Event::Trouble(trouble) => end(State::Verified(answered), Ending::of(trouble)),
        Event::Done(
            Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_)
            | Done::Relabelled
            | Done::OldRemoved { .. }
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver => (State::Verified(answered), None),
    }
}

/// いいえ ends the renewal; a dialog that was closed or timed out waits until the person is back,
/// because a certificate has been issued.
fn consent_to_install(answered: Answered, event: Event) -> Step {
    let state = State::ConsentToInstall(answered);
    match event {
        Event::Person(Reply::Yes) => match state {
            State::ConsentToInstall(answered) => {
                (State::InstallIntent(answered), Some(Effect::Write))
            }
            other => (other, None),
        },
        Event::Person(Reply::No) => end(state, Ending::Cancelled(ProblemCode::InstallDeclined)),
        Event::Trouble(trouble) => (hold(state, trouble), None),
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        Event::Restarted => (wait_for_person(state, None), None),
        Event::Done(_)
        | Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume)
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

/// From here on the certificate may be on the token: trouble holds the renewal where it is, and
/// nothing but a key that cannot be used ends it.
fn installing(state: State, event: Event) -> Step {
    match event {
        Event::Done(done) => match (state, done) {
            (State::InstallIntent(answered), Done::Written) => {
                (State::Unproven(answered), Some(Effect::Prove))
            }
            (State::Unproven(answered), Done::Used(receipt)) => (
                State::Proven(Installed {
                    key: answered.key,
                    signed: answered.signed,
                    certificate: answered.certificate,
                    receipt,
                }),
                Some(Effect::Relabel),
            ),
            (
                state,
                Done::LoggedIn(_)
                | Done::KeyMade(_)
                | Done::Signed(_)
                | Done::Noted
                | Done::Accepted(_)
                | Done::Refused(_)
                | Done::NotYetValid(_)
                | Done::Written
                | Done::Used(_)
                | Done::Relabelled
                | Done::OldRemoved { .. }
                | Done::Discarded,
            ) => (state, None),
        },
        Event::Trouble(trouble) if trouble.code == ProblemCode::ProofFailed => {
            end(state, Ending::of(trouble))
        }
        Event::Trouble(trouble) => (hold(state, trouble), None),
        Event::Restarted => (wait_for_person(state, None), None),
        Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume | Page::Cancel,
        )
        | Event::OldMayGo
        | Event::WaitOver
        | Event::TimeUp => (state, None),
    }
}

fn proven(installed: Installed, event: Event) -> Step {
    match event {
        // The mark is a convenience: a pair that keeps it works all the same.
        Event::Done(Done::Relabelled) | Event::Trouble(_) | Event::Restarted => (
            State::Grace {
                installed,
                due: false,
            },
            None,
        ),
        Event::OldMayGo => (
            State::Grace {
                installed,
                due: true,
            },
            Some(Effect::RemoveOld),
        ),
        Event::Done(
            Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_)
            | Done::OldRemoved { .. }
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume | Page::Cancel,
        )
        | Event::WaitOver
        | Event::TimeUp => (State::Proven(installed), None),
    }
}

fn grace(installed: Installed, due: bool, event: Event) -> Step {
    match event {
        Event::OldMayGo => (
            State::Grace {
                installed,
                due: true,
            },
            Some(Effect::RemoveOld),
        ),
        Event::Done(Done::OldRemoved { key_left }) => (
            State::Retired {
                installed,
                old_key_left: key_left,
            },
            None,
        ),
        Event::Trouble(trouble) => (hold(State::Grace { installed, due }, trouble), None),
        Event::Done(
            Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_)
            | Done::Relabelled
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume | Page::Cancel,
        )
        | Event::WaitOver
        | Event::TimeUp
        | Event::Restarted => (State::Grace { installed, due }, None),
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
        Event::Page(Page::Answer(_) | Page::Later(_)) if reason == WaitReason::Bank => {
            step(*resume, event)
        }
        // While nothing is under way on the token, even a half-installed renewal may be ended.
        Event::Page(Page::Cancel) | Event::TimeUp
            if matches!(*resume, State::InstallIntent(_) | State::Unproven(_)) =>
        {
            end(*resume, Ending::of_wish(&event))
        }
        // What holds the renewal up does not keep the person from ending it.
        Event::Page(Page::Cancel) | Event::TimeUp | Event::OldMayGo => {
            let before = (*resume).clone();
            let (next, effect) = step(*resume, event);
            if next == before {
                (wait(reason, until, problem, next), effect)
            } else {
                (next, effect)
            }
        }
        Event::Page(Page::Fetched | Page::Answer(_) | Page::Later(_))
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
            Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Accepted(_)
            | Done::Refused(_)
            | Done::NotYetValid(_)
            | Done::Written
            | Done::Used(_)
            | Done::Relabelled,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Trouble(_)
        | Event::Page(
            Page::Fetched | Page::Answer(_) | Page::Later(_) | Page::Resume | Page::Cancel,
        )
        | Event::OldMayGo
        | Event::WaitOver
        | Event::TimeUp
        | Event::Restarted => (state, None),
    }
}

/// How a renewal ends before the new certificate counts.
enum Ending {
    Cancelled(ProblemCode),
    Failed(ProblemCode),
    Expired,
}

impl Ending {
    fn of_wish(event: &Event) -> Self {
        if *event == Event::TimeUp {
            Self::Expired
        } else {
            Self::Cancelled(ProblemCode::Cancelled)
        }
    }

    fn of(trouble: Trouble) -> Self {
        match trouble.kind {
            TroubleKind::Person => Self::Cancelled(trouble.code),
            TroubleKind::Card | TroubleKind::Fault => Self::Failed(trouble.code),
        }
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
        State::Consent => Some(Effect::AskConsent),
        State::Authenticate => Some(Effect::Login),
        State::KeyIntent { .. } => Some(Effect::MakeKey),
        State::KeyReady { .. } => Some(Effect::SignRequest),
        State::Received { .. } => Some(Effect::Check),
        State::Verified(_) => Some(Effect::Note),
        State::ConsentToInstall(_) => Some(Effect::AskInstall),
        State::InstallIntent(_) => Some(Effect::Write),
        State::Unproven(_) => Some(Effect::Prove),
        State::Proven(_) => Some(Effect::Relabel),
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
