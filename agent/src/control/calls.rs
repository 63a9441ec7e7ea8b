//! What the owner may ask: all that a page may, of every bank, and the agent's state.

use axum::{Json, Router, extract::State, routing::get};
use protocol::bridge::RenewalView;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    bridge::{
        Limits,
        answer::Refused,
        api::{self, Api, By, path},
    },
    driver::{AgentStatus, Listing, Renewals},
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

pub(super) fn calls(renewals: Renewals, limits: Limits, shutdown: CancellationToken) -> Router {
    let api = Api {
        renewals,
        limits,
        shutdown,
    };
    api::routes()
        .route("/control/v1/status", path("GET", get(status)))
        .route("/control/v1/certificates", path("GET", get(certificates)))
        .route("/control/v1/renewals", path("GET", get(renewals_of_all)))
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
