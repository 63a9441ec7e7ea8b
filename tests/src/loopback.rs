//! A page's side of the loopback API, by curl.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use protocol::bridge::{CertificateList, Progress, RenewalView, State};
use serde_json::{Value, json};

use crate::curl::{Curl, Reply};

/// States in which a renewal stays until somebody does something, or for good.
pub const RESTING: &[State] = &[
    State::RequestReady,
    State::AwaitingCertificate,
    State::Grace,
    State::Retired,
    State::Waiting,
    State::Cancelled,
    State::Failed,
    State::Expired,
];

/// An agent's API as seen from one origin.
#[derive(Clone, Debug)]
pub struct Loopback {
    port: u16,
    origin: String,
    language: String,
}

impl Loopback {
    /// The agent on `port`, asked by a page of `origin`.
    #[must_use]
    pub fn new(port: u16, origin: &str) -> Self {
        Self {
            port,
            origin: origin.to_owned(),
            language: "ja".to_owned(),
        }
    }

    /// The same, in a browser that wants these languages (`Accept-Language`).
    #[must_use]
    pub fn reading(&self, language: &str) -> Self {
        Self {
            language: language.to_owned(),
            ..self.clone()
        }
    }

    /// Any call.
    #[must_use]
    pub fn call(&self, method: &str, path: &str) -> Curl {
        Curl::new(method, &format!("http://127.0.0.1:{}{path}", self.port))
            .header(&format!("origin: {}", self.origin))
            .header("sec-fetch-mode: cors")
            .header(&format!("accept-language: {}", self.language))
    }

    /// The certificates that the page may see.
    #[must_use]
    pub fn certificates(&self) -> CertificateList {
        self.call("GET", "/v1/certificates").send().json(200)
    }

    /// Begins a renewal, or finds it again.
    #[must_use]
    pub fn begin(&self, certificate: &str, nonce: &str) -> Reply {
        self.call("POST", "/v1/renewals")
            .json(&json!({ "kind": "renew", "certificate": certificate, "nonce": nonce }))
            .send()
    }

    /// The renewal as it stands.
    #[must_use]
    pub fn view(&self, id: &str) -> RenewalView {
        self.call("GET", &format!("/v1/renewals/{id}"))
            .send()
            .json(200)
    }

    /// Passes the CA's answer on.
    #[must_use]
    pub fn deliver(&self, id: &str, answer: &Value) -> Reply {
        self.call("PUT", &format!("/v1/renewals/{id}/certificate"))
            .json(answer)
            .send()
    }

    /// Ends a renewal.
    #[must_use]
    pub fn cancel(&self, id: &str) -> Reply {
        self.call("DELETE", &format!("/v1/renewals/{id}")).send()
    }

    /// Passes the bank's word on.
    #[must_use]
    pub fn outcome(&self, id: &str, body: &Value) -> Reply {
        self.call("POST", &format!("/v1/renewals/{id}/outcome"))
            .json(body)
            .send()
    }

    /// Reads the renewal's progress to its end, after which the agent does nothing more for it.
    #[must_use]
    pub fn to_the_end(&self, id: &str) -> RenewalView {
        let path = format!("/v1/renewals/{id}/events?after=0");
        let progress = self.call("GET", &path).send();
        assert_eq!(progress.status, 200, "{}", progress.body);
        self.view(id)
    }

    /// Reads the renewal's progress until a state for which `enough` holds, and answers the
    /// renewal as it stands then.
    ///
    /// # Panics
    /// If the progress ends before.
    #[track_caller]
    pub fn until(&self, id: &str, enough: impl Fn(State) -> bool) -> RenewalView {
        let path = format!("/v1/renewals/{id}/events?after=0");
        let mut command = self.call("GET", &path).args(["--no-buffer"]).into_command();
        let mut curl = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("curl is installed");
        let mut seen = Vec::new();
        let lines = BufReader::new(curl.stdout.take().expect("it was asked to be piped")).lines();
        for line in lines {
            let line = line.expect("progress is text");
            let Ok(progress) = serde_json::from_str::<Progress>(&line) else {
                continue;
            };
            seen.push(progress.state);
            // A state that came and went is found in the past: look at where it stands now.
            if enough(progress.state) {
                let view = self.view(id);
                if enough(view.state) {
                    let _ = curl.kill();
                    let _ = curl.wait();
                    return view;
                }
            }
        }
        let _ = curl.wait();
        let view = self.view(id);
        assert!(enough(view.state), "after {seen:?} the renewal is {view:?}");
        view
    }

    /// As [`Loopback::until`], for a state in which it rests.
    #[track_caller]
    pub fn settled(&self, id: &str) -> RenewalView {
        self.until(id, |state| RESTING.contains(&state))
    }
}
