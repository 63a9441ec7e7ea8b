//! The two sites: what they share. Handlers read a request, ask the store, and choose a page.

mod api;
pub(crate) mod bank;
pub(crate) mod ca;
mod certificate;
mod cookie;
mod headers;
mod login;

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension,
    body::Body,
    extract::{FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use tracing::error;

use crate::{
    AnswerForm, BankError, Clock, Misbehaviour, Options, Policy, assets,
    ca::Authorities,
    page::{Brand, Language, problem::Message, requested_language, text},
    store::{Session, Site, Store},
};

/// What all handlers share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) authorities: Authorities,
    pub(crate) policy: Policy,
    pub(crate) clock: Clock,
    bank_origin: String,
    ca_origin: String,
    first_port: u16,
    port_count: u16,
    tampering: Mutex<Tampering>,
}

/// What a test asked the CA to do differently.
#[derive(Clone, Copy, Debug, Default)]
struct Tampering {
    misbehaviour: Option<Misbehaviour>,
    form: AnswerForm,
}

impl Shared {
    pub(crate) fn new(
        options: &Options,
        store: Store,
        authorities: Authorities,
        bank_origin: String,
        ca_origin: String,
    ) -> Self {
        Self {
            store,
            authorities,
            policy: options.policy.clone(),
            clock: options.clock.clone(),
            bank_origin,
            ca_origin,
            first_port: options.first_port,
            port_count: options.port_count.max(1),
            tampering: Mutex::default(),
        }
    }

    pub(crate) fn set_misbehaviour(&self, misbehaviour: Option<Misbehaviour>) {
        self.tamper(|tampering| tampering.misbehaviour = misbehaviour);
    }

    pub(crate) fn set_answer_form(&self, form: AnswerForm) {
        self.tamper(|tampering| tampering.form = form);
    }

    fn tamper<T>(&self, change: impl FnOnce(&mut Tampering) -> T) -> T {
        let mut tampering = self
            .tampering
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut tampering)
    }

    fn session(
        &self,
        site: Site,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Option<Session>, BankError> {
        match cookie::read(site, headers) {
            Some(secret) => self
                .store
                .session(site, secret, self.policy.idle_seconds, now),
            None => Ok(None),
        }
    }
}

/// A fault of ours: the customer reads that it is one, the log has the cause.
pub(crate) struct Fault(BankError);

impl<E: Into<BankError>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        error!(
            error = &self.0 as &dyn std::error::Error,
            "a request failed"
        );
        let message = Message {
            brand: Brand::Bank,
            title: text::FAULT_TITLE,
            lead: format!("{} {}", text::FAULT.ja, text::FAULT.en),
            button: ("/", text::LOGIN_AGAIN),
        };
        let page = message.html(Language::Japanese);
        (StatusCode::INTERNAL_SERVER_ERROR, Html(page)).into_response()
    }
}

/// What a handler answers.
pub(crate) type Answer = Result<Response, Fault>;

/// The language of the answer.
pub(crate) struct Speak(pub(crate) Language);

impl<S: Sync> FromRequestParts<S> for Speak {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(requested_language(&parts.uri, &parts.headers).1))
    }
}

/// A page with that status.
fn html(status: StatusCode, page: String) -> Response {
    (status, Html(page)).into_response()
}

/// On to another page, by GET.
fn go(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// A session that ended, or none.
fn timed_out(brand: Brand, login: &str, language: Language) -> Response {
    let message = Message {
        brand,
        title: text::TIMED_OUT_TITLE,
        lead: text::TIMED_OUT.say(language).to_owned(),
        button: (login, text::LOGIN_AGAIN),
    };
    html(StatusCode::UNAUTHORIZED, message.html(language))
}

/// A form without this session's token, or from elsewhere.
fn refused(brand: Brand, login: &str, language: Language) -> Response {
    let message = Message {
        brand,
        title: text::REFUSED_TITLE,
        lead: text::REFUSED.say(language).to_owned(),
        button: (login, text::LOGIN_AGAIN),
    };
    html(StatusCode::FORBIDDEN, message.html(language))
}

fn not_found(brand: Brand, login: &str, language: Language) -> Response {
    let message = Message {
        brand,
        title: text::NOT_FOUND_TITLE,
        lead: text::NOT_FOUND.say(language).to_owned(),
        button: (login, text::LOGIN_AGAIN),
    };
    html(StatusCode::NOT_FOUND, message.html(language))
}

/// Whether a POST comes from one of our own pages: a browser names the origin on every POST, so
/// another one is another site's form. Programs name none, and bring no one's cookies.
fn is_from(headers: &HeaderMap, origin: &str) -> bool {
    headers
        .get(header::ORIGIN)
        .is_none_or(|named| named.as_bytes() == origin.as_bytes())
}

/// `GET /assets/{version}/{name}`.
async fn asset(Path((version, name)): Path<(String, String)>) -> Response {
    match assets::find(&name) {
        Some(asset) if assets::is_current(&version) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content,
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Puts a site's security headers on every answer, and remembers a language that was chosen.
async fn finish(
    Extension(rules): Extension<Arc<headers::Rules>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (asked, _) = requested_language(request.uri(), request.headers());
    let mut response = next.run(request).await;
    rules.apply(response.headers_mut());
    if let Some(language) = asked {
        let cookie = cookie::language(language);
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}
