//! The state machine over random orders of events.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use protocol::{
    bridge::{Kind, ProblemCode, WaitReason},
    renewal::{
        Bytes, Done, Effect, Event, KeyId, Page, Reply, SignedBytes, State, Trouble, TroubleKind,
        step,
    },
};

fn bytes() -> Bytes {
    Bytes::from(vec![1, 2, 3])
}

fn signed() -> SignedBytes {
    SignedBytes {
        request: bytes(),
        proof: Some(bytes()),
        nonce: bytes(),
        origin: "https://ca.example".into(),
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let trouble = |kind, code| Event::Trouble(Trouble { kind, code });
    prop::sample::select(vec![
        Event::Person(Reply::Yes),
        Event::Person(Reply::No),
        token_chosen(),
        Event::Done(Done::CodeEntered),
        Event::Done(Done::LoggedIn(KeyId([7; 16]))),
        Event::Done(Done::KeyMade(bytes())),
        Event::Done(Done::Signed(signed())),
        Event::Done(Done::Noted),
        Event::Done(Done::Accepted(bytes())),
        Event::Done(Done::Refused(ProblemCode::CertificateKeyMismatch)),
        Event::Done(Done::NotYetValid(5)),
        Event::Done(Done::Written),
        Event::Done(Done::Used(bytes())),
        Event::Done(Done::OldRemoved { key_left: true }),
        Event::Done(Done::Discarded),
        trouble(TroubleKind::Card, ProblemCode::TokenNotFound),
        trouble(TroubleKind::Person, ProblemCode::PromptCancelled),
        trouble(TroubleKind::Fault, ProblemCode::ModuleFailed),
        trouble(TroubleKind::Fault, ProblemCode::ProofFailed),
        Event::Page(Page::Fetched),
        Event::Page(Page::Answer(bytes())),
        Event::Page(Page::Later(9)),
        Event::Page(Page::WrongCode {
            tries_left: Some(4),
        }),
        Event::Page(Page::Resume),
        Event::Page(Page::FreshNonce),
        Event::Page(Page::Cancel),
        Event::OldMayGo,
        Event::WaitOver,
        Event::TimeUp,
        Event::Restarted,
    ])
}

fn begun() -> (State, Option<Effect>) {
    let kind = Kind::Renew;
    (State::Consent { kind }, Some(Effect::AskConsent))
}

fn token_chosen() -> Event {
    Event::Done(Done::TokenChosen {
        module: "softhsm2".into(),
        token: "pkcs11:token=T".into(),
    })
}

/// The events by which a renewal goes its straight way.
fn straight_way() -> Vec<Event> {
    vec![
        Event::Person(Reply::Yes),
        Event::Done(Done::LoggedIn(KeyId([7; 16]))),
        Event::Done(Done::KeyMade(bytes())),
        Event::Done(Done::Signed(signed())),
        Event::Page(Page::Fetched),
        Event::Page(Page::Answer(bytes())),
        Event::Done(Done::Accepted(bytes())),
        Event::Done(Done::Noted),
        Event::Person(Reply::Yes),
        Event::Done(Done::Written),
        Event::Done(Done::Used(bytes())),
        Event::Done(Done::Noted),
        Event::OldMayGo,
        Event::Done(Done::OldRemoved { key_left: false }),
    ]
}

/// The same for an acquisition, whose request needs no proof and which has nothing to retire.
fn acquisition() -> Vec<Event> {
    let signed = SignedBytes {
        proof: None,
        ..signed()
    };
    let mut events = straight_way();
    events.truncate(12);
    events[3] = Event::Done(Done::Signed(signed));
    events.splice(1..1, [token_chosen(), Event::Done(Done::CodeEntered)]);
    events
}

fn way(kind: Kind) -> Vec<Event> {
    match kind {
        Kind::Renew => straight_way(),
        Kind::Acquire => acquisition(),
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Renew, Kind::Acquire])
}

