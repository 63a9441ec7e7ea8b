//! The first half: a new key, the request for it, the old key's proof.

use base64ct::{Base64, Encoding};
use der::pem::{LineEnding, encode_string};
use protocol::bridge::{
    BeginRenewal, CertificateId, Nonce, RenewalView, State, Target, WaitReason,
};
use serde_json::json;

use crate::cli::{CliError, Exit, connection::from_client};

use super::{
    Task,
    choose::Purpose,
    follow::{Reached, is_over},
};

impl Task<'_> {
    pub(super) async fn request(&self) -> Result<Exit, Box<CliError>> {
        let certificate = self.find(Purpose::Begin).await?;
        if let Some(view) = self.made_before(certificate.renewal.as_deref()).await? {
            self.tell(view.state);
            self.hand_out(&view)?;
            return Ok(Exit::Done);
        }
        let id: CertificateId = certificate
            .id
            .parse()
            .map_err(|error| self.system(&error))?;
        let begin = BeginRenewal {
            target: Target::Renew(id),
            nonce: self.nonce()?,
            request: None,
        };
        let (view, new) = self
            .client
            .begin(&begin)
            .await
            .map_err(|error| from_client(self.session, error))?;
        if !new {
            let name = [("name", certificate.name.as_str())];
            let text = self.session.say("cli-renewal-found", &name);
            self.session.printer.note(&text);
        }
        self.tell(view.state);
        let view = self.follow(view, reached).await?;
        self.hand_out(&view)?;
        Ok(Exit::Done)
    }

    /// The renewal whose request is there already: without a nonce for a fresh proof nobody is
    /// asked for a PIN again, however long the CA takes.
    async fn made_before(
        &self,
        renewal: Option<&str>,
    ) -> Result<Option<RenewalView>, Box<CliError>> {
        let (Some(id), None) = (renewal, &self.arguments.nonce) else {
            return Ok(None);
        };
        let view = self
            .client
            .view(id)
            .await
            .map_err(|error| from_client(self.session, error))?;
        Ok(matches!(reached(&view), Reached::Yes).then_some(view))
    }

    fn hand_out(&self, view: &RenewalView) -> Result<(), Box<CliError>> {
        let csr = self.decode(self.part(view.csr.as_ref(), view)?)?;
        let pem = encode_string("CERTIFICATE REQUEST", LineEnding::LF, &csr)
            .map_err(|error| self.system(&error))?;
        if let Some(path) = &self.arguments.proof_out {
            let proof = self.decode(self.part(view.proof.as_ref(), view)?)?;
            self.write(path, &proof)?;
        }
        let members = json!({ "renewal": view });
        match &self.arguments.csr_out {
            Some(path) => {
                self.write(path, pem.as_bytes())?;
                self.session.printer.result(members, []);
            }
            None => {
                let lines = pem.lines().map(str::to_owned);
                self.session.printer.result(members, lines);
            }
        }
        let name = [("name", self.arguments.name.as_str())];
        self.session
            .printer
            .note(&self.session.say("cli-request-made", &name));
        Ok(())
    }

    /// The bank's nonce; where no bank looks at the proof, one of our own.
    fn nonce(&self) -> Result<Nonce, Box<CliError>> {
        if let Some(nonce) = &self.arguments.nonce {
            return Ok(nonce.clone());
        }
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| self.system(&error))?;
        Nonce::from_bytes(&random).map_err(|error| self.system(&error))
    }

    pub(super) fn decode(&self, base64: &str) -> Result<Vec<u8>, Box<CliError>> {
        Base64::decode_vec(base64).map_err(|error| self.system(&error))
    }

    fn system(&self, error: &dyn std::fmt::Display) -> Box<CliError> {
        CliError::new(self.session.texts, Exit::Fault, "cli-system", &[])
            .because(error)
            .into()
    }
}

fn reached(view: &RenewalView) -> Reached {
    let installed = matches!(view.state, State::Proven | State::Grace | State::Retired);
    let later = view.waiting == Some(WaitReason::Bank);
    if view.csr.is_some() && !installed && (later || !is_over(view)) {
        Reached::Yes
    } else if installed || is_over(view) {
        Reached::Never
    } else {
        Reached::NotYet
    }
}
