//! The bank's calendar: what is offered before, on and after each boundary, in Japan.

use reference_bank::{
    Language, Policy, Validity,
    time::{DAY, day_text},
};
use serde_json::{Value, json};

use super::customer::{Customer, Site};

/// 2027-03-10 23:59:59 in Japan.
const LAST: i64 = 1_804_690_799;

#[tokio::test]
async fn a_window_of_thirty_days_without_grace() {
    keeps_its_word(30, 0).await;
}

#[tokio::test]
async fn a_window_of_thirty_days_with_eighty_of_grace() {
    keeps_its_word(30, 80).await;
}

#[tokio::test]
async fn a_window_of_thirty_days_with_ninety_of_grace() {
    keeps_its_word(30, 90).await;
}

#[tokio::test]
async fn a_window_of_thirty_days_with_a_hundred_and_eighty_of_grace() {
    keeps_its_word(30, 180).await;
}

#[tokio::test]
async fn a_window_of_forty_days_without_grace() {
    keeps_its_word(40, 0).await;
}

#[tokio::test]
async fn a_window_of_forty_days_with_eighty_of_grace() {
    keeps_its_word(40, 80).await;
}

#[tokio::test]
async fn a_window_of_forty_days_with_ninety_of_grace() {
    keeps_its_word(40, 90).await;
}

#[tokio::test]
async fn a_window_of_forty_days_with_a_hundred_and_eighty_of_grace() {
    keeps_its_word(40, 180).await;
}

#[tokio::test]
async fn grace_lasts_to_the_end_of_a_day_whatever_hour_the_certificate_ended() {
    let noon = LAST - 12 * 3600;
    let site = open(30, 80).await;
    let customer = customer(&site, noon);
    site.bank.clock().hold(LAST + 80 * DAY);
    customer.login().await.leads_to("/notice");
    site.bank.clock().hold(LAST + 80 * DAY + 1);
    customer.login().await.is(403, "電子証明書取得");

    let strict = open(30, 0).await;
    let customer = self::customer(&strict, noon);
    strict.bank.clock().hold(noon);
    customer.login().await.leads_to("/notice");
    strict.bank.clock().hold(noon + 1);
    customer.login().await.is(403, "電子証明書取得");
}

#[tokio::test]
async fn the_notice_counts_the_days_by_japans_calendar() {
    let site = open(30, 0).await;
    let customer = customer(&site, LAST);
    for (now, text) in [
        (LAST - 30 * DAY, "あと 30 日"),
        (LAST - 30 * DAY + 1, "あと 29 日"),
        (LAST - DAY, "あと 1 日"),
        (LAST - DAY + 1, "本日までです"),
        (LAST, "本日までです"),
    ] {
        site.bank.clock().hold(now);
        customer.login().await.leads_to("/notice");
        let notice = customer.get("/notice").await;
        notice.is(200, text);
        notice.is(200, &day_text(now, Language::Japanese));
        notice.is(200, &day_text(LAST, Language::Japanese));
    }
}

#[tokio::test]
async fn back_from_the_notice_logs_out_and_the_next_login_shows_it_again() {
    let site = open(30, 0).await;
    let customer = customer(&site, LAST);
    for now in [LAST - 31 * DAY + 1, LAST - 10 * DAY, LAST] {
        site.bank.clock().hold(now);
        customer.login().await.leads_to("/notice");
        let notice = customer.get("/notice").await;
        let back = notice.between("action=\"/logout\"", "</form>");
        assert!(back.contains("戻る"), "{back}");
        customer
            .post("/logout", &[("csrf", notice.csrf())])
            .await
            .leads_to("/");
        for screen in ["/notice", "/main"] {
            customer.get(screen).await.leads_to("/");
        }
    }
}

/// Everything that hangs on a boundary, one second before it and on it.
async fn keeps_its_word(window: i64, grace: i64) {
    let site = open(window, grace).await;
    let profile = site.bank.profile().unwrap();
    for line in [
        format!("\nwindow = \"{window}d\"\n"),
        format!("\ngrace = \"{grace}d\"\n"),
        format!("\nnotice = [\"{window}d\", \"10d\"]\n"),
    ] {
        assert!(profile.contains(&line), "{line} is not in {profile}");
    }
    let customer = customer(&site, LAST);
    let clock = site.bank.clock();
    let opens = LAST + 1 - (window + 1) * DAY;
    let closes = LAST + grace * DAY;

    clock.hold(opens - 1);
    customer.login().await.leads_to("/main");
    customer.get("/notice").await.leads_to("/main");
    let main = customer.get("/main").await;
    let early = customer.post("/renewal", &[("csrf", main.csrf())]).await;
    early.is(409, &day_text(opens, Language::Japanese));

    for now in [opens, LAST - 10 * DAY, LAST - 1, LAST] {
        clock.hold(now);
        is_renewable(&customer).await;
    }
    if grace > 0 {
        for now in [LAST + 1, closes - 1, closes] {
            clock.hold(now);
            is_renewable(&customer).await;
            customer
                .get("/notice")
                .await
                .is(200, &day_text(closes, Language::Japanese));
        }
    }

    // Whoever is at the CA on the last second is told that it was the last.
    let csrf = customer.go_to_ca().await.csrf().to_owned();
    clock.hold(closes + 1);
    let late = customer.call(&csrf, "/api/nonces", &json!({})).await;
    assert_eq!((late.status, code(&late.json())), (409, "too-late"));
    customer.get("/main").await.is(403, "電子証明書取得");
    customer.login().await.is(403, "電子証明書取得");
}

async fn is_renewable(customer: &Customer<'_>) {
    for _ in 0..2 {
        customer.login().await.leads_to("/notice");
    }
    customer.get("/notice").await.is(200, "電子証明書更新通知");
    let page = customer.go_to_ca().await;
    let nonce = customer.call(page.csrf(), "/api/nonces", &json!({})).await;
    assert_eq!(nonce.status, 200, "{}", nonce.body);
}

fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

async fn open(window_days: i64, grace_days: i64) -> Site {
    let policy = Policy {
        window_days,
        grace_days,
        ..Policy::default()
    };
    Site::start_with(policy).await
}

fn customer(site: &Site, not_after: i64) -> Customer<'_> {
    let validity = Validity::Exactly {
        not_before: LAST - 365 * DAY,
        not_after,
    };
    site.customer_valid("keiri-01", validity)
}
