//! `GET /v1/certificates`

use axum::{Json, extract::State};
use protocol::bridge::CertificateList;

use crate::bridge::api::{Api, By};

/// Lists the certificates of the caller's bank.
pub(crate) async fn certificates(State(api): State<Api>, By(caller): By) -> Json<CertificateList> {
    let certificates = api.renewals.certificates(&caller).await;
    Json(CertificateList { certificates })
}
