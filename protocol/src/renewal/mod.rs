//! A renewal as a state machine: [`step()`] takes a state and an event and gives the next state
//! and what is to be done there. It does nothing itself and cannot fail.
//!
//! ```text
//! consent ─► authenticate ─► key-intent ─► key-ready ─► request-ready ─► awaiting-certificate
//!    ┌──────────────────────────────────────────────────────────────────────────┘   ▲
//!    └► received ─► verified ─► consent-to-install ─► install-intent ─► unproven     │ refused
//!          └────────────────────────────────────────────────────────────────────────┘
//!       unproven ─► proven ─► grace ─► retired
//! ```
//!
//! An acquisition has no old certificate: it asks which token gets the new one, and for the
//! bank's one-time code, and has nothing to retire.
//!
//! ```text
//! consent ─► choose-token ─► enter-code ─► authenticate ─► key-intent ─► key-ready ─► … ─► proven ─► retired
//!                                                                            ▲
//!                    awaiting-certificate ── wrong code ──► enter-code ──────┘
//! ```
//!
//! A code that the bank refuses costs no new key: the person is asked for it again, and the same
//! pair signs another request. The bank counts the tries.
//!
//! Any of them may pass through `waiting` and come back; `cancelled`, `failed` and `expired`
//! end a renewal before anything of the old certificate was touched. A state owns all that is
//! needed to go on from it after a power cut: the journal stores the state and nothing else.

mod step;
mod types;

use serde::{Deserialize, Serialize};

pub use step::step;
pub use types::{Bytes, KeyId, Leftover, NewKey, RefusedCode, SignedBytes, Trouble, TroubleKind};

use crate::bridge::{self, Kind, ProblemCode, WaitReason};

/// Where a renewal stands, with everything that going on from there takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// The person is asked whether the site may make a key and a request.
    Consent {
        /// What for.
        kind: Kind,
    },
    /// The token that gets an acquired certificate is chosen.
    ChooseToken,
    /// The person is asked for the one-time code of an acquisition.
    EnterCode {
        /// Where there is a pair already, because the bank refused the code before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<RefusedCode>,
    },
    /// The token is opened with the person's PIN.
    Authenticate {
        /// What for.
        kind: Kind,
    },
    /// A key pair is about to be made under this id.
    KeyIntent {
        /// The `CKA_ID` that the pair gets.
        key: KeyId,
    },
    /// The pair is on the token; request and proof are to be signed.
    KeyReady {
        /// The new pair.
        key: NewKey,
        /// The request, when it was signed before and only the proof is to be made anew.
        request: Option<Bytes>,
    },
    /// Request and proof are ready for the page.
    RequestReady {
        /// The new pair.
        key: NewKey,
        /// What was signed.
        signed: SignedBytes,
    },
    /// The page has request and proof.
    AwaitingCertificate {
        /// The new pair.
        key: NewKey,
        /// What was signed.
        signed: SignedBytes,
        /// Why the last answer was refused.
        refused: Option<ProblemCode>,
    },
    /// An answer came and is to be checked.
    Received {
        /// The new pair.
        key: NewKey,
        /// What was signed.
        signed: SignedBytes,
        /// The answer as it came.
        answer: Bytes,
    },
    /// The answer has the right certificate.
    Verified(Answered),
    /// The person is asked whether it may be installed.
    ConsentToInstall(Answered),
    /// The certificate is about to be written.
    InstallIntent(Answered),
    /// It is on the token and its key is to be used from a fresh process.
    Unproven(Answered),
    /// The new key signed the receipt.
    Proven(Installed),
    /// Both certificates are on the token, until the bank's rule lets the old one go.
    Grace {
        /// What was installed.
        installed: Installed,
        /// Whether the rule has been met and the old one is being removed.
        due: bool,
    },
    /// The old certificate is gone, or there was none.
    Retired {
        /// What was installed.
        installed: Installed,
        /// Whether the old private key is still there, because removing it takes a login.
        old_key_left: bool,
    },
    /// Something must come first.
    Waiting {
        /// What.
        reason: WaitReason,
        /// Until when at the latest, in Unix seconds; `None` waits for an event only.
        until: Option<i64>,
        /// What went wrong, where something did.
        problem: Option<ProblemCode>,
        /// Where it goes on.
        resume: Box<State>,
    },
    /// Ended by the person or the page.
    Cancelled {
        /// How.
        problem: ProblemCode,
        /// What is still on the token.
        leftover: Option<Leftover>,
    },
    /// Ended by a fault.
    Failed {
        /// Which.
        problem: ProblemCode,
        /// What is still on the token.
        leftover: Option<Leftover>,
    },
    /// Its time was up.
    Expired {
        /// What is still on the token.
        leftover: Option<Leftover>,
    },
}

