//! An officer of the CA decides on each renewal: what the customer sees, and what the CA issues.

use reference_bank::{ApplicationStatus, Policy, time::DAY};
use serde_json::{Value, json};

use super::customer::{Answer, Application, Customer, Site, first_certificate};

const IDLE: i64 = 15 * 60;
const LATER: u64 = 3600;

#[tokio::test]
async fn a_request_waits_for_the_officer_and_is_answered_once_approved() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    let (csrf, nonce, application) = apply(&customer).await;
    let [waiting] = &site.bank.applications().unwrap()[..] else {
        panic!("not one application");
    };
    assert_eq!(
        (waiting.user.as_str(), waiting.status),
        ("keiri-01", ApplicationStatus::Pending)
    );
    assert_eq!(site.bank.certificates_of("keiri-01").unwrap().len(), 1);

    // Nothing else may be closed or lost: asking again changes nothing.
    is_later(&submit(&customer, &csrf, &application).await);
    assert_eq!(site.bank.applications().unwrap().len(), 1);

    site.bank.decide("keiri-01", true).unwrap();
    let answer = submit(&customer, &csrf, &application).await;
    let new = first_certificate(answer.json()["certificate"].as_str().unwrap());
    let again = submit(&customer, &csrf, &application).await;
    assert_eq!(
        again.json(),
        answer.json(),
        "delivered again until the receipt"
    );
    let receipt = customer.receipt(&application.key, &new, &nonce);
    let taken = customer.call(&csrf, "/api/receipts", &receipt).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(site.bank.applications().unwrap(), []);
}

#[tokio::test]
async fn approval_may_take_longer_than_a_nonce_lives() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    let (_, nonce, application) = apply(&customer).await;
    site.bank.clock().advance(5 * DAY);
    site.bank.decide("keiri-01", true).unwrap();
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let given = customer.call(&csrf, "/api/nonces", &json!({})).await;
    assert_eq!(given.json()["nonce"], nonce, "no fresh proof is asked for");
    let answer = submit(&customer, &csrf, &application).await;
    assert!(answer.json()["certificate"].is_string(), "{}", answer.body);
}

#[tokio::test]
async fn the_cas_page_says_that_everything_may_be_closed() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
    customer
        .get_ca("/renewal/pending")
        .await
        .leads_to("/renewal");
    apply(&customer).await;
    customer
        .get_ca("/renewal")
        .await
        .leads_to("/renewal/pending");
    let page = customer.get_ca("/renewal/pending").await;
    for text in [
        "承認をお待ちください",
        "受付日時",
        "パソコンの電源を切っても",
    ] {
        page.is(200, text);
    }
    page.is(200, &format!("href=\"{}/main\"", site.bank.bank_origin));
    let english = customer.get_ca("/renewal/pending?lang=en").await;
    english.is(200, "Waiting for approval");
    customer.get_ca("/renewal/pending?lang=ja").await;

    site.bank.decide("keiri-01", true).unwrap();
    customer
        .get_ca("/renewal/pending")
        .await
        .leads_to("/renewal");
    let start = customer.get_ca("/renewal").await;
    start.is(200, "更新が承認されました");
    start.is(200, "data-application=\"approved\"");
}

