//! What could keep renewals from working on this PC: each check says that all is well, warns, or
//! fails, and says what to do on this operating system.
//!
//! It asks the system itself and needs no agent; from one that runs it hears what only an agent
//! knows. It logs in nowhere, asks nobody, and changes nothing.

mod agent;
mod browsers;
mod clock;
mod dialogs;
mod journal;
mod modules;
mod proxy;
mod readers;
mod settings;

use std::ffi::OsString;

use jiff::Timestamp;
use pkcs11_bridge::{WorkerLauncher, discovery};
use serde::Serialize;

use crate::{config, config::Config, language::Texts, os, profile::Profiles};

/// What was found at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The part of the PC.
    pub group: Group,
    /// How it is.
    pub verdict: Verdict,
    /// The text's id in the catalogue; its attribute `remedy` says what to do.
    pub id: &'static str,
    /// The values of the text's variables.
    pub arguments: Vec<(&'static str, String)>,
    /// More, for whoever looks into it.
    pub details: Vec<Detail>,
}

/// A part of the PC that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Settings and the banks' profiles.
    Settings,
    /// The agent that runs, its port, and whom it refused.
    Agent,
    /// Modules and tokens.
    Tokens,
    /// The smart-card service and its readers.
    Readers,
    /// Pinentry, the display, desktop notices.
    Dialogs,
    /// The journal and its folder.
    Journal,
    /// The clock.
    Clock,
    /// Proxies that would take what is meant for this PC.
    Proxy,
    /// What policies let browsers do.
    Browsers,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Renewals work, but not everywhere or not for long.
    Warning,
    /// Renewals don't work.
    Failed,
}

/// Something that lies behind a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// As another program said it.
    Text(String),
    /// A mistake in a file.
    File(config::Finding),
}

impl Group {
    /// The id of its heading.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Settings => "cli-doctor-group-settings",
            Self::Agent => "cli-doctor-group-agent",
            Self::Tokens => "cli-doctor-group-tokens",
            Self::Readers => "cli-doctor-group-readers",
            Self::Dialogs => "cli-doctor-group-dialogs",
            Self::Journal => "cli-doctor-group-journal",
            Self::Clock => "cli-doctor-group-clock",
            Self::Proxy => "cli-doctor-group-proxy",
            Self::Browsers => "cli-doctor-group-browsers",
        }
    }
}

impl Finding {
    fn new(group: Group, verdict: Verdict, id: &'static str) -> Self {
        Self {
            group,
            verdict,
            id,
            arguments: Vec::new(),
            details: Vec::new(),
        }
    }

    fn ok(group: Group, id: &'static str) -> Self {
        Self::new(group, Verdict::Ok, id)
    }

    fn warning(group: Group, id: &'static str) -> Self {
        Self::new(group, Verdict::Warning, id)
    }

    fn failed(group: Group, id: &'static str) -> Self {
        Self::new(group, Verdict::Failed, id)
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    fn because(mut self, detail: impl ToString) -> Self {
        self.details.push(Detail::Text(detail.to_string()));
        self
    }

    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.id.strip_prefix("doctor-").unwrap_or(self.id)
    }

    /// What a person reads: what was found, and what to do unless all is well.
    #[must_use]
    pub fn say(&self, texts: &Texts) -> (String, Option<String>) {
        let mut arguments: Vec<(&str, &str)> = self
            .arguments
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        arguments.push(("system", os::distribution()));
        let remedy = (self.verdict != Verdict::Ok)
            .then(|| texts.say(&format!("{}.remedy", self.id), &arguments));
        (texts.say(self.id, &arguments), remedy)
    }
}

impl Detail {
    /// What a person reads.
    #[must_use]
    pub fn say(&self, texts: &Texts) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::File(finding) => {
                let (code, arguments) = finding.reason.message();
                let arguments: Vec<(&str, &str)> = arguments
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let what = texts.say(&format!("config-{code}"), &arguments);
                format!("{}: {what}", finding.place)
            }
        }
    }
}

/// The PC that is looked at.
pub struct Surroundings {
    /// The settings, or the defaults where the files are of no use.
    pub config: Config,
    /// What is wrong with the settings' files.
    pub mistakes: Vec<config::Finding>,
    /// How a worker is started, which looks at the modules.
    pub launcher: WorkerLauncher,
    /// Answers an environment variable.
    pub variable: fn(&str) -> Option<OsString>,
    /// The time by this PC's clock.
    pub now: Timestamp,
}

/// Looks at everything. Takes as long as the slowest module, a minute at most.
pub async fn examine(around: &Surroundings) -> Vec<Finding> {
    let Surroundings {
        config,
        mistakes,
        launcher,
        variable,
        now,
    } = around;
    let profiles = Profiles::load(config);
    let mut findings = settings::look(config, mistakes, &profiles, *now);
    findings.extend(agent::look(config).await);

    let configured: Vec<_> = config.modules.iter().map(|one| one.value.clone()).collect();
    let p11_kit = if config.p11_kit.value {
        config.folders.p11_kit()
    } else {
        Vec::new()
    };
    let specs = discovery::discover(&configured, &p11_kit);
    let (tokens, found) = modules::look(launcher, &specs, &profiles).await;
    findings.extend(found);
    findings.extend(readers::look(tokens).await);

    findings.extend(dialogs::look(config, *variable).await);
    let (found, newest) = journal::look(&config.folders.state.value).await;
    findings.extend(found);
    findings.extend(clock::look(*now, newest));
    findings.extend(proxy::look(*variable));
    findings.extend(browsers::look(&profiles));
    findings
}
