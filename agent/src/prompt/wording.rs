//! What a question looks like: from its values and the catalogue to a dialog's texts.

use super::{
    AddProfile, Asker, ClearUp, CodeQuestion, Consent, ConsentStep, Message, Notice, PinPurpose,
    PinQuestion, PinTries, TokenQuestion,
    dialog::Face,
    wrap::{plain, wrap},
};
use crate::language::Texts;

/// Characters of a name or label; longer ones are cut. Three of them, an origin and the rest of
/// the text fit into one Assuan line.
const NAME: usize = 24;

/// Characters of a whole subject.
const SUBJECT: usize = 120;

/// Characters of an origin: the longest host name (RFC 1035) with scheme and port.
const ORIGIN: usize = 270;

pub(super) fn consent(question: &Consent) -> Face {
    let texts = Texts::of(question.audience.language);
    let asker = asker_name(texts, &question.asker);
    let kind = match question.asker {
        Asker::Site { .. } => "site",
        Asker::Command => "command",
    };
    let bank = plain(&question.bank, NAME);
    let name = plain(&question.certificate, NAME);
    let token = plain(&question.token, NAME);
    let none_yet = || texts.say("prompt-none-yet", &[]);
    let expiry = question
        .expires
        .map_or_else(none_yet, |expires| texts.bank_date(expires));
    let token = if token.is_empty() { none_yet() } else { token };
    let mut arguments = vec![
        ("kind", kind),
        ("asker", &asker),
        ("bank", &bank),
        ("name", &name),
        ("token", &token),
        ("expiry", &expiry),
        ("reference", &question.reference),
    ];
    let description = match &question.step {
        ConsentStep::Acquire { subject } => {
            let subject = plain(subject, SUBJECT);
            arguments.push(("subject", &subject));
            texts.say("prompt-acquire", &arguments)
        }
        ConsentStep::MakeKey => texts.say("prompt-make-key", &arguments),
        ConsentStep::TakeOver { from } => {
            let from = asker_name(texts, from);
            arguments.push(("from", &from));
            texts.say("prompt-take-over", &arguments)
        }
        ConsentStep::Install {
            expires,
            serial,
            removes,
        } => {
            let new_expiry = texts.bank_date(*expires);
            let serial = in_groups(serial);
            let old: Vec<_> = removes.iter().map(|end| texts.bank_date(*end)).collect();
            let old = old.join(", ");
            arguments.extend([("new-expiry", new_expiry.as_str()), ("serial", &serial)]);
            arguments.push(("old-expiry", &old));
            let id = match question.expires {
                Some(_) => "prompt-install",
                None if removes.is_empty() => "prompt-install-first",
                None => "prompt-install-instead",
            };
            texts.say(id, &arguments)
        }
    };
    Face {
        title: texts.say("prompt-title", &[]),
        description: wrap(&description),
        ok: texts.say("prompt-yes", &[]),
        cancel: texts.say("prompt-no", &[]),
        ..Face::default()
    }
}

/// The origins come first: they are what is decided on, and the name is only the profile's word.
pub(super) fn add_profile(question: &AddProfile) -> Face {
    let texts = Texts::of(question.audience.language);
    let origins: Vec<_> = question
        .origins
        .iter()
        .map(|one| plain(one, ORIGIN))
        .collect();
    let bank = plain(&question.bank, NAME);
    let arguments = [("origins", &*origins.join("\n")), ("bank", &bank)];
    Face {
        title: texts.say("prompt-add-profile-title", &[]),
        description: wrap(&texts.say("prompt-add-profile", &arguments)),
        ok: texts.say("prompt-yes", &[]),
        cancel: texts.say("prompt-no", &[]),
        ..Face::default()
    }
}

/// A serial number as the bank's pages show it, so that the two can be compared at a glance: at
/// most 20 bytes (RFC 5280, 4.1.2.2) in groups of four digits.
fn in_groups(hexadecimal: &str) -> String {
    let digits: Vec<char> = plain(hexadecimal, 40).to_uppercase().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(String::from_iter).collect();
    groups.join(" ")
}

