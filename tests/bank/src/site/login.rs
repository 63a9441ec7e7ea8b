//! Logging in: ID and password, then the certificate of the connection.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{Answer, Shared, Speak, certificate, cookie, go, html, is_from, refused};
use crate::{
    page::{
        Brand,
        bank::{self, LoginTrouble},
        problem::CertificateProblem,
    },
    store::{CertificateStatus, IssuedCertificate, LogEvent, NO_CERTIFICATE, PasswordCheck, Site},
    tls::PeerCertificate,
};

/// `GET /`.
pub(super) async fn form(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
) -> Answer {
    let verdict = certificate::judge(&shared, &peer, shared.clock.now())?;
    // The ID of the certificate at hand saves typing; another one can be typed over it.
    let entered = verdict.as_ref().map_or("", |good| &good.user).to_owned();
    let page = bank::login(language, &verdict, shared.policy.grace_days, None, &entered);
    Ok(html(StatusCode::OK, page))
}

/// What the login form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    id: String,
    password: String,
}

/// `POST /login`.
pub(super) async fn submit(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Answer {
    if !is_from(&headers, &shared.bank_origin) {
        return Ok(refused(Brand::Bank, "/", language));
    }
    let now = shared.clock.now();
    let id = credentials.id.trim();
    let verdict = certificate::judge(&shared, &peer, now)?;
    let check = shared
        .store
        .check_password(id, &credentials.password, now)?;
    let user = match check {
        PasswordCheck::Right(user) => user,
        PasswordCheck::Wrong => {
            certificate::log(&shared, LogEvent::Login, None, &peer, word(&verdict), 401)?;
            let trouble = Some(LoginTrouble::Wrong);
            let page = bank::login(language, &verdict, shared.policy.grace_days, trouble, id);
            return Ok(html(StatusCode::UNAUTHORIZED, page));
        }
        PasswordCheck::Locked { until } => {
            certificate::log(&shared, LogEvent::Login, None, &peer, word(&verdict), 429)?;
            let trouble = Some(LoginTrouble::Locked { until });
            let page = bank::login(language, &verdict, shared.policy.grace_days, trouble, id);
            return Ok(html(StatusCode::TOO_MANY_REQUESTS, page));
        }
    };
    let verdict = certificate::judge_visitor(&shared, &peer, &user.id, now)?;
    let used = match verdict.and_then(|good| owned_by(good, &user.id)) {
        Ok(used) => used,
        Err(problem) => {
            let word = problem.as_str();
            certificate::log(&shared, LogEvent::Login, Some(&user.id), &peer, word, 403)?;
            return Ok(html(StatusCode::FORBIDDEN, problem.html(language)));
        }
    };
    let word = if peer.0.is_some() { "good" } else { "expired" };
    certificate::log(&shared, LogEvent::Login, Some(&user.id), &peer, word, 200)?;
    shared.store.note_use(&used, shared.policy.old_ends, now)?;
    let previous = shared.store.note_login(&user.id, now)?;
    let secret = shared
        .store
        .open_session(Site::Bank, &user.id, &used.sha256, previous, now)?;
    let next = first_page(&shared, &used, now)?;
    let cookie = cookie::set(Site::Bank, &secret);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), go(next)).into_response())
}

/// `GET /acquisition`.
pub(super) async fn acquisition_form(Speak(language): Speak) -> Response {
    html(StatusCode::OK, bank::acquisition(language, None, ""))
}

/// `POST /acquisition`: who has no certificate that could log in proves to be who they are by the
/// password, and to be entitled, later and to the CA, by the one-time code.
pub(super) async fn acquisition(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Answer {
    if !is_from(&headers, &shared.bank_origin) {
        return Ok(refused(Brand::Bank, "/", language));
    }
    let now = shared.clock.now();
    let id = credentials.id.trim();
    let check = shared
        .store
        .check_password(id, &credentials.password, now)?;
    let (user, trouble, status) = match check {
        PasswordCheck::Right(user) => (Some(user), None, StatusCode::OK),
        PasswordCheck::Wrong => (None, Some(LoginTrouble::Wrong), StatusCode::UNAUTHORIZED),
        PasswordCheck::Locked { until } => (
            None,
            Some(LoginTrouble::Locked { until }),
            StatusCode::TOO_MANY_REQUESTS,
        ),
    };
    let name = user.as_ref().map(|user| user.id.as_str());
    certificate::log(
        &shared,
        LogEvent::Acquisition,
        name,
        &peer,
        "unasked",
        status.as_u16(),
    )?;
    let Some(user) = user else {
        return Ok(html(status, bank::acquisition(language, trouble, id)));
    };
    let ticket = shared.store.write_ticket(&user.id, NO_CERTIFICATE, now)?;
    let page = bank::handover(language, &shared.ca_origin, &ticket, true);
    Ok(html(StatusCode::OK, page))
}

/// Where a login leads: to its successor if it may only fetch that, to the restart page if the certificate has a successor on the token, to
/// the notice if it must be renewed, else to the main page.
fn first_page(
    shared: &Shared,
    used: &IssuedCertificate,
    now: i64,
) -> Result<&'static str, crate::BankError> {
    if used.status == CertificateStatus::Revoked {
        return Ok("/redelivery");
    }
    let successor = shared.store.successor(&used.sha256)?;
    if successor.is_some_and(|next| next.status == CertificateStatus::Delivered) {
        return Ok("/old-certificate");
    }
    if now >= certificate::window_opens(shared, used) {
        return Ok("/notice");
    }
    Ok("/main")
}

fn owned_by(good: IssuedCertificate, user: &str) -> Result<IssuedCertificate, CertificateProblem> {
    if good.user == user {
        Ok(good)
    } else {
        Err(CertificateProblem::OtherId {
            entered: user.to_owned(),
            owner: good.user,
        })
    }
}

fn word(verdict: &certificate::Verdict) -> &'static str {
    verdict
        .as_ref()
        .map_or_else(CertificateProblem::as_str, |_| "good")
}
