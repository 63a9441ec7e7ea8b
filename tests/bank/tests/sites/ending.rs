//! When a certificate that was renewed ends, by each of the bank's rules, and what it may still do.

use protocol::certificate::Certificate;
use reference_bank::{CertificateStatus, Misbehaviour, OldEnds, Policy, time::DAY};
use serde_json::json;

use super::{customer::Site, renewal::Visit};

async fn site(old_ends: OldEnds) -> Site {
    Site::start_with(Policy {
        old_ends,
        ..Policy::default()
    })
    .await
}

fn old_status(site: &Site) -> CertificateStatus {
    let mut all = site.bank.certificates_of("keiri-01").unwrap();
    all.pop().unwrap().status
}

#[tokio::test]
async fn the_profile_has_the_banks_rule() {
    for (old_ends, word) in [
        (OldEnds::AtIssue, "at-issue"),
        (OldEnds::FirstLogin, "first-login"),
        (OldEnds::Expiry, "expiry"),
    ] {
        let profile = site(old_ends).await.bank.profile().unwrap();
        assert!(profile.contains(&format!("\nretire = \"{word}\"\n")));
    }
}

#[tokio::test]
async fn one_that_ends_at_issue_fetches_its_successor_again_and_does_nothing_else() {
    let site = site(OldEnds::AtIssue).await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let first = visit.customer.application(&visit.nonce);
    site.bank.misbehave(Some(Misbehaviour::AnswerLost));
    assert_eq!(visit.submit(&first.body()).await.status, 500);
    site.bank.misbehave(None);
    assert_eq!(old_status(&site), CertificateStatus::Revoked);

    let customer = visit.customer;
    customer.login().await.leads_to("/redelivery");
    for path in ["/main", "/notice", "/old-certificate"] {
        customer.get(path).await.leads_to("/redelivery");
    }
    let page = customer.get("/redelivery").await;
    page.is(200, "新しい電子証明書をお受け取りください");
    let handover = customer.post("/renewal", &[("csrf", page.csrf())]).await;
    handover.is(200, "認証局のサイトへ移動します");
    let ticket = handover
        .between("name=\"ticket\" value=\"", "\"")
        .to_owned();
    let (bank, ca) = (&site.bank.bank_origin, &site.bank.ca_origin);
    let form = [("ticket", ticket.as_str()), ("lang", "ja")];
    customer
        .post_from(bank, ca, "/handover", &form)
        .await
        .leads_to("/renewal");
    let csrf = customer.get_ca("/renewal").await.csrf().to_owned();
    let nonce = customer.call(&csrf, "/api/nonces", &json!({})).await.json();
    let mut visit = Visit {
        customer,
        csrf,
        nonce: nonce["nonce"].as_str().unwrap().to_owned(),
    };
    let new = visit.issued(&first.body()).await;
    assert_eq!(site.bank.certificates_of("keiri-01").unwrap().len(), 2);

    let receipt = visit.customer.receipt(&first.key, &new, &visit.nonce);
    let serial = Certificate::from_der(&new).unwrap().serial_hex();
    visit.call("/api/receipts", &receipt).await.is(200, &serial);
    let refused = visit.customer.login().await;
    refused.is(403, "以前の電子証明書でログインしようとしています");
    visit.customer.hold(first.key, &new);
    visit.customer.login().await.leads_to("/main");
}

#[tokio::test]
async fn one_that_ends_at_issue_is_good_again_when_its_successor_is_refused() {
    let site = site(OldEnds::AtIssue).await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let first = visit.customer.application(&visit.nonce);
    visit.issued(&first.body()).await;
    visit
        .call("/api/rejections", &json!({ "code": "install-declined" }))
        .await;
    assert_eq!(old_status(&site), CertificateStatus::Active);
    visit.customer.login().await.leads_to("/notice");
    let again = Visit::begin(visit.customer).await;
    let second = again.customer.application(&again.nonce);
    let new = again.issued(&second.body()).await;
    let receipt = again.customer.receipt(&second.key, &new, &again.nonce);
    assert_eq!(again.call("/api/receipts", &receipt).await.status, 200);

    // What arrived is not given back by a word that comes too late.
    again
        .call("/api/rejections", &json!({ "code": "cancelled" }))
        .await
        .is(200, r#"{"revoked":[]}"#);
    assert_eq!(old_status(&site), CertificateStatus::Revoked);
}

#[tokio::test]
async fn one_that_ends_with_its_validity_logs_in_until_then() {
    let site = site(OldEnds::Expiry).await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application = visit.customer.application(&visit.nonce);
    let new = visit.issued(&application.body()).await;
    let mut renewed = site.stranger();
    renewed.id = "keiri-01".to_owned();
    renewed.hold(application.key, &new);
    renewed.login().await.leads_to("/main");
    assert_eq!(old_status(&site), CertificateStatus::Active);
    assert_eq!(visit.customer.login().await.status, 303);
    site.bank.clock().advance(21 * DAY);
    assert_eq!(visit.customer.login().await.status, 403);
    renewed.login().await.leads_to("/main");
}
