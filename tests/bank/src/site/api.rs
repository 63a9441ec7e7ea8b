//! The CA's side of a renewal: nonce, request, receipt, rejection. JSON, for the CA's own page.
//!
//! The answer to a request is made once per request: the same bytes get the same certificate
//! again until its receipt came, so a reload or a lost answer costs nothing.

pub(super) mod acquisition;
mod approval;

use std::{sync::Arc, time::Duration};

use approval::{Clearance, Cleared};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use protocol::{
    bridge::{CertificateAnswer, PendingAnswer},
    certificate::Certificate,
    csr::SignedRequest,
    proof::{self, Expectation, Purpose, SubmissionError},
};
use serde::Deserialize;
use serde_json::json;
use tracing::{error, info};

use super::{Shared, certificate as presented, is_from};
use crate::{
    BankError, Misbehaviour, OldEnds, ca, issue,
    page::{
        Language, requested_language,
        text::{Text, ca as words},
    },
    store::{ApplicationStatus, CertificateStatus, IssuedCertificate, NONCE_LIFE, Session, Site},
    time,
};

/// How far the customer's clock may be off, besides the nonce's life, in seconds.
const CLOCK_SKEW: i64 = 15 * 60;

/// `POST /api/nonces`: the nonce for this login's renewal.
pub(super) async fn nonce(State(shared): State<Arc<Shared>>, caller: Caller) -> Reply {
    let now = shared.clock.now();
    let session = &caller.session;
    let current = renewable(&shared, &caller, now)?;
    let applied = shared
        .store
        .application_for(&current.sha256)
        .map_err(|error| caller.fault(error))?;
    // The proof of what was applied for is not asked for again, however long approval takes.
    let (nonce, expires) = match applied {
        Some(application) if application.status != ApplicationStatus::Refused => {
            (application.nonce, now + NONCE_LIFE)
        }
        _ => shared
            .store
            .nonce(&session.user, &current.sha256, now)
            .map_err(|error| caller.fault(error))?,
    };
    let body = json!({
        "nonce": nonce,
        "certificate": current.sha256,
        "expires": time::rfc3339(expires),
    });
    Ok(Json(body).into_response())
}

/// The customer's request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    /// The certification request: base64 of the DER, or PEM.
    csr: String,
    /// The old key's proof: base64 of the DER.
    proof: String,
}

/// `POST /api/certificates`: a certificate for a request.
pub(super) async fn certificate(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(submission): Json<Submission>,
) -> Reply {
    let now = shared.clock.now();
    let misbehaviour = shared.tamper(|tampering| tampering.misbehaviour);
    if misbehaviour == Some(Misbehaviour::OutOfService) {
        return Err(caller.problem(503, "unavailable", words::API_UNAVAILABLE));
    }
    let request = read_request(&submission.csr)
        .map_err(|problem| caller.problem(422, problem.0, problem.1))?;
    let of_this_login = |issued: &IssuedCertificate| {
        issued.replaces.as_deref() == Some(&caller.session.certificate)
    };
    let issued = match earlier(&shared, &caller, &request, of_this_login)? {
        Some(issued) => issued,
        None => {
            let Cleared { old, nonce } = match approval::clear(
                &shared,
                &caller,
                &submission,
                &request,
                misbehaviour,
                now,
            )? {
                Clearance::Granted(cleared) => cleared,
                Clearance::Pending(answer) => return Ok(answer),
            };
            let issued = issue::renewal(
                &shared.store,
                &shared.authorities,
                &old,
                &request,
                &nonce,
                misbehaviour,
                now,
            )
            .map_err(|error| caller.fault(error))?;
            if shared.policy.old_ends == OldEnds::AtIssue {
                shared
                    .store
                    .supersede(&old.sha256, now)
                    .map_err(|error| caller.fault(error))?;
            }
            info!(
                user = issued.user,
                serial = issued.serial,
                "issued a certificate"
            );
            issued
        }
    };
    deliver(&shared, &caller, &issued)
}

/// What proves that the certificate is installed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    /// What the new key signed: base64 of the DER.
    receipt: String,
}

/// `POST /api/receipts`: the certificate is installed. The same receipt may come again.
pub(super) async fn receipt(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(body): Json<Receipt>,
) -> Reply {
    let fault = |error| caller.fault(error);
    let renewed = &caller.session.certificate;
    let issued = shared.store.successor(renewed).map_err(fault)?;
    // A browser that was closed comes back with another nonce, and what was issued under the
    // first one is delivered again: the agent may have either.
    let user = &caller.session.user;
    let nonces = shared.store.nonces_given(user, renewed).map_err(fault)?;
    take_receipt(&shared, &caller, &body, issued, &nonces, renewed)
}

