//! The paths of the loopback API with their methods, for pages and the CLI alike.

use std::{future::Future, sync::Arc};

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
            ALLOW,
        },
        request::Parts,
    },
    response::IntoResponse,
    routing::{MethodRouter, get, post, put},
};
use protocol::bridge::ProblemCode;
use tokio_util::sync::CancellationToken;

use super::{Limits, answer::Refused, call};
use crate::{
    driver::{Caller, Renewals},
    failure::Failure,
    journal::RenewalId,
};

/// What a call works with.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) renewals: Renewals,
    pub(crate) limits: Limits,
    pub(crate) shutdown: CancellationToken,
}

/// The calls of version 1.
pub(super) fn calls(renewals: Renewals, limits: Limits, shutdown: CancellationToken) -> Router {
    routes().fallback(unknown_path).with_state(Api {
        renewals,
        limits,
        shutdown,
    })
}

/// The paths of version 1, to which control adds its own.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/v1/agent", path("GET", get(call::agent)))
        .route("/v1/certificates", path("GET", get(call::certificates)))
        .route("/v1/challenges", path("POST", post(call::challenge)))
        .route("/v1/renewals", path("POST", post(call::begin)))
        .route(
            "/v1/renewals/{id}",
            path("DELETE, GET", get(call::view).delete(call::cancel)),
        )
        .route("/v1/renewals/{id}/events", path("GET", get(call::events)))
        .route(
            "/v1/renewals/{id}/certificate",
            path("PUT", put(call::deliver)),
        )
        .route(
            "/v1/renewals/{id}/outcome",
            path("POST", post(call::outcome)),
        )
}

/// The calls of a path, with the preflight's answer and the refusal of other methods.
pub(crate) fn path(methods: &'static str, calls: MethodRouter<Api>) -> MethodRouter<Api> {
    let allowed = HeaderValue::from_static(methods);
    let (for_head, for_others) = (allowed.clone(), allowed.clone());
    calls
        .options(async move || preflight(allowed))
        // axum would answer HEAD with GET's call.
        .head(async move || other_method(for_head))
        .fallback(async move || other_method(for_others))
}

/// No such path.
pub(crate) async fn unknown_path() -> Refused {
    ProblemCode::NotFound.into()
}

/// Says what a page may send (Fetch standard, CORS preflight); the guard has checked its origin,
/// and every answer names it.
fn preflight(methods: HeaderValue) -> impl IntoResponse {
    let fields: [(HeaderName, HeaderValue); 3] = [
        (ACCESS_CONTROL_ALLOW_METHODS, methods),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("content-type"),
        ),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
    ];
    (StatusCode::NO_CONTENT, fields)
}

fn other_method(methods: HeaderValue) -> impl IntoResponse {
    (
        [(ALLOW, methods)],
        Refused::from(ProblemCode::MethodNotAllowed),
    )
}

/// Who calls. Only the guard and the control socket put one into a request, so that a call
/// cannot be reached without.
pub(crate) struct By(pub(crate) Arc<Caller>);

impl FromRequestParts<Api> for By {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Refused> {
        parts
            .extensions
            .get::<Arc<Caller>>()
            .map(|caller| Self(Arc::clone(caller)))
            .ok_or_else(|| {
                Failure::new(ProblemCode::Internal)
                    .because("no caller")
                    .into()
            })
    }
}

/// A renewal's id in a path.
pub(crate) struct Id(pub(crate) RenewalId);

impl FromRequestParts<Api> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refused> {
        let id = Path::<String>::from_request_parts(parts, api).await;
        id.ok()
            .and_then(|Path(id)| RenewalId::parse(&id))
            .map(Self)
            .ok_or_else(|| ProblemCode::RenewalNotFound.into())
    }
}

/// Performs a call to its end even when the caller goes away meanwhile: a page that is closed
/// must not cut a step in two.
pub(crate) async fn to_the_end<T: Send + 'static>(
    call: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::spawn(call).await {
        Ok(result) => Ok(result?),
        Err(panicked) => Err(Failure::new(ProblemCode::Internal).because(panicked).into()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_caller_who_leaves_does_not_cut_a_call_in_two() {
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let (ended, has_ended) = oneshot::channel();
        let call = to_the_end(async move {
            begun.send(()).unwrap();
            may_go_on.await.unwrap();
            ended.send(()).unwrap();
            Ok(())
        });
        tokio::select! {
            _ = call => panic!("it waits"),
            begun = has_begun => begun.unwrap(),
        }
        // The caller is gone now: `select!` has dropped the call.
        go_on.send(()).unwrap();
        has_ended.await.unwrap();
    }

    #[tokio::test]
    async fn a_call_that_panics_is_an_internal_failure() {
        let result: Result<(), _> = to_the_end(async { panic!("for the test") }).await;
        let response = result.unwrap_err().into_response();
        let failure = response.extensions().get::<Arc<Failure>>().unwrap();
        assert_eq!(failure.code, ProblemCode::Internal);
    }
}
