//! Renewals in a world where everything may go wrong at any moment: whatever happens, and in
//! whatever order, somebody can log in.

use proptest::prelude::*;
use protocol::{
    bridge::{Kind, ProblemCode},
    renewal::{
        Bytes, Done, Effect, Event, KeyId, Page, Reply, SignedBytes, State, Trouble, TroubleKind,
        step,
    },
};

/// What is on the token, which the state machine cannot see.
#[derive(Clone, Copy, Debug)]
struct Token {
    old: bool,
    new_key: bool,
    new_certificate: bool,
}

impl Token {
    fn can_log_in(self) -> bool {
        self.old || (self.new_key && self.new_certificate)
    }
}

/// How an effect ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It is done, and said so.
    Well,
    /// It is done, and the agent is killed before it hears of it.
    Unheard,
    /// It is done, and an error is answered.
    Denied,
    /// It is not done, and an error is answered.
    Failed(TroubleKind, ProblemCode),
    /// It is not done: the agent is killed before.
    Killed,
    /// The person says no.
    Refused,
}

fn any_end() -> impl Strategy<Value = End> {
    let failed = |kind, code| Just(End::Failed(kind, code));
    prop_oneof![
        8 => Just(End::Well),
        1 => Just(End::Unheard),
        1 => Just(End::Denied),
        1 => Just(End::Killed),
        1 => Just(End::Refused),
        1 => failed(TroubleKind::Card, ProblemCode::TokenNotFound),
        1 => failed(TroubleKind::Fault, ProblemCode::ModuleFailed),
        1 => failed(TroubleKind::Fault, ProblemCode::ProofFailed),
        1 => failed(TroubleKind::Person, ProblemCode::PromptTimedOut),
    ]
}

/// What comes from outside between two effects.
fn any_event() -> impl Strategy<Value = Event> {
    let page = |page| Just(Event::Page(page));
    prop_oneof![
        1 => Just(Event::Restarted),
        1 => Just(Event::TimeUp),
        1 => Just(Event::WaitOver),
        2 => Just(Event::OldMayGo),
        1 => page(Page::Cancel),
        1 => page(Page::FreshNonce),
        3 => page(Page::Resume),
        3 => page(Page::Fetched),
        6 => page(Page::Answer(bytes())),
        1 => page(Page::Later(60)),
    ]
}

fn bytes() -> Bytes {
    vec![1].into()
}

/// Carries an effect out on the token; what the state machine hears of it.
fn carry_out(token: &mut Token, effect: &Effect, end: End) -> Event {
    let lost = match end {
        End::Failed(kind, code) => return Event::Trouble(Trouble { kind, code }),
        End::Killed => return Event::Restarted,
        End::Refused if matches!(effect, Effect::AskConsent | Effect::AskInstall) => {
            return Event::Person(Reply::No);
        }
        End::Well | End::Refused => None,
        End::Unheard => Some(Event::Restarted),
        End::Denied => Some(Event::Trouble(Trouble {
            kind: TroubleKind::Fault,
            code: ProblemCode::ModuleFailed,
        })),
    };
    let done = match effect {
        Effect::AskConsent | Effect::AskInstall => Event::Person(Reply::Yes),
        Effect::ChooseToken => Event::Done(Done::TokenChosen {
            module: "module".to_owned(),
            token: "token".to_owned(),
        }),
        Effect::AskCode => Event::Done(Done::CodeEntered),
        Effect::Login => Event::Done(Done::LoggedIn(KeyId([7; 16]))),
        Effect::MakeKey => {
            token.new_key = true;
            Event::Done(Done::KeyMade(bytes()))
        }
        Effect::SignRequest => Event::Done(Done::Signed(SignedBytes {
            request: bytes(),
            proof: Some(bytes()),
            nonce: bytes(),
            origin: "https://ca.example".to_owned(),
        })),
        Effect::Check => Event::Done(Done::Accepted(bytes())),
        Effect::Note => Event::Done(Done::Noted),
        Effect::Write => {
            token.new_certificate = true;
            Event::Done(Done::Written)
        }
        // A proof of what is not there fails; it is what the whole renewal relies on.
        Effect::Prove if token.new_key && token.new_certificate => Event::Done(Done::Used(bytes())),
        Effect::Prove => Event::Trouble(Trouble {
            kind: TroubleKind::Fault,
            code: ProblemCode::ProofFailed,
        }),
        Effect::RemoveOld => {
            token.old = false;
            Event::Done(Done::OldRemoved { key_left: false })
        }
        Effect::Discard => {
            token.new_key = false;
            token.new_certificate = false;
            Event::Done(Done::Discarded)
        }
    };
    lost.unwrap_or(done)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_somebody_can_log_in(
        moves in prop::collection::vec((any_event(), any_end()), 0..80),
        losses in prop::collection::vec(0..80_usize, 0..3),
    ) {
        let mut token = Token { old: true, new_key: false, new_certificate: false };
        let (mut state, mut effect) =
            (State::Consent { kind: Kind::Renew }, Some(Effect::AskConsent));
        for (number, (event, end)) in moves.into_iter().enumerate() {
            // Until it is proven, a half-written key may be gone after a crash.
            if losses.contains(&number) && state.installed().is_none() {
                token.new_key = false;
            }
            let event = match effect.take() {
                Some(demanded) => carry_out(&mut token, &demanded, end),
                None => event,
            };
            (state, effect) = step(state, event);
            prop_assert!(token.can_log_in(), "{:?} with {:?}", state, token);
        }
        // And with a person and a token that are there, it comes to an end.
        for _ in 0..40 {
            if state.is_final() && effect.is_none() {
                break;
            }
            let event = match effect.take() {
                Some(demanded) => carry_out(&mut token, &demanded, End::Well),
                None if state.signed().is_some() && state.installed().is_none() => {
                    match state {
                        State::Waiting { .. } => Event::Page(Page::Resume),
                        _ => Event::Page(Page::Answer(bytes())),
                    }
                }
                None if matches!(state, State::Waiting { .. }) => Event::Page(Page::Resume),
                None => Event::OldMayGo,
            };
            (state, effect) = step(state, event);
            prop_assert!(token.can_log_in(), "{:?} with {:?}", state, token);
        }
        prop_assert!(state.is_final(), "{:?}", state);
    }
}