#[test]
fn an_acquisition_asks_for_token_and_code_and_retires_nothing() {
    let mut state = State::Consent {
        kind: Kind::Acquire,
    };
    let mut demanded = Vec::new();
    for event in acquisition() {
        let (next, effect) = step(state, event);
        state = next;
        demanded.extend(effect);
    }
    assert!(matches!(state, State::Retired { .. }));
    assert_eq!(
        demanded[..4],
        [
            Effect::ChooseToken,
            Effect::AskCode,
            Effect::Login,
            Effect::MakeKey
        ]
    );
    assert!(!demanded.contains(&Effect::RemoveOld));
}

#[test]
fn the_request_of_an_acquisition_stays_for_its_nonce() {
    let mut state = State::Consent {
        kind: Kind::Acquire,
    };
    for event in acquisition().into_iter().take(7) {
        state = step(state, event).0;
    }
    assert!(state.signed().is_some());
    let fresh = Event::Page(Page::FreshNonce);
    assert_eq!(step(state.clone(), fresh), (state, None));
}

/// An acquisition whose code the bank has just refused.
fn refused() -> (State, Option<Effect>) {
    let mut state = State::Consent {
        kind: Kind::Acquire,
    };
    for event in acquisition().into_iter().take(7) {
        state = step(state, event).0;
    }
    let tries_left = Some(4);
    step(state, Event::Page(Page::WrongCode { tries_left }))
}

#[test]
fn a_wrong_code_is_asked_for_again_and_the_same_pair_signs() {
    let (state, effect) = refused();
    assert_eq!(effect, Some(Effect::AskCode));
    assert_eq!(state.problem(), Some(ProblemCode::CodeRefused));
    assert!(state.signed().is_none(), "the old request is void");
    let (state, effect) = step(state, Event::Done(Done::CodeEntered));
    assert_eq!(effect, Some(Effect::SignRequest));
    let State::KeyReady { key, request: None } = state else {
        panic!("{state:?}");
    };
    assert_eq!((key.id, key.spki), (KeyId([7; 16]), bytes()));
}

#[test]
fn a_restart_keeps_the_pair_whose_code_was_refused() {
    let (state, effect) = step(refused().0, Event::Restarted);
    assert_eq!(
        (effect, state.problem()),
        (None, Some(ProblemCode::CodeRefused))
    );
    let (state, effect) = step(state, Event::Page(Page::Resume));
    assert_eq!(effect, Some(Effect::AskCode));
    let stops = Trouble {
        kind: TroubleKind::Person,
        code: ProblemCode::PromptCancelled,
    };
    let (state, effect) = step(state, Event::Trouble(stops));
    assert!(matches!(state, State::Cancelled { .. }));
    assert_eq!(effect, Some(Effect::Discard), "nothing stays on the token");
}

#[test]
fn a_renewal_knows_no_wrong_code() {
    let (mut state, _) = begun();
    for event in straight_way().into_iter().take(5) {
        state = step(state, event).0;
    }
    let wrong = Event::Page(Page::WrongCode { tries_left: None });
    assert_eq!(step(state.clone(), wrong), (state, None));
}

#[test]
fn the_straight_way_ends_retired() {
    let (mut state, _) = begun();
    for event in straight_way() {
        state = step(state, event).0;
    }
    assert!(matches!(
        state,
        State::Retired {
            old_key_left: false,
            ..
        }
    ));
}

/// Feeds a state whatever ends it from the outside.
fn wind_down(mut state: State) -> State {
    for event in [
        Event::Restarted,
        Event::Page(Page::Cancel),
        Event::TimeUp,
        Event::Page(Page::Resume),
        Event::Done(Done::Used(bytes())),
        Event::Done(Done::Noted),
        Event::OldMayGo,
        Event::Done(Done::OldRemoved { key_left: false }),
    ] {
        if state.is_final() {
            break;
        }
        state = step(state, event).0;
    }
    state
}