/// Verifies the receipt for a certificate, by one of the nonces, and notes the delivery.
fn take_receipt(
    shared: &Shared,
    caller: &Caller,
    body: &Receipt,
    issued: Option<IssuedCertificate>,
    nonces: &[String],
    renewed: &str,
) -> Reply {
    let now = shared.clock.now();
    let bad = || caller.problem(422, "bad-receipt", words::API_BAD_PROOF);
    let issued =
        issued.ok_or_else(|| caller.problem(409, "nothing-to-deliver", words::API_NOTHING))?;
    let signer = Certificate::from_der(&issued.der).map_err(|_| bad())?;
    let receipt = Base64::decode_vec(&body.receipt).map_err(|_| bad())?;
    let other_nonce = || Err(proof::ProofError::OtherNonce.into());
    let verified = nonces
        .iter()
        .map(|nonce| {
            let expected = Expected {
                signer: &signer,
                purpose: Purpose::Receipt,
                nonce,
                renewed,
            };
            expected.judge(shared, now, |expected| {
                proof::verify_receipt(&receipt, expected)
            })
        })
        .find(|verified| *verified != other_nonce())
        .unwrap_or_else(other_nonce);
    verified.map_err(|error| {
        info!(
            error = &error as &dyn std::error::Error,
            "refused a receipt"
        );
        bad()
    })?;
    shared
        .store
        .note_delivery(&issued.sha256, now)
        .map_err(|error| caller.fault(error))?;
    info!(
        user = issued.user,
        serial = issued.serial,
        "a certificate was installed"
    );
    Ok(Json(json!({ "serial": issued.serial })).into_response())
}

/// Why the customer or the agent does not want what was issued.
#[derive(Deserialize)]
pub(super) struct Rejection {
    /// The code of the agent's problem.
    #[serde(default)]
    code: String,
}

/// `POST /api/rejections`: what was issued for this login and not installed is revoked.
pub(super) async fn rejection(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(body): Json<Rejection>,
) -> Reply {
    let reason = reason(&body);
    let revoked = shared
        .store
        .reject_successors(&caller.session.certificate, reason, shared.clock.now())
        .map_err(|error| caller.fault(error))?;
    info!(
        user = caller.session.user,
        reason,
        count = revoked.len(),
        "a renewal was refused"
    );
    Ok(Json(json!({ "revoked": revoked })).into_response())
}

/// A code goes into the log; anything else does not.
fn reason(body: &Rejection) -> &str {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    match body.code.as_str() {
        code if (1..=64).contains(&code.len()) && code.bytes().all(known) => code,
        _ => "refused",
    }
}

/// Someone with a session at the CA, on whose page this session's token stands.
pub(super) struct Caller {
    session: Session,
    language: Language,
}

impl Caller {
    fn problem(&self, status: u16, code: &'static str, title: Text) -> Problem {
        Problem {
            status,
            code,
            title,
            language: self.language,
            tries_left: None,
        }
    }

    fn fault(&self, error: BankError) -> Problem {
        error!(error = &error as &dyn std::error::Error, "a request failed");
        self.problem(500, "internal", crate::page::text::FAULT)
    }
}

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let (_, language) = requested_language(&parts.uri, &parts.headers);
        let refuse = |status, code, title| Problem {
            status,
            code,
            title,
            language,
            tries_left: None,
        };
        let session = shared
            .session(Site::Ca, &parts.headers, shared.clock.now())
            .map_err(|error| {
                error!(error = &error as &dyn std::error::Error, "a request failed");
                refuse(500, "internal", crate::page::text::FAULT)
            })?
            .ok_or_else(|| refuse(401, "session-ended", words::API_SESSION))?;
        let token = parts
            .headers
            .get("x-csrf-token")
            .map(|token| token.as_bytes());
        if token != Some(session.csrf.as_bytes()) || !is_from(&parts.headers, &shared.ca_origin) {
            return Err(refuse(403, "forbidden", words::API_BAD_REQUEST));
        }
        Ok(Self { session, language })
    }
}

/// What the API answers.
pub(super) type Reply = Result<Response, Problem>;

