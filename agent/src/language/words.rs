//! What things of other modules are called, wherever a person reads of them.

use protocol::bridge::State;

use super::Texts;
use crate::{config::Origin, journal::audit::Flaw};

impl Texts {
    /// Where a renewal stands.
    #[must_use]
    pub fn state(&self, state: State) -> String {
        let id = match state {
            State::Consent => "cli-state-consent",
            State::ChooseToken => "cli-state-choose-token",
            State::EnterCode => "cli-state-enter-code",
            State::Authenticate => "cli-state-authenticate",
            State::KeyIntent => "cli-state-key-intent",
            State::KeyReady => "cli-state-key-ready",
            State::RequestReady => "cli-state-request-ready",
            State::AwaitingCertificate => "cli-state-awaiting-certificate",
            State::Received => "cli-state-received",
            State::Verified => "cli-state-verified",
            State::ConsentToInstall => "cli-state-consent-to-install",
            State::InstallIntent => "cli-state-install-intent",
            State::Unproven => "cli-state-unproven",
            State::Proven => "cli-state-proven",
            State::Grace => "cli-state-grace",
            State::Retired => "cli-state-retired",
            State::Waiting => "cli-state-waiting",
            State::Cancelled => "cli-state-cancelled",
            State::Failed => "cli-state-failed",
            State::Expired => "cli-state-expired",
        };
        self.say(id, &[])
    }

    /// What is wrong with a trail; `time` answers when an entry was written.
    #[must_use]
    pub fn flaw(&self, flaw: Flaw, time: &dyn Fn(i64) -> String) -> String {
        let (id, number, other, time) = match flaw {
            Flaw::Missing { first, last } => ("cli-trail-missing", first, last, String::new()),
            Flaw::Displaced { sequence, after } => {
                ("cli-trail-displaced", sequence, after, time(sequence))
            }
            Flaw::Altered { sequence } => {
                ("cli-trail-altered", sequence, sequence - 1, time(sequence))
            }
        };
        let (number, other) = (number.to_string(), other.to_string());
        let arguments = [
            ("number", number.as_str()),
            ("other", &other),
            ("time", &time),
        ];
        self.say(id, &arguments)
    }

    /// Where a setting comes from.
    #[must_use]
    pub fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Default => self.say("cli-origin-default", &[]),
            Origin::File(place) => place.to_string(),
            Origin::Flag(flag) => (*flag).to_owned(),
            Origin::Environment(variable) => format!("${variable}"),
        }
    }
}
