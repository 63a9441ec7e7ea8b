//! What every answer has, whatever the call: a language for its problem, a reader, no cache.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, VARY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use protocol::bridge::ProblemCode;

use super::guard::Stranger;
use crate::{
    driver::Caller,
    failure::Failure,
    language::{Language, Texts},
};

/// How a caller is answered.
pub(crate) struct Manner {
    /// The page that may read the answer (Fetch standard, `Access-Control-Allow-Origin`).
    reader: Option<HeaderValue>,
    language: Language,
}

impl Manner {
    pub(crate) fn of(caller: &Caller) -> Self {
        let reader = match caller {
            Caller::Page { origin, .. } => HeaderValue::from_str(origin.origin()).ok(),
            Caller::Cli { .. } => None,
        };
        Self {
            reader,
            language: caller.language(),
        }
    }
}

/// A refusal on its way out of a call; [`finish`] writes it in the caller's language.
pub(crate) struct Refused(Failure);

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<ProblemCode> for Refused {
    fn from(code: ProblemCode) -> Self {
        Self(Failure::new(code))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// The end of a connection without an answer, on its way out of a call.
#[derive(Clone, Copy)]
pub(crate) struct Abandoned;

impl IntoResponse for Abandoned {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives an answer what all answers have, a refusal its problem document (RFC 9457).
pub(crate) fn finish(mut response: Response, manner: &Manner) -> Result<Response, Stranger> {
    if response.extensions().get::<Abandoned>().is_some() {
        return Err(Stranger::Slow);
    }
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        let problem = Texts::of(manner.language).problem(&failure);
        log(&failure);
        let document = serde_json::to_vec(&problem)
            .expect("a problem document has string keys and no fallible field");
        *response.status_mut() = StatusCode::from_u16(problem.status)
            .expect("the status of every problem code is an HTTP status");
        *response.body_mut() = Body::from(document);
        // axum has counted the empty body that the refusal travelled with.
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    }
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(reader) = &manner.reader {
        fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader.clone());
        fields.insert(VARY, HeaderValue::from_static("Origin"));
    }
    Ok(response)
}

fn log(failure: &Failure) {
    let (code, reference) = (failure.code.as_str(), failure.reference.as_str());
    let cause = failure.causes();
    if failure.code.status() < 500 {
        tracing::info!(code, reference, cause, "refused a call");
    } else {
        tracing::warn!(code, reference, cause, "a call failed");
    }
}
