//! Bodies of requests: JSON, small, soon, and nothing that the API does not define.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use protocol::bridge::ProblemCode;
use serde::de::DeserializeOwned;
use tokio::time;

use super::{
    Limits,
    answer::{Abandoned, Refused},
    api::Api,
};
use crate::failure::Failure;

/// A body of type `T`.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let is_json = is_json(request.headers());
        let body = read(request.into_body(), &api.limits).await?;
        if !is_json {
            return Err(Refused::from(ProblemCode::UnsupportedMediaType).into_response());
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            Refused::from(Failure::new(ProblemCode::BadRequest).because(error)).into_response()
        })
    }
}

/// No body, or an empty JSON object.
pub(crate) struct Nothing;

impl FromRequest<Api> for Nothing {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}

        if request.body().is_end_stream() {
            return Ok(Self);
        }
        Json::<Empty>::from_request(request, api)
            .await
            .map(|_| Self)
    }
}

/// `application/json`, with or without parameters: what no page can send without a preflight.
fn is_json(fields: &HeaderMap) -> bool {
    let mut types = fields.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    only.to_str().is_ok_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

async fn read(body: Body, limits: &Limits) -> Result<Vec<u8>, Response> {
    match time::timeout(limits.body_time, read_all(body, limits)).await {
        Ok(Ok(Some(body))) => Ok(body),
        Ok(Ok(None)) => Err(Refused::from(ProblemCode::BodyTooLarge).into_response()),
        Ok(Err(_)) | Err(_) => Err(Abandoned.into_response()),
    }
}

/// The whole body, or nothing when it is too large. Of one that is too large a good deal is read
/// and dropped: a caller who is still sending when the connection is closed never sees why.
async fn read_all(mut body: Body, limits: &Limits) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut kept = Vec::new();
    let mut length = 0_usize;
    if body.size_hint().lower() > (limits.body + limits.dropped) as u64 {
        return Ok(None);
    }
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > limits.body + limits.dropped {
            return Ok(None);
        }
        if length <= limits.body {
            kept.extend_from_slice(&data);
        } else {
            kept = Vec::new();
        }
    }
    Ok((length <= limits.body).then_some(kept))
}
