//! A customer at the bank's pages, by curl: what the pages' forms and scripts send, sent one by
//! one. The agent's side of a page is in [`crate::loopback`].

use reference_bank::DEMO_PASSWORD;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    OpenBank, Token,
    curl::{Curl, Reply},
};

/// A browser with the customer's token, and the cookies of one session.
pub struct Visit<'a> {
    bank: &'a OpenBank,
    token: &'a Token,
    cookies: NamedTempFile,
}

/// The CA's page of a renewal, loaded.
pub struct RenewalPage<'a> {
    visit: &'a Visit<'a>,
    csrf: String,
    /// The certificate of this login, as the bank names it: SHA-256, hexadecimal.
    pub certificate: String,
}

/// The CA's page of an acquisition, loaded.
pub struct AcquisitionPage<'a> {
    visit: &'a Visit<'a>,
    csrf: String,
    /// The whole page.
    pub html: String,
}

/// The nonce for an acquisition, and whom the certificate will name.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Application {
    /// As the page passes it on: base64url.
    pub nonce: String,
    /// The DER of a `Name`: base64.
    pub subject: String,
    /// The DER of the extension with its alternative names: base64.
    pub subject_alt_name: String,
}

/// The nonce for a renewal.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Nonce {
    /// As the page passes it on: base64url.
    pub nonce: String,
    /// The certificate that it is for: SHA-256, hexadecimal.
    pub certificate: String,
}

impl<'a> Visit<'a> {
    /// A browser that has not been anywhere.
    ///
    /// # Panics
    /// If no temporary file can be made.
    #[must_use]
    pub fn new(bank: &'a OpenBank, token: &'a Token) -> Self {
        let cookies = NamedTempFile::new().expect("a temporary file can be made");
        Self {
            bank,
            token,
            cookies,
        }
    }

    /// Logs in as `user` by mutual TLS with the certificate and key under `id` (hexadecimal),
    /// without following where it leads.
    #[must_use]
    pub fn login(&self, user: &str, id: &str) -> Reply {
        let url = format!("{}/login", self.bank.bank_origin);
        self.with_token(Curl::new("POST", &url), id)
            .form(&[("id", user), ("password", DEMO_PASSWORD)])
            .send()
    }

