//! The second half: the CA's answer, its installation, the receipt.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use base64ct::{Base64, Encoding};
use protocol::bridge::{CertificateAnswer, MAX_BODY, RenewalView, State};
use serde_json::json;

use crate::cli::{CliError, Exit, connection::from_client, session::Session, table::Table};

use super::{
    Task,
    choose::Purpose,
    follow::{Reached, is_over},
};

/// The longest answer that is passed on, in bytes: with what JSON adds it fits a body.
const LONGEST: usize = MAX_BODY - 8 * 1024;

/// Reads the CA's answer from a file, or from stdin for `-`.
pub(super) fn read(session: &Session<'_>, path: &Path) -> Result<CertificateAnswer, Box<CliError>> {
    let arguments = [("path", &*path.to_string_lossy())];
    let refuse = |id| CliError::new(session.texts, Exit::Usage, id, &arguments);
    let mut bytes = Vec::new();
    let limit = LONGEST as u64 + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| refuse("cli-not-read").because(error))?;
    // DER is not text, and JSON has only text.
    let text =
        String::from_utf8(bytes).unwrap_or_else(|error| Base64::encode_string(error.as_bytes()));
    if text.len() > LONGEST {
        return Err(refuse("cli-answer-too-large").into());
    }
    Ok(CertificateAnswer::Certificate(text))
}

impl Task<'_> {
    pub(super) async fn deliver(&self, answer: CertificateAnswer) -> Result<Exit, Box<CliError>> {
        let certificate = self.find(Purpose::Continue).await?;
        let id = self.renewal_of(&certificate)?;
        let view = self
            .client
            .deliver(&id, &answer)
            .await
            .map_err(|error| from_client(self.session, error))?;
        self.tell(view.state);
        let view = self.follow(view, reached).await?;
        if let Some(path) = &self.arguments.receipt_out {
            let receipt = self.decode(self.part(view.receipt.as_ref(), &view)?)?;
            self.write(path, &receipt)?;
        }
        self.session
            .printer
            .result(json!({ "renewal": view }), self.lines(&view));
        Ok(Exit::Done)
    }

    fn lines(&self, view: &RenewalView) -> Vec<String> {
        let mut table = Table::plain();
        if let Some(new) = &view.new_certificate {
            table.row([self.session.say("cli-new-serial", &[]), new.serial.clone()]);
            let expiry = self.session.bank_date(&new.not_after);
            table.row([self.session.say("cli-new-expiry", &[]), expiry]);
        }
        table.lines()
    }
}

fn reached(view: &RenewalView) -> Reached {
    let installed = matches!(view.state, State::Proven | State::Grace | State::Retired);
    // A refused answer leaves the renewal waiting for the right one.
    let refused = view.state == State::AwaitingCertificate && view.problem.is_some();
    if installed && view.receipt.is_some() {
        Reached::Yes
    } else if is_over(view) || refused {
        Reached::Never
    } else {
        Reached::NotYet
    }
}
