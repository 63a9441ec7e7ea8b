//! The CA's side of a renewal, from the nonce to the old certificate's end.

use base64ct::{Base64, Encoding as _};
use protocol::{
    certificate::Certificate,
    csr::RequestToSign,
    proof::{ProofClaims, Purpose},
    signature,
};
use reference_bank::{
    AnswerForm, CertificateStatus, Misbehaviour, Order, Validity, ca::Key, time::DAY,
};
use serde_json::{Value, json};
use tokio::process::Command;

use super::customer::{Answer, Customer, Site, first_certificate};

/// A customer on the CA's page.
pub(crate) struct Visit<'a> {
    pub(crate) customer: Customer<'a>,
    pub(crate) csrf: String,
    pub(crate) nonce: String,
}

impl<'a> Visit<'a> {
    pub(crate) async fn begin(customer: Customer<'a>) -> Self {
        let csrf = customer.go_to_ca().await.csrf().to_owned();
        let answer = customer.call(&csrf, "/api/nonces", &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let nonce = answer.json()["nonce"].as_str().unwrap().to_owned();
        Self {
            customer,
            csrf,
            nonce,
        }
    }

    pub(crate) async fn call(&self, path: &str, body: &Value) -> Answer {
        self.customer.call(&self.csrf, path, body).await
    }

    pub(crate) async fn submit(&self, body: &Value) -> Answer {
        self.call("/api/certificates", body).await
    }

    /// Submits and gives the certificate that came.
    pub(crate) async fn issued(&self, body: &Value) -> Vec<u8> {
        let answer = self.submit(body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        first_certificate(answer.json()["certificate"].as_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn refuses(answer: &Answer, status: u16, code: &str) {
        let found = (answer.status, answer.json()["code"].clone());
        assert_eq!(found, (status, json!(code)), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_renewal_goes_from_request_to_first_login_and_ends_the_old_certificate() {
    let site = Site::start().await;
    let mut visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let old = visit.customer.issued.clone().unwrap();
    let application = visit.customer.application(&visit.nonce);
    let new = visit.issued(&application.body()).await;

    let before = Certificate::from_der(&old.der).unwrap();
    let after = Certificate::from_der(&new).unwrap();
    assert_eq!(after.subject_der(), before.subject_der());
    assert_eq!(after.san_extension_der(), before.san_extension_der());
    assert_eq!(after.spki_der(), application.request.spki_der());
    // 23:59:59 in Japan is 14:59:59 UTC.
    assert_eq!((after.not_after() + 9 * 3600 + 1) % DAY, 0);
    assert!((365 * DAY..=367 * DAY).contains(&(after.not_after() - site.bank.clock().now())));

    // The same request gets the same certificate, until its receipt.
    assert_eq!(visit.issued(&application.body()).await, new);
    visit
        .customer
        .get_ca("/renewal/done")
        .await
        .leads_to("/renewal");
    let receipt = visit.customer.receipt(&application.key, &new, &visit.nonce);
    visit
        .call("/api/receipts", &receipt)
        .await
        .is(200, &after.serial_hex());
    visit
        .call("/api/receipts", &receipt)
        .await
        .is(200, &after.serial_hex());
    Visit::refuses(&visit.submit(&application.body()).await, 409, "delivered");
    let done = visit.customer.get_ca("/renewal/done").await;
    for text in [
        "電子証明書発行",
        "発行完了",
        "電子証明書情報",
        "シリアル番号",
        "このウィンドウを閉じる",
    ] {
        done.is(200, text);
    }

    // The old one still logs in, and the page says which program to restart.
    visit.customer.login().await.leads_to("/old-certificate");
    visit
        .customer
        .get("/old-certificate")
        .await
        .is(200, "以前の電子証明書でログインしています");

    visit.customer.hold(application.key, &new);
    visit.customer.login().await.leads_to("/main");
    let main = visit.customer.get("/main").await;
    main.is(200, "新しい電子証明書でログインしました");
    main.is(200, &old.sha256);
    let told = json!({ "csrf": main.csrf() });
    let arguments = [
        "--header",
        "Content-Type: application/json",
        "--data",
        &told.to_string(),
    ];
    let origin = &site.bank.bank_origin;
    visit
        .customer
        .request(origin, "/first-login", &arguments)
        .await
        .is(204, "");
    let main = visit.customer.get("/main").await;
    assert!(!main.body.contains("新しい電子証明書でログインしました"));

    let status: Vec<_> = site
        .bank
        .certificates_of("keiri-01")
        .unwrap()
        .into_iter()
        .map(|certificate| (certificate.serial, certificate.status))
        .collect();
    assert_eq!(
        status,
        [
            (after.serial_hex(), CertificateStatus::Active),
            (old.serial.clone(), CertificateStatus::Revoked)
        ]
    );
    let log = site.bank.tls_log().unwrap();
    let last = log.last().unwrap();
    assert_eq!(
        (last.serial.as_deref(), last.status),
        (Some(after.serial_hex().as_str()), 200)
    );
}

#[tokio::test]
async fn a_login_with_the_old_certificate_after_the_first_with_the_new_one_says_what_to_restart() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application = visit.customer.application(&visit.nonce);
    let new = visit.issued(&application.body()).await;
    // The receipt was lost; a login shows that the certificate arrived.
    let mut renewed = site.stranger();
    renewed.id = "keiri-01".to_owned();
    renewed.hold(application.key, &new);
    renewed.login().await.leads_to("/main");
    let answer = visit.customer.login().await;
    answer.is(403, "以前の電子証明書でログインしようとしています");
    answer.is(403, "Google Chrome");
}

#[tokio::test]
async fn a_proof_must_be_this_customers_for_this_request_now() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    type Change = Box<dyn Fn(&mut ProofClaims)>;
    let cases: [(&str, Change); 5] = [
        (
            "nonce-expired",
            Box::new(|claims| claims.nonce = vec![1; 32]),
        ),
        (
            "bad-proof",
            Box::new(|claims| claims.purpose = Purpose::Receipt),
        ),
        (
            "bad-proof",
            Box::new(|claims| claims.origin = "https://evil.example".to_owned()),
        ),
        ("nonce-expired", Box::new(|claims| claims.time -= 2 * DAY)),
        ("bad-proof", Box::new(|claims| claims.time += 2 * DAY)),
    ];
    for (code, change) in cases {
        let key = Key::generate().unwrap();
        let application = visit.customer.application_by(&key, &visit.nonce, &change);
        Visit::refuses(&visit.submit(&application.body()).await, 422, code);
    }

    let one = visit.customer.application(&visit.nonce);
    let other = visit.customer.application(&visit.nonce);
    let mixed = json!({ "csr": one.body()["csr"], "proof": other.body()["proof"] });
    Visit::refuses(&visit.submit(&mixed).await, 422, "bad-proof");

    let colleague = site.customer("admin-01", 20);
    let theirs = colleague.application(&visit.nonce);
    Visit::refuses(&visit.submit(&theirs.body()).await, 422, "bad-proof");

    let nothing = json!({ "csr": one.body()["csr"], "proof": "" });
    Visit::refuses(&visit.submit(&nothing).await, 422, "bad-proof");
    assert_eq!(site.bank.certificates_of("keiri-01").unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_must_be_signed_by_a_new_key_for_the_same_subject() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let good = visit.customer.application(&visit.nonce);

    let mut broken = good.request.der().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    let body = json!({ "csr": Base64::encode_string(&broken), "proof": good.body()["proof"] });
    let answer = visit.submit(&body).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let body = json!({ "csr": "bm8=", "proof": good.body()["proof"] });
    Visit::refuses(&visit.submit(&body).await, 422, "bad-request");

    // A key that another certificate has.
    let known = Key::generate().unwrap();
    let order = Order {
        user: "soumu-01",
        public_key: known.spki(),
        validity: Validity::Days(9),
    };
    site.bank.issue(&order).unwrap();
    let reused = visit.customer.application_by(&known, &visit.nonce, &|_| {});
    Visit::refuses(&visit.submit(&reused.body()).await, 422, "key-used");

    // A request in a colleague's name, with this customer's own proof over it.
    let colleague = site.customer("admin-01", 20);
    let name = Certificate::from_der(&colleague.issued.as_ref().unwrap().der).unwrap();
    let new = Key::generate().unwrap();
    let to_sign = RequestToSign::renewing(&name, new.spki()).unwrap();
    let signed = new.sign(to_sign.message()).unwrap();
    let request = to_sign.assemble(&signed).unwrap();
    let body = visit.customer.body_for(&request, &visit.nonce);
    Visit::refuses(&visit.submit(&body).await, 422, "other-subject");
}

#[tokio::test]
async fn renewal_is_refused_outside_its_period() {
    let site = Site::start().await;
    let customer = site.customer("keiri-01", 31);
    customer.login().await.leads_to("/main");
    let main = customer.get("/main").await;
    main.is(200, "からできます");
    customer
        .post("/renewal", &[("csrf", main.csrf())])
        .await
        .is(409, "まだ更新できません");

    let late = Visit::begin(site.customer("admin-01", 0)).await;
    let application = late.customer.application(&late.nonce);
    site.bank.clock().advance(DAY);
    // A session that lives on past the end of the certificate.
    let answer = late.submit(&application.body()).await;
    assert!([401, 409].contains(&answer.status), "{}", answer.body);
}

#[tokio::test]
async fn a_refused_certificate_is_revoked_and_the_next_try_succeeds() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let first = visit.customer.application(&visit.nonce);
    let issued = visit.issued(&first.body()).await;
    let serial = Certificate::from_der(&issued).unwrap().serial_hex();
    visit
        .call("/api/rejections", &json!({ "code": "install-declined" }))
        .await
        .is(200, &serial);
    Visit::refuses(&visit.submit(&first.body()).await, 409, "rejected");
    let receipt = visit.customer.receipt(&first.key, &issued, &visit.nonce);
    Visit::refuses(
        &visit.call("/api/receipts", &receipt).await,
        409,
        "nothing-to-deliver",
    );

    let next = visit.call("/api/nonces", &json!({})).await.json();
    let nonce = next["nonce"].as_str().unwrap();
    assert_ne!(nonce, visit.nonce);
    let second = visit.customer.application(nonce);
    visit.issued(&second.body()).await;
    visit.customer.login().await.leads_to("/notice");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_delivered_again_in_a_new_session() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application = visit.customer.application(&visit.nonce);
    site.bank.misbehave(Some(Misbehaviour::AnswerLost));
    assert_eq!(visit.submit(&application.body()).await.status, 500);
    site.bank.misbehave(None);
    let again = Visit::begin(visit.customer).await;
    again.issued(&application.body()).await;
    assert_eq!(site.bank.certificates_of("keiri-01").unwrap().len(), 2);
}

#[tokio::test]
async fn only_the_new_key_of_this_renewal_can_sign_the_receipt() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application = visit.customer.application(&visit.nonce);
    let issued = visit.issued(&application.body()).await;
    let wrong = [
        visit
            .customer
            .receipt(&application.key, &issued, "AAAAAAAAAAAAAAAAAAAAAA"),
        json!({ "receipt": application.body()["proof"] }),
        json!({ "receipt": "bm8=" }),
    ];
    for receipt in wrong {
        Visit::refuses(
            &visit.call("/api/receipts", &receipt).await,
            422,
            "bad-receipt",
        );
    }
}

#[tokio::test]
async fn the_api_needs_the_pages_token() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let body = visit.customer.application(&visit.nonce).body();
    for path in [
        "/api/nonces",
        "/api/certificates",
        "/api/receipts",
        "/api/rejections",
    ] {
        assert_eq!(visit.customer.call("guess", path, &body).await.status, 403);
    }
}

#[tokio::test]
async fn each_misbehaviour_is_what_its_name_says() {
    let site = Site::start().await;
    let now = site.bank.clock().now();
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let old = Certificate::from_der(&visit.customer.issued.as_ref().unwrap().der).unwrap();
    type Sign = fn(&Certificate, &Certificate, &[u8], i64) -> bool;
    let cases: [(Misbehaviour, Sign); 6] = [
        (Misbehaviour::WrongKey, |new, _, spki, _| {
            new.spki_der() != spki
        }),
        (Misbehaviour::OtherSubject, |new, old, _, _| {
            new.subject_der() != old.subject_der()
        }),
        (Misbehaviour::Expired, |new, _, _, now| {
            new.not_after() < now
        }),
        (Misbehaviour::NotYetValid(3600), |new, _, _, now| {
            new.not_before() > now
        }),
        (Misbehaviour::NotLater, |new, old, _, _| {
            new.not_after() == old.not_after()
        }),
        (Misbehaviour::OtherIssuer, |new, old, _, _| {
            new.issuer_der() == old.issuer_der()
        }),
    ];
    for (misbehaviour, holds) in cases {
        site.bank.misbehave(Some(misbehaviour));
        let nonce = visit.call("/api/nonces", &json!({})).await.json();
        let application = visit.customer.application(nonce["nonce"].as_str().unwrap());
        let der = visit.issued(&application.body()).await;
        let new = Certificate::from_der(&der).unwrap();
        assert!(
            holds(&new, &old, application.request.spki_der(), now),
            "{misbehaviour:?}"
        );
    }

    let nonce = visit.call("/api/nonces", &json!({})).await.json();
    let application = visit.customer.application(nonce["nonce"].as_str().unwrap());
    site.bank.misbehave(Some(Misbehaviour::OutOfService));
    Visit::refuses(&visit.submit(&application.body()).await, 503, "unavailable");
    site.bank.misbehave(Some(Misbehaviour::Pending {
        answers: 2,
        retry_after: 7,
    }));
    for _ in 0..2 {
        let answer = visit.submit(&application.body()).await;
        assert_eq!(answer.json()["pending"]["retry_after"], 7);
    }
    visit.issued(&application.body()).await;
    site.bank.misbehave(Some(Misbehaviour::Rubbish(50_000)));
    let answer = visit.submit(&application.body()).await;
    assert_eq!(answer.json()["certificate"].as_str().unwrap().len(), 50_000);

    // Anything goes: even a proof that is none.
    site.bank.misbehave(Some(Misbehaviour::AcceptAnything));
    let other = visit.customer.application(&visit.nonce);
    let body = json!({ "csr": other.body()["csr"], "proof": "" });
    assert_eq!(visit.submit(&body).await.status, 200);
}

#[tokio::test]
async fn openssl_reads_every_form_of_answer_and_verifies_the_chain() {
    let site = Site::start().await;
    let visit = Visit::begin(site.customer("keiri-01", 20)).await;
    let application = visit.customer.application(&visit.nonce);
    let expected = signature::key_type(application.request.spki_der());
    assert_eq!(expected, "p-256");
    for form in [
        AnswerForm::Pem,
        AnswerForm::PemRootFirst,
        AnswerForm::Base64,
        AnswerForm::Pkcs7,
    ] {
        site.bank.answer_as(form);
        let answer = visit.submit(&application.body()).await.json();
        let text = answer["certificate"].as_str().unwrap();
        let file = visit.customer.path().join("answer");
        let tool: &[&str] = match form {
            AnswerForm::Pem | AnswerForm::PemRootFirst => {
                std::fs::write(&file, text).unwrap();
                &["storeutl", "-noout", "-certs"]
            }
            AnswerForm::Base64 => {
                std::fs::write(&file, Base64::decode_vec(text).unwrap()).unwrap();
                &["x509", "-inform", "DER", "-noout", "-in"]
            }
            AnswerForm::Pkcs7 => {
                let pem = format!("-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n");
                std::fs::write(&file, pem).unwrap();
                &["pkcs7", "-print_certs", "-noout", "-in"]
            }
        };
        openssl(tool, &file).await;
        if form == AnswerForm::Pem {
            let ca = site.bank.user_ca.to_str().unwrap();
            openssl(&["verify", "-purpose", "sslclient", "-CAfile", ca], &file).await;
        }
    }
}

async fn openssl(arguments: &[&str], file: &std::path::Path) {
    let output = Command::new("openssl")
        .args(arguments)
        .arg(file)
        .output()
        .await
        .expect("openssl runs: apt-get install openssl");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {error}");
}
