//! The stand-in for the bank's pages and the person at them, by curl: the steps of a renewal or an
//! acquisition one by one, each of which may go wrong.

use std::fmt;

use protocol::bridge::{CertificateList, Progress, RenewalView, State};
use reference_bank::{DEMO_PASSWORD, IssuedCertificate};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tests::{
    Token, aftermath,
    curl::{Curl, Exchange, Reply},
    loopback::RESTING,
};

use crate::{plan::Fault, scene::Scene};

/// A browser with the pages of one session.
pub(crate) struct Page<'a> {
    /// Everything.
    pub(crate) scene: &'a mut Scene,
    /// Who sits there.
    user: &'static str,
    cookies: NamedTempFile,
    /// The steps so far.
    pub(crate) steps: Vec<&'static str>,
    /// What goes wrong, and at which step.
    pub(crate) trouble: Option<(usize, Fault)>,
    /// Whether it did.
    pub(crate) fired: bool,
}

/// Why the pages did not come to their end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// No answer to a step.
    Lost(&'static str),
    /// Another answer than that of the page's way.
    Refused(&'static str, String),
    /// The renewal rests somewhere.
    Rests(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(step) => write!(formatter, "no answer to {step}"),
            Self::Refused(step, answer) => write!(formatter, "{step}: {answer}"),
            Self::Rests(view) => formatter.write_str(view),
        }
    }
}

impl<'a> Page<'a> {
    /// A browser that has not been anywhere.
    pub(crate) fn new(scene: &'a mut Scene, user: &'static str) -> Self {
        Self {
            scene,
            user,
            cookies: NamedTempFile::new().expect("a temporary file can be made"),
            steps: Vec::new(),
            trouble: None,
            fired: false,
        }
    }

