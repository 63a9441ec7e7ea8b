//! The certification authority's site.

use std::sync::Arc;

use axum::{
    Extension, Form, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{AppendHeaders, IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    Answer, Shared, Speak, api, asset, cookie, finish, go, headers::Rules, html, is_from, refused,
    timed_out,
};
use crate::{
    BankError,
    page::{
        Brand, Language, approval,
        ca::{self, Acquisition, Renewal},
        problem::Message,
        text::ca as words,
    },
    store::{Application, ApplicationStatus, CertificateStatus, NO_CERTIFICATE, Session, Site},
};

/// The site's paths.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let rules = Rules::new(None, shared.first_port, shared.port_count);
    Router::new()
        .route("/handover", post(handover))
        .route("/renewal", get(renewal))
        .route("/renewal/done", get(done))
        .route("/renewal/pending", get(pending))
        .route("/acquisition", get(acquisition))
        .route("/acquisition/done", get(acquired))
        .route("/api/acquisition/nonces", post(api::acquisition::nonce))
        .route(
            "/api/acquisition/certificates",
            post(api::acquisition::certificate),
        )
        .route("/api/acquisition/receipts", post(api::acquisition::receipt))
        .route(
            "/api/acquisition/rejections",
            post(api::acquisition::rejection),
        )
        .route("/api/nonces", post(api::nonce))
        .route("/api/certificates", post(api::certificate))
        .route("/api/receipts", post(api::receipt))
        .route("/api/rejections", post(api::rejection))
        .route("/assets/{version}/{*name}", get(asset))
        .fallback(start_at_bank)
        .layer(middleware::from_fn(finish))
        .layer(Extension(Arc::new(rules)))
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .with_state(shared)
}

/// What the bank's page brings.
#[derive(Deserialize)]
struct Ticket {
    ticket: String,
    #[serde(default)]
    lang: String,
}

async fn handover(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
    Form(form): Form<Ticket>,
) -> Answer {
    let chosen = Language::of_tag(&form.lang);
    let language = chosen.unwrap_or(language);
    if !is_from(&headers, &shared.bank_origin) {
        return Ok(refused(Brand::Ca, &shared.bank_origin, language));
    }
    let now = shared.clock.now();
    let Some((user, certificate)) = shared.store.take_ticket(&form.ticket, now)? else {
        let login = format!("{}/main", shared.bank_origin);
        let message = Message {
            brand: Brand::Ca,
            title: words::TICKET_TITLE,
            lead: words::TICKET.say(language).to_owned(),
            button: (&login, words::TO_BANK),
        };
        return Ok(html(StatusCode::FORBIDDEN, message.html(language)));
    };
    let secret = shared
        .store
        .open_session(Site::Ca, &user, &certificate, None, now)?;
    let cookies = [
        (header::SET_COOKIE, cookie::set(Site::Ca, &secret)),
        (header::SET_COOKIE, cookie::language(language)),
    ];
    let next = if certificate == NO_CERTIFICATE {
        "/acquisition"
    } else {
        "/renewal"
    };
    Ok((AppendHeaders(cookies), go(next)).into_response())
}

async fn acquisition(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let Some(session) = acquiring(&shared, &headers)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    let page = ca::acquisition(
        language,
        &Acquisition {
            session: &session,
            bank_origin: &shared.bank_origin,
            first_port: shared.first_port,
            port_count: shared.port_count,
        },
    );
    Ok(html(StatusCode::OK, page))
}

async fn acquired(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let Some(session) = acquiring(&shared, &headers)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    match shared.store.acquired(&session.user)? {
        Some(issued) if issued.status == CertificateStatus::Delivered => {
            Ok(html(StatusCode::OK, ca::done(language, &issued)))
        }
        _ => Ok(go("/acquisition")),
    }
}

/// The session of an acquisition.
fn acquiring(shared: &Shared, headers: &HeaderMap) -> Result<Option<Session>, BankError> {
    let session = shared.session(Site::Ca, headers, shared.clock.now())?;
    Ok(session.filter(|session| session.certificate == NO_CERTIFICATE))
}

async fn renewal(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let Some(session) = shared.session(Site::Ca, &headers, now)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    let Some(current) = shared.store.certificate(&session.certificate)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    let application = shared.store.application_for(&current.sha256)?;
    if is_pending(application.as_ref()) {
        return Ok(go("/renewal/pending"));
    }
    let page = ca::renewal(
        language,
        &Renewal {
            session: &session,
            current: &current,
            application: application.as_ref(),
            bank_origin: &shared.bank_origin,
            first_port: shared.first_port,
            port_count: shared.port_count,
        },
    );
    Ok(html(StatusCode::OK, page))
}

async fn done(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let Some(session) = shared.session(Site::Ca, &headers, now)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    match shared.store.successor(&session.certificate)? {
        Some(issued) if issued.status != CertificateStatus::Issued => {
            Ok(html(StatusCode::OK, ca::done(language, &issued)))
        }
        _ => Ok(go("/renewal")),
    }
}

/// Until an officer has decided; then the page from which it goes on.
async fn pending(
    State(shared): State<Arc<Shared>>,
    Speak(language): Speak,
    headers: HeaderMap,
) -> Answer {
    let now = shared.clock.now();
    let Some(session) = shared.session(Site::Ca, &headers, now)? else {
        return Ok(no_session(&shared, &headers, language));
    };
    let current = shared.store.certificate(&session.certificate)?;
    let application = shared.store.application_for(&session.certificate)?;
    match (current, application) {
        (Some(current), Some(application)) if is_pending(Some(&application)) => {
            let page =
                approval::pending(language, &application, &current, &shared.bank_origin, now);
            Ok(html(StatusCode::OK, page))
        }
        _ => Ok(go("/renewal")),
    }
}

fn is_pending(application: Option<&Application>) -> bool {
    application.is_some_and(|application| application.status == ApplicationStatus::Pending)
}

async fn start_at_bank(State(shared): State<Arc<Shared>>, Speak(language): Speak) -> Response {
    let message = Message {
        brand: Brand::Ca,
        title: words::START_AT_BANK_TITLE,
        lead: words::START_AT_BANK.say(language).to_owned(),
        button: (&shared.bank_origin, words::TO_BANK),
    };
    html(StatusCode::NOT_FOUND, message.html(language))
}

fn no_session(shared: &Shared, headers: &HeaderMap, language: Language) -> Response {
    if cookie::read(Site::Ca, headers).is_some() {
        return timed_out(Brand::Ca, &shared.bank_origin, language);
    }
    let message = Message {
        brand: Brand::Ca,
        title: words::START_AT_BANK_TITLE,
        lead: words::START_AT_BANK.say(language).to_owned(),
        button: (&shared.bank_origin, words::TO_BANK),
    };
    html(StatusCode::UNAUTHORIZED, message.html(language))
}
