//! What a person is asked and told.

use crate::language::Language;

/// Who is asked: which language they read, and where the dialog goes.
#[derive(Clone, Debug)]
pub struct Audience {
    /// What they read.
    pub language: Language,
    /// The terminal of a command without a display; `None` for the agent's own display.
    pub terminal: Option<Terminal>,
}

/// A terminal for the dialog.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Its device, e.g. `/dev/pts/3`.
    pub name: String,
    /// Its type as in `TERM`, e.g. `xterm`.
    pub kind: String,
}

/// Who wants the renewal.
#[derive(Clone, Debug)]
pub enum Asker {
    /// A page of that exact origin (RFC 6454), which a bank's profile lists.
    Site {
        /// The origin as the browser sent it.
        origin: String,
    },
    /// A command that this user started on this PC.
    Command,
}

/// May that be done?
#[derive(Clone, Debug)]
pub struct Consent {
    /// Who is asked.
    pub audience: Audience,
    /// Who wants it.
    pub asker: Asker,
    /// The bank's name, in the language of the audience.
    pub bank: String,
    /// What it is about.
    pub step: ConsentStep,
    /// The certificate's name (its common name or ID).
    pub certificate: String,
    /// End of the present certificate's validity, unix seconds; `None` where there is none yet.
    pub expires: Option<i64>,
    /// The label of the token that holds it, or gets it; empty as long as none is chosen.
    pub token: String,
    /// The renewal's reference number.
    pub reference: String,
}

/// The two questions of a renewal or acquisition, and the one that may come between.
#[derive(Clone, Debug)]
pub enum ConsentStep {
    /// 1 of 2: may a first certificate be asked for?
    Acquire {
        /// The subject that it will have, as RFC 4514 text.
        subject: String,
    },
    /// 1 of 2: may a new key and a request be made?
    MakeKey,
    /// May the asker go on with a renewal that somebody else began?
    TakeOver {
        /// Who began it.
        from: Asker,
    },
    /// 2 of 2: may the new certificate be installed?
    Install {
        /// End of the new certificate's validity, unix seconds.
        expires: i64,
        /// Its serial number as the bank writes it.
        serial: String,
        /// Ends of validity of the expired certificates that go with a yes, unix seconds.
        removes: Vec<i64>,
    },
}

/// Which token gets the certificate?
#[derive(Clone, Debug)]
pub struct TokenQuestion {
    /// Who is asked.
    pub audience: Audience,
    /// The certificate's name (its common name or ID).
    pub certificate: String,
    /// The tokens that can get it, two or more: label and serial number.
    pub tokens: Vec<(String, String)>,
    /// The renewal's reference number.
    pub reference: String,
}

/// The answer to a [`TokenQuestion`].
#[derive(Debug)]
pub enum TokenAnswer {
    /// The one at this place of the list.
    Token(usize),
    /// The window was closed, or went with its renewal.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// No dialog could be shown.
    Unavailable(super::PromptError),
}

/// What is the bank's one-time code?
#[derive(Clone, Debug)]
pub struct CodeQuestion {
    /// Who is asked.
    pub audience: Audience,
    /// The bank's name, in the language of the audience.
    pub bank: String,
    /// The certificate's name (its common name or ID).
    pub certificate: String,
    /// The bank refused the code that was typed before.
    pub refused: Option<RefusedBefore>,
    /// The bank's help desk: number and hours, in the language of the audience.
    pub help_desk: String,
    /// The renewal's reference number.
    pub reference: String,
}

/// The bank refused the code that was typed before.
#[derive(Clone, Copy, Debug)]
pub struct RefusedBefore {
    /// How many more wrong codes it takes, where it says so.
    pub tries_left: Option<u32>,
}

/// The answer to a [`CodeQuestion`].
pub enum CodeAnswer {
    /// What was typed has the form of a code.
    Code(protocol::csr::AcquisitionCode),
    /// The window was closed, or went with its renewal.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// No dialog could be shown.
    Unavailable(super::PromptError),
}

