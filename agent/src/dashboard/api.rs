//! The dashboard's paths: the page for everybody whom the guard lets pass, what it shows for the
//! bearer of a token.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{FromRequest as _, FromRequestParts, Path, Request, State},
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use protocol::bridge::ProblemCode;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{
    Desk,
    access::Visit,
    overview::{self, Steps},
    page, record,
};
use crate::{
    bridge::{answer::Refused, body, events::Events},
    driver::Caller,
    failure::Failure,
    journal::RenewalId,
    language::{Language, Texts},
};

pub(super) fn calls(desk: Desk) -> Router {
    let mut calls = Router::new()
        .route("/session", post(begin))
        .route("/data/overview", get(glance))
        .route("/data/renewals/{id}", get(steps))
        .route("/data/audit", get(trail))
        .route("/data/settings", get(settings))
        .route("/data/doctor", get(doctor))
        .route("/data/changes", get(changes))
        .route("/", get(front));
    for language in Language::ALL {
        let file = async move || page::page(language);
        calls = calls.route(page::path(language), get(file));
    }
    for (path, kind, text) in page::FILES {
        calls = calls.route(path, get(async move || ([(CONTENT_TYPE, kind)], text)));
    }
    calls
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(desk)
}

/// The page in the reader's language.
async fn front(Extension(caller): Extension<Arc<Caller>>) -> Response {
    page::page(caller.language())
}

/// What a code is traded with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    code: String,
}

/// What it is traded for.
#[derive(Serialize)]
struct Token {
    token: String,
}

async fn begin(State(desk): State<Desk>, request: Request) -> Result<Response, Response> {
    let body::Json(Offer { code }) = body::Json::from_request(request, &desk.api).await?;
    let token = desk
        .access
        .trade(&code)
        .map_err(|failure| Refused::from(failure).into_response())?;
    Ok(match token {
        Some(token) => Json(Token { token }).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    })
}

/// The bearer of a token that is good.
struct Bearer {
    visit: Visit,
    caller: Arc<Caller>,
}

impl Bearer {
    fn texts(&self) -> &'static Texts {
        Texts::of(self.caller.language())
    }
}

impl FromRequestParts<Desk> for Bearer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, StatusCode> {
        let mut fields = parts.headers.get_all(AUTHORIZATION).iter();
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return Err(StatusCode::UNAUTHORIZED);
        };
        let visit = field
            .to_str()
            .ok()
            .and_then(|field| field.strip_prefix("Bearer "))
            .and_then(|token| desk.access.admit(token));
        let caller = parts.extensions.get::<Arc<Caller>>().cloned();
        match (visit, caller) {
            (Some(visit), Some(caller)) => Ok(Self { visit, caller }),
            _ => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

async fn glance(
    State(desk): State<Desk>,
    bearer: Bearer,
) -> Result<Json<overview::Overview>, Refused> {
    let seen = desk.api.renewals.overview(&bearer.caller).await?;
    Ok(Json(overview::told(bearer.texts(), seen).await))
}

async fn steps(
    State(desk): State<Desk>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Json<Steps>, Refused> {
    let id = RenewalId::parse(&id).ok_or(ProblemCode::RenewalNotFound)?;
    let entries = desk.api.renewals.steps(&bearer.caller, &id).await?;
    Ok(Json(overview::steps(bearer.texts(), &entries)))
}

async fn trail(State(desk): State<Desk>, bearer: Bearer) -> Result<Json<record::Trail>, Refused> {
    let journal = desk.config.folders.state.value.join("journal.sqlite");
    let texts = bearer.texts();
    let read = tokio::task::spawn_blocking(move || record::trail(texts, &journal)).await;
    match read {
        Ok(Ok(trail)) => Ok(Json(trail)),
        Ok(Err(error)) => Err(Failure::new(ProblemCode::JournalUnavailable)
            .because(error)
            .into()),
        Err(panicked) => Err(Failure::new(ProblemCode::Internal).because(panicked).into()),
    }
}

async fn settings(State(desk): State<Desk>, bearer: Bearer) -> Json<record::Settings> {
    Json(record::settings(bearer.texts(), &desk.config))
}

async fn doctor(State(desk): State<Desk>, bearer: Bearer) -> Result<Json<record::Doctor>, Refused> {
    let found = record::doctor(bearer.texts(), &desk.config).await;
    found
        .map(Json)
        .map_err(|error| Failure::new(ProblemCode::Internal).because(error).into())
}

/// Something of what was shown is no longer so.
#[derive(Serialize)]
struct Changed {
    /// How many steps the agent has written down since it started.
    written: u64,
}

/// A line at once, and one whenever a renewal goes on: the page then asks again.
async fn changes(State(desk): State<Desk>, bearer: Bearer) -> impl IntoResponse {
    let mut following = desk.api.renewals.follow();
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let _there = bearer.visit;
        loop {
            let written = *following.borrow_and_update();
            if sender.send(Changed { written }).await.is_err() {
                return;
            }
            tokio::select! {
                changed = following.changed() => if changed.is_err() { return },
                () = sender.closed() => return,
            }
        }
    });
    let events = Events::new(receiver, &desk.api.limits, &desk.api.shutdown);
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::new(events))
}