    /// Renews the certificate under the object id `old`, from the login to the login with the new
    /// one and the bank's word to the agent.
    pub(crate) fn renew(&mut self, old: &str) -> Result<(), Stop> {
        let login = self.login("login", old)?;
        if login.status != 303 {
            return Err(Stop::Refused("login", brief(&login)));
        }
        let main = self.bank("main", "GET", "/main", old, &[])?;
        let csrf = value_after("main", &main, r#"name="csrf" value=""#)?;
        let fields = [("csrf", csrf.as_str())];
        let handover = self.bank("renewal", "POST", "/renewal", old, &fields)?;
        let page = self.hand_over(&handover, "/renewal")?;
        let csrf = value_after("page", &page, r#"data-csrf=""#)?;
        let certificate = value_after("page", &page, r#"data-certificate=""#)?;

        self.agent::<Value>("agent", "GET", "/v1/agent", None)?;
        self.agent::<CertificateList>("certificates", "GET", "/v1/certificates", None)?;
        let nonce: Value = self.ca("nonce", &csrf, "nonces", &json!({}))?;
        let body = json!({ "kind": "renew", "certificate": certificate, "nonce": nonce["nonce"] });
        let begun: RenewalView = self.agent("begin", "POST", "/v1/renewals", Some(&body))?;
        let done = self.run_to_receipt(&begun.id, |page, view| {
            let body = json!({ "csr": view.csr, "proof": view.proof });
            page.ca("submit", &csrf, "certificates", &body)
        })?;
        let _: Value = self.ca(
            "receipt",
            &csrf,
            "receipts",
            &json!({ "receipt": done.receipt }),
        )?;
        self.tell(&done)
    }

    /// Acquires a certificate by the one-time code that the counter gave.
    pub(crate) fn acquire(&mut self) -> Result<(), Stop> {
        let fields = [("id", self.user), ("password", DEMO_PASSWORD)];
        let url = format!("{}/acquisition", self.scene.bank.bank_origin());
        let handover = self.send(
            "acquisition",
            self.at_home(Curl::new("POST", &url)).form(&fields),
        )?;
        let page = self.hand_over(&handover, "/acquisition")?;
        let csrf = value_after("page", &page, r#"data-csrf=""#)?;

        self.agent::<Value>("agent", "GET", "/v1/agent", None)?;
        let mut body: Value = self.ca("nonce", &csrf, "acquisition/nonces", &json!({}))?;
        body["kind"] = json!("acquire");
        if let Some(body) = body.as_object_mut() {
            body.retain(|name, _| {
                ["kind", "nonce", "subject", "subject_alt_name"].contains(&&name[..])
            });
        }
        let begun: RenewalView = self.agent("begin", "POST", "/v1/renewals", Some(&body))?;
        let done = self.run_to_receipt(&begun.id, |page, view| {
            page.ca(
                "submit",
                &csrf,
                "acquisition/certificates",
                &json!({ "csr": view.csr }),
            )
        })?;
        let body = json!({ "receipt": done.receipt });
        let _: Value = self.ca("receipt", &csrf, "acquisition/receipts", &body)?;
        let new = self.new_key(&done)?;
        let login = self.login("new login", &new)?;
        if login.status == 303 {
            Ok(())
        } else {
            Err(Stop::Refused("new login", brief(&login)))
        }
    }

    /// Logs in with the new certificate (its key's object id is `key`) while the old one is still
    /// on the token, and tells the agent, as the banking site's page does.
    pub(crate) fn first_login(&mut self, key: &str, new: &IssuedCertificate) -> Result<(), Stop> {
        let login = self.login("new login", key)?;
        if login.status != 303 {
            return Err(Stop::Refused("new login", brief(&login)));
        }
        let list: CertificateList = self.agent("certificates", "GET", "/v1/certificates", None)?;
        let old = list
            .certificates
            .iter()
            .find(|found| Some(&found.id) == new.replaces.as_ref());
        let renewal = old.and_then(|old| old.renewal.clone());
        let id = renewal.ok_or(Stop::Refused("certificates", "no renewal".to_owned()))?;
        self.pass_on(&id)
    }

    /// Logs in with the certificate and key under this object id.
    pub(crate) fn login(&mut self, step: &'static str, key: &str) -> Result<Reply, Stop> {
        let fields = [("id", self.user), ("password", DEMO_PASSWORD)];
        self.bank(step, "POST", "/login", key, &fields)
    }

    /// From the CA's ticket to its page.
    fn hand_over(&mut self, handover: &Reply, path: &str) -> Result<Reply, Stop> {
        let ticket = value_after("handover", handover, r#"name="ticket" value=""#)?;
        let url = format!("{}/handover", self.scene.bank.ca_origin());
        let form = self
            .at_home(Curl::new("POST", &url))
            .form(&[("ticket", &ticket)]);
        self.send("handover", form)?;
        let url = format!("{}{path}", self.scene.bank.ca_origin());
        self.send("page", self.at_home(Curl::new("GET", &url)))
    }

    /// From the begin of a renewal, or from where it stands, to its receipt.
    fn run_to_receipt(
        &mut self,
        id: &str,
        submit: impl FnOnce(&mut Self, &RenewalView) -> Result<Value, Stop>,
    ) -> Result<RenewalView, Stop> {
        let mut view = self.settled(id, "request")?;
        if matches!(view.state, State::RequestReady | State::AwaitingCertificate) {
            let answer = submit(self, &view)?;
            let path = format!("/v1/renewals/{id}/certificate");
            self.agent::<Value>("deliver", "PUT", &path, Some(&answer))?;
            view = self.settled(id, "installation")?;
        }
        match view.receipt {
            Some(_) => Ok(view),
            None => Err(Stop::Rests(aftermath::brief(&view))),
        }
    }

    /// Logs in with the new certificate, and passes the bank's word on to the agent.
    fn tell(&mut self, done: &RenewalView) -> Result<(), Stop> {
        let new = self.new_key(done)?;
        let login = self.login("new login", &new)?;
        if login.status != 303 {
            return Err(Stop::Refused("new login", brief(&login)));
        }
        if done.state == State::Retired {
            return Ok(());
        }
        self.pass_on(&done.id)
    }

    /// Passes the bank's word on to the agent.
    fn pass_on(&mut self, id: &str) -> Result<(), Stop> {
        let path = format!("/v1/renewals/{id}/outcome");
        let body = json!({ "outcome": "first-login" });
        self.agent::<Value>("outcome", "POST", &path, Some(&body))?;
        let view = self.watch(id, "retirement", |state| state == State::Retired)?;
        match view.state {
            State::Retired => Ok(()),
            _ => Err(Stop::Rests(aftermath::brief(&view))),
        }
    }

    fn new_key(&self, done: &RenewalView) -> Result<String, Stop> {
        let new = done.new_certificate.as_ref().map(|new| new.serial.clone());
        let serial = new.unwrap_or_default();
        self.scene
            .key_of(&serial)
            .ok_or(Stop::Refused("new login", "no new certificate".into()))
    }

    fn settled(&mut self, id: &str, step: &'static str) -> Result<RenewalView, Stop> {
        self.watch(id, step, |state| RESTING.contains(&state))
    }

    /// Follows the progress until a state for which `enough` holds.
    fn watch(
        &mut self,
        id: &str,
        step: &'static str,
        enough: impl Fn(State) -> bool,
    ) -> Result<RenewalView, Stop> {
        let path = format!("/v1/renewals/{id}/events?after=0");
        let events = self.loopback("GET", &path)?.args(["--no-buffer"]);
        let mut stream = self.follow(step, events)?;
        for line in stream.lines() {
            let Ok(progress) = serde_json::from_str::<Progress>(&line) else {
                continue;
            };
            // A state that came and went is found in the past: look at where it stands now.
            if enough(progress.state) {
                let path = format!("/v1/renewals/{id}");
                let view: RenewalView = parse(step, &self.loopback("GET", &path)?.send())?;
                if enough(view.state) {
                    return Ok(view);
                }
            }
        }
        let reply = self.loopback("GET", &format!("/v1/renewals/{id}"))?.send();
        parse(step, &reply)
    }

    /// A page of the banking site, by mutual TLS.
    fn bank(
        &mut self,
        step: &'static str,
        method: &str,
        path: &str,
        key: &str,
        fields: &[(&str, &str)],
    ) -> Result<Reply, Stop> {
        let url = format!("{}{path}", self.scene.bank.bank_origin());
        let token = &self.scene.token;
        let curl = self
            .at_home(Curl::new(method, &url))
            .args(["--cert", &token.uri(key, "cert")])
            .args(["--key", &token.uri(key, "private")])
            .env("SOFTHSM2_CONF", token.settings())
            .env("PKCS11_MODULE_PATH", Token::module())
            .form(fields);
        self.send(step, curl)
    }

    /// A call of the CA's page.
    fn ca<T: DeserializeOwned>(
        &mut self,
        step: &'static str,
        csrf: &str,
        call: &str,
        body: &Value,
    ) -> Result<T, Stop> {
        let origin = self.scene.bank.ca_origin();
        let curl = self
            .at_home(Curl::new("POST", &format!("{origin}/api/{call}")))
            .header(&format!("x-csrf-token: {csrf}"))
            .header(&format!("origin: {origin}"))
            .json(body);
        parse(step, &self.send(step, curl)?)
    }

    /// A call of the agent's.
    fn agent<T: DeserializeOwned>(
        &mut self,
        step: &'static str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Stop> {
        let curl = self.loopback(method, path)?;
        let curl = match body {
            Some(body) => curl.json(body),
            None => curl,
        };
        parse(step, &self.send(step, curl)?)
    }

    fn loopback(&self, method: &str, path: &str) -> Result<Curl, Stop> {
        let agent = self.scene.agent.as_ref().ok_or(Stop::Lost("agent"))?;
        let origin = self.scene.bank.ca_origin();
        Ok(
            Curl::new(method, &format!("http://127.0.0.1:{}{path}", agent.port))
                .header(&format!("origin: {origin}"))
                .header("sec-fetch-mode: cors"),
        )
    }

    fn at_home(&self, curl: Curl) -> Curl {
        let jar = self
            .cookies
            .path()
            .to_str()
            .expect("temporary paths are UTF-8");
        let directions = self.scene.bank.directions();
        curl.trusting(&self.scene.bank.server_ca)
            .args(["--cookie", jar, "--cookie-jar", jar])
            .args(directions.iter().map(String::as_str))
    }

    /// A step: sends a request and reads its answer, with the trouble that is planned for it.
    fn send(&mut self, step: &'static str, curl: Curl) -> Result<Reply, Stop> {
        let Some(fault) = self.trouble_at(step) else {
            return answered(step, curl.send());
        };
        match fault {
            Fault::RequestLost => {
                self.fired = true;
                Err(Stop::Lost(step))
            }
            Fault::AnswerLost => {
                let reply = curl.send();
                self.fired = reply.status != 0;
                Err(Stop::Lost(step))
            }
            fault => {
                self.strike_before(fault);
                let mut exchange = curl.start();
                exchange.is_sent();
                self.strike_within(fault, &mut exchange);
                answered(step, exchange.reply())
            }
        }
    }

    /// A step whose answer comes by and by.
    fn follow(&mut self, step: &'static str, curl: Curl) -> Result<Exchange, Stop> {
        let trouble = self.trouble_at(step);
        match trouble {
            Some(Fault::RequestLost) => {
                self.fired = true;
                return Err(Stop::Lost(step));
            }
            Some(fault) => self.strike_before(fault),
            None => {}
        }
        let mut exchange = curl.start();
        match trouble {
            Some(Fault::AnswerLost) => {
                exchange.is_sent();
                self.fired = exchange.kill();
                return Err(Stop::Lost(step));
            }
            Some(fault) => {
                exchange.is_sent();
                self.strike_within(fault, &mut exchange);
            }
            None => {}
        }
        Ok(exchange)
    }

    /// Counts a step; what is planned to go wrong with it.
    fn trouble_at(&mut self, step: &'static str) -> Option<Fault> {
        let number = self.steps.len();
        self.steps.push(step);
        let (at, fault) = self.trouble?;
        (at == number).then_some(fault)
    }

    fn strike_before(&mut self, fault: Fault) {
        match fault {
            Fault::KillAgentBefore => self.fired = self.scene.kill_agent(),
            Fault::KillBankBefore => self.fired = self.scene.bank.kill(),
            _ => {}
        }
    }

    fn strike_within(&mut self, fault: Fault, browser: &mut Exchange) {
        match fault {
            Fault::KillAgentWithin => self.fired = self.scene.kill_agent(),
            Fault::KillBankWithin => self.fired = self.scene.bank.kill(),
            Fault::KillBrowser => self.fired = browser.kill(),
            _ => {}
        }
    }
}

fn answered(step: &'static str, reply: Reply) -> Result<Reply, Stop> {
    match reply.status {
        0 => Err(Stop::Lost(step)),
        _ => Ok(reply),
    }
}

fn parse<T: DeserializeOwned>(step: &'static str, reply: &Reply) -> Result<T, Stop> {
    match reply.status {
        0 => Err(Stop::Lost(step)),
        200..300 => serde_json::from_str(&reply.body)
            .map_err(|error| Stop::Refused(step, format!("{error}: {}", brief(reply)))),
        _ => Err(Stop::Refused(step, brief(reply))),
    }
}

fn brief(reply: &Reply) -> String {
    let code = serde_json::from_str::<Value>(&reply.body).unwrap_or_default()["code"].to_string();
    format!("{} {code}", reply.status)
}

/// The attribute's value that begins after `mark`.
fn value_after(step: &'static str, page: &Reply, mark: &str) -> Result<String, Stop> {
    let (_, rest) = page
        .body
        .split_once(mark)
        .ok_or_else(|| Stop::Refused(step, format!("{}, no {mark}", page.status)))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}