/// May that profile of a bank be added? Who says yes trusts its sites from then on.
#[derive(Clone, Debug)]
pub struct AddProfile {
    /// Who is asked.
    pub audience: Audience,
    /// The exact origins that the profile lets in; all of them are shown.
    pub origins: Vec<String>,
    /// The name that the profile gives itself, in the language of the audience.
    pub bank: String,
}

/// May something that is no longer used be removed, or something that went wrong be put right?
#[derive(Clone, Debug)]
pub struct ClearUp {
    /// Who is asked.
    pub audience: Audience,
    /// What it is, as the texts select it, e.g. `old-certificate`.
    pub kind: &'static str,
    /// What a person calls it.
    pub name: String,
    /// The label of its token.
    pub token: String,
    /// The end of a certificate's validity, unix seconds.
    pub expires: Option<i64>,
    /// The number by which commands name it.
    pub id: String,
}

/// The answer to a [`Consent`], an [`AddProfile`] or a [`ClearUp`], or the end of a [`Notice`].
#[derive(Debug)]
pub enum Answer {
    /// はい, or the notice was read.
    Yes,
    /// いいえ was pressed. (Some pinentries do not tell a closed window from that.)
    No,
    /// The window was closed, or went with its renewal.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// No dialog could be shown.
    Unavailable(super::PromptError),
}

/// What is the PIN?
#[derive(Clone, Debug)]
pub struct PinQuestion {
    /// Who is asked.
    pub audience: Audience,
    /// What the PIN is for.
    pub purpose: PinPurpose,
    /// The bank's name, in the language of the audience.
    pub bank: String,
    /// The certificate's name (its common name or ID).
    pub certificate: String,
    /// The token's label.
    pub token: String,
    /// The bank's word for the PIN, in the language of the audience.
    pub pin_word: String,
    /// What the token says about the tries left.
    pub tries: PinTries,
    /// The token refused the PIN that was typed before.
    pub refused: bool,
    /// The bank's help desk: number and hours, in the language of the audience.
    pub help_desk: String,
    /// The renewal's reference number.
    pub reference: String,
}

/// Why a PIN is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinPurpose {
    /// A new key is made, and the request signed.
    Renew,
    /// The same, without an old certificate.
    Acquire,
    /// The new certificate is written and tried out.
    Install,
    /// The same, where it is the first one.
    InstallAcquired,
    /// The old certificate is removed, or leftovers of an interrupted renewal.
    CleanUp,
}

/// What a token says about the tries left. PKCS#11 gives no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinTries {
    /// Nothing worth a warning.
    Enough,
    /// The PIN was wrong before.
    Few,
    /// By our own count it was refused so often in a row, two or more; the token doesn't say that
    /// one try is left.
    Refused {
        /// How often.
        in_a_row: u32,
    },
    /// One more wrong PIN locks the token.
    Last,
}

/// The answer to a [`PinQuestion`].
pub enum PinAnswer {
    /// What was typed, not empty.
    Pin(pkcs11_bridge::Pin),
    /// They don't know it: no try was used up, and they saw the help desk's number.
    Forgotten,
    /// The window was closed, or went with its renewal.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// No dialog could be shown.
    Unavailable(super::PromptError),
}

/// Something to know, without a choice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who is told.
    pub audience: Audience,
    /// What.
    pub message: Message,
}

/// What a [`Notice`] says.
#[derive(Clone, Debug)]
pub enum Message {
    /// The PIN goes into the reader's own keys. Withdraw it once the reader has answered.
    EnterPinOnReader {
        /// The certificate's name (its common name or ID).
        certificate: String,
        /// The token's label.
        token: String,
        /// The bank's word for the PIN, in the language of the audience.
        pin_word: String,
        /// The bank's help desk: number and hours.
        help_desk: String,
        /// The renewal's reference number.
        reference: String,
    },
    /// Something went wrong, in the words of [`crate::language::Texts::problem`].
    Problem(Box<protocol::bridge::Problem>),
}
