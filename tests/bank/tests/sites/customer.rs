//! A customer at the keyboard: curl with a cookie jar, a key and a certificate in files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use protocol::{
    certificate::Certificate,
    csr::{RequestToSign, SignedRequest},
    proof::{ProofClaims, ProofToSign, Purpose},
};
use reference_bank::{
    Bank, DEMO_PASSWORD, IssuedCertificate, Options, Order, Policy, Running, Validity,
    ca::{self, Key},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

/// A bank in a folder of its own.
pub(crate) struct Site {
    pub(crate) bank: Running,
    folder: TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(Policy::default()).await
    }

    pub(crate) async fn start_with(policy: Policy) -> Self {
        Self::start_as(|options| options.policy = policy).await
    }

    /// A bank that runs as `change` wants it.
    pub(crate) async fn start_as(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        Bank::init(&state).unwrap();
        let mut options = Options::new(&state);
        change(&mut options);
        let bank = Bank::start(options).await.unwrap();
        Self { bank, folder }
    }

    /// The bank's state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A customer with a certificate of that ID.
    pub(crate) fn customer(&self, id: &str, days: i64) -> Customer<'_> {
        self.customer_valid(id, Validity::Days(days))
    }

    pub(crate) fn customer_valid(&self, id: &str, validity: Validity) -> Customer<'_> {
        let key = Key::generate().unwrap();
        let issued = self
            .bank
            .issue(&Order {
                user: id,
                public_key: key.spki(),
                validity,
            })
            .unwrap();
        let mut customer = self.stranger();
        customer.id = id.to_owned();
        customer.hold(key, &issued.der);
        customer.issued = Some(issued);
        customer
    }

    /// A customer without a certificate.
    pub(crate) fn stranger(&self) -> Customer<'_> {
        Customer {
            site: self,
            folder: tempfile::tempdir_in(self.folder.path()).unwrap(),
            id: String::new(),
            key: None,
            issued: None,
        }
    }
}

/// Someone with a browser.
pub(crate) struct Customer<'a> {
    site: &'a Site,
    folder: TempDir,
    pub(crate) id: String,
    pub(crate) key: Option<Key>,
    pub(crate) issued: Option<IssuedCertificate>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// What stands between two pieces of the page.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self
            .body
            .split_once(before)
            .unwrap_or_else(|| panic!("{before} is not in {}", self.body));
        rest.split_once(after).unwrap().0
    }

    pub(crate) fn csrf(&self) -> &str {
        if self.body.contains("data-csrf=\"") {
            self.between("data-csrf=\"", "\"")
        } else {
            self.between("name=\"csrf\" value=\"", "\"")
        }
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.body.contains(text), "{text} is not in {}", self.body);
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!(
            (self.status, self.header("location")),
            (303, path),
            "{}",
            self.body
        );
    }
}