/// A renewal whose answer is the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The new pair.
    pub key: NewKey,
    /// What was signed.
    pub signed: SignedBytes,
    /// The answer as it came: it is checked again before it is written.
    pub answer: Bytes,
    /// The new certificate's DER.
    pub certificate: Bytes,
}

/// A renewal whose certificate is on the token and proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// The new pair.
    pub key: NewKey,
    /// What was signed.
    pub signed: SignedBytes,
    /// The answer as it came.
    pub answer: Bytes,
    /// The new certificate's DER.
    pub certificate: Bytes,
    /// The receipt (CMS SignedData) that the new key signed.
    pub receipt: Bytes,
}

/// Everything that can happen to a renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The person answered the dialog of this state.
    Person(Reply),
    /// What the state demanded of the token, or of the check, is done.
    Done(Done),
    /// What the state demanded could not be done.
    Trouble(Trouble),
    /// The page, or the CLI, did something.
    Page(Page),
    /// By the bank's rule the old certificate may go.
    OldMayGo,
    /// The time that a [`State::Waiting`] names has come.
    WaitOver,
    /// The renewal's own time is up.
    TimeUp,
    /// The agent started and found the renewal in this state.
    Restarted,
}

/// How the person answered a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// はい
    Yes,
    /// いいえ
    No,
}

/// A demand that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The token that gets an acquired certificate.
    TokenChosen {
        /// The name of its module.
        module: String,
        /// Its address (RFC 7512 URI).
        token: String,
    },
    /// The agent has the one-time code, which is no part of any event.
    CodeEntered,
    /// The token is open; a pair may be made under this fresh id.
    LoggedIn(KeyId),
    /// The pair is on the token: its public key as SubjectPublicKeyInfo.
    KeyMade(Bytes),
    /// Request and proof are signed.
    Signed(SignedBytes),
    /// Nothing was to be done but to write the state down.
    Noted,
    /// The answer has the right certificate: its DER.
    Accepted(Bytes),
    /// The answer was refused.
    Refused(ProblemCode),
    /// The right certificate, valid from this time on (Unix seconds).
    NotYetValid(i64),
    /// The certificate is on the token and was read back, and the pair has lost its pending mark
    /// unless the token does not rename.
    Written,
    /// The new key signed this receipt from a fresh process.
    Used(Bytes),
    /// The old certificate is gone from the token.
    OldRemoved {
        /// Whether its private key is still there.
        key_left: bool,
    },
    /// The leftover is gone from the token.
    Discarded,
}

/// What a page or the CLI does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// It fetched request and proof.
    Fetched,
    /// It brought the CA's answer.
    Answer(Bytes),
    /// The CA answers later: ask again from this time on (Unix seconds).
    Later(i64),
    /// The bank refused the one-time code of an acquisition.
    WrongCode {
        /// How many more wrong ones it takes, where it says so.
        tries_left: Option<u32>,
    },
    /// It is back and wants to go on.
    Resume,
    /// It is back with another nonce of the bank's, to which the proof must be made anew.
    FreshNonce,
    /// It wants to end.
    Cancel,
}

