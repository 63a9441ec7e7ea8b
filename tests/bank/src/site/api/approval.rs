//! Whether a request may be answered now: at once, or once an officer of the CA has approved it.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use protocol::{
    bridge::{CertificateAnswer, PendingAnswer},
    csr::SignedRequest,
};
use tracing::info;

use super::{Caller, Problem, Submission, check, renewable};
use crate::{
    Misbehaviour, ca,
    page::text::ca as words,
    site::Shared,
    store::{Application, ApplicationStatus, IssuedCertificate},
};

/// When the customer may ask again about an application, where the rule has changed meanwhile; in
/// seconds.
const ASK_AGAIN: u64 = 3600;

/// What may be issued.
pub(super) struct Cleared {
    pub(super) old: IssuedCertificate,
    pub(super) nonce: String,
}

/// Whether a request may be answered now.
pub(super) enum Clearance {
    Granted(Cleared),
    /// An officer has yet to decide.
    Pending(Response),
}

/// Checks a request, and has an officer decide on it where the CA's rule is so.
pub(super) fn clear(
    shared: &Shared,
    caller: &Caller,
    submission: &Submission,
    request: &SignedRequest,
    misbehaviour: Option<Misbehaviour>,
    now: i64,
) -> Result<Clearance, Problem> {
    let fault = |error| caller.fault(error);
    let hash = ca::hex(&ca::digest(request.der()));
    let (cleared, status) = match shared.store.application(&hash).map_err(fault)? {
        Some(applied) if applied.replaces != caller.session.certificate => {
            return Err(caller.problem(409, "other-login", words::API_SUBJECT));
        }
        // It was checked when it came.
        Some(applied) => (
            Cleared {
                old: renewable(shared, caller, now)?,
                nonce: applied.nonce,
            },
            applied.status,
        ),
        None => {
            let trusting = misbehaviour == Some(Misbehaviour::AcceptAnything);
            let (old, nonce) = check(shared, caller, submission, request, trusting, now)?;
            let cleared = Cleared { old, nonce };
            if shared.policy.approval.is_none() {
                return Ok(Clearance::Granted(cleared));
            }
            let application = Application {
                csr_sha256: hash,
                user: caller.session.user.clone(),
                replaces: cleared.old.sha256.clone(),
                nonce: cleared.nonce.clone(),
                status: ApplicationStatus::Pending,
                requested: now,
                decided: None,
            };
            shared.store.apply(&application).map_err(fault)?;
            info!(user = application.user, "a renewal waits for approval");
            (cleared, application.status)
        }
    };
    match status {
        ApplicationStatus::Approved => Ok(Clearance::Granted(cleared)),
        ApplicationStatus::Refused => {
            Err(caller.problem(409, "not-approved", words::API_NOT_APPROVED))
        }
        ApplicationStatus::Pending => {
            let retry_after = shared.policy.approval.unwrap_or(ASK_AGAIN);
            let answer = CertificateAnswer::Pending(PendingAnswer { retry_after });
            Ok(Clearance::Pending(Json(answer).into_response()))
        }
    }
}
