//! `koshin renew`: a renewal by way of files, for banks without a page and for help desks.

mod answer;
mod choose;
mod follow;
mod request;

use std::path::{Path, PathBuf};

use clap::Args;
use protocol::bridge::{Certificate, Nonce, RenewalView};
use serde_json::json;

use crate::{
    config::{Existing, write_file},
    control::Client,
};

use super::{
    CliError, Exit,
    connection::{from_client, with_agent},
    list::no_way_to_see,
    session::Session,
    status::warn_of_modules,
};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    name: String,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["certificate", "cancel"])]
    csr_out: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "nonce", conflicts_with_all = ["certificate", "cancel"])]
    proof_out: Option<PathBuf>,
    #[arg(long, conflicts_with_all = ["certificate", "cancel"])]
    nonce: Option<Nonce>,
    #[arg(long, value_name = "FILE", conflicts_with = "cancel")]
    certificate: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "certificate")]
    receipt_out: Option<PathBuf>,
    #[arg(long)]
    cancel: bool,
    #[arg(long)]
    force: bool,
}

pub(super) fn renew(session: &Session<'_>, arguments: Arguments) -> Result<Exit, Box<CliError>> {
    let outputs = [
        &arguments.csr_out,
        &arguments.proof_out,
        &arguments.receipt_out,
    ];
    if !arguments.force {
        // Before anybody is asked for a PIN; writing looks again.
        for path in outputs.into_iter().flatten() {
            if path.exists() {
                return Err(already_there(session, path));
            }
        }
    }
    let answer = match &arguments.certificate {
        Some(path) => Some(answer::read(session, path)?),
        None => None,
    };
    with_agent(session, |client| async move {
        let task = Task {
            session,
            client,
            arguments,
        };
        match answer {
            Some(answer) => task.deliver(answer).await,
            None if task.arguments.cancel => task.cancel().await,
            None => task.request().await,
        }
    })
}

/// A renewal as far as this command takes it.
struct Task<'s> {
    session: &'s Session<'s>,
    client: Client,
    arguments: Arguments,
}

impl Task<'_> {
    async fn cancel(&self) -> Result<Exit, Box<CliError>> {
        let failed = |error| from_client(self.session, error);
        let (id, name, said) = match self.acquisition().await? {
            Some((id, name)) => (id, name, "cli-acquisition-cancelled"),
            None => {
                let certificate = self.find(choose::Purpose::Continue).await?;
                let id = self.renewal_of(&certificate)?;
                (id, certificate.name, "cli-renewal-cancelled")
            }
        };
        let view = self.client.cancel(&id).await.map_err(failed)?;
        self.session.printer.result(json!({ "renewal": view }), []);
        let name = [("name", name.as_str())];
        self.session.printer.note(&self.session.say(said, &name));
        Ok(Exit::Done)
    }

    /// The acquisition under way for whom the command line names: no certificate leads to it.
    async fn acquisition(&self) -> Result<Option<(String, String)>, Box<CliError>> {
        let failed = |error| from_client(self.session, error);
        let status = self.client.status().await.map_err(failed)?;
        let found = status.renewals.into_iter().find_map(|view| {
            let name = view
                .name
                .clone()
                .filter(|name| *name == self.arguments.name)?;
            (!follow::has_ended(&view)).then_some((view.id, name))
        });
        Ok(found)
    }

    /// The certificate that the command line names.
    async fn find(&self, purpose: choose::Purpose) -> Result<Certificate, Box<CliError>> {
        let failed = |error| from_client(self.session, error);
        let listing = self.client.certificates().await.map_err(failed)?;
        let (certificates, modules) = (listing.certificates, listing.modules);
        let chosen = choose::choose(self.session, &certificates, &self.arguments.name, purpose);
        if chosen.is_err() {
            // It may be behind a module that doesn't work.
            match no_way_to_see(self.session, &modules) {
                Some(blind) if certificates.is_empty() => return Err(blind),
                _ => warn_of_modules(self.session, &modules),
            }
        }
        chosen
    }

    fn renewal_of(&self, certificate: &Certificate) -> Result<String, Box<CliError>> {
        certificate.renewal.clone().ok_or_else(|| {
            let name = [("name", certificate.name.as_str())];
            CliError::new(self.session.texts, Exit::Refused, "cli-no-renewal", &name).into()
        })
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Box<CliError>> {
        let existing = if self.arguments.force {
            Existing::Replace
        } else {
            Existing::Keep
        };
        write_file(path, bytes, existing)
            .map_err(|error| CliError::from_write(self.session.texts, path, error))
    }

    /// What the agent should have sent along with this state.
    fn part<'v>(
        &self,
        part: Option<&'v String>,
        view: &RenewalView,
    ) -> Result<&'v str, Box<CliError>> {
        part.map(String::as_str)
            .ok_or_else(|| follow::ended(self.session, view.clone()))
    }
}

fn already_there(session: &Session<'_>, path: &Path) -> Box<CliError> {
    let path = [("path", &*path.to_string_lossy())];
    CliError::new(session.texts, Exit::Usage, "cli-file-exists", &path).into()
}