/// What is to be done in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask whether the site may make a key and a request.
    AskConsent,
    /// Find the tokens that can get a certificate, and ask which one where there are several.
    ChooseToken,
    /// Ask for the one-time code.
    AskCode,
    /// Open the token, remove earlier leftovers, draw a key id.
    Login,
    /// Make the pair.
    MakeKey,
    /// Sign request and proof.
    SignRequest,
    /// Check the answer.
    Check,
    /// Nothing: go on once the state is written down.
    Note,
    /// Ask whether the certificate may be installed.
    AskInstall,
    /// Write the certificate and read it back, and take the pending mark off the pair: nothing
    /// touches the pair once it is proven.
    Write,
    /// Sign the receipt with the new key from a fresh process.
    Prove,
    /// Remove the old certificate, and its key where the token is open.
    RemoveOld,
    /// Remove what the renewal left on the token.
    Discard,
}

impl State {
    /// The state as the API names it.
    #[must_use]
    pub fn name(&self) -> bridge::State {
        match self {
            Self::Consent { .. } => bridge::State::Consent,
            Self::ChooseToken => bridge::State::ChooseToken,
            Self::EnterCode { .. } => bridge::State::EnterCode,
            Self::Authenticate { .. } => bridge::State::Authenticate,
            Self::KeyIntent { .. } => bridge::State::KeyIntent,
            Self::KeyReady { .. } => bridge::State::KeyReady,
            Self::RequestReady { .. } => bridge::State::RequestReady,
            Self::AwaitingCertificate { .. } => bridge::State::AwaitingCertificate,
            Self::Received { .. } => bridge::State::Received,
            Self::Verified(_) => bridge::State::Verified,
            Self::ConsentToInstall(_) => bridge::State::ConsentToInstall,
            Self::InstallIntent(_) => bridge::State::InstallIntent,
            Self::Unproven(_) => bridge::State::Unproven,
            Self::Proven(_) => bridge::State::Proven,
            Self::Grace { .. } => bridge::State::Grace,
            Self::Retired { .. } => bridge::State::Retired,
            Self::Waiting { .. } => bridge::State::Waiting,
            Self::Cancelled { .. } => bridge::State::Cancelled,
            Self::Failed { .. } => bridge::State::Failed,
            Self::Expired { .. } => bridge::State::Expired,
        }
    }

