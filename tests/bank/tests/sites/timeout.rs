//! A session that was left alone, at every screen of both sites: a page that says so and leads to
//! the start, from where it goes again.

use serde_json::json;

use super::customer::{Answer, Customer, Site, first_certificate};

const IDLE: i64 = 15 * 60;

#[tokio::test]
async fn at_the_banks_screens() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    for screen in ["/notice", "/main", "/old-certificate"] {
        log_in(&customer).await;
        leave_alone(&site);
        is_over(&customer.get(screen).await, "/");
        log_in(&customer).await;
        leave_alone(&site);
        let english = customer.get(&format!("{screen}?lang=en")).await;
        english.is(401, "Your session has ended");
        customer.get("/?lang=ja").await.is(200, "ログイン");
    }
}

#[tokio::test]
async fn at_the_banks_forms() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    let csrf = log_in(&customer).await;
    leave_alone(&site);
    is_over(&customer.post("/renewal", &[("csrf", &csrf)]).await, "/");

    let csrf = log_in(&customer).await;
    leave_alone(&site);
    // Who wanted to log out is logged out.
    customer
        .post("/logout", &[("csrf", &csrf)])
        .await
        .leads_to("/");
    customer.get("/main").await.leads_to("/");

    // The script that tells of a first login finds the session gone.
    let csrf = log_in(&customer).await;
    leave_alone(&site);
    let body = customer.path().join("told.json");
    std::fs::write(&body, json!({ "csrf": csrf }).to_string()).unwrap();
    let origin = &site.bank.bank_origin;
    let arguments = [
        "--header",
        &format!("Origin: {origin}"),
        "--header",
        "Content-Type: application/json",
        "--data-binary",
        &format!("@{}", body.display()),
    ];
    let told = customer.request(origin, "/first-login", &arguments).await;
    assert_eq!(told.status, 401, "{}", told.body);
}

#[tokio::test]
async fn at_the_old_certificates_page_after_a_renewal() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    renew(&customer).await;
    customer.login().await.leads_to("/old-certificate");
    leave_alone(&site);
    is_over(&customer.get("/old-certificate").await, "/");
    customer.login().await.leads_to("/old-certificate");
    let page = customer.get("/old-certificate").await;
    assert_eq!(page.status, 200, "{}", page.body);
}

#[tokio::test]
async fn between_the_bank_and_the_ca() {
    let site = Site::start().await;
    let (bank, ca) = (&site.bank.bank_origin, &site.bank.ca_origin);
    let customer = site.customer("keiri-01", 20);
    let csrf = log_in(&customer).await;
    let handover = customer.post("/renewal", &[("csrf", &csrf)]).await;
    let ticket = handover.between("name=\"ticket\" value=\"", "\"");
    leave_alone(&site);
    let late = customer
        .post_from(bank, ca, "/handover", &[("ticket", ticket)])
        .await;
    late.is(403, "<h1>");
    late.is(403, &format!("href=\"{bank}/main\""));
    is_over(&customer.get("/main").await, "/");
    customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
}

#[tokio::test]
async fn at_the_cas_screens() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    for screen in ["/renewal", "/renewal/done"] {
        customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
        leave_alone(&site);
        is_over(&customer.get_ca(screen).await, &site.bank.bank_origin);
    }
    renew(&customer).await;
    customer.get_ca("/renewal/done").await.is(200, "発行完了");
    leave_alone(&site);
    is_over(
        &customer.get_ca("/renewal/done").await,
        &site.bank.bank_origin,
    );
}

#[tokio::test]
async fn in_the_middle_of_the_cas_work() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let nonce = customer.call(&csrf, "/api/nonces", &json!({})).await;
    let nonce = nonce.json()["nonce"].as_str().unwrap().to_owned();
    let application = customer.application(&nonce);
    leave_alone(&site);
    for (path, body) in [
        ("/api/nonces", json!({})),
        ("/api/certificates", application.body()),
        ("/api/receipts", json!({ "receipt": "" })),
        ("/api/rejections", json!({ "code": "install-declined" })),
    ] {
        let answer = customer.call(&csrf, path, &body).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (401, Some("session-ended")),
            "{path}"
        );
        for text in ["title", "remedy"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()));
        }
    }
    // The request that the agent holds is taken in the next session.
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let answer = customer
        .call(&csrf, "/api/certificates", &application.body())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn not_before_its_time() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    site.bank.clock().hold(site.bank.clock().now());
    customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
    for _ in 0..3 {
        site.bank.clock().advance(IDLE);
        customer.get("/main").await.is(200, "メイン");
        let page = customer.get_ca("/renewal").await;
        page.is(200, "電子証明書更新前処理中");
    }
}

fn leave_alone(site: &Site) {
    site.bank.clock().advance(IDLE + 1);
}

#[track_caller]
fn is_over(answer: &Answer, start: &str) {
    answer.is(401, "時間切れになりました");
    answer.is(401, "もう一度ログインしてください");
    answer.is(401, &format!("class=\"button\" href=\"{start}\""));
}

/// The token of the new session's forms.
async fn log_in(customer: &Customer<'_>) -> String {
    customer.login().await.leads_to("/notice");
    let main = customer.get("/main").await;
    main.is(200, "メイン");
    main.csrf().to_owned()
}

async fn renew(customer: &Customer<'_>) {
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    let nonce = customer.call(&csrf, "/api/nonces", &json!({})).await;
    let nonce = nonce.json()["nonce"].as_str().unwrap().to_owned();
    let application = customer.application(&nonce);
    let issued = customer
        .call(&csrf, "/api/certificates", &application.body())
        .await;
    let issued = issued.json();
    let new = first_certificate(issued["certificate"].as_str().unwrap());
    let receipt = customer.receipt(&application.key, &new, &nonce);
    let taken = customer.call(&csrf, "/api/receipts", &receipt).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
}
