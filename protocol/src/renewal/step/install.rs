//! From the CA's answer to the old certificate's end.

use super::{
    super::{Answered, Done, Effect, Event, Installed, Page, Reply, State},
    Ending, Step, end, hold, wait, wait_for_person,
};
use crate::bridge::{ProblemCode, WaitReason};

pub(super) fn received(state: State, event: Event) -> Step {
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
            Done::TokenChosen { .. }
            | Done::CodeEntered
            | Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
            | Done::Noted
            | Done::Written
            | Done::Used(_)
            | Done::OldRemoved { .. }
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::FreshNonce,
        )
        | Event::OldMayGo => (same(key, signed, answer), None),
    }
}

pub(super) fn verified(answered: Answered, event: Event) -> Step {
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
            Done::TokenChosen { .. }
            | Done::CodeEntered
            | Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
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
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce,
        )
        | Event::OldMayGo
        | Event::WaitOver => (State::Verified(answered), None),
    }
}

/// いいえ ends the renewal; a dialog that was closed or timed out waits until the person is back,
/// because a certificate has been issued.
pub(super) fn consent_to_install(answered: Answered, event: Event) -> Step {
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

/// From here on the certificate may be on the token: trouble holds the renewal where it is, and
/// nothing but a key that cannot be used ends it.
pub(super) fn installing(state: State, event: Event) -> Step {
    match event {
        Event::Done(done) => match (state, done) {
            (State::InstallIntent(answered), Done::Written) => {
                (State::Unproven(answered), Some(Effect::Prove))
            }
            (State::Unproven(answered), Done::Used(receipt)) => (
                State::Proven(Installed {
                    key: answered.key,
                    signed: answered.signed,
                    answer: answered.answer,
                    certificate: answered.certificate,
                    receipt,
                }),
                Some(Effect::Note),
            ),
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
        Event::Trouble(trouble) if trouble.code == ProblemCode::ProofFailed => {
            end(state, Ending::of(trouble))
        }
        Event::Trouble(trouble) => (hold(state, trouble), None),
        Event::Restarted => (wait_for_person(state, None), None),
        Event::Person(Reply::Yes | Reply::No)
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
        | Event::TimeUp => (state, None),
    }
}

pub(super) fn proven(installed: Installed, event: Event) -> Step {
    match event {
        // An acquisition has nothing to retire.
        Event::Done(Done::Noted) | Event::Trouble(_) | Event::Restarted
            if installed.signed.proof.is_none() =>
        {
            (
                State::Retired {
                    installed,
                    old_key_left: false,
                },
                None,
            )
        }
        Event::Done(Done::Noted) | Event::Trouble(_) | Event::Restarted => (
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
            Done::TokenChosen { .. }
            | Done::CodeEntered
            | Done::LoggedIn(_)
            | Done::KeyMade(_)
            | Done::Signed(_)
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
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce
            | Page::Cancel,
        )
        | Event::WaitOver
        | Event::TimeUp => (State::Proven(installed), None),
    }
}

pub(super) fn grace(installed: Installed, due: bool, event: Event) -> Step {
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
            | Done::Discarded,
        )
        | Event::Person(Reply::Yes | Reply::No)
        | Event::Page(
            Page::Fetched
            | Page::Answer(_)
            | Page::Later(_)
            | Page::WrongCode { .. }
            | Page::Resume
            | Page::FreshNonce
            | Page::Cancel,
        )
        | Event::WaitOver
        | Event::TimeUp => (State::Grace { installed, due }, None),
        // Removing asks nobody for a PIN, so it may go on by itself.
        Event::Restarted => {
            let effect = due.then_some(Effect::RemoveOld);
            (State::Grace { installed, due }, effect)
        }
    }
}
