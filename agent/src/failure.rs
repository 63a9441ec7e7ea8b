//! What went wrong, for two audiences: a stable code with its reference number for the page
//! and the person, the cause for the log.

use std::{borrow::Cow, error::Error, fmt, iter};

use protocol::bridge::ProblemCode;
use serde::{Deserialize, Serialize};

/// A refusal or fault that a page, a dialog or the CLI can show.
#[derive(Debug)]
pub struct Failure {
    /// The stable code; texts are in the catalogue under `problem-CODE`.
    pub code: ProblemCode,
    /// Stands in the answer, in dialogs and in the log.
    pub reference: Reference,
    /// Values for the texts, e.g. `("date", "2026-11-22")`: a day as RFC 3339 text.
    pub arguments: Vec<(Cow<'static, str>, String)>,
    /// What happened, for the log only.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure with a fresh reference number.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            reference: Reference::fresh(),
            arguments: Vec::new(),
            cause: None,
        }
    }

    /// With the value of a variable in its texts.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.arguments.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// The cause and what lies behind it, in one line for the log.
    #[must_use]
    pub fn causes(&self) -> Option<String> {
        self.source().map(in_one_line)
    }

    /// With the cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code.as_str(), self.reference)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// An error and what lies behind it, in one line.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Eight digits of Crockford's base 32 (40 random bits) by which a help desk finds a log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference(String);

impl Reference {
    /// A new one.
    #[must_use]
    pub fn fresh() -> Self {
        let mut random = [0_u8; 8];
        // Without random bytes a reference is merely less distinct; nothing depends on secrecy.
        let _ = getrandom::fill(&mut random);
        Self::from_bytes(random)
    }

    /// The one that belongs to eight random bytes: the low five bits of each.
    #[must_use]
    pub fn from_bytes(random: [u8; 8]) -> Self {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let digit = |byte: u8| char::from(DIGITS[usize::from(byte % 32)]);
        Self(random.map(digit).iter().collect())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