pub(super) fn clear_up(question: &ClearUp) -> Face {
    let texts = Texts::of(question.audience.language);
    let name = plain(&question.name, 2 * NAME);
    let token = plain(&question.token, NAME);
    let expiry = question
        .expires
        .map_or_else(|| "unknown".to_owned(), |expires| texts.bank_date(expires));
    let arguments = [
        ("kind", question.kind),
        ("name", if name.is_empty() { "unknown" } else { &name }),
        ("token", &token),
        ("expiry", &expiry),
        ("id", &question.id),
    ];
    Face {
        title: texts.say("prompt-clear-up-title", &[]),
        description: wrap(&texts.say("prompt-clear-up", &arguments)),
        ok: texts.say("prompt-yes", &[]),
        cancel: texts.say("prompt-no", &[]),
        ..Face::default()
    }
}

pub(super) fn token(question: &TokenQuestion, index: usize) -> Face {
    let texts = Texts::of(question.audience.language);
    let name = plain(&question.certificate, NAME);
    let (label, serial) = &question.tokens[index];
    let (label, serial) = (plain(label, NAME), plain(serial, NAME));
    let (number, count) = ((index + 1).to_string(), question.tokens.len().to_string());
    let arguments = [
        ("name", name.as_str()),
        ("token", &label),
        ("serial", &serial),
        ("number", &number),
        ("count", &count),
        ("reference", &question.reference),
    ];
    Face {
        title: texts.say("prompt-token-title", &[]),
        description: wrap(&texts.say("prompt-token", &arguments)),
        ok: texts.say("prompt-token-this", &[]),
        not_ok: texts.say("prompt-token-next", &[]),
        cancel: texts.say("prompt-acquire-stop", &[]),
        ..Face::default()
    }
}

pub(super) fn code(question: &CodeQuestion, no_code: bool) -> Face {
    let texts = Texts::of(question.audience.language);
    let bank = plain(&question.bank, NAME);
    let name = plain(&question.certificate, NAME);
    let help_desk = plain(&question.help_desk, 2 * NAME);
    let arguments = [
        ("bank", bank.as_str()),
        ("name", &name),
        ("help-desk", &help_desk),
        ("reference", &question.reference),
    ];
    let error = match &question.refused {
        _ if no_code => texts.say("prompt-code-malformed", &[]),
        Some(refused) => {
            let tries = tries_text(refused.tries_left);
            texts.say("prompt-code-refused", &[("tries", &tries)])
        }
        None => String::new(),
    };
    Face {
        title: texts.say("prompt-code-title", &[]),
        description: wrap(&texts.say("prompt-code", &arguments)),
        prompt: texts.say("prompt-code-field", &[]),
        error: wrap(&error),
        ok: texts.say("prompt-ok", &[]),
        cancel: texts.say("prompt-acquire-stop", &[]),
        not_ok: String::new(),
    }
}

/// As the catalogue chooses by it.
fn purpose_text(purpose: PinPurpose) -> &'static str {
    match purpose {
        PinPurpose::Renew => "renew",
        PinPurpose::Acquire => "acquire",
        PinPurpose::Install => "install",
        PinPurpose::InstallAcquired => "acquired",
        PinPurpose::CleanUp => "clean-up",
    }
}

/// The same for tries.
fn tries_text(left: Option<u32>) -> String {
    left.map_or_else(|| "unknown".to_owned(), |left| left.to_string())
}

