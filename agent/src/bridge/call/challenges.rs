//! `POST /v1/challenges`

use axum::{Json, extract::State, http::StatusCode};
use protocol::bridge::Challenge;

use crate::bridge::{
    answer::Refused,
    api::{Api, By},
    body::Nothing,
};

/// Gives a nonce for a request that the bank will sign.
pub(crate) async fn challenge(
    State(api): State<Api>,
    By(caller): By,
    _: Nothing,
) -> Result<(StatusCode, Json<Challenge>), Refused> {
    let challenge = api.renewals.challenge(&caller).await?;
    Ok((StatusCode::CREATED, Json(challenge)))
}