/// A problem document (RFC 9457).
pub(super) struct Problem {
    status: u16,
    code: &'static str,
    title: Text,
    language: Language,
    /// How many more wrong codes it takes to lock the code.
    tries_left: Option<i64>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let remedy = match self.code {
            "session-ended" => words::API_SESSION_REMEDY,
            "not-approved" => words::API_NOT_APPROVED_REMEDY,
            "too-late" | "revoked" => words::API_ACQUIRE,
            "wrong-code" => words::API_WRONG_CODE_REMEDY,
            "code-locked" | "code-expired" | "code-absent" => words::API_OTHER_CODE,
            _ => words::API_AGAIN,
        };
        let mut body = json!({
            "type": format!("urn:mihon-ca:problem:{}", self.code),
            "status": self.status,
            "code": self.code,
            "title": self.title.say(self.language),
            "remedy": remedy.say(self.language),
        });
        if let Some(tries_left) = self.tries_left {
            body["tries_left"] = tries_left.into();
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

/// The certificate of this login, if it may be renewed now.
fn renewable(shared: &Shared, caller: &Caller, now: i64) -> Result<IssuedCertificate, Problem> {
    let revoked = || caller.problem(409, "revoked", words::API_REVOKED);
    let current = shared
        .store
        .certificate(&caller.session.certificate)
        .map_err(|error| caller.fault(error))?
        .ok_or_else(revoked)?;
    let fetches = shared
        .store
        .may_fetch(&current)
        .map_err(|error| caller.fault(error))?;
    if current.status != CertificateStatus::Active && !fetches {
        return Err(revoked());
    }
    if now < presented::window_opens(shared, &current) {
        return Err(caller.problem(409, "too-early", words::API_TOO_EARLY));
    }
    if now > presented::last_day(shared, &current) {
        return Err(caller.problem(409, "too-late", words::API_TOO_LATE));
    }
    Ok(current)
}

/// PEM or base64 of the DER; the request's own signature is verified by reading it.
fn read_request(text: &str) -> Result<SignedRequest, (&'static str, Text)> {
    let read = if text.contains("-----BEGIN ") {
        SignedRequest::from_pem(text)
    } else {
        let der =
            Base64::decode_vec(text.trim()).map_err(|_| ("bad-request", words::API_BAD_REQUEST))?;
        SignedRequest::from_der(&der)
    };
    read.map_err(|error| {
        info!(%error, "refused a request");
        match error {
            protocol::csr::CsrError::Signature(_) => ("bad-signature", words::API_BAD_SIGNATURE),
            _ => ("bad-request", words::API_BAD_REQUEST),
        }
    })
}

/// The certificate that answered the same request before, while it may still be delivered, and
/// only to whom it belongs.
fn earlier(
    shared: &Shared,
    caller: &Caller,
    request: &SignedRequest,
    own: impl FnOnce(&IssuedCertificate) -> bool,
) -> Result<Option<IssuedCertificate>, Problem> {
    let hash = ca::hex(&ca::digest(request.der()));
    let Some(issued) = shared
        .store
        .answer_to(&hash)
        .map_err(|error| caller.fault(error))?
    else {
        return Ok(None);
    };
    match issued.status {
        _ if !own(&issued) => Err(caller.problem(409, "other-login", words::API_SUBJECT)),
        CertificateStatus::Issued => Ok(Some(issued)),
        CertificateStatus::Delivered | CertificateStatus::Active => {
            Err(caller.problem(409, "delivered", words::API_DELIVERED))
        }
        CertificateStatus::Revoked | CertificateStatus::Rejected => {
            Err(caller.problem(409, "rejected", words::API_REJECTED))
        }
    }
}

/// Everything that a CA must see before it issues; gives the old certificate and the nonce.
fn check(
    shared: &Shared,
    caller: &Caller,
    submission: &Submission,
    request: &SignedRequest,
    trusting: bool,
    now: i64,
) -> Result<(IssuedCertificate, String), Problem> {
    let fault = |error| caller.fault(error);
    let session = &caller.session;
    if trusting {
        let old = shared
            .store
            .certificate(&session.certificate)
            .map_err(fault)?;
        let (nonce, _) = shared
            .store
            .nonce(&session.user, &session.certificate, now)
            .map_err(fault)?;
        let old = old.ok_or_else(|| caller.problem(409, "revoked", words::API_REVOKED))?;
        return Ok((old, nonce));
    }
    let current = renewable(shared, caller, now)?;
    let (nonce, _) = shared
        .store
        .nonce(&session.user, &current.sha256, now)
        .map_err(fault)?;
    let bad_proof = || caller.problem(422, "bad-proof", words::API_BAD_PROOF);
    let old = Certificate::from_der(&current.der).map_err(|_| bad_proof())?;
    let bytes = Base64::decode_vec(&submission.proof).map_err(|_| bad_proof())?;
    let expected = Expected {
        signer: &old,
        purpose: Purpose::Renew,
        nonce: &nonce,
        renewed: &current.sha256,
    };
    let verified = expected.judge(shared, now, |expected| {
        proof::verify_submission(&bytes, expected)
    });
    let verified = verified.map_err(|error| {
        info!(error = &error as &dyn std::error::Error, "refused a proof");
        match error {
            SubmissionError::Proof(
                proof::ProofError::OtherNonce | proof::ProofError::TooOld(_),
            ) => caller.problem(422, "nonce-expired", words::API_NONCE),
            SubmissionError::OtherSubject | SubmissionError::OtherNames => {
                caller.problem(422, "other-subject", words::API_SUBJECT)
            }
            SubmissionError::Key => new_key(shared, caller, request)
                .err()
                .unwrap_or_else(|| caller.problem(422, "key-type", words::API_KEY_TYPE)),
            _ => bad_proof(),
        }
    })?;
    if verified.request != *request {
        return Err(bad_proof());
    }
    new_key(shared, caller, request)?;
    Ok((current, nonce))
}

/// A key is certified once.
fn new_key(shared: &Shared, caller: &Caller, request: &SignedRequest) -> Result<(), Problem> {
    let known = shared.store.key_is_known(request.spki_der());
    if known.map_err(|error| caller.fault(error))? {
        return Err(caller.problem(422, "key-used", words::API_KEY_USED));
    }
    Ok(())
}

/// What a proof or a receipt must say.
struct Expected<'a> {
    signer: &'a Certificate,
    purpose: Purpose,
    /// As it was given: base64url.
    nonce: &'a str,
    /// The certificate that is renewed: SHA-256, hexadecimal.
    renewed: &'a str,
}

impl Expected<'_> {
    /// Lets the library judge by it, at the bank's time.
    fn judge<T>(
        &self,
        shared: &Shared,
        now: i64,
        verify: impl FnOnce(&Expectation<'_>) -> Result<T, SubmissionError>,
    ) -> Result<T, SubmissionError> {
        let mut renewed = [0; 32];
        let digits = self.renewed.as_bytes().chunks(2);
        for (byte, digits) in renewed.iter_mut().zip(digits) {
            let digits = std::str::from_utf8(digits).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
        }
        let seconds = u64::try_from(NONCE_LIFE + CLOCK_SKEW).unwrap_or_default();
        verify(&Expectation {
            signer: self.signer,
            purpose: self.purpose,
            nonce: &Base64UrlUnpadded::decode_vec(self.nonce).unwrap_or_default(),
            origin: &shared.ca_origin,
            certificate_sha256: renewed,
            now,
            max_age: Duration::from_secs(seconds),
        })
    }
}

/// The answer, as it is or as a test wants it.
fn deliver(shared: &Shared, caller: &Caller, issued: &IssuedCertificate) -> Reply {
    let (misbehaviour, form) = shared.tamper(|tampering| {
        let now = tampering.misbehaviour;
        if let Some(Misbehaviour::Pending {
            answers,
            retry_after,
        }) = now
        {
            tampering.misbehaviour = (answers > 1).then_some(Misbehaviour::Pending {
                answers: answers.saturating_sub(1),
                retry_after,
            });
        }
        (now, tampering.form)
    });
    let answer = match misbehaviour {
        Some(Misbehaviour::AnswerLost) => {
            return Err(caller.problem(500, "internal", crate::page::text::FAULT));
        }
        Some(Misbehaviour::Rubbish(bytes)) => CertificateAnswer::Certificate("x".repeat(bytes)),
        Some(Misbehaviour::Pending { retry_after, .. }) => {
            CertificateAnswer::Pending(PendingAnswer { retry_after })
        }
        _ => CertificateAnswer::Certificate(
            issue::answer(&shared.authorities, &issued.der, form)
                .map_err(|error| caller.fault(error))?,
        ),
    };
    Ok(Json(answer).into_response())
}
