//! Why a command failed: what, why, what to do, and the exit status.

use std::{io, path::Path, process::ExitCode};

use protocol::bridge::{Problem, ProblemCode};
use serde::Serialize;

use crate::{
    config::{Findings, FoldersError},
    language::Texts,
    profile::EditError,
};

use super::findings::explain;

/// Why a command failed. All texts are in the person's language.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CliError {
    /// A stable word for programs: a problem's code of the API, or one of the CLI's.
    pub code: String,
    /// What failed.
    pub message: String,
    /// Why, the nearest cause first.
    pub causes: Vec<String>,
    /// What the person can do.
    pub hints: Vec<String>,
    /// The number by which a help desk finds the log line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// A whole message of a one-shot agent, in place of all else.
    #[serde(skip)]
    pub(super) relayed: Option<String>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// The exit status of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, or nothing was due.
    Done = 0,
    /// Refused, or the person is needed.
    Refused = 1,
    /// Wrong arguments or settings.
    Usage = 2,
    /// A fault of Koshin's own.
    Fault = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl CliError {
    /// The error with the text `id` (`cli-CODE`) and the hint `id.hint`.
    pub(super) fn new(texts: &Texts, exit: Exit, id: &str, arguments: &[(&str, &str)]) -> Self {
        Self {
            code: id.strip_prefix("cli-").unwrap_or(id).to_owned(),
            message: texts.say(id, arguments),
            causes: Vec::new(),
            hints: vec![texts.say(&format!("{id}.hint"), arguments)],
            reference: None,
            relayed: None,
            exit,
        }
    }

    /// What a one-shot agent said instead of starting.
    pub(super) fn relayed(message: String, status: Option<i32>) -> Self {
        Self {
            code: "agent-not-started".to_owned(),
            message: String::new(),
            causes: Vec::new(),
            hints: Vec::new(),
            reference: None,
            relayed: Some(message),
            exit: match status {
                Some(1) => Exit::Refused,
                Some(2) => Exit::Usage,
                _ => Exit::Fault,
            },
        }
    }

    /// With a cause.
    pub(super) fn because(mut self, cause: impl ToString) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// With an error and its sources as causes, but for a source that only says the same again.
    pub(super) fn because_of(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            if !self.causes.last().is_some_and(|last| text.ends_with(last)) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// The agent's answer.
    pub(super) fn from_problem(problem: Problem) -> Self {
        Self {
            code: problem.code.as_str().to_owned(),
            message: problem.title,
            causes: problem.detail.into_iter().collect(),
            hints: vec![problem.remedy],
            reference: Some(problem.reference),
            relayed: None,
            exit: exit_of(problem.code),
        }
    }

    /// Mistakes in files.
    pub(super) fn from_findings(texts: &Texts, code: &str, findings: &Findings) -> Self {
        let mut error = Self::new(texts, Exit::Usage, code, &[]);
        error.hints.clear();
        for finding in &findings.0 {
            let (what, hint) = explain(texts, finding);
            error.causes.push(format!("{}: {what}", finding.place));
            if !error.hints.contains(&hint) {
                error.hints.push(hint);
            }
        }
        error
    }

    /// A file that was not written.
    pub(super) fn from_write(texts: &Texts, path: &Path, error: io::Error) -> Box<Self> {
        let path = [("path", &*path.to_string_lossy())];
        if error.kind() == io::ErrorKind::AlreadyExists {
            return Self::new(texts, Exit::Usage, "cli-file-exists", &path).into();
        }
        Self::new(texts, Exit::Usage, "cli-not-written", &path)
            .because(error)
            .into()
    }

    /// No folders.
    pub(super) fn from_folders(texts: &Texts, _: FoldersError) -> Self {
        Self::new(texts, Exit::Usage, "cli-no-home", &[])
    }

    /// A profile that can be neither added nor removed.
    pub(super) fn from_edit(texts: &Texts, error: EditError) -> Self {
        match error {
            EditError::Unusable(findings) => {
                Self::from_findings(texts, "cli-profile-unusable", &findings)
            }
            EditError::Exists { id } => {
                Self::new(texts, Exit::Refused, "cli-profile-exists", &[("id", &id)])
            }
            EditError::NotFound { id, known } => {
                Self::unknown_profile(texts, &id, known.iter().map(String::as_str))
            }
            EditError::Installed { id, path } => {
                let path = path.display().to_string();
                let arguments = [("id", id.as_str()), ("path", path.as_str())];
                Self::new(texts, Exit::Refused, "cli-profile-installed", &arguments)
            }
            EditError::File { path, cause } => {
                let path = path.display().to_string();
                Self::new(texts, Exit::Usage, "cli-not-written", &[("path", &path)]).because(cause)
            }
        }
    }

    /// No profile of that id.
    pub(super) fn unknown_profile<'a>(
        texts: &Texts,
        id: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Self {
        let known = known.collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none" } else { &known };
        let arguments = [("id", id), ("known", known)];
        Self::new(texts, Exit::Usage, "cli-profile-unknown", &arguments)
    }
}

fn exit_of(code: ProblemCode) -> Exit {
    match code {
        ProblemCode::BodyTooLarge
        | ProblemCode::TooMany
        | ProblemCode::CertificateNotFound
        | ProblemCode::RenewalNotFound
        | ProblemCode::WrongState
        | ProblemCode::TooEarly
        | ProblemCode::TooLate
        | ProblemCode::KeyMissing
        | ProblemCode::KeyTypeUnsupported
        | ProblemCode::RequestSignatureInvalid
        | ProblemCode::ConsentDeclined
        | ProblemCode::InstallDeclined
        | ProblemCode::PromptCancelled
        | ProblemCode::PromptTimedOut
        | ProblemCode::PromptUnavailable
        | ProblemCode::Cancelled
        | ProblemCode::Interrupted
        | ProblemCode::Expired
        | ProblemCode::PinExpired
        | ProblemCode::PinIncorrect
        | ProblemCode::PinLocked
        | ProblemCode::PinUnknown
        | ProblemCode::CodeRefused
        | ProblemCode::TokenNotFound
        | ProblemCode::TokenAmbiguous
        | ProblemCode::TokenFull
        | ProblemCode::TokenMaybeFull
        | ProblemCode::NewCertificateGone
        | ProblemCode::JournalSetAside
        | ProblemCode::ModuleFailed
        | ProblemCode::CertificateUnreadable
        | ProblemCode::CertificateKeyMismatch
        | ProblemCode::CertificateSubjectMismatch
        | ProblemCode::CertificateUntrusted
        | ProblemCode::CertificateExpired
        | ProblemCode::CertificateNotYetValid
        | ProblemCode::CertificateNotLater
        | ProblemCode::CertificateWrongUsage
        | ProblemCode::ProofFailed => Exit::Refused,
        ProblemCode::ModuleMissing => Exit::Usage,
        ProblemCode::BadRequest
        | ProblemCode::NotFound
        | ProblemCode::MethodNotAllowed
        | ProblemCode::UnsupportedMediaType
        | ProblemCode::JournalUnavailable
        | ProblemCode::Internal => Exit::Fault,
    }
}
