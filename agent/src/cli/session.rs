//! What every command has once the settings are read.

use std::env;

use crate::{
    config::{Config, Flags, Folders, LanguageSetting},
    language::{Language, Texts},
};

use super::{CliError, printer::Printer};

/// Settings, texts and printer of a command.
pub(super) struct Session<'p> {
    pub(super) config: Config,
    pub(super) language: Language,
    pub(super) texts: &'static Texts,
    pub(super) printer: &'p Printer,
}

impl<'p> Session<'p> {
    /// Reads the settings.
    pub(super) fn begin(printer: &'p Printer, flags: Flags) -> Result<Self, Box<CliError>> {
        let texts = Texts::of(language_before_settings(flags));
        let folders = Folders::find(|name| env::var_os(name))
            .map_err(|error| CliError::from_folders(texts, error))?;
        let config = Config::load(folders, flags)
            .map_err(|findings| CliError::from_findings(texts, "cli-config-unusable", &findings))?;
        let language = language(config.language.value);
        Ok(Self {
            config,
            language,
            texts: Texts::of(language),
            printer,
        })
    }

    /// A text of the catalogue.
    pub(super) fn say(&self, id: &str, arguments: &[(&str, &str)]) -> String {
        self.texts.say(id, arguments)
    }
}

/// The language of what is said before the settings are read, or when they cannot be.
pub(super) fn language_before_settings(flags: Flags) -> Language {
    language(flags.language.unwrap_or(LanguageSetting::Auto))
}

fn language(setting: LanguageSetting) -> Language {
    match setting {
        LanguageSetting::Japanese => Language::Japanese,
        LanguageSetting::English => Language::English,
        LanguageSetting::Auto => Language::from_environment(),
    }
}
