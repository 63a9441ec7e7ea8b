//! The questions of one renewal to the person.

use std::sync::Arc;

use pkcs11_bridge::{Pin, TokenInfo};
use protocol::{
    bridge::ProblemCode, certificate::Certificate, csr::AcquisitionCode, renewal::Reply,
};
use tokio_util::sync::CancellationToken;

use super::{Caller, Finding, aim::Aim, session::Stuck, shared::Shared};
use crate::{
    failure::Failure,
    journal::Record,
    language::Language,
    profile::Profile,
    prompt::{
        Answer, Asker, Audience, ClearUp, CodeAnswer, CodeQuestion, Consent, ConsentStep, Message,
        Notice, PinAnswer, PinPurpose, PinQuestion, PinTries, PromptError, Prompter, RefusedBefore,
        Terminal, TokenAnswer, TokenQuestion,
    },
};

/// The person in front of one renewal, with all that its dialogs say.
#[derive(Clone)]
pub(super) struct Person {
    prompter: Prompter,
    /// What the person reads, whatever a page asks for.
    language: Language,
    audience: Audience,
    asker: Asker,
    profile: Arc<Profile>,
    certificate: String,
    /// The subject of an acquisition.
    acquires: Option<String>,
    expires: Option<i64>,
    token: String,
    reference: String,
}

impl Person {
    pub(super) fn new(
        shared: &Shared,
        caller: &Caller,
        profile: &Arc<Profile>,
        aim: &Aim,
        record: &Record,
    ) -> Self {
        Self {
            prompter: shared.prompter.clone(),
            language: shared.language,
            audience: audience(shared.language, caller),
            asker: asker(caller.owner()),
            profile: Arc::clone(profile),
            certificate: aim.name(),
            acquires: match aim {
                Aim::Renewal(_) => None,
                Aim::Acquisition(subject) => Some(subject.text()),
            },
            expires: aim.old().map(Certificate::not_after),
            token: label(&record.token),
            reference: record.id.reference().as_str().to_owned(),
        }
    }

    /// The person who clears up, with what the first thing to be cleared up is called.
    pub(super) fn clearing_up(
        shared: &Shared,
        caller: &Caller,
        profile: &Arc<Profile>,
        name: &str,
        token: &str,
        reference: &str,
    ) -> Self {
        Self {
            prompter: shared.prompter.clone(),
            language: shared.language,
            audience: audience(shared.language, caller),
            asker: asker(caller.owner()),
            profile: Arc::clone(profile),
            certificate: name.to_owned(),
            acquires: None,
            expires: None,
            token: token.to_owned(),
            reference: reference.to_owned(),
        }
    }

    /// May that be cleared up? A closed or forgotten dialog means no.
    pub(super) async fn agree_to_clean(
        &self,
        finding: &Finding,
        over: &CancellationToken,
    ) -> Result<bool, Failure> {
        let expires = finding
            .expires
            .as_deref()
            .and_then(|time| time.parse().ok());
        let question = ClearUp {
            audience: self.audience.clone(),
            kind: finding.kind.word(),
            name: finding.name.clone(),
            token: finding.token.clone(),
            expires: expires.map(|time: jiff::Timestamp| time.as_second()),
            id: finding.id.clone(),
        };
        match self.prompter.clear_up(&question, over.clone()).await {
            Answer::Yes => Ok(true),
            Answer::No | Answer::Cancelled | Answer::TimedOut => Ok(false),
            Answer::Unavailable(error) => Err(error.into()),
        }
    }

    /// The same renewal, from now on driven by another caller, or from another terminal.
    pub(super) fn for_caller(&self, caller: &Caller) -> Self {
        Self {
            audience: audience(self.language, caller),
            asker: asker(caller.owner()),
            ..self.clone()
        }
    }

    /// The same renewal, now that its token (RFC 7512 URI) is chosen.
    pub(super) fn with_token(&self, token: &str) -> Self {
        Self {
            token: label(token),
            ..self.clone()
        }
    }

