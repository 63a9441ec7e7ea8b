//! Watching a renewal until it is where the command wants it.

use protocol::bridge::{RenewalView, State, WaitReason};

use crate::cli::{
    CliError, Exit,
    connection::{from_client, from_problem},
    session::Session,
    status::{state_text, waiting_id},
};

use super::Task;

/// Whether a renewal has got where a command wants it.
pub(super) enum Reached {
    /// It has.
    Yes,
    /// It may yet.
    NotYet,
    /// It cannot without something that this command does not bring.
    Never,
}

impl Task<'_> {
    /// Tells each step on stderr until `reached` says yes or never.
    pub(super) async fn follow(
        &self,
        mut view: RenewalView,
        reached: impl Fn(&RenewalView) -> Reached,
    ) -> Result<RenewalView, Box<CliError>> {
        let failed = |error| from_client(self.session, error);
        loop {
            match reached(&view) {
                Reached::Yes => return Ok(view),
                Reached::Never => return Err(ended(self.session, view)),
                Reached::NotYet => {}
            }
            let mut events = self
                .client
                .events(&view.id, view.revision)
                .await
                .map_err(failed)?;
            let next = self.wait(view.state, events.next()).await;
            let Some(progress) = next.map_err(failed)? else {
                // Nothing more will come, so what the agent says now is how it ended.
                let view = self.client.view(&view.id).await.map_err(failed)?;
                return match reached(&view) {
                    Reached::Yes => Ok(view),
                    Reached::NotYet | Reached::Never => Err(ended(self.session, view)),
                };
            };
            self.tell(progress.state);
            view = self.client.view(&view.id).await.map_err(failed)?;
        }
    }

    /// Shows that something goes on while no dialog is open; not where dialogs share the terminal.
    async fn wait<T>(&self, state: State, next: impl Future<Output = T>) -> T {
        let works = match state {
            State::KeyIntent
            | State::KeyReady
            | State::Received
            | State::Verified
            | State::InstallIntent
            | State::Unproven
            | State::Proven => true,
            State::Consent
            | State::ChooseToken
            | State::EnterCode
            | State::Authenticate
            | State::RequestReady
            | State::AwaitingCertificate
            | State::ConsentToInstall
            | State::Grace
            | State::Retired
            | State::Waiting
            | State::Cancelled
            | State::Failed
            | State::Expired => false,
        };
        if works && self.session.terminal().tty.is_none() {
            let text = state_text(self.session, state);
            self.session.printer.during(&text, next).await
        } else {
            next.await
        }
    }

    pub(super) fn tell(&self, state: State) {
        self.session.printer.note(&state_text(self.session, state));
    }
}

/// Why a renewal doesn't go on under this command.
pub(super) fn ended(session: &Session<'_>, view: RenewalView) -> Box<CliError> {
    let id = match view.state {
        State::Waiting => waiting_id(view.waiting.unwrap_or(WaitReason::Person)),
        State::Consent
        | State::ChooseToken
        | State::EnterCode
        | State::Authenticate
        | State::KeyIntent
        | State::KeyReady
        | State::RequestReady
        | State::AwaitingCertificate
        | State::Received
        | State::Verified
        | State::ConsentToInstall
        | State::InstallIntent
        | State::Unproven
        | State::Proven
        | State::Grace
        | State::Retired
        | State::Cancelled
        | State::Failed
        | State::Expired => "cli-renewal-stands",
    };
    let state = state_text(session, view.state);
    let otherwise = CliError::new(session.texts, Exit::Refused, id, &[("state", &state)]);
    from_problem(view.problem, otherwise)
}

/// Whether it has come to its end.
pub(super) fn has_ended(view: &RenewalView) -> bool {
    is_over(view) && view.state != State::Waiting
}

/// Whether nothing happens to the renewal any more by itself.
pub(super) fn is_over(view: &RenewalView) -> bool {
    match view.state {
        State::Retired | State::Waiting | State::Cancelled | State::Failed | State::Expired => true,
        State::Consent
        | State::ChooseToken
        | State::EnterCode
        | State::Authenticate
        | State::KeyIntent
        | State::KeyReady
        | State::RequestReady
        | State::AwaitingCertificate
        | State::Received
        | State::Verified
        | State::ConsentToInstall
        | State::InstallIntent
        | State::Unproven
        | State::Proven
        | State::Grace => false,
    }
}