impl Customer<'_> {
    /// Puts key and certificate where curl finds them.
    pub(crate) fn hold(&mut self, key: Key, certificate: &[u8]) {
        let pkcs8 = der::pem::encode_string("PRIVATE KEY", der::pem::LineEnding::LF, key.pkcs8());
        fs::write(self.file("key.pem"), pkcs8.unwrap()).unwrap();
        fs::write(self.file("certificate.pem"), ca::pem(certificate).unwrap()).unwrap();
        self.key = Some(key);
    }

    /// A browser without this customer's certificate.
    pub(crate) fn lose_certificate(&mut self) {
        self.key = None;
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(&self.site.bank.bank_origin, path, &[]).await
    }

    /// A form of the bank's own page.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let origin = &self.site.bank.bank_origin;
        self.post_from(origin, origin, path, form).await
    }

    pub(crate) async fn post_from(
        &self,
        from: &str,
        to: &str,
        path: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        let mut arguments = vec!["--header".to_owned(), format!("Origin: {from}")];
        for (name, value) in form {
            arguments.push("--data-urlencode".to_owned());
            arguments.push(format!("{name}={value}"));
        }
        if form.is_empty() {
            arguments.extend(["--data".to_owned(), String::new()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.request(to, path, &arguments).await
    }

    pub(crate) async fn login(&self) -> Answer {
        self.login_as(&self.id, DEMO_PASSWORD).await
    }

    pub(crate) async fn login_as(&self, id: &str, password: &str) -> Answer {
        self.post("/login", &[("id", id), ("password", password)])
            .await
    }

    /// From the login to the CA's renewal page, which is the answer.
    pub(crate) async fn go_to_ca(&self) -> Answer {
        assert_eq!(self.login().await.status, 303);
        let main = self.get("/main").await;
        let handover = self.post("/renewal", &[("csrf", main.csrf())]).await;
        handover.is(200, "認証局のサイトへ移動します");
        let ticket = handover
            .between("name=\"ticket\" value=\"", "\"")
            .to_owned();
        let (bank, ca) = (&self.site.bank.bank_origin, &self.site.bank.ca_origin);
        let form = [("ticket", ticket.as_str()), ("lang", "ja")];
        self.post_from(bank, ca, "/handover", &form)
            .await
            .leads_to("/renewal");
        self.get_ca("/renewal").await
    }

    pub(crate) async fn get_ca(&self, path: &str) -> Answer {
        self.request(&self.site.bank.ca_origin, path, &[]).await
    }

    /// A call of the CA's page.
    pub(crate) async fn call(&self, csrf: &str, path: &str, body: &Value) -> Answer {
        let origin = &self.site.bank.ca_origin;
        let file = self.file("body.json");
        fs::write(&file, body.to_string()).unwrap();
        let arguments = [
            "--header",
            &format!("Origin: {origin}"),
            "--header",
            "Content-Type: application/json",
            "--header",
            &format!("X-CSRF-Token: {csrf}"),
            "--data-binary",
            &format!("@{file}"),
        ];
        self.request(origin, path, &arguments).await
    }

    pub(crate) async fn request(&self, origin: &str, path: &str, more: &[&str]) -> Answer {
        let jar = self.file("cookies");
        let bank = &self.site.bank;
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--include", "--max-time", "20"])
            .args(["--cookie", &jar, "--cookie-jar", &jar])
            .arg("--cacert")
            .arg(&bank.server_ca)
            .args(more)
            .arg(format!("{origin}{path}"))
            .stdin(Stdio::null());
        for (name, address) in [
            ("bank.example", bank.bank_address),
            ("ca.example", bank.ca_address),
        ] {
            let map = format!("{name}:{}:{}", address.port(), address.ip());
            command.args(["--resolve", &map]);
        }
        if self.key.is_some() {
            command.args(["--cert", &self.file("certificate.pem")]);
            command.args(["--key", &self.file("key.pem")]);
        }
        let output = command
            .output()
            .await
            .expect("curl runs: apt-get install curl");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "curl {origin}{path}: {error}");
        answer(&String::from_utf8(output.stdout).unwrap())
    }

    /// A request for a new key by the key in hand, with its proof.
    pub(crate) fn application(&self, nonce: &str) -> Application {
        self.application_by(&Key::generate().unwrap(), nonce, &|_| {})
    }

    pub(crate) fn application_by(
        &self,
        new: &Key,
        nonce: &str,
        change: &dyn Fn(&mut ProofClaims),
    ) -> Application {
        let old = Certificate::from_der(&self.issued.as_ref().unwrap().der).unwrap();
        let to_sign = RequestToSign::renewing(&old, new.spki()).unwrap();
        let signature = new.sign(to_sign.message()).unwrap();
        let request = to_sign.assemble(&signature).unwrap();
        let key = self.key.as_ref().unwrap();
        let proof = self.prove(key, &old, Purpose::Renew, request.der(), nonce, change);
        Application {
            key: Key::from_pkcs8(new.pkcs8().to_vec()).unwrap(),
            request,
            proof,
        }
    }

    /// The body for a request that the key in hand vouches for, whatever it says.
    pub(crate) fn body_for(&self, request: &SignedRequest, nonce: &str) -> Value {
        let old = Certificate::from_der(&self.issued.as_ref().unwrap().der).unwrap();
        let key = self.key.as_ref().unwrap();
        let proof = self.prove(key, &old, Purpose::Renew, request.der(), nonce, &|_| {});
        json!({
            "csr": Base64::encode_string(request.der()),
            "proof": Base64::encode_string(&proof),
        })
    }

    /// The new key's receipt for a certificate.
    pub(crate) fn receipt(&self, key: &Key, new: &[u8], nonce: &str) -> Value {
        let signer = Certificate::from_der(new).unwrap();
        let receipt = self.prove(key, &signer, Purpose::Receipt, new, nonce, &|_| {});
        json!({ "receipt": Base64::encode_string(&receipt) })
    }

    pub(crate) fn prove(
        &self,
        key: &Key,
        signer: &Certificate,
        purpose: Purpose,
        content: &[u8],
        nonce: &str,
        change: &dyn Fn(&mut ProofClaims),
    ) -> Vec<u8> {
        let mut claims = ProofClaims {
            purpose,
            nonce: Base64UrlUnpadded::decode_vec(nonce).unwrap(),
            origin: self.site.bank.ca_origin.clone(),
            time: self.site.bank.clock().now(),
            certificate_sha256: ca::digest(&self.issued.as_ref().unwrap().der),
            audit_head: [7; 32],
        };
        change(&mut claims);
        let to_sign = ProofToSign::new(content, signer, &claims).unwrap();
        let signature = key.sign(to_sign.message()).unwrap();
        to_sign.assemble(&signature).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// What an agent hands to the CA's page.
pub(crate) struct Application {
    pub(crate) key: Key,
    pub(crate) request: SignedRequest,
    pub(crate) proof: Vec<u8>,
}

impl Application {
    pub(crate) fn body(&self) -> Value {
        json!({
            "csr": Base64::encode_string(self.request.der()),
            "proof": Base64::encode_string(&self.proof),
        })
    }
}

/// The first certificate of a PEM text.
pub(crate) fn first_certificate(pem: &str) -> Vec<u8> {
    let end = "-----END CERTIFICATE-----\n";
    let first = &pem[..pem.find(end).unwrap() + end.len()];
    der::pem::decode_vec(first.as_bytes()).unwrap().1
}

fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers
            .entry(name.to_ascii_lowercase())
            .or_default()
            .push(value.to_owned());
    }
    Answer {
        status: status.parse().unwrap(),
        headers,
        body: body.to_owned(),
    }
}
