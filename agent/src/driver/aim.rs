//! What a renewal is for, read.

use protocol::{
    bridge::{Kind, ProblemCode},
    certificate::{Certificate, Subject},
};

use crate::{failure::Failure, journal::Target};

/// What a renewal is for.
#[derive(Clone, Debug)]
pub(super) enum Aim {
    /// A successor for this certificate.
    Renewal(Certificate),
    /// A first certificate for this subject.
    Acquisition(Subject),
}

impl Aim {
    /// What the journal says.
    pub(super) fn of(target: &Target) -> Result<Self, Failure> {
        let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
            Failure::new(ProblemCode::Internal).because(error)
        };
        match target {
            Target::Renewal { certificate } => Certificate::from_der(certificate)
                .map(Self::Renewal)
                .map_err(|error| unreadable(error.into())),
            Target::Acquisition {
                subject,
                alternative_names,
            } => Subject::from_der(subject, alternative_names.as_deref())
                .map(Self::Acquisition)
                .map_err(|error| unreadable(error.into())),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Renewal(_) => Kind::Renew,
            Self::Acquisition(_) => Kind::Acquire,
        }
    }

    /// The certificate that is renewed.
    pub(super) fn old(&self) -> Option<&Certificate> {
        match self {
            Self::Renewal(old) => Some(old),
            Self::Acquisition(_) => None,
        }
    }

    /// The subject that the new certificate must have: the DER of a `Name`.
    pub(super) fn subject_der(&self) -> &[u8] {
        match self {
            Self::Renewal(old) => old.subject_der(),
            Self::Acquisition(subject) => subject.name_der(),
        }
    }

    pub(super) fn subject_text(&self) -> String {
        match self {
            Self::Renewal(old) => old.subject_text(),
            Self::Acquisition(subject) => subject.text(),
        }
    }

    /// What a person calls it: the common name, or the whole subject.
    pub(super) fn name(&self) -> String {
        let common = match self {
            Self::Renewal(old) => old.common_name(),
            Self::Acquisition(subject) => subject.common_name(),
        };
        common.unwrap_or_else(|| self.subject_text())
    }
}
