//! Nonces and receipts: each is for one login, one renewal and one certificate.

use base64ct::{Base64, Encoding as _};
use protocol::proof::Purpose;
use reference_bank::{CertificateStatus, ca, ca::Key};
use serde_json::{Value, json};

use super::{
    customer::{Application, Site},
    renewal::Visit,
};

async fn next_nonce(visit: &Visit<'_>) -> String {
    let answer = visit.call("/api/nonces", &json!({})).await.json();
    answer["nonce"].as_str().unwrap().to_owned()
}

/// A receipt over `content` that calls itself `signer`'s, by `key`.
fn receipt(visit: &Visit<'_>, key: &Key, signer: &[u8], content: &[u8], nonce: &str) -> Value {
    let signer = protocol::certificate::Certificate::from_der(signer).unwrap();
    let receipt = visit
        .customer
        .prove(key, &signer, Purpose::Receipt, content, nonce, &|_| {});
    json!({ "receipt": Base64::encode_string(&receipt) })
}

#[tokio::test]
async fn a_nonce_serves_one_renewal_of_one_login() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let colleague = Visit::begin(site.customer("admin-01", 20)).await;
    assert_ne!(visit.nonce, colleague.nonce);

    let borrowed = visit.customer.application(&colleague.nonce);
    Visit::refuses(&visit.submit(&borrowed.body()).await, 422, "nonce-expired");

    let first = visit.customer.application(&visit.nonce);
    visit.issued(&first.body()).await;
    // Another key, under the nonce that the first one used up.
    let second = visit.customer.application(&visit.nonce);
    Visit::refuses(&visit.submit(&second.body()).await, 422, "nonce-expired");
    let third = visit.customer.application(&next_nonce(&visit).await);
    visit.issued(&third.body()).await;
    assert_eq!(site.bank.certificates_of("keiri-01").unwrap().len(), 3);
}

#[tokio::test]
async fn a_receipt_is_the_new_keys_own_over_its_own_certificate() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let old = visit.customer.issued.clone().unwrap();
    let application = visit.customer.application(&visit.nonce);
    let new = visit.issued(&application.body()).await;
    let old_key = visit.customer.key.as_ref().unwrap();
    let stranger = site.customer("soumu-01", 20);
    let theirs = stranger.issued.as_ref().unwrap();
    let their_key = stranger.key.as_ref().unwrap();
    let nonce = &visit.nonce;
    for wrong in [
        // By the old key, and by somebody else's.
        receipt(&visit, old_key, &old.der, &new, nonce),
        receipt(&visit, their_key, &theirs.der, &new, nonce),
        // By the new key, over another certificate or over the request.
        receipt(&visit, &application.key, &new, &old.der, nonce),
        receipt(
            &visit,
            &application.key,
            &new,
            application.request.der(),
            nonce,
        ),
    ] {
        let answer = visit.call("/api/receipts", &wrong).await;
        Visit::refuses(&answer, 422, "bad-receipt");
    }
    let good = receipt(&visit, &application.key, &new, &new, nonce);
    let mut forged = Base64::decode_vec(good["receipt"].as_str().unwrap()).unwrap();
    *forged.last_mut().unwrap() ^= 1;
    let forged = json!({ "receipt": Base64::encode_string(&forged) });
    let answer = visit.call("/api/receipts", &forged).await;
    Visit::refuses(&answer, 422, "bad-receipt");

    let issued = &site.bank.certificates_of("keiri-01").unwrap()[0];
    assert_eq!(issued.status, CertificateStatus::Issued);
    assert_eq!(visit.call("/api/receipts", &good).await.status, 200);
}

#[tokio::test]
async fn a_receipt_of_an_earlier_renewal_is_not_one_for_the_next() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let first = visit.customer.application(&visit.nonce);
    let rejected = visit.issued(&first.body()).await;
    let kept = visit.customer.receipt(&first.key, &rejected, &visit.nonce);
    let code = json!({ "code": "install-declined" });
    assert_eq!(visit.call("/api/rejections", &code).await.status, 200);

    let nonce = next_nonce(&visit).await;
    let second = visit.customer.application(&nonce);
    let new = visit.issued(&second.body()).await;
    let answer = visit.call("/api/receipts", &kept).await;
    Visit::refuses(&answer, 422, "bad-receipt");
    // Nor is a colleague's, who has a session of their own.
    let colleague = Visit::begin(site.customer("admin-01", 20)).await;
    let theirs = colleague.customer.application(&colleague.nonce);
    colleague.issued(&theirs.body()).await;
    let mine = visit.customer.receipt(&second.key, &new, &nonce);
    let answer = colleague.call("/api/receipts", &mine).await;
    Visit::refuses(&answer, 422, "bad-receipt");
    assert_eq!(visit.call("/api/receipts", &mine).await.status, 200);
}

#[tokio::test]
async fn a_request_is_answered_again_until_its_receipt_to_its_own_login_only() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application: Application = visit.customer.application(&visit.nonce);
    let new = visit.issued(&application.body()).await;
    for _ in 0..3 {
        assert_eq!(visit.issued(&application.body()).await, new);
    }
    let colleague = Visit::begin(site.customer("admin-01", 20)).await;
    let stolen = colleague.submit(&application.body()).await;
    Visit::refuses(&stolen, 409, "other-login");

    let receipt = visit.customer.receipt(&application.key, &new, &visit.nonce);
    assert_eq!(visit.call("/api/receipts", &receipt).await.status, 200);
    let after = visit.submit(&application.body()).await;
    Visit::refuses(&after, 409, "delivered");
    let issued = site.bank.certificates_of("keiri-01").unwrap();
    let newest = (issued.len(), issued[0].sha256.clone());
    assert_eq!(newest, (2, ca::hex(&ca::digest(&new))));
}