#[tokio::test]
async fn a_session_that_ends_meanwhile_costs_no_application() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    let (csrf, _, application) = apply(&customer).await;
    for screen in ["/renewal/pending", "/renewal"] {
        site.bank.clock().advance(IDLE + 1);
        let over = customer.get_ca(screen).await;
        over.is(401, "時間切れになりました");
        customer.go_to_ca().await;
    }
    site.bank.clock().advance(IDLE + 1);
    let over = submit(&customer, &csrf, &application).await;
    assert_eq!((over.status, code(&over)), (401, "session-ended".into()));
    site.bank.decide("keiri-01", true).unwrap();
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let answer = submit(&customer, &csrf, &application).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn the_main_screen_says_where_the_application_stands() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    customer.login().await.leads_to("/notice");
    customer
        .get("/main")
        .await
        .is(200, "電子証明書の更新が必要です");
    let (csrf, nonce, application) = apply(&customer).await;
    let main = customer.get("/main").await;
    main.is(200, "電子証明書の更新は承認待ちです");
    main.is(200, "状況を確認");
    site.bank.decide("keiri-01", true).unwrap();
    let main = customer.get("/main").await;
    main.is(200, "電子証明書の更新が承認されました");
    main.is(200, "証明書更新");

    // Issued and not yet delivered, it is still to be fetched.
    let answer = submit(&customer, &csrf, &application).await.json();
    customer.get("/main").await.is(200, "承認されました");
    let new = first_certificate(answer["certificate"].as_str().unwrap());
    let receipt = customer.receipt(&application.key, &new, &nonce);
    customer.call(&csrf, "/api/receipts", &receipt).await;
    let main = customer.get("/main").await;
    assert!(!main.body.contains("承認"), "{}", main.body);
}

#[tokio::test]
async fn in_the_grace_nobody_is_told_to_use_the_expired_certificate() {
    let policy = Policy {
        approval: Some(LATER),
        grace_days: 80,
        ..Policy::default()
    };
    let site = Site::start_with(policy).await;
    let customer = site.customer("keiri-01", -20);
    apply(&customer).await;
    let main = customer.get("/main").await;
    main.is(200, "お取引はご利用いただけません");
    let pending = customer.get_ca("/renewal/pending").await;
    for page in [&main, &pending] {
        assert!(!page.body.contains("承認されるまで、今の"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_refused_request_is_never_answered_and_the_next_one_may_be() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    let (csrf, _, application) = apply(&customer).await;
    site.bank.decide("keiri-01", false).unwrap();
    let refused = submit(&customer, &csrf, &application).await;
    assert_eq!(
        (refused.status, code(&refused)),
        (409, "not-approved".into())
    );
    assert!(site.bank.decide("keiri-01", true).is_err(), "decided once");
    customer.get("/main").await.is(200, "承認されませんでした");
    customer
        .get_ca("/renewal")
        .await
        .is(200, "承認されませんでした");

    let (csrf, _, next) = apply(&customer).await;
    customer.get("/main").await.is(200, "承認待ち");
    let again = submit(&customer, &csrf, &application).await;
    assert_eq!(code(&again), "not-approved", "what was refused stays so");
    site.bank.decide("keiri-01", true).unwrap();
    let answer = submit(&customer, &csrf, &next).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn an_unsound_request_reaches_no_officer_and_another_login_no_answer() {
    let site = open().await;
    let customer = site.customer("keiri-01", 20);
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let stale = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let refused = submit(&customer, &csrf, &customer.application(stale)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(site.bank.applications().unwrap(), []);

    let (_, _, application) = apply(&customer).await;
    site.bank.decide("keiri-01", true).unwrap();
    let other = site.customer("soumu-01", 20);
    let csrf = other.go_to_ca().await.csrf().to_owned();
    let answer = submit(&other, &csrf, &application).await;
    assert_eq!((answer.status, code(&answer)), (409, "other-login".into()));
}

async fn open() -> Site {
    Site::start_with(Policy {
        approval: Some(LATER),
        ..Policy::default()
    })
    .await
}

/// A request that the CA takes and answers later: with the session's token and the nonce.
async fn apply(customer: &Customer<'_>) -> (String, String, Application) {
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let nonce = customer.call(&csrf, "/api/nonces", &json!({})).await;
    let nonce = nonce.json()["nonce"].as_str().unwrap().to_owned();
    let application = customer.application(&nonce);
    is_later(&submit(customer, &csrf, &application).await);
    (csrf, nonce, application)
}

async fn submit(customer: &Customer<'_>, csrf: &str, application: &Application) -> Answer {
    customer
        .call(csrf, "/api/certificates", &application.body())
        .await
}

#[track_caller]
fn is_later(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.json(),
        json!({ "pending": { "retry_after": LATER } })
    );
}

fn code(answer: &Answer) -> Value {
    answer.json()["code"].clone()
}
