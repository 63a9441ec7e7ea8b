//! The CA's side of an acquisition. It differs from a renewal in what answers for the request: not
//! an old key, but a one-time code that the ID got from the bank and that this site never sees.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse as _};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use protocol::{
    certificate::Subject,
    csr::{AcquisitionError, ExpectedAcquisition, SignedRequest, verify_acquisition},
};
use serde::Deserialize;
use serde_json::json;
use tracing::info;

use super::{
    Caller, Problem, Receipt, Rejection, Reply, deliver, earlier, new_key, read_request, reason,
    take_receipt,
};
use crate::{
    BankError, ca, issue,
    page::text::ca as words,
    site::Shared,
    store::{CertificateStatus, CodeVerdict, IssuedCertificate, NO_CERTIFICATE, User},
    time,
};

/// `POST /api/acquisition/nonces`: the nonce, and whom the certificate will name.
pub(crate) async fn nonce(State(shared): State<Arc<Shared>>, caller: Caller) -> Reply {
    let user = applicant(&shared, &caller)?;
    let (nonce, expires) = open_nonce(&shared, &caller)?;
    let (subject, alternative_names) =
        issue::names(&shared.store, &user).map_err(|error| caller.fault(error))?;
    let body = json!({
        "nonce": nonce,
        "subject": Base64::encode_string(&subject),
        "subject_alt_name": Base64::encode_string(&alternative_names),
        "expires": time::rfc3339(expires),
    });
    Ok(Json(body).into_response())
}

/// The customer's request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submission {
    /// The certification request: base64 of the DER, or PEM.
    csr: String,
}

/// `POST /api/acquisition/certificates`: a certificate for a request that the code authorises.
pub(crate) async fn certificate(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(submission): Json<Submission>,
) -> Reply {
    let now = shared.clock.now();
    let user = applicant(&shared, &caller)?;
    let request = read_request(&submission.csr)
        .map_err(|problem| caller.problem(422, problem.0, problem.1))?;
    let own =
        |issued: &IssuedCertificate| issued.is_acquired() && issued.user == caller.session.user;
    if let Some(issued) = earlier(&shared, &caller, &request, own)? {
        return deliver(&shared, &caller, &issued);
    }
    let nonce = check(&shared, &caller, &user, &request, now)?;
    let issued = issue::acquisition(
        &shared.store,
        &shared.authorities,
        &user,
        &request,
        &nonce,
        now,
    )
    .map_err(|error| caller.fault(error))?;
    info!(
        user = issued.user,
        serial = issued.serial,
        "issued a certificate for a one-time code"
    );
    deliver(&shared, &caller, &issued)
}

/// `POST /api/acquisition/receipts`: the certificate is installed.
pub(crate) async fn receipt(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(body): Json<Receipt>,
) -> Reply {
    applicant(&shared, &caller)?;
    let issued = acquired(&shared, &caller)?;
    let nonces = Vec::from_iter(issued.as_ref().and_then(|issued| issued.nonce.clone()));
    // There is no old certificate: the receipt names the new one.
    let about = issued.as_ref().map(|issued| issued.sha256.clone());
    let about = about.unwrap_or_default();
    take_receipt(&shared, &caller, &body, issued, &nonces, &about)
}

/// `POST /api/acquisition/rejections`: what was issued and not installed is revoked. The code
/// stays used up.
pub(crate) async fn rejection(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    Json(body): Json<Rejection>,
) -> Reply {
    applicant(&shared, &caller)?;
    let issued = acquired(&shared, &caller)?;
    let open = issued.filter(|issued| issued.status == CertificateStatus::Issued);
    let mut revoked = Vec::new();
    if let Some(issued) = open {
        let (reason, now) = (reason(&body), shared.clock.now());
        shared
            .store
            .reject(&issued.sha256, reason, now)
            .map_err(|error| caller.fault(error))?;
        revoked.push(issued.serial);
    }
    Ok(Json(json!({ "revoked": revoked })).into_response())
}

/// Whose certificate is acquired in this session; a renewal's session acquires none.
fn applicant(shared: &Shared, caller: &Caller) -> Result<User, Problem> {
    if caller.session.certificate != NO_CERTIFICATE {
        return Err(caller.problem(403, "forbidden", words::API_BAD_REQUEST));
    }
    shared
        .store
        .user(&caller.session.user)
        .map_err(|error| caller.fault(error))
}

fn acquired(shared: &Shared, caller: &Caller) -> Result<Option<IssuedCertificate>, Problem> {
    shared
        .store
        .acquired(&caller.session.user)
        .map_err(|error| caller.fault(error))
}

/// The nonce of what was issued and not delivered, so that a reloaded page finds the acquisition
/// again by it; else the open one, or a new one.
fn open_nonce(shared: &Shared, caller: &Caller) -> Result<(String, i64), Problem> {
    let now = shared.clock.now();
    if let Some(issued) = acquired(shared, caller)?
        && issued.status == CertificateStatus::Issued
        && let Some(nonce) = issued.nonce
    {
        return Ok((nonce, now + super::NONCE_LIFE));
    }
    shared
        .store
        .nonce(&caller.session.user, NO_CERTIFICATE, now)
        .map_err(|error| caller.fault(error))
}

/// Everything that a CA must see before it issues; gives the nonce. The code comes last: a request
/// that is wrong in another way is no guess at it.
fn check(
    shared: &Shared,
    caller: &Caller,
    user: &User,
    request: &SignedRequest,
    now: i64,
) -> Result<String, Problem> {
    let (name, alternative_names) =
        issue::names(&shared.store, user).map_err(|error| caller.fault(error))?;
    let subject = Subject::from_der(&name, Some(&alternative_names))
        .map_err(|_| caller.fault(BankError::Unusable("subject")))?;
    new_key(shared, caller, request)?;
    let (nonce, _) = open_nonce(shared, caller)?;
    let bytes = Base64UrlUnpadded::decode_vec(&nonce).unwrap_or_default();
    let hash = ca::hex(&ca::digest(request.der()));
    let verdict = shared
        .store
        .check_code(&user.id, &hash, now, |code| {
            let expected = ExpectedAcquisition {
                code,
                subject: &subject,
                origin: &shared.ca_origin,
                nonce: &bytes,
            };
            verify_acquisition(request.der(), &expected).map(drop)
        })
        .map_err(|error| caller.fault(error))?;
    info!(user = user.id, ?verdict, "a request for a one-time code");
    let problem = |status, code, title| Err(caller.problem(status, code, title));
    match verdict {
        CodeVerdict::Right => Ok(nonce),
        CodeVerdict::Wrong { tries_left } => Err(Problem {
            tries_left: Some(tries_left),
            ..caller.problem(422, "wrong-code", words::API_WRONG_CODE)
        }),
        CodeVerdict::Locked => problem(409, "code-locked", words::API_CODE_LOCKED),
        CodeVerdict::Expired => problem(409, "code-expired", words::API_CODE_EXPIRED),
        CodeVerdict::Absent => problem(409, "code-absent", words::API_CODE_ABSENT),
        CodeVerdict::Refused(error) => match error {
            AcquisitionError::NoCode => problem(422, "not-authorised", words::API_NO_CODE),
            AcquisitionError::Key => problem(422, "key-type", words::API_KEY_TYPE),
            _ => problem(422, "other-subject", words::API_SUBJECT),
        },
    }
}
