//! From the first question to the request that waits for its answer.

use super::{
    super::{Done, Effect, Event, NewKey, Page, RefusedCode, Reply, State, TroubleKind},
    Ending, Step, end, hold, wait, wait_for_card, wait_for_person,
};
use crate::bridge::{Kind, ProblemCode, WaitReason};

/// Nothing is on the token yet: every no ends the renewal, and a restart waits for the person.
pub(super) fn consent(kind: Kind, event: Event) -> Step {
    let state = State::Consent { kind };
    match event {
        Event::Person(Reply::Yes) => match kind {
            Kind::Renew => (State::Authenticate { kind }, Some(Effect::Login)),
            Kind::Acquire => (State::ChooseToken, Some(Effect::ChooseToken)),
        },
        Event::Person(Reply::No) => end(state, Ending::Cancelled(ProblemCode::ConsentDeclined)),
        Event::Trouble(trouble) => end(state, Ending::of(trouble)),
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        Event::Restarted => (wait_for_person(state, None), None),
        Event::Done(_)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce,
        )
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

pub(super) fn choose_token(event: Event) -> Step {
    match event {
        Event::Done(Done::TokenChosen { .. }) => {
            (State::EnterCode { refused: None }, Some(Effect::AskCode))
        }
        other => before_login(State::ChooseToken, Kind::Acquire, other),
    }
}

/// The code itself is nowhere in a state: after a restart the person is asked for it again.
pub(super) fn enter_code(refused: Option<RefusedCode>, event: Event) -> Step {
    let kind = Kind::Acquire;
    match (refused, event) {
        (None, Event::Done(Done::CodeEntered)) => {
            (State::Authenticate { kind }, Some(Effect::Login))
        }
        (Some(refused), Event::Done(Done::CodeEntered)) => (
            State::KeyReady {
                key: refused.key,
                request: None,
            },
            Some(Effect::SignRequest),
        ),
        // The pair is whole, and serves again once the person is back.
        (Some(refused), Event::Restarted) => {
            let state = State::EnterCode {
                refused: Some(refused),
            };
            (wait_for_person(state, Some(ProblemCode::CodeRefused)), None)
        }
        (refused, other) => before_login(State::EnterCode { refused }, kind, other),
    }
}

pub(super) fn authenticate(kind: Kind, event: Event) -> Step {
    match event {
        Event::Done(Done::LoggedIn(key)) => (State::KeyIntent { key }, Some(Effect::MakeKey)),
        other => before_login(State::Authenticate { kind }, kind, other),
    }
}

/// Whatever else happens between the consent and the login, or while a code is asked for again.
fn before_login(state: State, kind: Kind, event: Event) -> Step {
    match event {
        Event::Trouble(trouble) => match trouble.kind {
            TroubleKind::Card => (wait_for_card(state, trouble.code), None),
            TroubleKind::Person | TroubleKind::Fault => end(state, Ending::of(trouble)),
        },
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        Event::Restarted => (wait_for_person(State::Consent { kind }, None), None),
        Event::Done(_)
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce,
        )
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

/// A pair is being made or is there without a request. Trouble ends the renewal, because a
/// fresh one costs the person as little as going on; what is on the token goes with it.
pub(super) fn making(state: State, event: Event) -> Step {
    match event {
        Event::Done(done) => match (state, done) {
            (State::KeyIntent { key }, Done::KeyMade(spki)) => (
                State::KeyReady {
                    key: NewKey { id: key, spki },
                    request: None,
                },
                Some(Effect::SignRequest),
            ),
            (State::KeyReady { key, .. }, Done::Signed(signed)) => {
                (State::RequestReady { key, signed }, None)
            }
            (
                state,
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
                | Done::Used(_)
                | Done::OldRemoved { .. }
                | Done::Discarded,
            ) => (state, None),
        },
        Event::Trouble(trouble) => match state {
            // The CA may have seen this request already: as long as its key may be there, it is
            // not given up.
            State::KeyReady {
                request: Some(_), ..
            } if !matches!(
                trouble.code,
                ProblemCode::KeyMissing | ProblemCode::CertificateNotFound
            ) =>
            {
                (hold(state, trouble), None)
            }
            state => end(state, Ending::of(trouble)),
        },
        // What is being signed is for a nonce that no longer counts.
        Event::Page(Page::FreshNonce) => {
            let effect = matches!(state, State::KeyReady { .. }).then_some(Effect::SignRequest);
            (state, effect)
        }
        Event::Page(Page::Cancel) => end(state, Ending::Cancelled(ProblemCode::Cancelled)),
        Event::TimeUp => end(state, Ending::Expired),
        // A pair whose making was cut off may be half a pair: it is given up, and removed with
        // the next login. A whole one is signed for as soon as the person is back.
        Event::Restarted => match state {
            State::KeyReady { .. } => (wait_for_person(state, None), None),
            cut_off => {
                let (ended, _) = end(cut_off, Ending::Failed(ProblemCode::Interrupted));
                (ended, None)
            }
        },
        Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume,
        )
        | Event::OldMayGo
        | Event::WaitOver => (state, None),
    }
}

/// The request is out or may be: the same request is handed out again and again, and only a
/// word of the person, the page or the clock ends it.
pub(super) fn awaiting(state: State, event: Event) -> Step {
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
        // Only an acquisition has a code. The same pair signs another request by another one.
        Event::Page(Page::WrongCode { tries_left }) if signed.proof.is_none() => {
            let refused = Some(RefusedCode { key, tries_left });
            (State::EnterCode { refused }, Some(Effect::AskCode))
        }
        Event::Page(Page::FreshNonce) if signed.proof.is_some() => (
            State::KeyReady {
                key,
                request: Some(signed.request),
            },
            Some(Effect::SignRequest),
        ),
        Event::Page(Page::Cancel) => {
            end(same(key, signed), Ending::Cancelled(ProblemCode::Cancelled))
        }
        Event::Trouble(trouble) => end(same(key, signed), Ending::of(trouble)),
        Event::TimeUp => end(same(key, signed), Ending::Expired),
        Event::Done(_)
        | Event::Person(Reply::Yes | Reply::No)
        // The request of an acquisition is for its nonce, and stays so: the code may be used up.
        | Event::Page(Page::WrongCode { .. } | Page::Resume | Page::FreshNonce)
        | Event::OldMayGo
        | Event::WaitOver
        | Event::Restarted => (same(key, signed), None),
    }
}
