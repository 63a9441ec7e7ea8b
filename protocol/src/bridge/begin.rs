//! What a page begins: a renewal or an acquisition.

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CertificateId, Kind, Nonce};
use crate::certificate::Subject;

/// Begin a renewal or an acquisition, or find it again: `POST /v1/renewals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BeginBody", into = "BeginBody")]
pub struct BeginRenewal {
    /// What is asked for, and of what.
    pub target: Target,
    /// The bank's nonce.
    pub nonce: Nonce,
    /// The bank's signature over this request (JWS compact serialisation), where the profile
    /// demands one.
    pub request: Option<String>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A successor for this certificate.
    Renew(CertificateId),
    /// A first certificate for this subject.
    Acquire(Subject),
}

impl Target {
    /// The word for it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Renew(_) => Kind::Renew,
            Self::Acquire(_) => Kind::Acquire,
        }
    }
}

/// Why the members of a request do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A renewal needs a certificate, and an acquisition a subject; neither takes the other.
    #[error("a renewal names a certificate, an acquisition a subject")]
    Members,
    /// Not base64 of a subject, or of an extension with its alternative names.
    #[error("a subject is base64 of the DER of a name, and of an extension beside it")]
    Subject,
}

/// [`Target`] as members of a JSON object.
pub(super) struct Members {
    pub(super) kind: Kind,
    pub(super) certificate: Option<CertificateId>,
    pub(super) subject: Option<String>,
    pub(super) subject_alt_name: Option<String>,
}

impl From<&Target> for Members {
    fn from(target: &Target) -> Self {
        let empty = Self {
            kind: target.kind(),
            certificate: None,
            subject: None,
            subject_alt_name: None,
        };
        match target {
            Target::Renew(certificate) => Self {
                certificate: Some(certificate.clone()),
                ..empty
            },
            Target::Acquire(subject) => Self {
                subject: Some(Base64::encode_string(subject.name_der())),
                subject_alt_name: subject.san_extension_der().map(Base64::encode_string),
                ..empty
            },
        }
    }
}

impl TryFrom<Members> for Target {
    type Error = TargetError;

    fn try_from(members: Members) -> Result<Self, TargetError> {
        match members {
            Members {
                kind: Kind::Renew,
                certificate: Some(certificate),
                subject: None,
                subject_alt_name: None,
            } => Ok(Self::Renew(certificate)),
            Members {
                kind: Kind::Acquire,
                certificate: None,
                subject: Some(subject),
                subject_alt_name,
            } => {
                let decode = |text: String| Base64::decode_vec(&text).ok();
                let name = decode(subject).ok_or(TargetError::Subject)?;
                let extension = subject_alt_name
                    .map(|text| decode(text).ok_or(TargetError::Subject))
                    .transpose()?;
                Subject::from_der(&name, extension.as_deref())
                    .map(Self::Acquire)
                    .map_err(|_| TargetError::Subject)
            }
            _ => Err(TargetError::Members),
        }
    }
}

/// Begin a renewal or an acquisition, or find it again: `POST /v1/renewals`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginRenewal)]
pub(super) struct BeginBody {
    /// What is asked for.
    kind: Kind,
    /// In a renewal, the certificate of this login: its id as in `Certificate.id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    certificate: Option<CertificateId>,
    /// In an acquisition, the subject that the certificate will have: base64 of the DER of a
    /// `Name` (RFC 5280). The dialogs show it, and the request copies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subject: Option<String>,
    /// In an acquisition, its subject alternative names, if any: base64 of the DER of the whole
    /// `Extension`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subject_alt_name: Option<String>,
    /// The bank's nonce for the old key's proof, or for the request of an acquisition.
    nonce: Nonce,
    /// The bank's signature over this request (JWS compact serialisation), where the profile
    /// demands one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request: Option<String>,
}

impl From<BeginRenewal> for BeginBody {
    fn from(begin: BeginRenewal) -> Self {
        let members = Members::from(&begin.target);
        Self {
            kind: members.kind,
            certificate: members.certificate,
            subject: members.subject,
            subject_alt_name: members.subject_alt_name,
            nonce: begin.nonce,
            request: begin.request,
        }
    }
}

impl TryFrom<BeginBody> for BeginRenewal {
    type Error = TargetError;

    fn try_from(body: BeginBody) -> Result<Self, TargetError> {
        let members = Members {
            kind: body.kind,
            certificate: body.certificate,
            subject: body.subject,
            subject_alt_name: body.subject_alt_name,
        };
        Ok(Self {
            target: Target::try_from(members)?,
            nonce: body.nonce,
            request: body.request,
        })
    }
}