pub(super) fn pin(question: &PinQuestion, nothing_typed: bool) -> Face {
    let texts = Texts::of(question.audience.language);
    let word = plain(&question.pin_word, NAME);
    let bank = plain(&question.bank, NAME);
    let name = plain(&question.certificate, NAME);
    let token = plain(&question.token, NAME);
    let place = match question.audience.terminal {
        Some(_) => "terminal",
        None => "display",
    };
    let unknown = texts.say("prompt-pin-unknown", &[("place", place)]);
    let arguments = [
        ("pin-word", word.as_str()),
        ("bank", &bank),
        ("name", &name),
        ("token", &token),
        ("unknown", &unknown),
        ("purpose", purpose_text(question.purpose)),
        ("reference", &question.reference),
    ];
    Face {
        title: texts.say("prompt-pin-title", &arguments),
        description: wrap(&texts.say("prompt-pin", &arguments)),
        prompt: texts.say("prompt-pin-field", &arguments),
        error: wrap(&pin_warnings(texts, question, nothing_typed, &arguments)),
        ok: texts.say("prompt-ok", &[]),
        cancel: unknown,
        not_ok: String::new(),
    }
}

/// After "I don't know it": where to ask, and the way back.
pub(super) fn pin_help(question: &PinQuestion) -> Face {
    let texts = Texts::of(question.audience.language);
    let word = plain(&question.pin_word, NAME);
    let token = plain(&question.token, NAME);
    let help_desk = plain(&question.help_desk, 2 * NAME);
    let arguments = [
        ("pin-word", word.as_str()),
        ("token", &token),
        ("help-desk", &help_desk),
        ("purpose", purpose_text(question.purpose)),
        ("reference", &question.reference),
    ];
    Face {
        title: texts.say("prompt-help-title", &arguments),
        description: wrap(&texts.say("prompt-help", &arguments)),
        ok: texts.say("prompt-help-back", &[]),
        not_ok: texts.say("prompt-help-unknown", &[]),
        cancel: texts.say("prompt-help-stop", &arguments),
        ..Face::default()
    }
}

pub(super) fn notice(notice: &Notice) -> Face {
    let texts = Texts::of(notice.audience.language);
    let (title, description) = match &notice.message {
        Message::EnterPinOnReader {
            certificate,
            token,
            pin_word,
            help_desk,
            reference,
        } => {
            let word = plain(pin_word, NAME);
            let name = plain(certificate, NAME);
            let token = plain(token, NAME);
            let help_desk = plain(help_desk, 2 * NAME);
            let arguments = [
                ("pin-word", word.as_str()),
                ("name", &name),
                ("token", &token),
                ("help-desk", &help_desk),
                ("reference", reference),
            ];
            (
                texts.say("prompt-pin-title", &arguments),
                texts.say("prompt-reader", &arguments),
            )
        }
        Message::Problem(problem) => (
            texts.say("prompt-problem-title", &[]),
            texts.say(
                "prompt-problem",
                &[
                    ("title", &problem.title),
                    ("cause", problem.detail.as_deref().unwrap_or_default()),
                    ("remedy", &problem.remedy),
                    ("reference", &problem.reference),
                ],
            ),
        ),
    };
    Face {
        title,
        description: wrap(&description),
        ok: texts.say("prompt-ok", &[]),
        ..Face::default()
    }
}

fn asker_name(texts: &Texts, asker: &Asker) -> String {
    match asker {
        Asker::Site { origin } => plain(origin, ORIGIN),
        Asker::Command => texts.say("prompt-command", &[]),
    }
}

fn pin_warnings(
    texts: &Texts,
    question: &PinQuestion,
    nothing_typed: bool,
    arguments: &[(&str, &str)],
) -> String {
    let refusal = if nothing_typed {
        Some("prompt-pin-empty")
    } else {
        question.refused.then_some("prompt-pin-refused")
    };
    let (warning, count) = match question.tries {
        PinTries::Enough => (None, 0),
        PinTries::Few => (Some("prompt-pin-few"), 1),
        PinTries::Refused { in_a_row } => (Some("prompt-pin-count"), in_a_row),
        PinTries::Last => (Some("prompt-pin-last"), 0),
    };
    let count = count.to_string();
    let arguments: Vec<_> = arguments
        .iter()
        .copied()
        .chain([("count", count.as_str())])
        .collect();
    let lines: Vec<_> = [refusal, warning]
        .into_iter()
        .flatten()
        .map(|id| texts.say(id, &arguments))
        .collect();
    lines.join("\n")
}
