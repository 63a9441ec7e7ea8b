//! `GET /v1/agent`

use axum::{Json, response::IntoResponse};
use protocol::bridge::{API_VERSION, Agent, Capability};

use crate::bridge::api::By;

/// Says who answers.
pub(crate) async fn agent(_: By) -> impl IntoResponse {
    Json(Agent {
        product: "koshin".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        api: vec![API_VERSION.into()],
        capabilities: vec![
            Capability::Renew,
            Capability::Acquire,
            Capability::SignedRequests,
        ],
    })
}
