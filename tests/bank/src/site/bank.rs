//! The banking site behind the login.

use std::sync::Arc;

use axum::{
    Extension, Form, Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{AppendHeaders, IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Answer, Fault, Shared, Speak, asset, certificate, cookie, finish, go, headers::Rules, html,
    is_from, login, not_found, refused, timed_out,
};
use crate::{
    page::{
        Brand, Language,
        bank::{self, Main},
        problem::{CertificateProblem, Message},
        text::bank as words,
    },
    store::{CertificateStatus, IssuedCertificate, LogEvent, Session, Site},
    time,
    tls::PeerCertificate,
};

/// The site's paths.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let rules = Rules::new(
        Some(&shared.ca_origin),
        shared.first_port,
        shared.port_count,
    );
    Router::new()
        .route("/", get(login::form))
        .route("/login", get(|| async { go("/") }).post(login::submit))
        .route(
            "/acquisition",
            get(login::acquisition_form).post(login::acquisition),
        )
        .route("/notice", get(notice))
        .route("/main", get(main))
        .route("/old-certificate", get(old_certificate))
        .route("/redelivery", get(redelivery))
        .route("/certificate", get(shown_certificate))
        .route("/renewal", get(|| async { go("/main") }).post(renewal))
        .route("/logout", post(logout))
        .route("/first-login", post(told))
        .route("/tls-test", get(tls_test))
        .route("/assets/{version}/{*name}", get(asset))
        .fallback(|Speak(language): Speak| async move { not_found(Brand::Bank, "/", language) })
        .layer(middleware::from_fn(finish))
        .layer(Extension(Arc::new(rules)))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(shared)
}

async fn notice(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let (session, current) = match visitor(&shared, &peer, &headers, language, now)? {
        Ok(visitor) => visitor,
        Err(answer) => return Ok(answer),
    };
    if now < certificate::window_opens(&shared, &current) {
        return Ok(go("/main"));
    }
    let last_day = certificate::last_day(&shared, &current);
    let page = bank::notice(language, &session, &current, last_day, now);
    Ok(html(StatusCode::OK, page))
}

async fn main(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let (session, current) = match visitor(&shared, &peer, &headers, language, now)? {
        Ok(visitor) => visitor,
        Err(answer) => return Ok(answer),
    };
    let user = shared.store.user(&session.user)?;
    let replaced = current.replaces.as_deref().filter(|_| !current.told);
    let application = shared.store.application_for(&current.sha256)?;
    let page = bank::main(
        language,
        &Main {
            session: &session,
            user: &user,
            current: &current,
            application: application.as_ref(),
            window_opens: certificate::window_opens(&shared, &current),
            last_day: certificate::last_day(&shared, &current),
            now,
            replaced,
            first_port: shared.first_port,
            port_count: shared.port_count,
        },
    );
    Ok(html(StatusCode::OK, page))
}

async fn old_certificate(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let (session, current) = match visitor(&shared, &peer, &headers, language, now)? {
        Ok(visitor) => visitor,
        Err(answer) => return Ok(answer),
    };
    let successor = shared.store.successor(&current.sha256)?;
    let Some(delivered) = successor.and_then(|next| next.delivered) else {
        return Ok(go("/main"));
    };
    let page = bank::old_certificate(language, &session, &current, delivered);
    Ok(html(StatusCode::OK, page))
}

/// For a certificate that ended when its successor was issued, and that has not arrived.
async fn redelivery(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    match arrived(&shared, &peer, &headers, language, shared.clock.now())? {
        Ok((session, current)) if current.status == CertificateStatus::Revoked => {
            let page = bank::redelivery(language, &session, &current);
            Ok(html(StatusCode::OK, page))
        }
        Ok(_) => Ok(go("/main")),
        Err(answer) => Ok(answer),
    }
}

/// What the bank thinks of the certificate that the browser shows, without a login.
async fn shown_certificate(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
) -> Answer {
    let page = match certificate::judge(&shared, &peer, shared.clock.now())? {
        Ok(good) => bank::good_certificate(language, &good),
        Err(problem) => problem.html(language),
    };
    Ok(html(StatusCode::OK, page))
}

/// A form that brings nothing but its session's token.
#[derive(Deserialize)]
struct Guarded {
    csrf: String,
}