proptest! {
    #[test]
    fn the_old_pair_goes_only_after_the_new_one_is_proven(
        kind in any_kind(),
        start in 0..16_usize,
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut state = State::Consent { kind };
        let mut proven = false;
        for event in way(kind).into_iter().take(start).chain(events) {
            let used = matches!(event, Event::Done(Done::Used(_)));
            let was_unproven = matches!(state, State::Unproven(_));
            let (next, effect) = step(state, event);
            proven |= used && was_unproven;
            if effect == Some(Effect::RemoveOld) || matches!(next, State::Retired { .. }) {
                prop_assert!(proven);
                prop_assert!(next.installed().is_some());
            }
            // What is discarded is never the new pair of a renewal that counts.
            if effect == Some(Effect::Discard) {
                prop_assert!(next.installed().is_none() && next.is_final());
                prop_assert!(next.pending().is_some());
            }
            // Whatever is demanded is answered to the state that demanded it.
            if effect.is_some() {
                prop_assert!(!matches!(next, State::Waiting { .. }), "{:?}", next);
            }
            state = next;
        }
    }

    #[test]
    fn every_state_can_end(
        kind in any_kind(),
        start in 0..16_usize,
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut state = State::Consent { kind };
        for event in way(kind).into_iter().take(start).chain(events) {
            state = step(state, event).0;
        }
        let ended = wind_down(state.clone());
        prop_assert!(ended.is_final(), "{:?} winds down to {:?}", state, ended);
    }

    #[test]
    fn a_restart_demands_nothing_of_the_person(
        kind in any_kind(),
        start in 0..16_usize,
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut state = State::Consent { kind };
        for event in way(kind).into_iter().take(start).chain(events) {
            state = step(state, event).0;
        }
        let (next, effect) = step(state, Event::Restarted);
        prop_assert!(
            matches!(effect, None | Some(Effect::Check | Effect::RemoveOld)),
            "{:?}",
            next
        );
    }

    #[test]
    fn the_journal_gives_back_what_was_written(
        kind in any_kind(),
        start in 0..16_usize,
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut state = State::Consent { kind };
        for event in way(kind).into_iter().take(start).chain(events) {
            state = step(state, event).0;
        }
        let written = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&written).unwrap(), state);
    }

    #[test]
    fn a_request_once_out_keeps_its_bytes(events in prop::collection::vec(any_event(), 0..60)) {
        let (mut state, _) = begun();
        for event in straight_way().into_iter().take(4) {
            state = step(state, event).0;
        }
        let first = state.signed().unwrap().request.clone();
        for event in events {
            state = step(state, event).0;
            if let Some(now) = state.signed() {
                prop_assert_eq!(&now.request, &first);
            }
        }
    }
}

#[test]
fn an_answer_that_comes_later_ends_the_wait_for_it() {
    let (mut state, _) = begun();
    for event in straight_way().into_iter().take(5) {
        state = step(state, event).0;
    }
    let (state, effect) = step(state, Event::Page(Page::Later(99)));
    assert!(matches!(
        state,
        State::Waiting {
            reason: WaitReason::Bank,
            until: Some(99),
            ..
        }
    ));
    assert_eq!(effect, None);
    let (state, effect) = step(state, Event::Page(Page::Answer(bytes())));
    assert!(matches!(state, State::Received { .. }));
    assert_eq!(effect, Some(Effect::Check));
}

#[test]
fn a_fresh_nonce_gets_a_fresh_proof_for_the_same_request() {
    let (mut state, _) = begun();
    for event in straight_way().into_iter().take(5) {
        state = step(state, event).0;
    }
    let (state, effect) = step(state, Event::Page(Page::FreshNonce));
    assert_eq!(effect, Some(Effect::SignRequest));
    assert!(matches!(
        state,
        State::KeyReady {
            request: Some(_),
            ..
        }
    ));
    let closed = Trouble {
        kind: TroubleKind::Person,
        code: ProblemCode::PromptCancelled,
    };
    let (state, _) = step(state, Event::Trouble(closed));
    let (state, effect) = step(state, Event::Page(Page::Resume));
    assert_eq!(effect, Some(Effect::SignRequest));
    assert!(matches!(
        state,
        State::KeyReady {
            request: Some(_),
            ..
        }
    ));
}

#[test]
fn a_no_to_the_installation_discards_the_new_pair() {
    let (mut state, _) = begun();
    for event in straight_way().into_iter().take(8) {
        state = step(state, event).0;
    }
    let (state, effect) = step(state, Event::Person(Reply::No));
    assert_eq!(effect, Some(Effect::Discard));
    assert_eq!(state.problem(), Some(ProblemCode::InstallDeclined));
    let (state, effect) = step(state, Event::Done(Done::Discarded));
    assert_eq!((state.pending(), effect), (None, None));
}
