//! The typed settings and how the files become them.

use std::{path::PathBuf, time::Duration};

use pkcs11_bridge::ModuleSpec;
use protocol::bridge;

use super::{Document, Finding, Findings, Folders, Origin, Reason, Section, Sourced, mail};
use crate::notify::mail::MailSettings;

/// The agent's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The language of dialogs and of the CLI.
    pub language: Sourced<LanguageSetting>,
    /// Whether p11-kit's module files are used as well: see [`Folders::p11_kit`].
    pub p11_kit: Sourced<bool>,
    /// The PKCS#11 modules that the files name, the system's first.
    pub modules: Vec<Sourced<ModuleSpec>>,
    /// The loopback server.
    pub bridge: Bridge,
    /// The dialogs.
    pub prompt: Prompt,
    /// How the person is told that a certificate must be renewed.
    pub notices: Notices,
    /// Notices by mail, where the files want them.
    pub mail: Option<Sourced<MailSettings>>,
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

/// How the person is told that a certificate must be renewed.
#[derive(Clone, Debug)]
pub struct Notices {
    /// Whether by notices on the desktop.
    pub desktop: Sourced<bool>,
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

    /// Koshin's own defaults, for whoever must go on where the files are of no use.
    #[must_use]
    pub fn defaults(folders: Folders, flags: Flags) -> Self {
        let nothing = &mut Vec::new();
        Self::merge(Layer::default(), Layer::default(), flags, folders, nothing)
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
        for module in &self.modules {
            let Sourced { value, origin } = module;
            add(
                &format!("modules.{}", value.name),
                value.path.display().to_string(),
                origin,
            );
            for (name, text) in &value.environment {
                add(
                    &format!("modules.{}.environment.{name}", value.name),
                    text.clone(),
                    origin,
                );
            }
            if let Some(reserved) = &value.reserved {
                add(
                    &format!("modules.{}.reserved", value.name),
                    reserved.clone(),
                    origin,
                );
            }
            if value.time_limit != ModuleSpec::TIME_LIMIT {
                add(
                    &format!("modules.{}.time-limit", value.name),
                    super::duration_text(value.time_limit),
                    origin,
                );
            }
        }
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
        let desktop = &self.notices.desktop;
        add(
            "notices.desktop",
            desktop.value.to_string(),
            &desktop.origin,
        );
        if let Some(Sourced { value, origin }) = &self.mail {
            for (key, value) in mail::values(value) {
                add(key, value, origin);
            }
        }
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
        // A module of the user's with the name of an installed one takes its place.
        let mut modules = system.modules;
        modules.retain(|one| {
            user.modules
                .iter()
                .all(|other| other.value.name != one.value.name)
        });
        modules.extend(user.modules);
        Self {
            language: language
                .unwrap_or_else(|| later(system.language, user.language, LanguageSetting::Auto)),
            p11_kit: later(system.p11_kit, user.p11_kit, true),
            modules,
            bridge,
            prompt: Prompt {
                pinentry: later(system.pinentry, user.pinentry, PathBuf::from("pinentry")),
                timeout: later(system.timeout, user.timeout, Duration::from_secs(5 * 60)),
            },
            notices: Notices {
                desktop: later(system.desktop, user.desktop, true),
            },
            mail: user.mail.or(system.mail),
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
    modules: Vec<Sourced<ModuleSpec>>,
    first_port: Option<Sourced<u16>>,
    port_count: Option<Sourced<u16>>,
    pinentry: Option<Sourced<PathBuf>>,
    timeout: Option<Sourced<Duration>>,
    desktop: Option<Sourced<bool>>,
    mail: Option<Sourced<MailSettings>>,
    user_profiles: Option<Sourced<bool>>,
}

impl Layer {
    fn read(top: &mut Section<'_>, rank: Rank) -> Self {
        let mut layer = Self {
            language: top.choice("language", LanguageSetting::WORDS),
            p11_kit: top.switch("p11-kit"),
            ..Self::default()
        };
        for module in top.sections("modules", read_module).into_iter().flatten() {
            if layer
                .modules
                .iter()
                .any(|other| other.value.name == module.value.name)
            {
                let reason = Reason::Duplicate {
                    key: "modules.name".to_owned(),
                    value: module.value.name.clone(),
                };
                top.document().report_at(&module.origin, reason);
            }
            layer.modules.push(module);
        }
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
        top.section("notices", |notices| {
            layer.desktop = notices.switch("desktop");
        });
        layer.mail = top.section("mail", mail::read).flatten();
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

fn read_module(module: &mut Section<'_>) -> Option<Sourced<ModuleSpec>> {
    module.require("name");
    module.require("path");
    let name = module.parsed("name", |text| {
        if text.is_empty() || text.chars().any(char::is_control) {
            Err(Reason::BadText {
                key: "modules.name".to_owned(),
            })
        } else {
            Ok(text.to_owned())
        }
    });
    let path = module.parsed("path", |text| {
        if text.starts_with('/') {
            Ok(PathBuf::from(text))
        } else {
            Err(relative("modules.path", text))
        }
    });
    let environment = module.strings("environment");
    let reserved = module.text("reserved");
    let longest = Duration::from_secs(10 * 60);
    let time_limit = module.duration("time-limit", Duration::from_secs(1)..=longest);
    let (name, path) = (name?, path?);
    Some(Sourced {
        value: ModuleSpec {
            name: name.value,
            path: path.value,
            environment: environment.map(|entry| entry.value).unwrap_or_default(),
            reserved: reserved.map(|entry| entry.value),
            time_limit: time_limit.map_or(ModuleSpec::TIME_LIMIT, |entry| entry.value),
        },
        origin: name.origin,
    })
}

pub(super) fn relative(key: &str, value: &str) -> Reason {
    Reason::RelativePath {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs, path::Path};

    use super::*;
    use crate::config::Place;

    const EXAMPLE: &str = include_str!("../../examples/config.toml");

    fn load(system: &str, user: &str, flags: Flags) -> Result<Config, Vec<String>> {
        let root = tempfile::tempdir().unwrap();
        let folders = Folders::find(|name| match name {
            "XDG_CONFIG_DIRS" => Some(OsString::from(root.path().join("system"))),
            "HOME" => Some(OsString::from(root.path())),
            _ => None,
        })
        .unwrap();
        for (path, text) in [(folders.system_file(), system), (folders.user_file(), user)] {
            if !text.is_empty() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        let prefix = format!("{}/", root.path().display());
        Config::load(folders, flags).map_err(|Findings(findings)| {
            findings
                .iter()
                .map(|finding| finding.to_string().replace(&prefix, ""))
                .collect()
        })
    }

    #[test]
    fn the_example_parses_and_names_every_key() {
        let document = Document::new(Path::new("config.toml"), EXAMPLE.to_owned());
        let layer = document.top(|top| Layer::read(top, Rank::System)).unwrap();
        assert_eq!(layer.modules.len(), 1);
        assert_eq!(*document.absent.borrow(), Vec::<String>::new());
        assert_eq!(document.into_findings(), []);
    }

    #[test]
    fn the_example_gives_the_defaults() {
        let shown = |config: &Config| -> Vec<_> {
            let values = config.values().into_iter();
            values
                .filter(|(key, _, _)| !key.starts_with("modules.") && !key.starts_with("mail."))
                .map(|(key, value, _)| (key, value))
                .take_while(|(key, _)| !key.starts_with("folder."))
                .collect()
        };
        let example = load(EXAMPLE, "", Flags::default()).unwrap();
        let default = load("", "", Flags::default()).unwrap();
        assert_eq!(shown(&example), shown(&default));
        assert!(default.modules.is_empty());
    }

    #[test]
    fn the_user_wins_over_the_system_and_a_flag_over_both() {
        let system = "language = \"ja\"\np11-kit = false\n";
        let config = load(system, "language = \"en\"\n", Flags::default()).unwrap();
        assert_eq!(config.language.value, LanguageSetting::English);
        let line = Origin::File(Place {
            file: config.folders.user_file(),
            line: Some(1),
        });
        assert_eq!(config.language.origin, line);
        assert!(!config.p11_kit.value);
        let flags = Flags {
            language: Some(LanguageSetting::Japanese),
        };
        let config = load(system, "language = \"en\"\n", flags).unwrap();
        assert_eq!(config.language.value, LanguageSetting::Japanese);
        assert_eq!(config.language.origin, Origin::Flag("--language"));
    }

    #[test]
    fn policy_is_the_systems_alone() {
        let policy = "[policy]\nuser-profiles = false\n";
        let config = load(policy, "", Flags::default()).unwrap();
        assert!(!config.policy.user_profiles.value);
        assert_eq!(
            load(policy, "[policy]\nuser-profiles = true\n", Flags::default()).unwrap_err(),
            [".config/koshin/config.toml:1: system-only key=\"policy\""]
        );
    }

    #[test]
    fn a_module_of_the_users_takes_the_place_of_the_systems() {
        let module =
            |name: &str, path: &str| format!("[[modules]]\nname = \"{name}\"\npath = \"{path}\"\n");
        let system = module("A", "/a.so") + &module("B", "/b.so");
        let config = load(&system, &module("A", "/other.so"), Flags::default()).unwrap();
        let paths: Vec<_> = config
            .modules
            .iter()
            .map(|module| &module.value.path)
            .collect();
        assert_eq!(paths, [Path::new("/b.so"), Path::new("/other.so")]);
    }

    #[test]
    fn every_mistake_of_both_files_is_told_at_once() {
        let system = "[bridge]\nfirst-port = 80\n";
        let user = "p11kit = true\n[[modules]]\nname = \"A\"\n[prompt]\ntimeout = 5\n\
                    pinentry = \"./pinentry\"\n";
        assert_eq!(
            load(system, user, Flags::default()).unwrap_err(),
            [
                "system/koshin/config.toml:2: out-of-range key=\"bridge.first-port\" least=\"1024\" most=\"65535\"",
                ".config/koshin/config.toml:1: unknown-key key=\"p11kit\" nearest=\"p11-kit\"",
                ".config/koshin/config.toml:2: missing key=\"modules.path\"",
                ".config/koshin/config.toml:5: wrong-type key=\"prompt.timeout\" expected=\"text\"",
                ".config/koshin/config.toml:6: relative-path key=\"prompt.pinentry\" value=\"./pinentry\"",
            ]
        );
    }

    #[test]
    fn the_range_of_ports_ends_at_65535() {
        let text = "[bridge]\nfirst-port = 65500\n";
        assert_eq!(
            load("", text, Flags::default()).unwrap_err(),
            [".config/koshin/config.toml:2: ports-beyond-end"]
        );
    }
}