/// 証明書更新: over to the CA with a ticket.
async fn renewal(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
    Form(form): Form<Guarded>,
) -> Answer {
    let now = shared.clock.now();
    let (session, current) = match arrived(&shared, &peer, &headers, language, now)? {
        Ok(visitor) => visitor,
        Err(answer) => return Ok(answer),
    };
    if form.csrf != session.csrf || !is_from(&headers, &shared.bank_origin) {
        return Ok(refused(Brand::Bank, "/", language));
    }
    let opens = certificate::window_opens(&shared, &current);
    if now < opens {
        let message = Message {
            brand: Brand::Bank,
            title: words::TOO_EARLY_TITLE,
            lead: words::TOO_EARLY.fill(
                language,
                &[
                    ("window", &shared.policy.window_days.to_string()),
                    ("day", &time::day_text(opens, language)),
                ],
            ),
            button: ("/main", words::TO_MAIN),
        };
        return Ok(html(StatusCode::CONFLICT, message.html(language)));
    }
    let ticket = shared
        .store
        .write_ticket(&session.user, &session.certificate, now)?;
    let page = bank::handover(language, &shared.ca_origin, &ticket, false);
    Ok(html(StatusCode::OK, page))
}

async fn logout(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
    Form(form): Form<Guarded>,
) -> Answer {
    let session = shared.session(Site::Bank, &headers, shared.clock.now())?;
    let own = session.is_none_or(|session| session.csrf == form.csrf);
    if !own || !is_from(&headers, &shared.bank_origin) {
        return Ok(refused(Brand::Bank, "/", language));
    }
    if let Some(secret) = cookie::read(Site::Bank, &headers) {
        shared.store.close_session(secret)?;
    }
    let cookie = cookie::clear(Site::Bank);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), go("/")).into_response())
}

/// The page's script says that the agent has heard of the first login.
async fn told(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
    Speak(language): Speak,
    headers: HeaderMap,
    Json(form): Json<Guarded>,
) -> Answer {
    let now = shared.clock.now();
    let (session, current) = match visitor(&shared, &peer, &headers, language, now)? {
        Ok(visitor) => visitor,
        Err(answer) => return Ok(answer),
    };
    if form.csrf != session.csrf || !is_from(&headers, &shared.bank_origin) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    shared.store.note_told(&current.sha256)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The test address for mutual TLS: proves that a certificate works, and is not a login.
async fn tls_test(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<PeerCertificate>,
) -> Answer {
    let verdict = certificate::judge(&shared, &peer, shared.clock.now())?;
    let (status, user, word) = match &verdict {
        Ok(good) => (StatusCode::OK, Some(good.user.as_str()), "good"),
        Err(problem) => (StatusCode::FORBIDDEN, None, problem.as_str()),
    };
    certificate::log(&shared, LogEvent::Test, user, &peer, word, status.as_u16())?;
    let body = json!({ "user": user, "certificate": word });
    Ok((status, Json(body)).into_response())
}

/// As [`arrived`], but who may only fetch a successor is led there.
fn visitor(
    shared: &Shared,
    peer: &PeerCertificate,
    headers: &HeaderMap,
    language: Language,
    now: i64,
) -> Result<Result<(Session, IssuedCertificate), Response>, Fault> {
    let arrived = arrived(shared, peer, headers, language, now)?;
    match arrived {
        Ok((_, current)) if current.status == CertificateStatus::Revoked => {
            Ok(Err(go("/redelivery")))
        }
        other => Ok(other),
    }
}

/// Who is here: a live session, on a connection with the certificate of its login, which is
/// still good, or good enough to fetch its successor. Otherwise the page that says so.
fn arrived(
    shared: &Shared,
    peer: &PeerCertificate,
    headers: &HeaderMap,
    language: Language,
    now: i64,
) -> Result<Result<(Session, IssuedCertificate), Response>, Fault> {
    let Some(session) = shared.session(Site::Bank, headers, now)? else {
        let answer = match cookie::read(Site::Bank, headers) {
            Some(_) => timed_out(Brand::Bank, "/", language),
            None => go("/"),
        };
        return Ok(Err(answer));
    };
    let problem = match certificate::judge_visitor(shared, peer, &session.user, now)? {
        Ok(current) if current.sha256 == session.certificate => {
            return Ok(Ok((session, current)));
        }
        Ok(_) => CertificateProblem::Changed,
        Err(problem) => problem,
    };
    if let Some(secret) = cookie::read(Site::Bank, headers) {
        shared.store.close_session(secret)?;
    }
    Ok(Err(html(StatusCode::FORBIDDEN, problem.html(language))))
}