    /// Whether nothing more can come of it; a new renewal of the same certificate may begin.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Retired { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Expired { .. } => true,
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::RequestReady { .. }
            | Self::AwaitingCertificate { .. }
            | Self::Received { .. }
            | Self::Verified(_)
            | Self::ConsentToInstall(_)
            | Self::InstallIntent(_)
            | Self::Unproven(_)
            | Self::Proven(_)
            | Self::Grace { .. }
            | Self::Waiting { .. } => false,
        }
    }

    /// What the renewal may have left on the token beside the old pair, as long as the new
    /// certificate does not count.
    #[must_use]
    pub fn pending(&self) -> Option<Leftover> {
        match self {
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { refused: None }
            | Self::Authenticate { .. } => None,
            Self::EnterCode {
                refused: Some(refused),
            } => Some(refused.key.leftover()),
            Self::KeyIntent { key } => Some(Leftover {
                key: *key,
                certificate: None,
            }),
            Self::KeyReady { key, .. }
            | Self::RequestReady { key, .. }
            | Self::AwaitingCertificate { key, .. }
            | Self::Received { key, .. } => Some(key.leftover()),
            Self::Verified(answered) | Self::ConsentToInstall(answered) => {
                Some(answered.key.leftover())
            }
            Self::InstallIntent(answered) | Self::Unproven(answered) => Some(Leftover {
                certificate: Some(answered.certificate.clone()),
                ..answered.key.leftover()
            }),
            Self::Proven(_) | Self::Grace { .. } | Self::Retired { .. } => None,
            Self::Waiting { resume, .. } => resume.pending(),
            Self::Cancelled { leftover, .. }
            | Self::Failed { leftover, .. }
            | Self::Expired { leftover } => leftover.clone(),
        }
    }

    /// Whether an ended renewal left anything on the token that the next login is to remove.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        match self {
            Self::Retired { old_key_left, .. } => *old_key_left,
            other => other.pending().is_some(),
        }
    }

    /// Request and proof, once signed.
    #[must_use]
    pub fn signed(&self) -> Option<&SignedBytes> {
        match self {
            Self::RequestReady { signed, .. }
            | Self::AwaitingCertificate { signed, .. }
            | Self::Received { signed, .. } => Some(signed),
            Self::Verified(answered)
            | Self::ConsentToInstall(answered)
            | Self::InstallIntent(answered)
            | Self::Unproven(answered) => Some(&answered.signed),
            Self::Proven(installed)
            | Self::Grace { installed, .. }
            | Self::Retired { installed, .. } => Some(&installed.signed),
            Self::Waiting { resume, .. } => resume.signed(),
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Expired { .. } => None,
        }
    }

    /// The new certificate's DER, once it was found to be the right one.
    #[must_use]
    pub fn new_certificate(&self) -> Option<&[u8]> {
        match self {
            Self::Verified(answered)
            | Self::ConsentToInstall(answered)
            | Self::InstallIntent(answered)
            | Self::Unproven(answered) => Some(answered.certificate.as_slice()),
            Self::Proven(_) | Self::Grace { .. } | Self::Retired { .. } => self
                .installed()
                .map(|installed| installed.certificate.as_slice()),
            Self::Waiting { resume, .. } => resume.new_certificate(),
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::RequestReady { .. }
            | Self::AwaitingCertificate { .. }
            | Self::Received { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Expired { .. } => None,
        }
    }

    /// The CA's answer, once it was found to be the right one.
    #[must_use]
    pub fn answer(&self) -> Option<&[u8]> {
        match self {
            Self::Verified(answered)
            | Self::ConsentToInstall(answered)
            | Self::InstallIntent(answered)
            | Self::Unproven(answered) => Some(answered.answer.as_slice()),
            Self::Proven(_) | Self::Grace { .. } | Self::Retired { .. } => self
                .installed()
                .map(|installed| installed.answer.as_slice()),
            Self::Waiting { resume, .. } => resume.answer(),
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::RequestReady { .. }
            | Self::AwaitingCertificate { .. }
            | Self::Received { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Expired { .. } => None,
        }
    }

    /// What was installed, once it is proven.
    #[must_use]
    pub fn installed(&self) -> Option<&Installed> {
        match self {
            Self::Proven(installed)
            | Self::Grace { installed, .. }
            | Self::Retired { installed, .. } => Some(installed),
            Self::Waiting { resume, .. } => resume.installed(),
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::RequestReady { .. }
            | Self::AwaitingCertificate { .. }
            | Self::Received { .. }
            | Self::Verified(_)
            | Self::ConsentToInstall(_)
            | Self::InstallIntent(_)
            | Self::Unproven(_)
            | Self::Cancelled { .. }
            | Self::Failed { .. }
            | Self::Expired { .. } => None,
        }
    }

    /// Why it ended or waits, or why the last answer, or the code, was refused.
    #[must_use]
    pub fn problem(&self) -> Option<ProblemCode> {
        match self {
            Self::AwaitingCertificate { refused, .. } => *refused,
            Self::EnterCode { refused: Some(_) } => Some(ProblemCode::CodeRefused),
            Self::Waiting { problem, .. } => *problem,
            Self::Cancelled { problem, .. } | Self::Failed { problem, .. } => Some(*problem),
            Self::Expired { .. } => Some(ProblemCode::Expired),
            Self::Consent { .. }
            | Self::ChooseToken
            | Self::EnterCode { .. }
            | Self::Authenticate { .. }
            | Self::KeyIntent { .. }
            | Self::KeyReady { .. }
            | Self::RequestReady { .. }
            | Self::Received { .. }
            | Self::Verified(_)
            | Self::ConsentToInstall(_)
            | Self::InstallIntent(_)
            | Self::Unproven(_)
            | Self::Proven(_)
            | Self::Grace { .. }
            | Self::Retired { .. } => None,
        }
    }
}
