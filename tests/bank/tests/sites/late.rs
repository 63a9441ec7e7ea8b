//! A certificate that has expired, in a browser that shows no expired ones: ID and password lead to
//! its renewal within the bank's grace, and to nothing else.

use reference_bank::{Policy, Validity, time::DAY};

use super::customer::{Customer, Site};

/// 2027-03-10 23:59:59 in Japan.
const LAST: i64 = 1_804_690_799;

#[tokio::test]
async fn within_the_grace_it_leads_to_the_renewal_and_to_no_service() {
    let site = open(80).await;
    let customer = expiring(&site);
    for now in [LAST + 1, LAST + 80 * DAY] {
        site.bank.clock().hold(now);
        let login = customer.get("/").await;
        login.is(200, "期限切れのあと80日以内なら");
        customer.login().await.leads_to("/notice");
        customer.get("/notice").await.is(200, "2027年5月29日");
        let main = customer.get("/main").await;
        main.is(200, "電子証明書の有効期限が切れています");
        assert!(!main.body.contains("総合振込"), "{}", main.body);
        customer.go_to_ca().await.is(200, "電子証明書更新前処理中");
    }
}

#[tokio::test]
async fn past_the_grace_it_names_the_way_on() {
    for grace in [0, 80] {
        let site = open(grace).await;
        let customer = expiring(&site);
        site.bank.clock().hold(LAST + grace * DAY + 1);
        let refused = customer.login().await;
        refused.is(403, "電子証明書の有効期限が切れています");
        refused.is(403, "電子証明書取得");
        customer.get("/main").await.leads_to("/");
    }
}

#[tokio::test]
async fn before_the_expiry_nobody_comes_in_without_the_certificate() {
    let site = open(80).await;
    let customer = expiring(&site);
    site.bank.clock().hold(LAST);
    let refused = customer.login().await;
    refused.is(403, "電子証明書が提示されていません");
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_about_the_certificate() {
    let site = open(80).await;
    let customer = expiring(&site);
    for now in [LAST + 1, LAST + 80 * DAY + 1] {
        site.bank.clock().hold(now);
        let wrong = customer.login_as("keiri-01", "wrong").await;
        wrong.is(401, "ログインできませんでした");
        assert!(!wrong.body.contains("2027年"), "{}", wrong.body);
    }
}

#[tokio::test]
async fn a_session_without_the_certificate_ends_with_the_grace() {
    let site = open(80).await;
    let customer = expiring(&site);
    site.bank.clock().hold(LAST + 80 * DAY);
    customer.login().await.leads_to("/notice");
    site.bank.clock().hold(LAST + 80 * DAY + 1);
    customer.get("/main").await.is(403, "電子証明書取得");
    customer.get("/main").await.is(401, "時間切れになりました");
}

#[tokio::test]
async fn who_has_renewed_comes_in_with_the_new_one_only() {
    let site = open(80).await;
    let customer = expiring(&site);
    let later = Validity::Exactly {
        not_before: LAST - DAY,
        not_after: LAST + 365 * DAY,
    };
    site.customer_valid("keiri-01", later);
    site.bank.clock().hold(LAST + 1);
    let refused = customer.login().await;
    refused.is(403, "電子証明書が提示されていません");
}

async fn open(grace_days: i64) -> Site {
    let site = Site::start_with(Policy {
        grace_days,
        ..Policy::default()
    })
    .await;
    site.bank.clock().hold(LAST - 10 * DAY);
    site
}

/// Its certificate ends at LAST, and its browser shows none.
fn expiring(site: &Site) -> Customer<'_> {
    let mut customer = site.customer_valid(
        "keiri-01",
        Validity::Exactly {
            not_before: LAST - 365 * DAY,
            not_after: LAST,
        },
    );
    customer.lose_certificate();
    customer
}
