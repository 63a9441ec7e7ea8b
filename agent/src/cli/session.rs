//! What every command has once the settings are read.

use std::env;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::{
    config::{Config, Flags, Folders, LanguageSetting},
    driver::Terminal,
    language::{Language, Texts},
};

use super::{CliError, Exit, printer::Printer};

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

    /// Runs what waits; everything is on this thread.
    pub(super) fn runtime(&self) -> Result<Runtime, Box<CliError>> {
        runtime(self.texts)
    }

    /// Where the person sits: dialogs go to the terminal only where there is no display.
    pub(super) fn terminal(&self) -> Terminal {
        let display = ["DISPLAY", "WAYLAND_DISPLAY"]
            .into_iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
        Terminal {
            tty: if display { None } else { tty() },
            term: env::var("TERM").ok(),
            language: Some(self.language.locale().to_owned()),
        }
    }

    /// A text of the catalogue.
    pub(super) fn say(&self, id: &str, arguments: &[(&str, &str)]) -> String {
        self.texts.say(id, arguments)
    }

    /// Waits for `work`, and on a terminal shows the text `id` meanwhile if that takes longer.
    pub(super) async fn during<T>(&self, id: &str, work: impl Future<Output = T>) -> T {
        self.printer.during(&self.say(id, &[]), work).await
    }

    /// The day of an RFC 3339 time, as people write it.
    pub(super) fn bank_date(&self, time: &str) -> String {
        time.parse::<Timestamp>().map_or_else(
            |_| time.to_owned(),
            |time| self.texts.bank_date(time.as_second()),
        )
    }
}

/// The language of what is said before the settings are read, or when they cannot be.
pub(super) fn language_before_settings(flags: Flags) -> Language {
    language(flags.language.unwrap_or(LanguageSetting::Auto))
}

/// Runs what waits; everything is on this thread.
pub(super) fn runtime(texts: &Texts) -> Result<Runtime, Box<CliError>> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            CliError::new(texts, Exit::Fault, "cli-system", &[])
                .because(error)
                .into()
        })
}

/// The language that a setting means here.
pub(super) fn language(setting: LanguageSetting) -> Language {
    match setting {
        LanguageSetting::Japanese => Language::Japanese,
        LanguageSetting::English => Language::English,
        LanguageSetting::Auto => Language::from_environment(),
    }
}

fn tty() -> Option<String> {
    let (stdin, stderr) = (rustix::stdio::stdin(), rustix::stdio::stderr());
    [stdin, stderr].into_iter().find_map(|stream| {
        let name = rustix::termios::ttyname(stream, Vec::new()).ok()?;
        name.into_string().ok()
    })
}
