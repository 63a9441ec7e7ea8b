//! Sessions, forms, headers.

use super::customer::Site;

#[tokio::test]
async fn a_session_belongs_to_the_certificate_of_its_login() {
    let site = Site::start().await;
    let mut customer = site.customer("keiri-01", 20);
    customer.login().await.leads_to("/notice");
    let other = site.customer("keiri-01", 200);
    let der = &other.issued.as_ref().unwrap().der;
    customer.hold(other.key.unwrap(), der);
    customer
        .get("/main")
        .await
        .is(403, "電子証明書が変わりました");
    customer.lose_certificate();
    customer.get("/main").await.is(401, "時間切れになりました");
}

#[tokio::test]
async fn forms_need_this_sessions_token_and_our_own_origin() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    customer.login().await.leads_to("/notice");
    let csrf = customer.get("/main").await.csrf().to_owned();
    for path in ["/renewal", "/logout"] {
        customer
            .post(path, &[("csrf", "guess")])
            .await
            .is(403, "受け付けられません");
        let bank = &site.bank.bank_origin;
        customer
            .post_from("https://evil.example", bank, path, &[("csrf", &csrf)])
            .await
            .is(403, "受け付けられません");
    }
    customer.get("/main").await.is(200, "メイン");
}

#[tokio::test]
async fn a_ticket_is_good_once_for_a_minute_and_from_the_bank_only() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    let (bank, ca) = (&site.bank.bank_origin, &site.bank.ca_origin);
    customer.login().await.leads_to("/notice");
    let csrf = customer.get("/main").await.csrf().to_owned();
    let ticket = async || {
        let page = customer.post("/renewal", &[("csrf", &csrf)]).await;
        page.between("name=\"ticket\" value=\"", "\"").to_owned()
    };
    let first = ticket().await;
    let form = [("ticket", first.as_str())];
    customer
        .post_from("https://evil.example", ca, "/handover", &form)
        .await
        .is(403, "受け付けられません");
    customer
        .post_from(bank, ca, "/handover", &form)
        .await
        .leads_to("/renewal");
    customer
        .post_from(bank, ca, "/handover", &form)
        .await
        .is(403, "有効時間が過ぎました");
    let late = ticket().await;
    site.bank.clock().advance(61);
    customer
        .post_from(bank, ca, "/handover", &[("ticket", &late)])
        .await
        .is(403, "有効時間が過ぎました");
}

#[tokio::test]
async fn the_ca_sends_those_who_come_by_themselves_to_the_bank() {
    let site = Site::start().await;
    let stranger = site.stranger();
    stranger.get_ca("/").await.is(404, &site.bank.bank_origin);
    stranger
        .get_ca("/renewal")
        .await
        .is(401, "銀行のサイトから始めてください");
    stranger.get_ca("/handover").await.is(405, "");
}

#[tokio::test]
async fn pages_are_never_kept_and_assets_carry_their_content_in_their_name() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    let login = customer.login().await;
    let cookie = login.header("set-cookie");
    for word in [
        "__Host-bank-session=",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let page = customer.get("/notice").await;
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "http://127.0.0.1:47110 ",
        "http://127.0.0.1:47173;",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("47174"),
        "{policy}"
    );
    let style = page.between("rel=\"stylesheet\" href=\"", "\"");
    let asset = customer.get(style).await;
    assert_eq!(asset.status, 200);
    assert!(asset.header("cache-control").contains("immutable"));
    assert_eq!(
        customer
            .get("/assets/0000000000000000/base.css")
            .await
            .status,
        404
    );
    customer
        .get("/nowhere")
        .await
        .is(404, "ページが見つかりません");
}

#[tokio::test]
async fn a_chosen_language_stays() {
    let site = Site::start().await;
    let stranger = site.stranger();
    stranger.get("/").await.is(200, "<html lang=\"ja\">");
    stranger
        .get("/?lang=en")
        .await
        .is(200, "<html lang=\"en\">");
    stranger.get("/").await.is(200, "Log in");
    stranger
        .get("/certificate")
        .await
        .is(200, "No certificate was shown");
}