    /// From the main screen to the CA's page of the renewal.
    ///
    /// # Panics
    /// If a page is not the one that was expected.
    #[must_use]
    pub fn renewal_page(&'a self, id: &str) -> RenewalPage<'a> {
        self.renewal_page_from("/main", id)
    }

    /// From the page on which a certificate that has ended fetches its successor to the CA's page
    /// of the renewal.
    ///
    /// # Panics
    /// If a page is not the one that was expected.
    #[must_use]
    pub fn redelivery_page(&'a self, id: &str) -> RenewalPage<'a> {
        self.renewal_page_from("/redelivery", id)
    }

    fn renewal_page_from(&'a self, path: &str, id: &str) -> RenewalPage<'a> {
        let from = self.bank_page(path, id);
        let csrf = value_after(&from.body, r#"name="csrf" value=""#);
        let renewal = format!("{}/renewal", self.bank.bank_origin);
        let handover = self
            .with_token(Curl::new("POST", &renewal), id)
            .form(&[("csrf", csrf)])
            .send();
        assert_eq!(handover.status, 200, "{}", handover.body);
        let ticket = value_after(&handover.body, r#"name="ticket" value=""#);
        let url = format!("{}/handover", self.bank.ca_origin);
        let answer = self
            .at_home(Curl::new("POST", &url))
            .form(&[("ticket", ticket)])
            .send();
        assert_eq!(
            answer.header("location"),
            Some("/renewal"),
            "{}",
            answer.body
        );
        self.reload_renewal_page()
    }

    /// The CA's page of the renewal again, as after a reload.
    ///
    /// # Panics
    /// If it is not shown.
    #[must_use]
    pub fn reload_renewal_page(&'a self) -> RenewalPage<'a> {
        let url = format!("{}/renewal", self.bank.ca_origin);
        let page = self.at_home(Curl::new("GET", &url)).send();
        assert_eq!(page.status, 200, "{}", page.body);
        RenewalPage {
            visit: self,
            csrf: value_after(&page.body, r#"data-csrf=""#).to_owned(),
            certificate: value_after(&page.body, r#"data-certificate=""#).to_owned(),
        }
    }

    /// From 電子証明書取得 on the login screen to the CA's page, without a certificate.
    ///
    /// # Panics
    /// If a page is not the one that was expected.
    #[must_use]
    pub fn acquisition_page(&'a self, user: &str) -> AcquisitionPage<'a> {
        let login = format!("{}/", self.bank.bank_origin);
        let login = self.at_home(Curl::new("GET", &login)).send();
        assert!(
            login.body.contains(r#"href="/acquisition""#),
            "{}",
            login.body
        );
        let url = format!("{}/acquisition", self.bank.bank_origin);
        let handover = self
            .at_home(Curl::new("POST", &url))
            .form(&[("id", user), ("password", DEMO_PASSWORD)])
            .send();
        assert_eq!(handover.status, 200, "{}", handover.body);
        let ticket = value_after(&handover.body, r#"name="ticket" value=""#);
        let url = format!("{}/handover", self.bank.ca_origin);
        let answer = self
            .at_home(Curl::new("POST", &url))
            .form(&[("ticket", ticket)])
            .send();
        assert_eq!(
            answer.header("location"),
            Some("/acquisition"),
            "{}",
            answer.body
        );
        let url = format!("{}/acquisition", self.bank.ca_origin);
        let page = self.at_home(Curl::new("GET", &url)).send();
        assert_eq!(page.status, 200, "{}", page.body);
        AcquisitionPage {
            visit: self,
            csrf: value_after(&page.body, r#"data-csrf=""#).to_owned(),
            html: page.body,
        }
    }

    /// A page of the banking site, by mutual TLS.
    #[must_use]
    pub fn bank_page(&self, path: &str, id: &str) -> Reply {
        let url = format!("{}{path}", self.bank.bank_origin);
        self.with_token(Curl::new("GET", &url), id).send()
    }

    /// A call of the CA's page.
    fn call(&self, csrf: &str, call: &str, body: &Value) -> Reply {
        let url = format!("{}/api/{call}", self.bank.ca_origin);
        self.at_home(Curl::new("POST", &url))
            .header(&format!("x-csrf-token: {csrf}"))
            .header(&format!("origin: {}", self.bank.ca_origin))
            .json(body)
            .send()
    }

    fn with_token(&self, curl: Curl, id: &str) -> Curl {
        self.at_home(curl)
            .args(["--cert", &self.token.uri(id, "cert")])
            .args(["--key", &self.token.uri(id, "private")])
            .env("SOFTHSM2_CONF", self.token.settings())
            .env("PKCS11_MODULE_PATH", Token::module())
    }

    fn at_home(&self, curl: Curl) -> Curl {
        let jar = self
            .cookies
            .path()
            .to_str()
            .expect("temporary paths are UTF-8");
        let directions = self.bank.directions();
        curl.trusting(&self.bank.server_ca)
            .args(["--cookie", jar, "--cookie-jar", jar])
            .args(directions.iter().map(String::as_str))
    }
}

impl RenewalPage<'_> {
    /// The nonce for the old key's proof.
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        self.post("nonces", &json!({})).json(200)
    }

    /// Sends the request to the CA; the answer is what the page passes on to the agent.
    #[must_use]
    pub fn submit(&self, csr: &str, proof: &str) -> Reply {
        self.post("certificates", &json!({ "csr": csr, "proof": proof }))
    }

    /// Tells the CA that the certificate is installed.
    #[must_use]
    pub fn hand_in(&self, receipt: &str) -> Reply {
        self.post("receipts", &json!({ "receipt": receipt }))
    }

    /// Tells the CA that the certificate will not be installed.
    #[must_use]
    pub fn reject(&self, code: &str) -> Reply {
        self.post("rejections", &json!({ "code": code }))
    }

    fn post(&self, call: &str, body: &Value) -> Reply {
        self.visit.call(&self.csrf, call, body)
    }
}

impl AcquisitionPage<'_> {
    /// The nonce, and whom the certificate will name.
    #[must_use]
    pub fn application(&self) -> Application {
        self.post("nonces", &json!({})).json(200)
    }

    /// Sends the request to the CA; the answer is what the page passes on to the agent.
    #[must_use]
    pub fn submit(&self, csr: &str) -> Reply {
        self.post("certificates", &json!({ "csr": csr }))
    }

    /// Tells the CA that the certificate is installed.
    #[must_use]
    pub fn hand_in(&self, receipt: &str) -> Reply {
        self.post("receipts", &json!({ "receipt": receipt }))
    }

    /// Tells the CA that the certificate will not be installed.
    #[must_use]
    pub fn reject(&self, code: &str) -> Reply {
        self.post("rejections", &json!({ "code": code }))
    }

    fn post(&self, call: &str, body: &Value) -> Reply {
        self.visit
            .call(&self.csrf, &format!("acquisition/{call}"), body)
    }
}

/// The attribute's value that begins after `mark`.
fn value_after<'a>(page: &'a str, mark: &str) -> &'a str {
    let (_, rest) = page
        .split_once(mark)
        .unwrap_or_else(|| panic!("the page has no {mark}\n{page}"));
    rest.split('"').next().unwrap_or_default()
}