    /// A failure with what its texts can say about this renewal.
    pub(super) fn tell_more(&self, mut failure: Failure) -> Failure {
        for (name, value) in [
            ("help-desk", self.help_desk()),
            ("token", self.token.clone()),
        ] {
            if failure.arguments.iter().all(|(known, _)| known != name) && !value.is_empty() {
                failure = failure.with(name, value);
            }
        }
        failure
    }

    /// 1 of 2: may the site make a key and a request?
    pub(super) async fn consent(&self, over: &CancellationToken) -> Result<Reply, Stuck> {
        let step = match &self.acquires {
            None => ConsentStep::MakeKey,
            Some(subject) => ConsentStep::Acquire {
                subject: subject.clone(),
            },
        };
        self.ask(step, self.asker.clone(), over).await
    }

    /// Which of several tokens gets the certificate: its place in the list.
    pub(super) async fn choose_token(
        &self,
        tokens: &[TokenInfo],
        over: &CancellationToken,
    ) -> Result<usize, Stuck> {
        let question = TokenQuestion {
            audience: self.audience.clone(),
            certificate: self.certificate.clone(),
            tokens: tokens
                .iter()
                .map(|token| (token.label.clone(), token.serial.clone()))
                .collect(),
            reference: self.reference.clone(),
        };
        match self.prompter.token(&question, over.clone()).await {
            TokenAnswer::Token(index) => Ok(index),
            TokenAnswer::Cancelled => {
                Err(Stuck::person(Failure::new(ProblemCode::PromptCancelled)))
            }
            TokenAnswer::TimedOut => Err(Stuck::person(Failure::new(ProblemCode::PromptTimedOut))),
            TokenAnswer::Unavailable(error) => Err(unavailable(error)),
        }
    }

    /// The bank's one-time code, or why there is none.
    pub(super) async fn code(
        &self,
        refused: Option<RefusedBefore>,
        over: &CancellationToken,
    ) -> Result<AcquisitionCode, Stuck> {
        let question = CodeQuestion {
            audience: self.audience.clone(),
            bank: self.profile.name.say(self.audience.language).to_owned(),
            certificate: self.certificate.clone(),
            refused,
            help_desk: self.help_desk(),
            reference: self.reference.clone(),
        };
        match self.prompter.code(&question, over.clone()).await {
            CodeAnswer::Code(code) => Ok(code),
            CodeAnswer::Cancelled => Err(Stuck::person(Failure::new(ProblemCode::PromptCancelled))),
            CodeAnswer::TimedOut => Err(Stuck::person(Failure::new(ProblemCode::PromptTimedOut))),
            CodeAnswer::Unavailable(error) => Err(unavailable(error)),
        }
    }

    /// 2 of 2: may the new certificate be installed, and the expired ones be removed?
    pub(super) async fn consent_to_install(
        &self,
        new: &Certificate,
        removes: &[Certificate],
        over: &CancellationToken,
    ) -> Result<Reply, Stuck> {
        let step = ConsentStep::Install {
            expires: new.not_after(),
            serial: new.serial_hex(),
            removes: removes.iter().map(Certificate::not_after).collect(),
        };
        self.ask(step, self.asker.clone(), over).await
    }

    /// May another site of the same bank, or a command, go on with it?
    pub(super) async fn agree_to_take_over(
        &self,
        from: &str,
        over: &CancellationToken,
    ) -> Result<(), Failure> {
        let step = ConsentStep::TakeOver { from: asker(from) };
        match self.ask(step, self.asker.clone(), over).await {
            Ok(Reply::Yes) => Ok(()),
            Ok(Reply::No) => Err(Failure::new(ProblemCode::ConsentDeclined)),
            Err(stuck) => Err(stuck.failure),
        }
    }

