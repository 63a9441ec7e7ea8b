//! The typed settings and how the files become them.

use std::{path::PathBuf, time::Duration};

use protocol::bridge;

use super::{Document, Finding, Findings, Folders, Origin, Reason, Section, Sourced};

/// The agent's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The language of dialogs and of the CLI.
    pub language: Sourced<LanguageSetting>,
    /// Whether p11-kit's module files are used as well: see [`Folders::p11_kit`].
    pub p11_kit: Sourced<bool>,
    /// The loopback server.
    pub bridge: Bridge,
    /// The dialogs.
    pub prompt: Prompt,
    /// What only the system's file may say.
    pub policy: Policy,
    /// Where everything is.
    pub folders: Folders,
}

/// The loopback server.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// The first port that is tried.
    pub first_port: Sourced<u16>,
    /// How many ports are tried, the first one included.
    pub port_count: Sourced<u16>,
}

/// The dialogs.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The pinentry program: a path, or a name that is looked up in PATH.
    pub pinentry: Sourced<PathBuf>,
    /// How long a dialog stays before it counts as unanswered.
    pub timeout: Sourced<Duration>,
}

/// What only the system's file may say.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether profiles in the user's folder count.
    pub user_profiles: Sourced<bool>,
}

/// The language of dialogs and of the CLI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LanguageSetting {
    /// The locale's.
    Auto,
    /// Japanese.
    Japanese,
    /// English.
    English,
}

impl LanguageSetting {
    /// The words for it in files and flags.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("ja", Self::Japanese),
        ("en", Self::English),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }
}

/// Settings of the command line, which win over every file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `--language`.
    pub language: Option<LanguageSetting>,
}

impl Config {
    /// Reads the system's and the user's file; a file that is not there means its defaults.
    ///
    /// # Errors
    /// Everything that is wrong in either file.
    pub fn load(folders: Folders, flags: Flags) -> Result<Self, Findings> {
        let mut findings = Vec::new();
        let mut read = |path: PathBuf, rank| match Document::read(&path) {
            Ok(Some(document)) => {
                let layer = document
                    .top(|top| Layer::read(top, rank))
                    .unwrap_or_default();
                findings.extend(document.into_findings());
                layer
            }
            Ok(None) => Layer::default(),
            Err(Findings(found)) => {
                findings.extend(found);
                Layer::default()
            }
        };
        let system = read(folders.system_file(), Rank::System);
        let user = read(folders.user_file(), Rank::User);
        let config = Self::merge(system, user, flags, folders, &mut findings);
        if findings.is_empty() {
            Ok(config)
        } else {
            Err(Findings(findings))
        }
    }

    /// Every value as `config show` lists it: key, value as a file would say it, origin.
    #[must_use]
    pub fn values(&self) -> Vec<(String, String, &Origin)> {
        let mut values = Vec::new();
        let mut add =
            |key: &str, value: String, origin| values.push((key.to_owned(), value, origin));
        add(
            "language",
            self.language.value.word().to_owned(),
            &self.language.origin,
        );
        add(
            "p11-kit",
            self.p11_kit.value.to_string(),
            &self.p11_kit.origin,
        );
        let Bridge {
            first_port,
            port_count,
        } = &self.bridge;
        add(
            "bridge.first-port",
            first_port.value.to_string(),
            &first_port.origin,
        );
        add(
            "bridge.port-count",
            port_count.value.to_string(),
            &port_count.origin,
        );
        let Prompt { pinentry, timeout } = &self.prompt;
        add(
            "prompt.pinentry",
            pinentry.value.display().to_string(),
            &pinentry.origin,
        );
        add(
            "prompt.timeout",
            super::duration_text(timeout.value),
            &timeout.origin,
        );
        let user_profiles = &self.policy.user_profiles;
        add(
            "policy.user-profiles",
            user_profiles.value.to_string(),
            &user_profiles.origin,
        );
        for (key, folder) in [
            ("folder.system", &self.folders.system),
            ("folder.user", &self.folders.user),
            ("folder.state", &self.folders.state),
            ("socket", &self.folders.socket),
        ] {
            add(key, folder.value.display().to_string(), &folder.origin);
        }
        values
    }

    fn merge(
        system: Layer,
        user: Layer,
        flags: Flags,
        folders: Folders,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let language = flags.language.map(|value| Sourced {
            value,
            origin: Origin::Flag("--language"),
        });
        let bridge = Bridge {
            first_port: later(system.first_port, user.first_port, bridge::FIRST_PORT),
            port_count: later(system.port_count, user.port_count, bridge::PORT_COUNT),
        };
        if bridge
            .first_port
            .value
            .checked_add(bridge.port_count.value - 1)
            .is_none()
            && let Origin::File(place) = &bridge.first_port.origin
        {
            findings.push(Finding::new(place.clone(), Reason::PortsBeyondEnd));
        }
        Self {
            language: language
                .unwrap_or_else(|| later(system.language, user.language, LanguageSetting::Auto)),
            p11_kit: later(system.p11_kit, user.p11_kit, true),
            bridge,
            prompt: Prompt {
                pinentry: later(system.pinentry, user.pinentry, PathBuf::from("pinentry")),
                timeout: later(system.timeout, user.timeout, Duration::from_secs(5 * 60)),
            },
            policy: Policy {
                user_profiles: later(system.user_profiles, None, true),
            },
            folders,
        }
    }
}

fn later<T>(system: Option<Sourced<T>>, user: Option<Sourced<T>>, default: T) -> Sourced<T> {
    user.or(system).unwrap_or_else(|| Sourced::default(default))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    System,
    User,
}

/// What one file says.
#[derive(Default)]
struct Layer {
    language: Option<Sourced<LanguageSetting>>,
    p11_kit: Option<Sourced<bool>>,
    first_port: Option<Sourced<u16>>,
    port_count: Option<Sourced<u16>>,
    pinentry: Option<Sourced<PathBuf>>,
    timeout: Option<Sourced<Duration>>,
    user_profiles: Option<Sourced<bool>>,
}

impl Layer {
    fn read(top: &mut Section<'_>, rank: Rank) -> Self {
        let mut layer = Self {
            language: top.choice("language", LanguageSetting::WORDS),
            p11_kit: top.switch("p11-kit"),
            ..Self::default()
        };
        top.section("bridge", |bridge| {
            layer.first_port = bridge.number("first-port", 1024..=u16::MAX);
            layer.port_count = bridge.number("port-count", 1..=bridge::PORT_COUNT);
        });
        top.section("prompt", |prompt| {
            layer.pinentry = prompt.parsed("pinentry", |text| {
                let bare = !text.is_empty() && !text.contains('/');
                if bare || text.starts_with('/') {
                    Ok(PathBuf::from(text))
                } else {
                    Err(relative("prompt.pinentry", text))
                }
            });
            let longest = Duration::from_secs(60 * 60);
            layer.timeout = prompt.duration("timeout", Duration::from_secs(1)..=longest);
        });
        top.section("policy", |policy| {
            layer.user_profiles = policy.switch("user-profiles");
            if rank == Rank::User {
                let reason = Reason::SystemOnly {
                    key: "policy".to_owned(),
                };
                policy.document().report_at(&policy.origin(), reason);
            }
        });
        layer
    }
}

fn relative(key: &str, value: &str) -> Reason {
    Reason::RelativePath {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}
