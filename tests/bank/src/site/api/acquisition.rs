//! The CA's side of an acquisition. It differs from a renewal in what answers for the request: not
//! an old key, but a one-time code that the ID got from the bank and that this site never sees.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse as _};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use protocol::{certificate::Certificate, csr::SignedRequest, proof::Purpose, signature};
use serde::Deserialize;
use serde_json::json;
use tracing::info;

use super::{
    Caller, Expected, Problem, Receipt, Rejection, Reply, deliver, read_request, reason, verify,
};
use crate::{
    ca, issue,
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
    if let Some(issued) = earlier(&shared, &caller, &request)? {
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
    let now = shared.clock.now();
    applicant(&shared, &caller)?;
    let bad = || caller.problem(422, "bad-receipt", words::API_BAD_PROOF);
    let issued = acquired(&shared, &caller)?
        .ok_or_else(|| caller.problem(409, "nothing-to-deliver", words::API_NOTHING))?;
    let signer = Certificate::from_der(&issued.der).map_err(|_| bad())?;
    let receipt = Base64::decode_vec(&body.receipt).map_err(|_| bad())?;
    let expected = Expected {
        signer: &signer,
        purpose: Purpose::Receipt,
        nonce: issued.nonce.as_deref().unwrap_or_default(),
        // There is no old certificate: the receipt names the new one.
        renewed: &issued.sha256,
    };
    let verified = verify(&shared, &receipt, &expected, now).map_err(|error| {
        info!(%error, "refused a receipt");
        bad()
    })?;
    if verified.content != issued.der {
        return Err(bad());
    }
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

/// The certificate that answered the same request before, while it may still be delivered.
fn earlier(
    shared: &Shared,
    caller: &Caller,
    request: &SignedRequest,
) -> Result<Option<IssuedCertificate>, Problem> {
    let hash = ca::hex(&ca::digest(request.der()));
    let Some(issued) = shared
        .store
        .answer_to(&hash)
        .map_err(|error| caller.fault(error))?
    else {
        return Ok(None);
    };
    let own = issued.is_acquired() && issued.user == caller.session.user;
    match issued.status {
        _ if !own => Err(caller.problem(409, "other-login", words::API_SUBJECT)),
        CertificateStatus::Issued => Ok(Some(issued)),
        CertificateStatus::Delivered | CertificateStatus::Active => {
            Err(caller.problem(409, "delivered", words::API_DELIVERED))
        }
        CertificateStatus::Revoked | CertificateStatus::Rejected => {
            Err(caller.problem(409, "rejected", words::API_REJECTED))
        }
    }
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
    let (subject, alternative_names) =
        issue::names(&shared.store, user).map_err(|error| caller.fault(error))?;
    if request.subject_der() != subject
        || request.san_extension_der() != Some(alternative_names.as_slice())
    {
        return Err(caller.problem(422, "other-subject", words::API_SUBJECT));
    }
    if signature::key_type(request.spki_der()) == "other" {
        return Err(caller.problem(422, "key-type", words::API_KEY_TYPE));
    }
    let known = shared.store.key_is_known(request.spki_der());
    if known.map_err(|error| caller.fault(error))? {
        return Err(caller.problem(422, "key-used", words::API_KEY_USED));
    }
    let (nonce, _) = open_nonce(shared, caller)?;
    let bytes = Base64UrlUnpadded::decode_vec(&nonce).unwrap_or_default();
    let hash = ca::hex(&ca::digest(request.der()));
    let verdict = shared
        .store
        .check_code(&user.id, &hash, now, |code| {
            request.verify_code(code, &shared.ca_origin, &bytes)
        })
        .map_err(|error| caller.fault(error))?;
    info!(user = user.id, ?verdict, "a request for a one-time code");
    let (status, code, title) = match verdict {
        CodeVerdict::Right => return Ok(nonce),
        CodeVerdict::Unauthorised => (422, "not-authorised", words::API_NO_CODE),
        CodeVerdict::Wrong => (422, "wrong-code", words::API_WRONG_CODE),
        CodeVerdict::Locked => (409, "code-locked", words::API_CODE_LOCKED),
        CodeVerdict::Expired => (409, "code-expired", words::API_CODE_EXPIRED),
        CodeVerdict::Absent => (409, "code-absent", words::API_CODE_ABSENT),
    };
    Err(caller.problem(status, code, title))
}
