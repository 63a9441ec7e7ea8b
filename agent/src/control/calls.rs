//! What the owner may ask: all that a page may, of every bank, and the agent's state.

use axum::{
    Extension, Json, Router,
    extract::{Query, State},
    routing::{get, post},
};
use protocol::bridge::RenewalView;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::watching;
use crate::{
    bridge::{
        Limits,
        answer::Refused,
        api::{self, Api, By, path},
        body,
    },
    dashboard::{Address, Dashboard},
    driver::{AgentStatus, Cleaned, Finding, Listing, Renewals, Scope},
    watch::Watch,
};

/// The device of the caller's terminal.
pub(super) const TTY: &str = "koshin-tty";
/// The type of the caller's terminal, as in `TERM`.
pub(super) const TERM: &str = "koshin-term";
/// The caller's locale, as in `LANG`.
pub(super) const LANGUAGE: &str = "koshin-language";

/// Every renewal that the journal knows: `GET /control/v1/renewals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalList {
    /// The newest last.
    pub renewals: Vec<RenewalView>,
}

/// What could be cleared up: `GET /control/v1/findings?scope=all`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FindingList {
    /// What was found.
    pub(super) findings: Vec<Finding>,
}

/// What is to be cleared up, each of it once the person agrees: `POST /control/v1/clean-up`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CleanUp {
    /// Which findings.
    pub(super) scope: Scope,
    /// The label of the only token that is meant, which is looked at with a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CleanedList {
    /// Each finding, with what became of it.
    pub(super) results: Vec<Cleaned>,
}

pub(super) fn calls(
    renewals: Renewals,
    dashboard: Dashboard,
    watch: Option<Watch>,
    limits: Limits,
    shutdown: CancellationToken,
) -> Router {
    let api = Api {
        renewals,
        limits,
        shutdown,
    };
    api::routes()
        .route("/control/v1/status", path("GET", get(status)))
        .route("/control/v1/certificates", path("GET", get(certificates)))
        .route("/control/v1/renewals", path("GET", get(renewals_of_all)))
        .route("/control/v1/findings", path("GET", get(findings)))
        .route("/control/v1/clean-up", path("POST", post(clean_up)))
        .merge(watching::calls(watch))
        .route("/control/v1/dashboard", path("POST", post(open)))
        .layer(Extension(dashboard))
        .fallback(api::unknown_path)
        .with_state(api)
}

async fn status(State(api): State<Api>, By(caller): By) -> Result<Json<AgentStatus>, Refused> {
    Ok(Json(api.renewals.status(&caller).await?))
}

async fn certificates(State(api): State<Api>, By(caller): By) -> Json<Listing> {
    Json(api.renewals.listing(&caller).await)
}

async fn renewals_of_all(
    State(api): State<Api>,
    By(caller): By,
) -> Result<Json<RenewalList>, Refused> {
    let renewals = api.renewals.renewals(&caller).await?;
    Ok(Json(RenewalList { renewals }))
}

#[derive(Deserialize)]
struct Which {
    scope: Scope,
}

async fn findings(
    State(api): State<Api>,
    Query(which): Query<Which>,
) -> Result<Json<FindingList>, Refused> {
    let findings = api.renewals.findings(which.scope).await?;
    Ok(Json(FindingList { findings }))
}

async fn clean_up(
    State(api): State<Api>,
    By(caller): By,
    body::Json(request): body::Json<CleanUp>,
) -> Result<Json<CleanedList>, Refused> {
    let CleanUp { scope, token } = request;
    let results = api.renewals.clean_up(&caller, scope, token).await?;
    Ok(Json(CleanedList { results }))
}

async fn open(
    Extension(dashboard): Extension<Dashboard>,
    By(caller): By,
) -> Result<Json<Address>, Refused> {
    Ok(Json(dashboard.open(caller.language()).await?))
}
