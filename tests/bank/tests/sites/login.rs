//! Logging in: password, certificate, and where it leads.

use reference_bank::{
    DEMO_PASSWORD, LogEvent, Policy, Validity,
    ca::{Authorities, Blueprint, Key, Usage, name},
    time::DAY,
};

use super::customer::Site;

#[tokio::test]
async fn a_login_leads_to_the_notice_from_the_thirtieth_day_to_the_last() {
    let site = Site::start().await;
    for (days, page) in [
        (31, "/main"),
        (30, "/notice"),
        (20, "/notice"),
        (0, "/notice"),
    ] {
        let customer = site.customer("keiri-01", days);
        customer.login().await.leads_to(page);
    }
}

#[tokio::test]
async fn the_notice_shows_both_dates_and_leads_on_or_out() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    customer.login().await.leads_to("/notice");
    let notice = customer.get("/notice").await;
    for text in [
        "電子証明書更新通知",
        "現在の日付",
        "有効期限",
        "あと 20 日",
        "メインへ",
        "戻る",
    ] {
        notice.is(200, text);
    }
    customer
        .get("/notice?lang=en")
        .await
        .is(200, "Certificate expiry notice");
    let main = customer.get("/main?lang=ja").await;
    for text in [
        "経理 花子 様",
        "今回のログイン",
        "前回のログイン",
        "ログアウト",
        "証明書更新",
    ] {
        main.is(200, text);
    }
    let csrf = main.csrf().to_owned();
    customer
        .post("/logout", &[("csrf", &csrf)])
        .await
        .leads_to("/");
    customer.get("/main").await.leads_to("/");
}

#[tokio::test]
async fn the_last_day_says_so() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 0);
    customer.login().await.leads_to("/notice");
    customer.get("/notice").await.is(200, "本日までです");
}

#[tokio::test]
async fn a_browser_without_a_certificate_reads_why_and_what_to_do() {
    let site = Site::start().await;
    let stranger = site.stranger();
    stranger
        .get("/")
        .await
        .is(200, "電子証明書が提示されていません");
    stranger
        .login_as("keiri-01", DEMO_PASSWORD)
        .await
        .is(403, "次にすること");
}

#[tokio::test]
async fn an_expired_certificate_reaches_a_page_that_names_the_way_in() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", -1);
    customer.login().await.is(403, "電子証明書取得");
}

#[tokio::test]
async fn within_the_banks_grace_an_expired_certificate_may_still_be_renewed() {
    let policy = Policy {
        grace_days: 80,
        ..Policy::default()
    };
    let site = Site::start_with(policy).await;
    let customer = site.customer("keiri-01", -80);
    customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
    customer
        .get("/notice")
        .await
        .is(200, "有効期限が切れました");
    site.customer("keiri-01", -81)
        .login()
        .await
        .is(403, "有効期限が切れています");
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_says_from_when() {
    let site = Site::start().await;
    let now = site.bank.clock().now();
    let validity = Validity::Exactly {
        not_before: now + DAY,
        not_after: now + 2 * DAY,
    };
    let customer = site.customer_valid("keiri-01", validity);
    customer.login().await.is(403, "まだ始まっていません");
    site.bank.clock().advance(DAY);
    customer.login().await.leads_to("/notice");
}

#[tokio::test]
async fn a_revoked_certificate_reaches_a_page() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    site.bank
        .revoke(&customer.issued.as_ref().unwrap().serial)
        .unwrap();
    customer.login().await.is(403, "失効しています");
    customer.get("/certificate").await.is(200, "失効しています");
}

#[tokio::test]
async fn a_strangers_certificate_reaches_a_page_even_under_the_right_names() {
    let site = Site::start().await;
    let mut customer = site.stranger();
    let now = site.bank.clock().now();
    let key = Key::generate().unwrap();
    let impostor = Authorities::create(now).unwrap();
    let certificate = impostor
        .user_issuing
        .issue(&Blueprint {
            subject: name("株式会社みほん商事", None, "keiri-01").unwrap(),
            san: None,
            spki: key.spki().to_vec(),
            not_before: now - DAY,
            not_after: now + 20 * DAY,
            usage: Usage::Client,
        })
        .unwrap();
    customer.hold(key, &certificate);
    customer
        .login_as("keiri-01", DEMO_PASSWORD)
        .await
        .is(403, "当金庫の電子証明書ではありません");
}

#[tokio::test]
async fn another_ids_certificate_says_whose_it_is() {
    let site = Site::start().await;
    let customer = site.customer("admin-01", 20);
    customer
        .login_as("keiri-01", DEMO_PASSWORD)
        .await
        .is(403, "別の ID の電子証明書です");
    let log = site.bank.tls_log().unwrap();
    let entry = log.last().unwrap();
    assert_eq!(
        (entry.event, entry.certificate.as_str(), entry.status),
        (LogEvent::Login, "other-id", 403)
    );
}

#[tokio::test]
async fn wrong_passwords_are_counted_and_then_wait() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    for _ in 0..4 {
        let answer = customer.login_as("keiri-01", "wrong").await;
        answer.is(401, "ID またはパスワードが違います");
        assert!(!answer.body.contains("wrong"));
    }
    customer
        .login_as("keiri-01", "wrong")
        .await
        .is(429, "ログインできません");
    customer.login().await.is(429, "ログインできません");
    site.bank.clock().advance(15 * 60);
    customer.login().await.leads_to("/notice");
    customer
        .login_as("<b>nobody</b>", "x")
        .await
        .is(401, "value=\"&lt;b&gt;nobody&lt;/b&gt;\"");
}

#[tokio::test]
async fn the_log_tells_who_came_with_which_certificate() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 20);
    customer.login().await.leads_to("/notice");
    customer.get("/tls-test").await.is(200, "keiri-01");
    site.stranger().get("/tls-test").await.is(403, "missing");
    let log = site.bank.tls_log().unwrap();
    let serial = customer.issued.as_ref().unwrap().serial.as_str();
    let lines: Vec<_> = log
        .iter()
        .map(|line| {
            (
                line.event,
                line.user.as_deref(),
                line.serial.as_deref(),
                line.status,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (LogEvent::Login, Some("keiri-01"), Some(serial), 200),
            (LogEvent::Test, Some("keiri-01"), Some(serial), 200),
            (LogEvent::Test, None, None, 403),
        ]
    );
}
