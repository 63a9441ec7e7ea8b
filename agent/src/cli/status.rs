//! `koshin status`: the agent, what it sees, and the renewals.

use protocol::bridge::{RenewalView, State, WaitReason};
use serde_json::json;

use crate::driver::{AgentStatus, ModuleStatus};

use super::{
    CliError, Exit,
    connection::{from_client, with_agent},
    list::short,
    session::Session,
    table::Table,
};

pub(super) fn status(session: &Session<'_>) -> Result<Exit, Box<CliError>> {
    with_agent(session, |client| async move {
        let status = session
            .during("cli-progress-tokens", client.status())
            .await
            .map_err(|error| from_client(session, error))?;
        let lines = lines(session, &status);
        session.printer.result(json!({ "agent": status }), lines);
        for renewal in status.renewals.iter().filter(|one| awaits_ca(one)) {
            if let Some(certificate) = &renewal.certificate {
                let arguments = [("id", short(certificate))];
                let text = session.say("cli-awaits-ca-hint", &arguments);
                session.printer.note(&text);
            }
        }
        warn_of_modules(session, &status.modules);
        for profile in status
            .profiles
            .iter()
            .filter(|one| !one.findings.is_empty())
        {
            let text = session.say("cli-profile-rejected", &[("path", &profile.path)]);
            session.printer.warning(session.texts, &text);
        }
        Ok(Exit::Done)
    })
}

/// What keeps tokens from being seen, if anything does.
pub(super) fn warn_of_modules(session: &Session<'_>, modules: &[ModuleStatus]) {
    for module in modules {
        if let Some(problem) = &module.problem {
            let text = match &module.cause {
                Some(cause) => format!("{}: {} ({cause})", module.name, problem.title),
                None => format!("{}: {}", module.name, problem.title),
            };
            session.printer.warning(session.texts, &text);
        }
    }
}

/// Where a renewal stands, in words.
pub(super) fn state_text(session: &Session<'_>, state: State) -> String {
    session.texts.state(state)
}

/// Where a renewal stands; of one that may wait for days, since when.
fn standing(session: &Session<'_>, renewal: &RenewalView) -> String {
    if awaits_ca(renewal) {
        let day = session.bank_date(&renewal.created);
        return session.say("cli-awaits-ca-since", &[("day", &day)]);
    }
    match renewal.waiting {
        Some(reason) => session.say(waiting_id(reason), &[]),
        None => state_text(session, renewal.state),
    }
}

fn awaits_ca(renewal: &RenewalView) -> bool {
    renewal.state == State::AwaitingCertificate || renewal.waiting == Some(WaitReason::Bank)
}

/// The text for what a renewal waits for.
pub(super) fn waiting_id(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Card => "cli-waits-for-card",
        WaitReason::Clock => "cli-waits-for-clock",
        WaitReason::Bank => "cli-waits-for-bank",
        WaitReason::Person => "cli-waits-for-person",
    }
}

fn lines(session: &Session<'_>, status: &AgentStatus) -> Vec<String> {
    let mut agent = Table::plain();
    agent.row([
        session.say("cli-agent-version", &[]),
        status.version.clone(),
    ]);
    agent.row([
        session.say("cli-agent-process", &[]),
        status.pid.to_string(),
    ]);
    agent.row([
        session.say("cli-agent-port", &[]),
        match status.port {
            Some(port) => format!("127.0.0.1:{port}"),
            None => session.say("cli-agent-no-port", &[]),
        },
    ]);
    let mut lines = agent.lines();

    let mut tokens = Table::new([
        session.say("cli-column-token", &[]),
        session.say("cli-column-certificates", &[]),
        session.say("cli-column-module", &[]),
    ]);
    let mut none = true;
    for module in &status.modules {
        for token in &module.tokens {
            none = false;
            tokens.row([
                token.label.clone(),
                token.certificates.to_string(),
                module.name.clone(),
            ]);
        }
    }
    lines.push(String::new());
    if none {
        lines.push(session.say("cli-no-tokens", &[]));
    } else {
        lines.extend(tokens.lines());
    }

    if !status.renewals.is_empty() {
        let mut renewals = Table::new([
            session.say("cli-column-renewal", &[]),
            session.say("cli-column-certificate", &[]),
            session.say("cli-column-state", &[]),
        ]);
        for renewal in &status.renewals {
            renewals.row([
                short(&renewal.id).to_owned(),
                match &renewal.certificate {
                    Some(certificate) => short(certificate).to_owned(),
                    None => {
                        let name = renewal.name.as_deref().unwrap_or_default();
                        session.say("cli-acquisition", &[("name", name)])
                    }
                },
                standing(session, renewal),
            ]);
        }
        lines.push(String::new());
        lines.extend(renewals.lines());
    }
    lines
}
