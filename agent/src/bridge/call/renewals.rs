//! `/v1/renewals` and what is below it

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::IntoResponse,
};
use protocol::bridge::{BeginRenewal, CertificateAnswer, Outcome, ProblemCode, RenewalView};

use crate::bridge::{
    answer::Refused,
    api::{Api, By, Id, to_the_end},
    body,
    events::Events,
};

/// Begins a renewal (201), or finds it again (200).
pub(crate) async fn begin(
    State(api): State<Api>,
    By(caller): By,
    body::Json(request): body::Json<BeginRenewal>,
) -> Result<impl IntoResponse, Refused> {
    let (view, new) = to_the_end(async move { api.renewals.begin(&caller, request).await }).await?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let location = format!("/v1/renewals/{}", view.id);
    Ok((status, [(LOCATION, location)], Json(view)))
}

/// Where a renewal stands.
pub(crate) async fn view(
    State(api): State<Api>,
    By(caller): By,
    Id(id): Id,
) -> Result<Json<RenewalView>, Refused> {
    Ok(Json(api.renewals.view(&caller, &id).await?))
}

/// Streams a renewal's progress after the revision `after`.
pub(crate) async fn events(
    State(api): State<Api>,
    By(caller): By,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Refused> {
    let after = after(query.as_deref()).ok_or(ProblemCode::BadRequest)?;
    let progress = api.renewals.progress(&caller, &id, after).await?;
    let events = Events::new(progress, &api.limits, &api.shutdown);
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::new(events)))
}

/// Takes the CA's answer.
pub(crate) async fn deliver(
    State(api): State<Api>,
    By(caller): By,
    Id(id): Id,
    body::Json(answer): body::Json<CertificateAnswer>,
) -> Result<Json<RenewalView>, Refused> {
    to_the_end(async move { api.renewals.deliver(&caller, &id, answer).await })
        .await
        .map(Json)
}

/// Takes the bank's word about logins and revocation.
pub(crate) async fn outcome(
    State(api): State<Api>,
    By(caller): By,
    Id(id): Id,
    body::Json(outcome): body::Json<Outcome>,
) -> Result<Json<RenewalView>, Refused> {
    to_the_end(async move { api.renewals.outcome(&caller, &id, outcome).await })
        .await
        .map(Json)
}

/// Ends a renewal.
pub(crate) async fn cancel(
    State(api): State<Api>,
    By(caller): By,
    Id(id): Id,
    _: body::Nothing,
) -> Result<Json<RenewalView>, Refused> {
    to_the_end(async move { api.renewals.cancel(&caller, &id).await })
        .await
        .map(Json)
}

/// The only parameter, `after=N`; without it, from the start.
fn after(query: Option<&str>) -> Option<u64> {
    let Some(query) = query else { return Some(0) };
    let digits = query.strip_prefix("after=")?;
    // `parse` would also take a sign.
    digits
        .bytes()
        .all(|digit| digit.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_the_parameter_after() {
        assert_eq!(after(None), Some(0));
        assert_eq!(after(Some("after=7")), Some(7));
        for wrong in [
            "",
            "after",
            "after=",
            "after=-1",
            "after=+1",
            "after=7&x=1",
            "after=18446744073709551616",
        ] {
            assert_eq!(after(Some(wrong)), None, "{wrong}");
        }
    }
}