    /// The PIN, or why there is none.
    pub(super) async fn pin(
        &self,
        token: &TokenInfo,
        purpose: PinPurpose,
        tries: PinTries,
        refused: bool,
        over: &CancellationToken,
    ) -> Result<Pin, Stuck> {
        let question = PinQuestion {
            audience: self.audience.clone(),
            purpose,
            bank: self.profile.name.say(self.audience.language).to_owned(),
            certificate: self.certificate.clone(),
            token: token.label.clone(),
            pin_word: self.profile.pin_word.say(self.audience.language).to_owned(),
            tries,
            refused,
            help_desk: self.help_desk(),
            reference: self.reference.clone(),
        };
        match self.prompter.pin(&question, over.clone()).await {
            PinAnswer::Pin(pin) => Ok(pin),
            PinAnswer::Forgotten => Err(Stuck::person(Failure::new(ProblemCode::PinUnknown))),
            PinAnswer::Cancelled => Err(Stuck::person(Failure::new(ProblemCode::PromptCancelled))),
            PinAnswer::TimedOut => Err(Stuck::person(Failure::new(ProblemCode::PromptTimedOut))),
            PinAnswer::Unavailable(error) => Err(unavailable(error)),
        }
    }

    /// Says that the PIN goes into the reader's own keys, until `over`.
    pub(super) async fn point_to_reader(&self, token: &TokenInfo, over: CancellationToken) {
        let message = Message::EnterPinOnReader {
            certificate: self.certificate.clone(),
            token: token.label.clone(),
            pin_word: self.profile.pin_word.say(self.audience.language).to_owned(),
            help_desk: self.help_desk(),
            reference: self.reference.clone(),
        };
        let notice = Notice {
            audience: self.audience.clone(),
            message,
        };
        // Whether it could be shown or was closed changes nothing: the reader asks as well.
        let _ = self.prompter.tell(&notice, over).await;
    }

    async fn ask(
        &self,
        step: ConsentStep,
        asker: Asker,
        over: &CancellationToken,
    ) -> Result<Reply, Stuck> {
        let question = Consent {
            audience: self.audience.clone(),
            asker,
            bank: self.profile.name.say(self.audience.language).to_owned(),
            step,
            certificate: self.certificate.clone(),
            expires: self.expires,
            token: self.token.clone(),
            reference: self.reference.clone(),
        };
        match self.prompter.consent(&question, over.clone()).await {
            Answer::Yes => Ok(Reply::Yes),
            Answer::No => Ok(Reply::No),
            Answer::Cancelled => Err(Stuck::person(Failure::new(ProblemCode::PromptCancelled))),
            Answer::TimedOut => Err(Stuck::person(Failure::new(ProblemCode::PromptTimedOut))),
            Answer::Unavailable(error) => Err(unavailable(error)),
        }
    }

    fn help_desk(&self) -> String {
        self.profile.help_desk.say(self.audience.language)
    }
}

/// A page's dialogs are in the person's own language, not in the one that the page asks for.
fn audience(own: Language, caller: &Caller) -> Audience {
    match caller {
        Caller::Page { .. } => Audience {
            language: own,
            terminal: None,
        },
        Caller::Cli { terminal, language } => Audience {
            language: *language,
            terminal: terminal.tty.clone().map(|name| Terminal {
                name,
                kind: terminal.term.clone().unwrap_or_else(|| "dumb".into()),
            }),
        },
    }
}

/// The label in a token's URI; nothing where there is none.
fn label(token: &str) -> String {
    let uri = token.parse::<pkcs11_bridge::TokenUri>().ok();
    uri.and_then(|uri| uri.token).unwrap_or_default()
}

fn asker(owner: &str) -> Asker {
    if owner == super::caller::COMMAND {
        Asker::Command
    } else {
        Asker::Site {
            origin: owner.to_owned(),
        }
    }
}

fn unavailable(error: PromptError) -> Stuck {
    Stuck::fault(error.into())
}
